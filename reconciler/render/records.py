"""What documents hold of plans, reports, events and problems, as plain values ready for JSON. [pure]

Used by `render.json` and `render.ndjson`, and by `cli` for a plan's digest. The keys that were promised are always
there; further ones only where they say something.
"""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from reconciler.codes import Code
from reconciler.errors import Location, Problem
from reconciler.model.action import Action, FieldChange, Finding, Unmanaged
from reconciler.model.discovery import Discovered
from reconciler.model.webhook import Certainty, Entry
from reconciler.planning.planfile import FORMAT as PLAN_FORMAT
from reconciler.planning.types import Change, Drifted, DriftReport, Plan, Refusal
from reconciler.render.words import event_name
from reconciler.state.event import Event, Started
from reconciler.state.record import Fault, Line, Proof, Record

DRIFT_FORMAT = "whsync.drift/1"
EVENT_FORMAT = "whsync.event/1"
RUNS_FORMAT = "whsync.runs/1"
PROOF_FORMAT = "whsync.proof/1"

_NOT_SHOWN = frozenset({"source", "at"})
"""What plans know of where a webhook stands in the files: only what is complained of is told with its place."""


def plan_head(plan: Plan) -> dict[str, Any]:
    """All of a plan but its lists."""
    return {
        "format": PLAN_FORMAT,
        "whsync": plan.whsync,
        "created_at": plan.created_at,
        "basis": {key: digest for key, digest in plan.basis._asdict().items() if digest is not None},
        "options": plan.options._asdict(),
        "summary": summary(plan),
    }


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


def plan_digest(plan: Plan) -> str:
    """Of what would be done, to tell one plan from another: equal for equal plans, whenever they were made."""
    made_of = repr((plan.basis, plan.options))
    if plan.basis.discovered is None:  # then a plan has the digest that it had before anything could be discovered
        made_of = made_of.replace(", discovered=None)", ")", 1)
    digest = sha256(made_of.encode("utf-8", "backslashreplace"))
    for change in plan.changes:
        digest.update(json.dumps(change_record(change)).encode())
    return f"sha256:{digest.hexdigest()}"


def drift_head(report: DriftReport) -> dict[str, Any]:
    """All of a drift report but its lists."""
    certainties = [webhook.certainty for webhook in report.webhooks]
    counts = {
        "webhooks": len(report.webhooks),
        "drift": sum(webhook.differs for webhook in report.webhooks),
        "unverified": certainties.count(Certainty.UNREADABLE),
        "unknown": certainties.count(Certainty.UNKNOWN),
        "blocked": sum(webhook.blocked for webhook in report.webhooks),
        "unverifiable": sum(bool(webhook.unverifiable) for webhook in report.webhooks),
        "unmanaged_changes": sum(bool(webhook.unmanaged) for webhook in report.webhooks),
        "unmanaged": len(report.unmanaged),
        "problems": len(report.problems),
    }
    return {"format": DRIFT_FORMAT, "summary": counts, "differs": report.differs}


def event_record(event: Event, at: str | None = None) -> dict[str, Any]:
    """One event: its name in snake case, and what a watcher needs.

    `at` (UTC, ISO 8601) is used for events that know no time of their own.
    """
    data: dict[str, Any] = {"event": event_name(type(event))}
    if isinstance(event, Started):
        data["format"] = EVENT_FORMAT
    for key, value in event._asdict().items():
        data |= _event_attribute(key, value)
    if at is not None:
        data.setdefault("at", at)
    return data


def plan_lists(plan: Plan) -> dict[str, Iterator[dict[str, Any]]]:
    """The plan's lists by their names in documents, in their order; each item is made as it is asked for."""
    discovered = {"discovered": map(discovered_record, plan.discovered)} if plan.discovered else {}
    return {
        **discovered,
        "changes": map(change_record, plan.changes),
        "unmanaged": map(unmanaged_record, plan.unmanaged),
        "problems": map(problem_record, plan.problems),
        "findings": map(finding_record, plan.findings),
        "refusals": map(refusal_record, plan.refusals),
    }


def change_record(change: Change) -> dict[str, Any]:
    """One webhook of a plan."""
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


def drifted_record(webhook: Drifted) -> dict[str, Any]:
    """One webhook of a drift report."""
    fields = [_field(field) for field in webhook.fields]
    others = [{"kind": "unmanaged_change", **_field(field)} for field in webhook.unmanaged]
    told = {"scope": dict(webhook.scope), "fields": fields, "unmanaged": others, "differs": webhook.differs}
    return {**webhook._asdict(), **told, "at": _place(webhook.at)}


