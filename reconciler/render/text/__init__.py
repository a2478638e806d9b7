"""The format `text`: documents as people read them on a terminal. [pure] `render.formats` imports it by its name.

No foreign text reaches the terminal's controls: all of it passes `base.plain`.
"""

from collections.abc import Iterable, Mapping, Sequence

from reconciler.audit.types import AuditReport
from reconciler.errors import Problem
from reconciler.importing.types import ImportReport
from reconciler.planning.types import DriftReport, Plan
from reconciler.render.base import Artifacts, PlanHeader, Style
from reconciler.render.text.audit import audit_text
from reconciler.render.text.drift import drift_text
from reconciler.render.text.events import event_text
from reconciler.render.text.imported import import_text
from reconciler.render.text.plan import plan_text
from reconciler.render.text.record import proof_text, record_text
from reconciler.render.words import problems_text
from reconciler.state.event import Event
from reconciler.state.record import Proof, Record


def render_plan(plan: Plan, header: PlanHeader, style: Style) -> Artifacts:
    """The plan, webhook by webhook; its last line holds the totals."""
    return Artifacts(plan_text(plan, header, style))


def render_drift(report: DriftReport, addresses: Mapping[str, str], style: Style) -> Artifacts:
    """What moved at the vendors; `addresses` are the providers' base URLs."""
    return Artifacts(drift_text(report, addresses, style))


def render_audit(report: AuditReport, header: PlanHeader, style: Style) -> Artifacts:
    """Every webhook, then what is worth a look; the last line holds the totals."""
    return Artifacts(audit_text(report, header, style))


def render_import(report: ImportReport, addresses: Mapping[str, str], style: Style) -> Artifacts:
    """What exists, and what became of it; `addresses` are the providers' base URLs."""
    return Artifacts(import_text(report, addresses, style))


def render_event(event: Event, at: str, style: Style) -> Artifacts:
    """One event as a line or two; nothing of events that only the journal and programs need, and no time."""
    return Artifacts(event_text(event, style) or "")


def render_result(plan: Plan, events: Sequence[Event], header: PlanHeader, style: Style) -> Artifacts:
    """The plan, and below it what became of it, event by event."""
    told = filter(None, (event_text(event, style) for event in events))
    return Artifacts("\n".join([plan_text(plan, header, style), *told, ""]))


def render_problems(problems: Iterable[Problem], style: Style) -> Artifacts:
    """Each problem at its place, with its way out below."""
    return Artifacts(problems_text(problems, style))


def render_record(record: Record, path: str, style: Style) -> Artifacts:
    """Every recorded run with its changes."""
    return Artifacts(record_text(record, path, style))


def render_proof(proof: Proof, style: Style) -> Artifacts:
    """Whether a record is whole."""
    return Artifacts(proof_text(proof, style))
