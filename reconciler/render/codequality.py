"""The format `codequality`: a report that GitLab shows beside the lines of a merge request. [pure]

`render.formats` imports it by its name.
"""

from collections.abc import Iterable, Mapping, Sequence

from reconciler.audit.types import AuditReport
from reconciler.errors import Problem
from reconciler.planning.types import DriftReport, Plan
from reconciler.render.base import Artifacts, PlanHeader, Style
from reconciler.render.notices import of_audit, of_drift, of_events, of_plan, of_problems
from reconciler.render.quality import quality_report
from reconciler.state.event import Event


def render_plan(plan: Plan, header: PlanHeader, style: Style) -> Artifacts:
    """Problems, refusals and findings."""
    return Artifacts(quality_report(of_plan(plan), header.files))


def render_drift(report: DriftReport, addresses: Mapping[str, str], style: Style) -> Artifacts:
    """What moved at the vendors."""
    return Artifacts(quality_report(of_drift(report)))


def render_audit(report: AuditReport, header: PlanHeader, style: Style) -> Artifacts:
    """Problems and findings."""
    return Artifacts(quality_report(of_audit(report), header.files))


def render_problems(problems: Iterable[Problem], style: Style) -> Artifacts:
    """What is wrong with the files."""
    return Artifacts(quality_report(of_problems(problems)))


def render_result(plan: Plan, events: Sequence[Event], header: PlanHeader, style: Style) -> Artifacts:
    """What an apply could not do."""
    return Artifacts(quality_report(of_events(events), header.files))
