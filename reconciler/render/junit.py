"""The format `junit`: XML that nearly every CI shows as tests. [pure] `render.formats` imports it by its name.

Each webhook is a test, each provider a suite. What cannot be known is an error, what is refused or has drifted a
failure, what no API shows is skipped. A change that is merely planned fails nothing: it stands in the test's output.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from reconciler.audit.types import Audited, AuditReport, Severity
from reconciler.errors import Problem
from reconciler.model.action import Action
from reconciler.model.webhook import Certainty
from reconciler.planning.types import Change, DriftReport, Plan
from reconciler.render.base import Artifacts, PlanHeader, Style, cut, plain, sentence
from reconciler.render.inventory import UNSEEN, where
from reconciler.render.notices import Level, Notice, of_drift, of_events, of_plan, of_problems
from reconciler.render.words import value_text
from reconciler.state.event import Applied, Event, Removed

_TEXT = 200
_FIELDS = 50
_LONGEST = 2000


class _Case(NamedTuple):
    """One test; `verdict` is `error`, `failure`, `skipped`, or empty where all is well."""

    suite: str
    name: str
    verdict: str = ""
    code: str = ""
    message: str = ""
    output: tuple[str, ...] = ()


def render_plan(plan: Plan, header: PlanHeader, style: Style) -> Artifacts:
    """A test for each webhook, and one for each problem or refusal."""
    cases = [*map(_of_change, plan.changes), *map(_of_notice, of_plan(plan))]
    return _document("whsync plan", cases)


def render_drift(report: DriftReport, addresses: Mapping[str, str], style: Style) -> Artifacts:
    """A test for each webhook of the lock, one for each newcomer and each problem."""
    still = (webhook for webhook in report.webhooks if not webhook.differs)
    cases = [
        _Case(
            webhook.provider,
            webhook.name,
            "" if webhook.certainty is Certainty.PRESENT else "skipped",
            message="" if webhook.certainty is Certainty.PRESENT else f"not seen: {webhook.certainty}",
        )
        for webhook in still
    ]
    return _document("whsync drift", [*cases, *map(_of_notice, of_drift(report))])


def render_audit(report: AuditReport, header: PlanHeader, style: Style) -> Artifacts:
    """A test for each webhook, and one for each problem.

    A finding fails it that is as bad as the run was asked to fail on; where it was not asked, one above `low`.
    """
    bar = report.fail_on or Severity.MEDIUM
    cases = [
        *(_of_audited(webhook, bar) for webhook in report.webhooks),
        *map(_of_notice, of_problems(report.problems)),
    ]
    return _document("whsync audit", cases)


def render_problems(problems: Iterable[Problem], style: Style) -> Artifacts:
    """A test for each problem; one that passes where there is none."""
    cases = list(map(_of_notice, of_problems(problems)))
    return _document("whsync validate", cases or [_Case("files", "valid")])


def render_result(plan: Plan, events: Sequence[Event], header: PlanHeader, style: Style) -> Artifacts:
    """A test for each webhook that was written, and one for each that could not be."""
    providers = {change.name: change.provider for change in plan.changes}
    done = (event for event in events if isinstance(event, Applied | Removed))
    cases = [_Case(providers.get(event.name, "whsync"), event.name, output=(str(event.action),)) for event in done]
    notices = (
        notice._replace(provider=notice.provider or providers.get(notice.name, "")) for notice in of_events(events)
    )
    return _document("whsync apply", [*cases, *map(_of_notice, notices)])


def _of_change(change: Change) -> _Case:
    """One webhook of a plan: what could not be seen is skipped; why, its problem says."""
    unseen = change.blocked or change.unread or change.unverified
    word = "blocked" if change.blocked else "not seen" if change.action is Action.NOOP else str(change.action)
    lines = [f"{word}: {sentence(change.reason)}"]
    for field in change.fields[:_FIELDS]:
        before, after = (cut(value_text(value), _TEXT) for value in (field.before, field.after))
        lines.append(f"{plain(field.path)}: {before} -> {after} ({field.cause})")
    told = tuple(lines) if change.action is not Action.NOOP else ()
    return _Case(
        change.provider, change.name, "skipped" if unseen else "", change.code, lines[0] if unseen else "", told
    )


def _of_audited(audited: Audited, bar: Severity) -> _Case:
    """One webhook of an audit: its worst finding is the verdict, all of them are its output."""
    seen, place = audited.seen, f"{audited.seen.at}: " if audited.seen.at else ""
    told = tuple(
        sentence(f"{place}{found.severity} {found.code}: {found.summary}: {found.hint}") for found in audited.findings
    )
    name = seen.name or f"{where(seen.scope)} {seen.remote_id}".strip()
    if audited.worst is not None and audited.worst.reaches(bar):
        return _Case(seen.provider, name, "failure", audited.findings[0].code, told[0], told[1:])
    unseen = UNSEEN.get(seen.certainty, "") if not audited.findings else ""
    return _Case(seen.provider, name, "skipped" if unseen else "", message=unseen, output=told)


def _of_notice(notice: Notice) -> _Case:
    refused = notice.kind in ("refused", "drift", "unmanaged")
    verdict = "" if notice.level is Level.NOTE or (notice.level is Level.WARNING and not refused) else "error"
    verdict = "failure" if verdict and refused else verdict
    place = f"{notice.at}: " if notice.at else ""
    name = f"{notice.code}: {notice.name or notice.summary}"
    output = () if verdict else (f"{place}{notice.words}",)
    return _Case(notice.provider or "whsync", name, verdict, notice.code, f"{place}{notice.words}", output)


def _document(title: str, cases: Iterable[_Case]) -> Artifacts:
    suites: dict[str, list[_Case]] = {}
    for case in cases:
        suites.setdefault(case.suite, []).append(case)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f"<testsuites {_counts(title, [case for each in suites.values() for case in each])}>")
    for suite in sorted(suites):
        lines.append(f"  <testsuite {_counts(suite, suites[suite])}>")
        lines += [line for case in suites[suite] for line in _case(case)]
        lines.append("  </testsuite>")
    return Artifacts("\n".join([*lines, "</testsuites>"]) + "\n")


def _counts(name: str, cases: Sequence[_Case]) -> str:
    numbers = {"tests": len(cases)} | {
        plural: sum(case.verdict == verdict for case in cases)
        for plural, verdict in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))
    }
    return " ".join([f'name="{_xml(name)}"', *(f'{key}="{number}"' for key, number in numbers.items())])


def _case(case: _Case) -> Iterator[str]:
    opened = f'    <testcase classname="{_xml(case.suite)}" name="{_xml(case.name)}"'
    if not (case.verdict or case.output):
        yield f"{opened}/>"
        return
    yield f"{opened}>"
    if case.verdict == "skipped":
        yield f'      <skipped message="{_xml(case.message)}"/>'
    elif case.verdict:
        yield f'      <{case.verdict} type="{_xml(case.code)}" message="{_xml(case.message)}"/>'
    if case.output:
        told = "\n".join(map(_xml, case.output))
        yield f"      <system-out>{told}</system-out>"
    yield "    </testcase>"


_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


def _xml(text: str) -> str:
    """Text for an element or an attribute, on one line: what XML cannot hold becomes a visible escape."""
    return plain(cut(text, _LONGEST)).translate(_ENTITIES)
