"""The format `json`: documents as programs read them. [pure] `render.formats` imports it by its name.

A plan (`whsync.plan/1`) can be saved; `planning.planfile` reads it back. Equal plans give equal bytes. Everything
beyond ASCII is escaped, so that no foreign text reaches a terminal's controls and every encoding of stdout will do.
What the documents hold is said in `render.records`. Used by `cli` for saved plans and for errors that end a command.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reconciler.audit.types import AuditReport
from reconciler.errors import Problem, WhsyncError
from reconciler.importing.types import ImportReport
from reconciler.planning.types import DriftReport, Plan
from reconciler.render.base import Artifacts, PlanHeader, Style
from reconciler.render.import_records import import_head, import_lists
from reconciler.render.inventory_records import audit_head, audit_lists
from reconciler.render.records import (
    diagnostic,
    drift_head,
    drifted_record,
    event_record,
    plan_head,
    plan_lists,
    problem_record,
    proof_record,
    runs_record,
    unmanaged_record,
    whole_problem,
)
from reconciler.state.event import Event
from reconciler.state.record import Proof, Record

_ON_ONE_LINE = json.JSONEncoder(allow_nan=False)


def render_plan(plan: Plan, header: PlanHeader, style: Style) -> Artifacts:
    """The plan as it is saved; no header, since equal plans give equal bytes."""
    return Artifacts(plan_json(plan))


def render_drift(report: DriftReport, addresses: Mapping[str, str], style: Style) -> Artifacts:
    """The drift report, `whsync.drift/1`."""
    return Artifacts(drift_json(report))


def render_audit(report: AuditReport, header: PlanHeader, style: Style) -> Artifacts:
    """The audit, `whsync.audit/1`; no header, since equal audits give equal bytes."""
    return Artifacts(_indented(audit_head(report), audit_lists(report)))


def render_import(report: ImportReport, addresses: Mapping[str, str], style: Style) -> Artifacts:
    """What exists, and what became of it, `whsync.import/1`."""
    return Artifacts(_indented(import_head(report), import_lists(report)))


def render_event(event: Event, at: str, style: Style) -> Artifacts:
    """One event on one line, `whsync.event/1`."""
    return Artifacts(event_json(event, at))


def render_result(plan: Plan, events: Sequence[Event], header: PlanHeader, style: Style) -> Artifacts:
    """The plan's document, and in `events` what became of it."""
    lists = {**plan_lists(plan), "events": map(event_record, events)}
    return Artifacts(_indented(plan_head(plan), lists))


def render_problems(problems: Iterable[Problem], style: Style) -> Artifacts:
    """Diagnostics for editors and CI."""
    return Artifacts(problems_json(problems))


def render_record(record: Record, path: str, style: Style) -> Artifacts:
    """Every recorded run with its changes, `whsync.runs/1`."""
    return Artifacts(_dump(runs_record(record), indent=2) + "\n")


def render_proof(proof: Proof, style: Style) -> Artifacts:
    """Whether a record is whole, `whsync.proof/1`."""
    return Artifacts(_dump(proof_record(proof), indent=2) + "\n")


def plan_json(plan: Plan) -> str:
    """The plan's document, ending in a newline: one line for each item of its lists, the rest indented by two."""
    return _indented(plan_head(plan), plan_lists(plan))


def drift_json(report: DriftReport) -> str:
    """The report's document, ending in a newline."""
    document = {
        **drift_head(report),
        "webhooks": [drifted_record(webhook) for webhook in report.webhooks],
        "unmanaged": [unmanaged_record(item) for item in report.unmanaged],
        "unmanaged_denied": report.denied,
        "problems": [whole_problem(problem) for problem in report.problems],
    }
    return _dump(document, indent=2) + "\n"


def event_json(event: Event, at: str | None = None) -> str:
    """One event on one line, without the line's end; `at` is used for events that know no time of their own."""
    return _dump(event_record(event, at))


def problems_json(problems: Iterable[Problem]) -> str:
    """Diagnostics for editors and CI: a list, empty where all is well; place null where unknown."""
    return _dump([diagnostic(problem) for problem in problems], indent=2) + "\n"


def error_json(error: WhsyncError) -> str:
    """An error that ended the command, on one line: `{"error": {"kind", "summary", "hint", "problems"}}`."""
    problems = [problem_record(problem) for problem in error.problems]
    return _dump({"error": {"kind": error.kind, "summary": error.summary, "hint": error.hint, "problems": problems}})


def _dump(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, indent=indent, allow_nan=False)


def _indented(head: Mapping[str, Any], lists: Mapping[str, Iterable[Any]]) -> str:
    """Indented for people, quick for ten thousand webhooks: an item of the lists is one line, made as it comes."""
    parts = [(key, _dump(value, indent=2).replace("\n", "\n  ")) for key, value in head.items()]
    for key, items in lists.items():
        lines = ",\n    ".join(map(_ON_ONE_LINE.encode, items))
        parts.append((key, f"[\n    {lines}\n  ]" if lines else "[]"))
    return "{\n" + ",\n".join(f'  "{key}": {body}' for key, body in parts) + "\n}\n"
