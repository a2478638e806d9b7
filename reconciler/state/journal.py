"""The journal: what an apply did since the lock was last written, one JSON object a line. [pure]

Used by `state.stores`.

    {"format": "whsync.journal/1"}
    {"event": "Intended", "name": "ledger", …}     one event a line, in order
    {"saved": "sha256:…"}                          a lock of this digest with all so far is about to be written

A run that is killed between writing the lock and clearing the journal leaves events that the lock already holds;
`saved` tells. A last line without its newline was never finished and counts for nothing.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, get_args

from reconciler.codes import Code
from reconciler.errors import Kind, Location, Problem, StateError
from reconciler.model.action import Action
from reconciler.model.webhook import scope_of
from reconciler.state.entry import entry_from_json, entry_to_json
from reconciler.state.event import Applied, Durable, Failed, Intended, Recorded, SecretStored
from reconciler.state.lock import Lock, fold
from reconciler.state.values import fields_from_json, fields_to_json, secret_from_json, secret_to_json
from reconciler.support import json_types

FORMAT = "whsync.journal/1"


class Journal(NamedTuple):
    """A journal's content. `saved`: digests of locks that were due (no intents), and how many events each holds."""

    events: tuple[Durable, ...]
    saved: Mapping[str, int] = {}

    def onto(self, lock: Lock, digest: str) -> Lock:
        """The lock of this digest after those events that it does not hold yet, with every open intent."""
        held = self.saved.get(digest, 0)
        started = lock._replace(intents=fold(Lock(), self.events[:held]).intents)
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
            f"the journal {path} has the format {found!r}; this whsync reads {FORMAT}",
            "use a newer whsync",
            code=Code.NEWER_FORMAT,
        )
    events: list[Durable] = []
    saved: dict[str, int] = {}
    for number, line in enumerate(lines[1:], 2):
        data_of_line = _object(line, number, path)
        if "saved" in data_of_line:
            saved[_saved(data_of_line, number, path)] = len(events)
        else:
            events.append(_event(data_of_line, number, path))
    return Journal(tuple(events), saved)


def event_to_json(event: Durable) -> dict[str, Any]:
    """One event as the journal holds it: without what only watchers want to know."""
    data: dict[str, Any] = {"event": type(event).__name__, **event._asdict()}
    data.pop("fields", None)
    match event:
        case Intended():
            data["scope"] = dict(event.scope)
            if event.account_id is None:
                del data["account_id"]
            data["key"] = fields_to_json(event.key)
            if not event.key:
                del data["key"]
        case Recorded() | Applied():
            data["entry"] = entry_to_json(event.entry)
        case SecretStored():
            data["secret"] = secret_to_json(event.secret)
            if not event.which:
                del data["which"]
        case Failed():
            data["problem"] = {
                key: value for key, value in event.problem._asdict().items() if key not in ("code", "names")
            }
    return data


def event_from_json(data: Mapping[str, Any]) -> Durable:
    """The event that `event_to_json` wrote.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: the shape is another one.
    """
    make: Callable[..., Durable] = _EVENTS[data["event"]]
    return make(**{name: _attribute(name, value) for name, value in data.items() if name != "event"})


def _attribute(name: str, value: Any) -> Any:
    return _READ[name](value) if name in _READ else json_types.text(value)


def _problem(data: Any) -> Problem:
    at = data["at"]
    if at is not None:
        file, line, column = json_types.items(at)
        at = Location(json_types.text(file), json_types.count(line), json_types.count(column))
    if data["kind"] not in get_args(Kind):
        raise ValueError("not a kind of problem")
    rest = {key: json_types.text(data[key]) for key in ("kind", "summary", "hint")}
    return Problem(
        **{**rest, "provider": json_types.maybe(data["provider"]), "name": json_types.maybe(data["name"]), "at": at},
        code=Code.UNCODED,
    )


_READ: Mapping[str, Callable[[Any], Any]] = {
    "account_id": json_types.maybe,
    "action": Action,
    "entry": entry_from_json,
    "indeterminate": json_types.flag,
    "key": fields_from_json,
    "notes": lambda notes: tuple(map(json_types.text, json_types.items(notes))),
    "partly": json_types.flag,
    "problem": _problem,
    "remote_id": json_types.maybe,
    "rescued": json_types.maybe,
    "scope": lambda scope: scope_of(json_types.pairs(scope)),
    "secret": secret_from_json,
}
"""How each attribute of an event is read; those that are not named here are texts."""

_EVENTS: Mapping[str, Any] = {kind.__name__: kind for kind in get_args(Durable)}


def _line(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _object(line: bytes, number: int, path: str) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise _unreadable(number, path)
    return data


def _saved(data: dict[str, Any], number: int, path: str) -> str:
    try:
        return json_types.text(data["saved"])
    except TypeError:
        raise _unreadable(number, path) from None


def _event(data: dict[str, Any], number: int, path: str) -> Durable:
    try:
        return event_from_json(data)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _unreadable(number, path) from None


def _unreadable(number: int, path: str) -> StateError:
    return StateError(
        f"line {number} of the journal {path} cannot be read; it tells what an interrupted apply did",
        "restore it from a backup; or see what that apply made at the vendors, delete the journal and `whsync adopt`",
        code=Code.JOURNAL_UNREADABLE,
    )
