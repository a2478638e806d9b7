"""The format `github`: the page of a step, marks beside lines of files, and values for later steps. [pure]

`render.formats` imports it by its name; `cli.context` hands each part to where the runner wants it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from reconciler.audit.types import AuditReport
from reconciler.errors import Problem
from reconciler.planning.types import DriftReport, Plan
from reconciler.render.base import Artifacts, PlanHeader, Style
from reconciler.render.inventory_records import audit_counts
from reconciler.render.notices import FINDING, Level, Notice, of_audit, of_drift, of_events, of_plan, of_problems
from reconciler.render.page import audit_page, drift_page, plan_page, problems_page, result_page
from reconciler.render.records import drift_head, plan_digest, summary
from reconciler.state.event import Event, Finished, Unplanned

ROOM = 500_000
"""A step whose page has more than 1 MiB loses it; an apply writes two, the plan and what became of it."""

_MARKS = 10
"""So many of each level are shown for a step."""

_WORDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}


def render_plan(plan: Plan, header: PlanHeader, style: Style) -> Artifacts:
    """The plan; later steps learn whether there are changes, every count, and a digest of what would be done."""
    counts = {key: str(value) for key, value in summary(plan).items()}
    told = {
        "has_changes": _word(plan.differs),
        "refused": _word(bool(plan.refusals)),
        **counts,
        "plan_digest": plan_digest(plan),
    }
    return _artifacts(plan_page(plan, header, ROOM), of_plan(plan), told)


def render_drift(report: DriftReport, addresses: Mapping[str, str], style: Style) -> Artifacts:
    """What moved at the vendors; later steps learn whether anything did, and every count."""
    counts = {key: str(value) for key, value in drift_head(report)["summary"].items()}
    return _artifacts(drift_page(report, ROOM), of_drift(report), {"has_drift": _word(report.differs), **counts})


def render_audit(report: AuditReport, header: PlanHeader, style: Style) -> Artifacts:
    """The audit; marks for findings that are about a line, and every count for later steps."""
    notices = (notice for notice in of_audit(report) if notice.at is not None or notice.kind != FINDING)
    counts = {key: str(value) for key, value in audit_counts(report).items()}
    told = {"has_findings": _word(bool(report.findings)), "complete": _word(report.is_whole), **counts}
    return _artifacts(audit_page(report, header, ROOM), notices, told)


def render_problems(problems: Iterable[Problem], style: Style) -> Artifacts:
    """What is wrong, each beside its line."""
    told = list(problems)
    return _artifacts(problems_page(told, ROOM), of_problems(told), {"problems": str(len(told))})


def render_result(plan: Plan, events: Sequence[Event], header: PlanHeader, style: Style) -> Artifacts:
    """What an apply has done; what the plan said already is marked with the plan."""
    end = next((event for event in reversed(events) if isinstance(event, Finished)), None)
    counts = {key: str(getattr(end, key, 0)) for key in ("applied", "failed", "skipped")}
    failures = of_events(event for event in events if not isinstance(event, Unplanned))
    return _artifacts(result_page(plan, events, header, ROOM), failures, counts)


def _artifacts(page: str, notices: Iterable[Notice], outputs: Mapping[str, str]) -> Artifacts:
    return Artifacts(page, tuple(_marks(notices)), outputs, page)


def _marks(notices: Iterable[Notice]) -> Iterator[str]:
    """A command for each notice; where there are more than a step shows, the last says how many."""
    levels: dict[Level, list[Notice]] = {level: [] for level in Level}
    for notice in notices:
        levels[notice.level].append(notice)
    for level, found in levels.items():
        shown = found if len(found) <= _MARKS else found[: _MARKS - 1]
        yield from map(_mark, shown)
        if left := len(found) - len(shown):
            yield f"::{_WORDS[level]} title=whsync::{left} more; the page of this step has all"


def _mark(notice: Notice) -> str:
    place = {"file": notice.at.file, "line": notice.at.line, "col": notice.at.column} if notice.at else {}
    words = {**place, "title": f"whsync {notice.code}"}
    told = ",".join(f"{key}={_property(str(value))}" for key, value in words.items())
    return f"::{_WORDS[notice.level]} {told}::{_data(notice.words)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _word(truth: bool) -> str:
    return "true" if truth else "false"
