"""The format `html`: documents as one page that needs nothing else. `render.formats` imports it by its name.

The page can be read without script, searched and filtered with it, printed, and kept in an audit's folder. All that is
foreign passes `base.plain` and the template's escaping; a Content-Security-Policy allows the page its own style and
script, by their digests, and nothing else. Equal documents give equal bytes.
"""

from collections.abc import Iterable, Mapping, Sequence

from reconciler.audit.types import AuditReport
from reconciler.errors import Problem
from reconciler.planning.types import DriftReport, Plan
from reconciler.render.base import Artifacts, PlanHeader, Style
from reconciler.render.html.audit import audit_report
from reconciler.render.html.drift import drift_report
from reconciler.render.html.page import page
from reconciler.render.html.plan import plan_report
from reconciler.render.html.problems import problems_report
from reconciler.render.html.record import record_report
from reconciler.render.html.result import result_report
from reconciler.state.event import Event
from reconciler.state.record import Record


def render_plan(plan: Plan, header: PlanHeader, style: Style) -> Artifacts:
    """The plan with every webhook, what is known of its history, and pictures of the whole."""
    return Artifacts(page(plan_report(plan, header)))


def render_drift(report: DriftReport, addresses: Mapping[str, str], style: Style) -> Artifacts:
    """Every webhook that was looked at, what moved of it, and what is known of its history."""
    return Artifacts(page(drift_report(report, addresses)))


def render_result(plan: Plan, events: Sequence[Event], header: PlanHeader, style: Style) -> Artifacts:
    """What an apply has done with every webhook of its plan."""
    return Artifacts(page(result_report(plan, events, header)))


def render_record(record: Record, path: str, style: Style) -> Artifacts:
    """Every recorded run, and what became of each webhook."""
    return Artifacts(page(record_report(record, path)))


def render_audit(report: AuditReport, header: PlanHeader, style: Style) -> Artifacts:
    """Every webhook, managed or not, with its findings, and pictures of the whole."""
    return Artifacts(page(audit_report(report, header)))


def render_problems(problems: Iterable[Problem], style: Style) -> Artifacts:
    """Each problem at its place, with its way out."""
    return Artifacts(page(problems_report(problems)))
