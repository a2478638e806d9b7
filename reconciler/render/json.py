"""The format `json`: documents as programs read them. [pure] `render.formats` imports it by its name.

A plan (`whsync.plan/1`) can be saved; `planning.planfile` reads it back. Equal plans give equal bytes. Everything
beyond ASCII is escaped, so that no foreign text reaches a terminal's controls and every encoding of stdout will do. The
keys that were promised are always there; further ones only where they say something. Used by `cli` for saved plans and
for errors that end a command.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from reconciler.errors import Problem, WhsyncError
from reconciler.model.action import Action, FieldChange, Finding
from reconciler.model.webhook import Certainty, Entry
from reconciler.planning.planfile import FORMAT as PLAN_FORMAT
from reconciler.planning.types import Change, Drifted, DriftReport, Plan
from reconciler.render.base import Artifacts, PlanHeader, Style
from reconciler.render.words import event_name
from reconciler.state.event import Event, Started

DRIFT_FORMAT = "whsync.drift/1"
EVENT_FORMAT = "whsync.event/1"

_ON_ONE_LINE = json.JSONEncoder(allow_nan=False)
_NOT_YET = frozenset({"code", "source", "at"})
"""What plans know of changes, findings and refusals, and documents do not show yet."""
_LISTS = ("changes", "unmanaged", "problems", "findings", "refusals")


def render_plan(plan: Plan, header: PlanHeader, style: Style) -> Artifacts:
    """The plan as it is saved; no header, since equal plans give equal bytes."""
    return Artifacts(plan_json(plan))


def render_drift(report: DriftReport, addresses: Mapping[str, str], style: Style) -> Artifacts:
    """The drift report, `whsync.drift/1`."""
    return Artifacts(drift_json(report))


def render_event(event: Event, at: str, style: Style) -> Artifacts:
    """One event on one line, `whsync.event/1`."""
    return Artifacts(event_json(event, at))


def render_problems(problems: Iterable[Problem], style: Style) -> Artifacts:
    """Diagnostics for editors and CI."""
    return Artifacts(problems_json(problems))


def plan_json(plan: Plan) -> str:
    """The plan's document, ending in a newline: one line for each item of its lists, the rest indented by two."""
    document = {
        "format": PLAN_FORMAT,
        "whsync": plan.whsync,
        "created_at": plan.created_at,
        "basis": {"config": plan.basis.config, "lock": plan.basis.lock},
        "options": plan.options._asdict(),
        "summary": summary(plan),
        "changes": map(_change, plan.changes),
        "unmanaged": ({**item._asdict(), "scope": dict(item.scope)} for item in plan.unmanaged),
        "problems": map(_problem, plan.problems),
        "findings": map(_finding, plan.findings),
        "refusals": ({"kind": "unsafe", "summary": item.summary, **_unusual(item)} for item in plan.refusals),
    }
    return _indented(document)


def summary(plan: Plan) -> dict[str, int]:
    """The totals: webhooks by action, then what else a reader counts.

    `noop` are those that were seen to be as they should be: none that is blocked, unknown or unverifiable.
    """
    counts = dict.fromkeys(map(str, Action), 0)
    for change in plan.changes:
        counts[change.action] += change.action is not Action.NOOP or change.at_rest
    return counts | {
        "blocked": sum(change.blocked for change in plan.changes),
        "unknown": sum(change.unread for change in plan.changes),
        "unverifiable": sum(change.unverifiable for change in plan.changes),
        "drift": sum(change.drifted for change in plan.changes),
        "unverified": sum(change.unverified for change in plan.changes),
        "unmanaged": len(plan.unmanaged),
        "problems": len(plan.problems),
        "reads": plan.reads,
        "writes": plan.writes,
    }


def drift_json(report: DriftReport) -> str:
    """The report's document, ending in a newline."""
    certainties = [webhook.certainty for webhook in report.webhooks]
    document = {
        "format": DRIFT_FORMAT,
        "summary": {
            "webhooks": len(report.webhooks),
            "drift": sum(webhook.differs for webhook in report.webhooks),
            "unverified": certainties.count(Certainty.UNREADABLE),
            "unknown": certainties.count(Certainty.UNKNOWN),
            "blocked": sum(webhook.blocked for webhook in report.webhooks),
            "unverifiable": sum(bool(webhook.unverifiable) for webhook in report.webhooks),
            "unmanaged_changes": sum(bool(webhook.unmanaged) for webhook in report.webhooks),
            "unmanaged": len(report.unmanaged),
            "problems": len(report.problems),
        },
        "differs": report.differs,
        "webhooks": [_drifted(webhook) for webhook in report.webhooks],
        "unmanaged": [{**item._asdict(), "scope": dict(item.scope)} for item in report.unmanaged],
        "unmanaged_denied": report.denied,
        "problems": [_attributes(problem._replace(at=None)) for problem in report.problems],
    }
    return _dump(document, indent=2) + "\n"


