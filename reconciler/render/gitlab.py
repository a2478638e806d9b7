"""The format `gitlab`: the counts that a merge request shows as its `terraform` report. [pure]

`render.formats` imports it by its name. What is wrong with files has no counts of that kind: it is a code quality
report, which plans have as the format `codequality`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence

from reconciler.audit.types import AuditReport
from reconciler.errors import Problem
from reconciler.model.action import Action
from reconciler.model.webhook import Certainty
from reconciler.planning.types import DriftReport, Plan
from reconciler.render.base import Artifacts, PlanHeader, Style
from reconciler.render.notices import of_audit, of_problems
from reconciler.render.quality import quality_report
from reconciler.render.words import totals
from reconciler.state.event import Applied, Event, Removed


def render_plan(plan: Plan, header: PlanHeader, style: Style) -> Artifacts:
    """What would be added, changed and destroyed, as the last line of text counts it."""
    return _counts(*totals(plan))


def render_drift(report: DriftReport, addresses: Mapping[str, str], style: Style) -> Artifacts:
    """What others have added, changed and destroyed at the vendors."""
    moved = [webhook for webhook in report.webhooks if webhook.differs]
    gone = sum(webhook.certainty is Certainty.ABSENT for webhook in moved)
    return _counts(len(report.unmanaged), len(moved) - gone, gone)


def render_audit(report: AuditReport, header: PlanHeader, style: Style) -> Artifacts:
    """A code quality report: an audit has no counts of that kind."""
    return Artifacts(quality_report(of_audit(report), header.files))


def render_problems(problems: Iterable[Problem], style: Style) -> Artifacts:
    """A code quality report."""
    return Artifacts(quality_report(of_problems(problems)))


def render_result(plan: Plan, events: Sequence[Event], header: PlanHeader, style: Style) -> Artifacts:
    """What was added, changed and destroyed; an adoption counts where it changed something."""
    done = [(event.action, bool(event.fields)) for event in events if isinstance(event, Applied | Removed)]
    replaced = done.count((Action.REPLACE, True)) + done.count((Action.REPLACE, False))
    created = sum(action is Action.CREATE for action, _ in done)
    changed = sum(action is Action.UPDATE or (action is Action.ADOPT and moved) for action, moved in done)
    destroyed = sum(action in (Action.DELETE, Action.DEACTIVATE) for action, _ in done)
    return _counts(created + replaced, changed, destroyed + replaced)


def _counts(create: int, update: int, delete: int) -> Artifacts:
    return Artifacts(json.dumps({"create": create, "update": update, "delete": delete}) + "\n")
