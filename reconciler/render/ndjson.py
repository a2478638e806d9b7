"""The format `ndjson`: one JSON object a line, for programs that read while it comes. [pure]

`render.formats` imports it by its name. Each line of a plan, a drift report, an audit or a list of problems says in
`record` what it is; the first has all that is said of the whole. Events are the lines of `render.json`. What lines
hold is said in `render.records` and `render.inventory_records`.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from reconciler.audit.types import AuditReport
from reconciler.errors import Problem
from reconciler.planning.types import DriftReport, Plan
from reconciler.render.base import Artifacts, PlanHeader, Style
from reconciler.render.inventory_records import audit_head, audit_lists
from reconciler.render.records import (
    diagnostic,
    drift_head,
    drifted_record,
    event_record,
    plan_head,
    plan_lists,
    unmanaged_record,
    whole_problem,
)
from reconciler.state.event import Event

_ENCODER = json.JSONEncoder(allow_nan=False)


def render_plan(plan: Plan, header: PlanHeader, style: Style) -> Artifacts:
    """The plan's line, then one for each item of its lists; no header, since equal plans give equal bytes."""
    return Artifacts(_lines(_plan(plan)))


def render_drift(report: DriftReport, addresses: Mapping[str, str], style: Style) -> Artifacts:
    """The report's line, then one for each webhook, newcomer and problem."""
    return Artifacts(_lines(_drift(report)))


def render_audit(report: AuditReport, header: PlanHeader, style: Style) -> Artifacts:
    """The audit's line, then one for each place, webhook and problem."""
    return Artifacts(_lines(_audit(report)))


def render_event(event: Event, at: str, style: Style) -> Artifacts:
    """One event, `whsync.event/1`."""
    return Artifacts(_ENCODER.encode(event_record(event, at)))


def render_result(plan: Plan, events: Sequence[Event], header: PlanHeader, style: Style) -> Artifacts:
    """The plan's lines, then one for each event of what became of it."""
    return Artifacts(_lines(_plan(plan)) + _lines(_line("event", event_record(event)) for event in events))


def render_problems(problems: Iterable[Problem], style: Style) -> Artifacts:
    """One line a problem; none where all is well."""
    return Artifacts(_lines(_line("problem", diagnostic(problem)) for problem in problems))


def _plan(plan: Plan) -> Iterator[dict[str, Any]]:
    yield _line("plan", plan_head(plan))
    for name, items in plan_lists(plan).items():
        yield from (_line(name.removesuffix("s"), item) for item in items)


def _drift(report: DriftReport) -> Iterator[dict[str, Any]]:
    yield _line("drift", {**drift_head(report), "unmanaged_denied": report.denied})
    yield from (_line("webhook", drifted_record(webhook)) for webhook in report.webhooks)
    yield from (_line("unmanaged", unmanaged_record(item)) for item in report.unmanaged)
    yield from (_line("problem", whole_problem(problem)) for problem in report.problems)


def _audit(report: AuditReport) -> Iterator[dict[str, Any]]:
    yield _line("audit", audit_head(report))
    for name, items in audit_lists(report).items():
        record = "inventory" if name == "webhooks" else name.removesuffix("s")
        yield from (_line(record, item) for item in items)


def _line(record: str, told: dict[str, Any]) -> dict[str, Any]:
    return {"record": record, **told}


def _lines(records: Iterable[dict[str, Any]]) -> str:
    return "".join(f"{_ENCODER.encode(record)}\n" for record in records)
