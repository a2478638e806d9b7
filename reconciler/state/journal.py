"""The journal: what an apply did since the lock was last written, one JSON object a line. No IO.

Used by `file`, `writer` and `base`.

    {"format": "whsync.journal/1"}
    {"event": "Intended", "name": "ledger", …}     one event a line, in order
    {"saved": "sha256:…"}                          a lock of this digest with all so far is about to be written

A run that is killed between writing the lock and clearing the journal leaves events that the lock already holds;
`saved` tells. A last line without its newline was never finished and counts for nothing.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from reconciler.change import Action
from reconciler.errors import Location, Problem, StateError
from reconciler.event import Applied, Durable, Failed, Intended, Recorded, Removed, Renamed, SecretStored, Withdrawn
from reconciler.lock import Lock, entry_from_json, entry_to_json, fold
from reconciler.model import SecretRecord, scope_of

FORMAT = "whsync.journal/1"


class Journal(NamedTuple):
    """A journal's content. `saved`: digests of locks that were due (no intents), and how many events each holds."""

    events: tuple[Durable, ...]
    saved: Mapping[str, int] = {}

    def onto(self, lock: Lock, digest: str) -> Lock:
        """The lock of this digest after those events that it does not hold yet, with every open intent."""
        held = self.saved.get(digest, 0)
        started = Lock(lock.entries, fold(Lock(), self.events[:held]).intents)
        return fold(started, self.events[held:])


def header() -> bytes:
    """The first line."""
    return _line({"format": FORMAT})


def event_line(event: Durable) -> bytes:
    """The line of one event."""
    return _line(event_to_json(event))


def saved_line(digest: str) -> bytes:
    """The line that says that the lock of this digest is about to be written."""
    return _line({"saved": digest})


def text(events: Iterable[Durable]) -> bytes:
    """A whole journal."""
    return header() + b"".join(map(event_line, events))


def parse(data: bytes, path: str) -> Journal | None:
    """The journal in `data`, or None where not even its first line was finished; `path` is for messages.

    Raises:
        StateError: a finished line cannot be read, or the format is another one.
    """
    lines = data.split(b"\n")[:-1]
    if not lines:
        return None
    found = _object(lines[0], 1, path).get("format")
    if found != FORMAT:
        raise StateError(
            f"the journal {path} has the format {found!r}; this whsync reads {FORMAT}", "use a newer whsync"
        )
    events: list[Durable] = []
    saved: dict[str, int] = {}
    for number, line in enumerate(lines[1:], 2):
        data_of_line = _object(line, number, path)
        if "saved" in data_of_line:
            saved[str(data_of_line["saved"])] = len(events)
        else:
            events.append(_event(data_of_line, number, path))
    return Journal(tuple(events), saved)


def event_to_json(event: Durable) -> dict[str, Any]:
    """One event as the journal holds it."""
    data: dict[str, Any] = {"event": type(event).__name__, **event._asdict()}
    match event:
        case Intended():
            data["scope"] = dict(event.scope)
        case Recorded() | Applied():
            data["entry"] = entry_to_json(event.entry)
        case SecretStored():
            data["secret"] = event.secret._asdict()
        case Failed():
            data["problem"] = event.problem._asdict()
    return data


def event_from_json(data: Mapping[str, Any]) -> Durable:
    """The event that `event_to_json` wrote.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: the shape is another one.
    """
    fields = dict(data)
    made = _MAKERS[fields.pop("event")]
    if "action" in fields:
        fields["action"] = Action(fields["action"])
    if "entry" in fields:
        fields["entry"] = entry_from_json(fields["entry"])
    return made(fields)


def _intended(fields: dict[str, Any]) -> Durable:
    return Intended(**{**fields, "scope": scope_of(fields["scope"])})


def _stored(fields: dict[str, Any]) -> Durable:
    return SecretStored(**{**fields, "secret": SecretRecord(**fields["secret"])})


def _applied(fields: dict[str, Any]) -> Durable:
    return Applied(**{**fields, "notes": tuple(fields["notes"])})


def _failed(fields: dict[str, Any]) -> Durable:
    problem = dict(fields["problem"])
    if problem["at"] is not None:
        problem["at"] = Location(*problem["at"])
    return Failed(**{**fields, "problem": Problem(**problem)})


_MAKERS: Mapping[str, Callable[[dict[str, Any]], Durable]] = {
    "Intended": _intended,
    "Recorded": lambda fields: Recorded(**fields),
    "SecretStored": _stored,
    "Applied": _applied,
    "Removed": lambda fields: Removed(**fields),
    "Renamed": lambda fields: Renamed(**fields),
    "Failed": _failed,
    "Withdrawn": lambda fields: Withdrawn(**fields),
}


def _line(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _object(line: bytes, number: int, path: str) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise _unreadable(number, path)
    return data


def _event(data: dict[str, Any], number: int, path: str) -> Durable:
    try:
        return event_from_json(data)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _unreadable(number, path) from None


def _unreadable(number: int, path: str) -> StateError:
    return StateError(
        f"line {number} of the journal {path} cannot be read; it tells what an interrupted apply did",
        "restore it from a backup; or see what that apply made at the vendors, delete the journal and `whsync adopt`",
    )
