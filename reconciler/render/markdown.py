"""The format `markdown`: a comment on a pull or merge request. [pure] `render.formats` imports it by its name.

Its first line is a comment that stays the same, so that a pipeline finds its former comment and writes over it.
"""

from collections.abc import Iterable, Mapping, Sequence

from reconciler.audit.types import AuditReport
from reconciler.errors import Problem
from reconciler.planning.types import DriftReport, Plan
from reconciler.render.base import Artifacts, PlanHeader, Style
from reconciler.render.page import audit_page, drift_page, plan_page, problems_page, result_page
from reconciler.state.event import Event

ROOM = 65_536
"""The characters of a comment at GitHub; counted in bytes, which are never fewer."""


def render_plan(plan: Plan, header: PlanHeader, style: Style) -> Artifacts:
    """The plan: totals, what would be lost, what is wrong; the rest folded."""
    return Artifacts(plan_page(plan, header, ROOM))


def render_drift(report: DriftReport, addresses: Mapping[str, str], style: Style) -> Artifacts:
    """What moved at the vendors."""
    return Artifacts(drift_page(report, ROOM))


def render_audit(report: AuditReport, header: PlanHeader, style: Style) -> Artifacts:
    """Totals and what is wrong, then findings and webhooks."""
    return Artifacts(audit_page(report, header, ROOM))


def render_problems(problems: Iterable[Problem], style: Style) -> Artifacts:
    """What is wrong, each at its place."""
    return Artifacts(problems_page(problems, ROOM))


def render_result(plan: Plan, events: Sequence[Event], header: PlanHeader, style: Style) -> Artifacts:
    """What an apply has done, and what it could not do."""
    return Artifacts(result_page(plan, events, header, ROOM))