def unmanaged_record(item: Unmanaged) -> dict[str, Any]:
    """One webhook that nobody manages."""
    return {**item._asdict(), "scope": dict(item.scope)}


def discovered_record(seen: Discovered) -> dict[str, Any]:
    """What one list gave to one block of the files."""
    told = {"block": seen.block, "key": seen.key, "provider": seen.provider, "what": seen.what}
    also = {"partial": seen.partial} if seen.partial else {}
    lists = {"given": dict(seen.given), "found": seen.found, "values": list(seen.values)}
    return {**told, **lists, **also, "source": seen.source, "failed": seen.failed}


def finding_record(finding: Finding) -> dict[str, Any]:
    """One finding."""
    scope = dict(finding.scope)
    told = {"kind": finding.kind, "summary": finding.summary, "provider": finding.provider, "scope": scope}
    return told | _unusual(finding) | {"code": finding.code, "at": _place(finding.at)}


def refusal_record(refusal: Refusal) -> dict[str, Any]:
    """One refusal."""
    told = {"kind": refusal.problem.kind, "summary": refusal.summary}
    return told | _unusual(refusal) | {"code": refusal.code, "at": _place(refusal.at)}


def problem_record(problem: Problem) -> dict[str, Any]:
    """One problem of a plan, or of an error."""
    name: dict[str, Any] = {"name": problem.name} if problem.name is not None else {}
    if problem.names:
        name["names"] = list(problem.names)
    return {
        "kind": problem.kind,
        "code": problem.code,
        "provider": problem.provider,
        "summary": problem.summary,
        "hint": problem.hint,
        "at": _place(problem.at),
        **name,
    }


def whole_problem(problem: Problem) -> dict[str, Any]:
    """One problem of a drift report or an event, with every attribute, nulls too."""
    return {**problem._asdict(), "at": _place(problem.at)}


def diagnostic(problem: Problem) -> dict[str, Any]:
    """One problem for editors and CI; its place is null where unknown."""
    return {
        "severity": "error",
        "kind": problem.kind,
        "code": problem.code,
        "summary": problem.summary,
        "hint": problem.hint,
        "name": problem.name,
        "provider": problem.provider,
        "at": _place(problem.at),
        "file": problem.at.file if problem.at else None,
        "line": problem.at.line if problem.at else None,
        "column": problem.at.column if problem.at else None,
    }


def runs_record(record: Record) -> dict[str, Any]:
    """What was recorded, run by run; of a broken record, what stands in front of the fault."""
    runs = [
        {**_said(run.start), "changes": [*map(_said, run.changes)], "end": _said(run.end) if run.end else None}
        for run in record.runs
    ]
    return {"format": RUNS_FORMAT, "runs": runs, "fault": _fault(record.fault)}


def proof_record(proof: Proof) -> dict[str, Any]:
    """Whether a record is whole, and what it holds."""
    record, kept = proof.record, proof.kept
    first, last = (record.lines[0], record.lines[-1]) if record.lines else (None, None)
    return {
        "format": PROOF_FORMAT,
        "record": proof.path,
        "whole": proof.whole,
        "lines": len(record.lines),
        "runs": len(record.runs),
        "changes": sum(line.kind == "change" for line in record.lines),
        "first": first.at if first else None,
        "last": last.at if last else None,
        "head": record.head,
        "kept": {"digest": proof.head, "line": kept.number if kept else None} if proof.head is not None else None,
        "cut": [cut._asdict() for cut in record.cuts],
        "unfinished": [run.by.run for run in proof.unfinished],
        "fault": _fault(record.fault),
    }


def _said(line: Line) -> dict[str, Any]:
    """What a line says, without what chains it to others."""
    return {key: value for key, value in line.data.items() if key not in ("before", "record", "digest")}


def _fault(fault: Fault | None) -> dict[str, Any] | None:
    return {"code": Code.RECORD_BROKEN, "line": fault.number, "what": fault.what} if fault is not None else None


def _place(at: Location | None) -> str | None:
    return str(at) if at is not None else None


def _event_attribute(key: str, value: Any) -> dict[str, Any]:
    """One attribute of an event; an entry of the lock is shortened to where the webhook is."""
    match value:
        case Entry():
            where = {"provider": value.provider, "type": value.type, "account": value.account}
            by = {"by": value.by._asdict()} if value.by is not None else {}
            return where | {"scope": dict(value.scope), "remote_id": value.remote_id} | by
        case Problem():
            return {"problem": whole_problem(value)}
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


def _unusual(item: Any) -> dict[str, Any]:
    """The attributes of a NamedTuple that have another value than usual, but for its place."""
    usual = item._field_defaults.items()
    return {key: value for key, than in usual if (value := getattr(item, key)) != than and key not in _NOT_SHOWN}