def event_json(event: Event, at: str | None = None) -> str:
    """One event on one line, without the line's end: its name in snake case, and what a watcher needs.

    `at` (UTC, ISO 8601) is used for events that know no time of their own.
    """
    data: dict[str, Any] = {"event": event_name(type(event))}
    if isinstance(event, Started):
        data["format"] = EVENT_FORMAT
    for key, value in event._asdict().items():
        data |= _event_attribute(key, value)
    if at is not None:
        data.setdefault("at", at)
    return _dump(data)


def problems_json(problems: Iterable[Problem]) -> str:
    """Diagnostics for editors and CI: a list, empty where all is well; place null where unknown."""
    diagnostics = [
        {
            "severity": "error",
            "kind": problem.kind,
            "summary": problem.summary,
            "hint": problem.hint,
            "name": problem.name,
            "provider": problem.provider,
            "file": problem.at.file if problem.at else None,
            "line": problem.at.line if problem.at else None,
            "column": problem.at.column if problem.at else None,
        }
        for problem in problems
    ]
    return _dump(diagnostics, indent=2) + "\n"


def error_json(error: WhsyncError) -> str:
    """An error that ended the command, on one line: `{"error": {"kind", "summary", "hint", "problems"}}`."""
    problems = [_problem(problem) for problem in error.problems]
    return _dump({"error": {"kind": error.kind, "summary": error.summary, "hint": error.hint, "problems": problems}})


def _change(change: Change) -> dict[str, Any]:
    promised = {
        "name": change.name,
        "provider": change.provider,
        "type": change.type,
        "scope": dict(change.scope),
        "remote_id": change.remote_id,
        "action": change.action,
        "certainty": change.certainty,
        "reason": change.reason,
        "fields": [_field(field) for field in change.fields],
        "secret": change.secret,
        "observed": change.observed,
        "calls": [{"method": call.method, "url": call.url, **_unusual(call)} for call in change.calls],
    }
    return promised | _unusual(change) | promised  # the promised keys come first, and keep their values


def _field(field: FieldChange) -> dict[str, Any]:
    return {"path": field.path, "before": field.before, "after": field.after, "cause": field.cause} | _unusual(field)


def _drifted(webhook: Drifted) -> dict[str, Any]:
    fields = [_field(field) for field in webhook.fields]
    others = [{"kind": "unmanaged_change", **_field(field)} for field in webhook.unmanaged]
    told = {"scope": dict(webhook.scope), "fields": fields, "unmanaged": others, "differs": webhook.differs}
    return {**webhook._asdict(), **told}


def _event_attribute(key: str, value: Any) -> dict[str, Any]:
    """One attribute of an event; an entry of the lock is shortened to where the webhook is."""
    match value:
        case Entry():
            where = {"provider": value.provider, "type": value.type, "account": value.account}
            by = {"by": value.by._asdict()} if value.by is not None else {}
            return where | {"scope": dict(value.scope), "remote_id": value.remote_id} | by
        case Problem():
            return {"problem": _attributes(value) | {"at": str(value.at) if value.at else None}}
        case _ if key == "secret":
            return {"stored": getattr(value, "stored", None)}
        case _ if key == "fields":
            return {"fields": [field._asdict() for field in value]} if value else {}
        case _ if key == "scope":
            return {"scope": dict(value)}
        case _ if key == "account_id":  # of an intent; nobody who watches needs it
            return {}
        case _:
            return {key: value}


def _finding(finding: Finding) -> dict[str, Any]:
    scope = dict(finding.scope)
    return {"kind": finding.kind, "summary": finding.summary, "provider": finding.provider, "scope": scope} | _unusual(
        finding
    )


def _problem(problem: Problem) -> dict[str, Any]:
    name: dict[str, Any] = {"name": problem.name} if problem.name is not None else {}
    if problem.names:
        name["names"] = list(problem.names)
    return {
        "kind": problem.kind,
        "provider": problem.provider,
        "summary": problem.summary,
        "hint": problem.hint,
        "at": str(problem.at) if problem.at else None,
        **name,
    }


def _attributes(problem: Problem) -> dict[str, Any]:
    """All attributes of a problem that these documents have so far."""
    return {key: value for key, value in problem._asdict().items() if key != "code"}


def _unusual(item: Any) -> dict[str, Any]:
    """The attributes of a NamedTuple that have another value than usual, as far as these documents have them so far."""
    usual = item._field_defaults.items()
    return {key: value for key, than in usual if (value := getattr(item, key)) != than and key not in _NOT_YET}


def _dump(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, indent=indent, allow_nan=False)


def _indented(document: Mapping[str, Any]) -> str:
    """Indented for people, quick for ten thousand webhooks: an item of the long lists is one line, made as it comes."""
    parts = []
    for key, value in document.items():
        if key in _LISTS:
            lines = ",\n    ".join(map(_ON_ONE_LINE.encode, value))
            body = f"[\n    {lines}\n  ]" if lines else "[]"
        else:
            body = _dump(value, indent=2).replace("\n", "\n  ")
        parts.append(f'  "{key}": {body}')
    return "{\n" + ",\n".join(parts) + "\n}\n"
