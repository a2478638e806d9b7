"""What somebody should look at, as one list: what checkers of code show beside the line that it is about. [pure]

Used by the formats for CI: `render.github`, `render.quality`, `render.sarif` and `render.junit`.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from reconciler.audit.types import AuditReport, Severity
from reconciler.codes import Code
from reconciler.errors import Location, Problem
from reconciler.model.action import FieldChange
from reconciler.model.webhook import Certainty
from reconciler.planning.types import Drifted, DriftReport, Plan
from reconciler.render.base import ELLIPSIS, cut, plain, sentence
from reconciler.render.words import named, value_text
from reconciler.state.event import Event, Failed, Skipped, Unplanned, Withdrawn

_VALUE = 200
_FIELDS = 20


class Level(StrEnum):
    """How much it matters: an error makes the run fail."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


LEVELS = {Severity.HIGH: Level.ERROR, Severity.MEDIUM: Level.WARNING, Severity.LOW: Level.NOTE}
"""How checkers of code call each severity of an audit."""

FINDING = "finding"
"""The kind of what an audit finds."""


class Notice(NamedTuple):
    """One thing to look at; all texts are plain, on one line, and no longer than a paragraph.

    Args:
        code: what kind of thing it is, a word that stays.
        kind: the kind of a problem or a finding, `refused`, `drift`, `unmanaged`, `skipped`, or of an audit `finding`.
        name: the webhook that it is about; several where one cause has hit many.
        at: where the file has that.
    """

    level: Level
    code: Code
    kind: str
    summary: str
    hint: str = ""
    name: str = ""
    provider: str = ""
    at: Location | None = None

    @property
    def words(self) -> str:
        """What it is and the way out."""
        return f"{self.summary}: {self.hint}" if self.hint else self.summary


def of_plan(plan: Plan) -> Iterator[Notice]:
    """Problems, refusals and findings of a plan."""
    yield from of_problems(plan.problems)
    for no in plan.refusals:
        yield _of_problem(no.problem)._replace(kind="refused")
    for found in plan.findings:
        summary, name, provider = map(sentence, (named(found.name, found.summary), found.name or "", found.provider))
        yield Notice(Level.WARNING, found.code, sentence(found.kind), summary, "", name, provider, _place(found.at))


def of_problems(problems: Iterable[Problem]) -> Iterator[Notice]:
    """Problems, each with the webhook's name in its sentence."""
    return map(_of_problem, problems)


def of_drift(report: DriftReport) -> Iterator[Notice]:
    """What moved at the vendors, who came newly, and what could not be seen."""
    yield from of_problems(report.problems)
    yield from (_of_drifted(webhook) for webhook in report.webhooks if webhook.differs)
    for item in report.unmanaged:
        level = Level.ERROR if report.denied else Level.WARNING if report.everything else Level.NOTE
        where = f" -> {cut(item.url, _VALUE)}" if item.url else ""
        summary = sentence(f"{item.remote_id} is not managed{where}")
        yield Notice(level, Code.UNMANAGED_FOUND, "unmanaged", summary, "", "", sentence(item.provider))


def of_audit(report: AuditReport) -> Iterator[Notice]:
    """What could not be seen, and the findings, each with its webhook as the subject of its sentence."""
    yield from of_problems(report.problems)
    for found in report.findings:
        here = (
            "" if found.name else f" ({' '.join([found.provider, *(f'{key}={value}' for key, value in found.scope)])})"
        )
        summary = sentence(f"{found.known_as}{here} {found.summary}")
        name, provider, hint = map(sentence, (found.known_as, found.provider, found.hint))
        yield Notice(LEVELS[found.severity], found.code, FINDING, summary, hint, name, provider, _place(found.at))


def of_events(events: Iterable[Event]) -> Iterator[Notice]:
    """What an apply could not do."""
    for event in events:
        match event:
            case Unplanned():
                yield _of_problem(event.problem)
            case Failed():
                yield _of_problem(event.problem._replace(name=event.problem.name or event.name))
            case Skipped() | Withdrawn():
                summary = sentence(f"{event.name}: {event.action} skipped: {event.reason}")
                yield Notice(Level.ERROR, Code.INTERRUPTED, "skipped", summary, "", sentence(event.name))


def moved_text(webhook: Drifted) -> str:
    """How a webhook differs from what was applied, in a sentence."""
    if webhook.certainty is Certainty.ABSENT:
        return "gone at the vendor"
    fields = [_field(field) for field in webhook.fields]
    fields += [f"{_field(field)} (unmanaged)" for field in webhook.unmanaged]
    parts = [*fields[:_FIELDS], *([ELLIPSIS] if len(fields) > _FIELDS else [])]
    return f"changed at the vendor: {'; '.join([*parts, *filter(None, [webhook.secret])])}"


def _of_problem(problem: Problem) -> Notice:
    summary = sentence(named(problem.name, problem.summary))
    name, provider = sentence(", ".join(problem.about)), sentence(problem.provider or "")
    return Notice(
        Level.ERROR, problem.code, problem.kind, summary, sentence(problem.hint), name, provider, _place(problem.at)
    )


def _of_drifted(webhook: Drifted) -> Notice:
    managed = webhook.fields or webhook.secret
    code = Code.GONE if webhook.certainty is Certainty.ABSENT else Code.DRIFTED if managed else Code.UNMANAGED_CHANGE
    summary = sentence(f"{webhook.name}: {moved_text(webhook)}")
    return Notice(
        Level.WARNING,
        code,
        "drift",
        summary,
        "",
        sentence(webhook.name),
        sentence(webhook.provider),
        _place(webhook.at),
    )


def _field(field: FieldChange) -> str:
    label = field.path.removeprefix("/options/").removeprefix("/")
    return f"{label} {cut(value_text(field.before), _VALUE)} -> {cut(value_text(field.after), _VALUE)}"


def _place(at: Location | None) -> Location | None:
    """The place, by a name that no reader of ours takes for something else."""
    return at._replace(file=plain(at.file)) if at is not None else None
