"""What a running record says of runs and changes: the lines that `state.record` chains. [pure]

Called by `cli.recording`. A line holds what plans and events show, and so no secret; hidden parts of URLs stand as
fingerprints there. Its calls are those that the plan had for the change.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reconciler.codes import Code
from reconciler.errors import Problem
from reconciler.model.action import FieldChange
from reconciler.model.provenance import Run
from reconciler.model.webhook import Certainty
from reconciler.planning.types import Change, DriftReport, Plan
from reconciler.state.event import Applied, Event, Failed, Finished, Removed, Renamed, Skipped, Withdrawn
from reconciler.state.record import CHANGE, END, FORMAT, RUN

Told = dict[str, Any]


def run_line(command: str, run: Run, version: str) -> Told:
    """A run begins."""
    who = {key: value for key, value in run._asdict().items() if key not in ("run", "at") and value is not None}
    by = {"by": who} if who else {}
    return {
        "record": RUN,
        "format": FORMAT,
        "run": run.run,
        "at": run.at,
        "command": command,
        "whsync": version,
        **by,
    }


def of_plan(plan: Plan, digest: str) -> Told:
    """What the line of a run says of the plan that it carries out."""
    basis = {"config": plan.basis.config, "lock": plan.basis.lock}
    told = {"plan": digest, "planned_at": plan.created_at, "basis": basis, "flags": list(plan.options.flags)}
    return {**told, "changes": len(plan.pending), "writes": plan.writes}


def change_line(event: Event, change: Change | None, at: str) -> Told | None:
    """What became of a webhook; None of an event that does not say.

    Args:
        change: what the plan had for it; None of what is done by hand.
        at: now, for events that know no time of their own.
    """
    match event:
        case Applied():
            entry = event.entry
            where = {"provider": entry.provider, "type": entry.type, "scope": dict(entry.scope)}
            done = {**where, "action": event.action, "result": "applied", "remote_id": entry.remote_id}
            return _line(event, change, {**done, "fields": _fields(event.fields), "notes": list(event.notes)})
        case Removed():
            return _line(event, change, {"action": event.action, "result": "applied", "fields": _fields(event.fields)})
        case Failed():
            result = "partly" if event.partly else "unsettled" if event.indeterminate else "failed"
            said: Told = {"action": event.action, "result": result, "fields": _fields(event.fields)}
            return _line(event, change, {**said, "problem": _problem(event.problem)})
        case Skipped() | Withdrawn():
            why = {"action": event.action, "result": "skipped", "because": event.reason}
            return _line(event, None, {**_where(change), "at": at, **why})
        case Renamed():
            return _line(event, None, {"at": at, "result": "renamed", "was": event.was})
        case _:
            return None


def end_line(result: str, code: int, events: Iterable[Event] = (), drift: Mapping[str, int] | None = None) -> Told:
    """A run ends.

    Args:
        result: how, in a word.
        code: its exit code.
        events: all of an apply.
        drift: what was seen of it.
    """
    end = next((event for event in events if isinstance(event, Finished)), None)
    told: Told = {"record": END, "result": result, "exit": code}
    if end is not None:
        told |= {"applied": end.applied, "failed": end.failed, "skipped": end.skipped, "problems": end.problems}
    return told | ({"drift": dict(drift)} if drift is not None else {})


def drift_of_plan(plan: Plan) -> dict[str, int]:
    """What a plan has seen of drift: of the webhooks that were applied before, those that somebody changed or removed.

    `unseen` are those of which nobody could tell.
    """
    known = [change for change in plan.changes if not change.action.makes or change.code is Code.GONE]
    return {
        "webhooks": len(known),
        "drift": sum(change.drifted or change.code is Code.GONE for change in known),
        "unseen": sum(change.unread or change.unverified or change.blocked for change in known),
    }


def drift_of_report(report: DriftReport) -> dict[str, int]:
    """What a drift report counts; see `drift_of_plan`."""
    unseen = (Certainty.UNKNOWN, Certainty.UNREADABLE)
    return {
        "webhooks": len(report.webhooks),
        "drift": sum(webhook.differs for webhook in report.webhooks),
        "unseen": sum(webhook.certainty in unseen or webhook.blocked for webhook in report.webhooks),
    }


def _line(event: Any, change: Change | None, told: Told) -> Told:
    at = {"at": event.at} if hasattr(event, "at") else {}
    planned: Told = {}
    if change is not None:
        calls = [{"method": call.method, "url": call.url} for call in change.calls]
        further = {each.name: each.state for each in change.secrets}
        planned = {"reason": change.reason, "code": change.code, "secret": change.secret, "secrets": further}
        planned["calls"] = calls
    whole = {"record": CHANGE, **at, "name": event.name, **_where(change), **told, **planned}
    return {key: value for key, value in whole.items() if value not in ([], {}, None)}


def _where(change: Change | None) -> Told:
    if change is None:
        return {}
    where = {"provider": change.provider, "type": change.type, "scope": dict(change.scope)}
    return {**where, "remote_id": change.remote_id}


def _fields(fields: Sequence[FieldChange]) -> list[Told]:
    return [{"path": each.path, "before": each.before, "after": each.after, "cause": each.cause} for each in fields]


def _problem(problem: Problem) -> Told:
    return {"kind": problem.kind, "code": problem.code, "summary": problem.summary, "hint": problem.hint}
