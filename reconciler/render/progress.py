"""What happens while a plan is applied: each event as a line for people, and as a line of JSON. Called by `cli.apply`.

The JSON names events in snake case and holds what a watcher needs; an entry of the lock is shortened to where it is.
"""

import json
import re
from typing import Any

from reconciler.errors import Problem
from reconciler.model.action import Action
from reconciler.model.webhook import Entry
from reconciler.render.base import Style, counted, plain, said
from reconciler.state.event import (
    Applied,
    Event,
    Failed,
    Finished,
    Removed,
    Renamed,
    SecretStored,
    Skipped,
    Started,
    Upgraded,
    Withdrawn,
)

FORMAT = "whsync.event/1"

DONE = {
    Action.CREATE: "created",
    Action.ADOPT: "adopted",
    Action.UPDATE: "updated",
    Action.REPLACE: "replaced",
    Action.DELETE: "deleted",
    Action.DEACTIVATE: "switched off",
    Action.FORGET: "forgotten",
    Action.ORPHAN: "left as an orphan",
    Action.NOOP: "unchanged",
}


def event_text(event: Event, style: Style) -> str | None:
    """One event as a line, or two where there is a way out; None for events that only the journal and machines need."""
    match event:
        case Started():
            return f"Applying {counted(event.changes, 'change')} with {counted(event.writes, 'write')}"
        case Applied():
            done = DONE[event.action] + (f" as {event.entry.remote_id}" if event.entry.remote_id else "")
            return _line(event.name, done, style, "add", event.entry.provider, *event.notes)
        case Removed():
            return _line(event.name, DONE[event.action], style, "remove")
        case SecretStored(rescued=str(path)):
            return _line(event.name, f"secret rescued to {path}, because its place could not be written", style, "warn")
        case SecretStored():
            return _line(event.name, f"secret stored in {event.secret.stored}", style, "add")
        case Renamed():
            return _line(event.name, f"renamed from {event.was}", style, "change")
        case Failed():
            return _line(event.name, _failure(event), style, "remove", event.problem.provider, event.problem.hint)
        case Skipped() | Withdrawn():
            return _line(event.name, f"{event.action} skipped: {event.reason}", style, "warn")
        case Upgraded():
            return f"The lock has stronger fingerprints of {counted(event.secrets, 'secret')} now."
        case Finished():
            return style.paint(_closing(event), "strong")
        case _:
            return None


def event_json(event: Event, at: str | None = None) -> str:
    """One event on one line, without the line's end. `at` (UTC, ISO 8601) is used for events that know no time."""
    data: dict[str, Any] = {"event": event_name(type(event))}
    if isinstance(event, Started):
        data["format"] = FORMAT
    for key, value in event._asdict().items():
        data |= _told(key, value)
    if at is not None:
        data.setdefault("at", at)
    return json.dumps(data, allow_nan=False)


def event_name(kind: type) -> str:
    """What JSON calls an event: `secret_stored` for `SecretStored`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


def _told(key: str, value: object) -> dict[str, Any]:
    """One attribute as JSON holds it; an entry becomes where the webhook is."""
    match value:
        case Entry():
            where = {"provider": value.provider, "type": value.type, "account": value.account}
            return where | {"scope": dict(value.scope), "remote_id": value.remote_id}
        case Problem():
            return {"problem": {**value._asdict(), "at": str(value.at) if value.at else None}}
        case _ if key == "secret":
            return {"stored": getattr(value, "stored", None)}
        case _ if key == "scope":
            return {"scope": dict(value)}  # type: ignore[call-overload]  # a Scope: pairs of texts
        case _:
            return {key: value}


def _line(name: str, done: str, style: Style, look: str, provider: str | None = None, *more: str) -> str:
    who = f"{plain(provider)}  {plain(name)}" if provider else plain(name)
    first = f"  {who}  {style.paint(said(done), look)}"
    return "\n".join([first, *(f"    {style.paint(said(line), 'quiet')}" for line in more if line)])


def _failure(event: Failed) -> str:
    doubt = (
        " (it may or may not have happened; the next run looks before it tries again)" if event.indeterminate else ""
    )
    why = event.problem.summary.removeprefix(f"{event.name}: ")
    what = f"{DONE[event.action]}, but not whole" if event.partly else f"{event.action} failed"
    return f"{what}: {event.problem.kind}: {why}{doubt}"


def _closing(event: Finished) -> str:
    whole = not (event.failed or event.skipped or event.interrupted or event.problems)
    first = "Apply complete" if whole else "Apply interrupted" if event.interrupted else "Apply incomplete"
    problems = f", {counted(event.problems, 'problem')}" if event.problems else ""
    return f"{first}: {event.applied} applied, {event.failed} failed, {event.skipped} skipped{problems}."
