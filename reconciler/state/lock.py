"""The lock as a value: what was applied, which intents are open; a fold over events; canonical JSON and back. [pure]

Kept by `state.stores`; used by `matching` and `planning`, which compare with it. Open intents live in the journal, not
in the file.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from reconciler.codes import Code
from reconciler.errors import StateError
from reconciler.model.action import Action
from reconciler.model.further import records_of, with_record
from reconciler.model.secret import RESCUE
from reconciler.model.webhook import Desired, Entry, SecretRecord
from reconciler.state.entry import entry_from_json, entry_to_json
from reconciler.state.event import (
    Applied,
    Durable,
    Failed,
    Intended,
    Recorded,
    Removed,
    Renamed,
    SecretStored,
    Withdrawn,
)
from reconciler.state.values import secret_from_json, secret_to_json

FORMAT = "whsync.lock/1"
_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?: |\r?$)", re.MULTILINE)


class Lock(NamedTuple):
    """Entries by webhook name, and the intents whose outcome nobody knows yet.

    `sinks`: secrets that were put there for webhooks that the lock has not, or not any more, or that go elsewhere now,
    and the last that is known of those whose webhooks have them in doubt.
    """

    entries: Mapping[str, Entry] = {}
    intents: Mapping[str, Intended] = {}
    sinks: Mapping[str, SecretRecord] = {}

    @property
    def bare(self) -> "Lock":
        """What the lock file holds: all but the intents, which are the journal's."""
        return self._replace(intents={})

    @property
    def providers_of(self) -> tuple[tuple[str, str], ...]:
        """Every name that it knows, with its provider entry: what targets choose from."""
        applied = ((name, entry.provider) for name, entry in self.entries.items())
        return (*applied, *((name, intent.provider) for name, intent in self.intents.items()))

    def providers_with(self, desired: Iterable[Desired]) -> tuple[tuple[str, str], ...]:
        """The same with the webhooks of the files before them."""
        return (*((webhook.name, webhook.provider) for webhook in desired), *self.providers_of)


def fold(lock: Lock, events: Iterable[Durable]) -> Lock:
    """The lock after these events."""
    ledger = Ledger(lock)
    for event in events:
        ledger.take(event)
    return ledger.lock


class Ledger:
    """A fold that is under way: takes one event after another and copies nothing but for who asks for the lock."""

    def __init__(self, lock: Lock) -> None:
        self._entries, self._intents, self._sinks = dict(lock.entries), dict(lock.intents), dict(lock.sinks)
        self._lock: Lock | None = lock

    def take(self, event: Durable) -> None:
        """Let one event happen."""
        self._lock = None
        before = self._entries.get(event.name)
        _take(self._entries, self._intents, event)
        if isinstance(event, SecretStored) and not event.secret.sent:
            self._sinks |= {event.secret.stored: event.secret._replace(sent=True)} if event.secret.stored else {}
        elif not isinstance(event, Renamed):
            stored = event.secret if isinstance(event, SecretStored) and before is None else None
            _remember(self._sinks, records_of(before) if before else {"": stored}, self._entries.get(event.name))

    @property
    def lock(self) -> Lock:
        """The lock as it is now; what happens later does not change it."""
        if self._lock is None:
            self._lock = Lock(dict(self._entries), dict(self._intents), dict(self._sinks))
        return self._lock


def _take(entries: dict[str, Entry], intents: dict[str, Intended], event: Durable) -> None:
    match event:
        case Intended():
            intents[event.name] = event
        case Recorded():
            entries[event.name] = event.entry
            intent = intents.get(event.name)
            if intent is not None and intent.action is Action.CREATE:  # answered, though not yet done
                intents[event.name] = intent._replace(remote_id=event.entry.remote_id)
        case SecretStored():
            if event.name in entries and event.secret.sent:
                entries[event.name] = with_record(entries[event.name], event.which, event.secret)
        case Applied():
            entries[event.name] = event.entry
            intents.pop(event.name, None)
        case Removed():
            entries.pop(event.name, None)
            intents.pop(event.name, None)
        case Renamed():
            if event.was in entries:
                entries[event.name] = entries.pop(event.was)
            if event.was in intents:
                intents[event.name] = intents.pop(event.was)._replace(name=event.name)
        case Withdrawn() | Failed(indeterminate=False):
            intents.pop(event.name, None)


def _remember(sinks: dict[str, SecretRecord], before: Mapping[str, SecretRecord | None], entry: Entry | None) -> None:
    """Keep in mind what was put into sinks (`before`) once its entry does not tell: gone, elsewhere, in doubt.

    A doubt names the place only, and where it ends the entry may know nothing of it: what is there is ours.
    """
    known = {record.stored for record in records_of(entry).values() if record.fingerprint} if entry is not None else ()
    for record in before.values():
        place = record.stored if record is not None and (record.fingerprint is not None or entry is None) else None
        if record is not None and place and place not in known and not place.startswith(RESCUE):
            sinks[place] = record
    for place in known:
        if place is not None:
            sinks.pop(place, None)


def to_json(lock: Lock) -> str:
    """The lock file's text: sorted, indented, ending in a newline; equal locks give equal bytes."""
    document = {"format": FORMAT, "webhooks": {name: entry_to_json(entry) for name, entry in lock.entries.items()}}
    if lock.sinks:
        document["sinks"] = {sink: secret_to_json(record) for sink, record in lock.sinks.items()}
    text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    try:
        text.encode()
    except UnicodeEncodeError:  # half a character, as from a variable that is no UTF-8
        text = json.dumps(document, indent=2, sort_keys=True) + "\n"
    return text


def from_json(text: str, path: str) -> Lock:
    """The lock in `text`; `path` is for messages.

    Raises:
        StateError: the text is empty, truncated, foreign, of a newer format, or has an entry of another shape, holds
            conflict markers of a merge, or a key twice.
    """
    restore = "restore it from version control or a backup; only a missing lock means that nothing was applied"
    document = _parsed(text, path, restore)
    found = document.get("format") if isinstance(document, dict) else None
    if not isinstance(found, str) or not found.startswith("whsync.lock/"):
        raise StateError(
            f"{path} is not a lock of whsync", "name the right file with --lock", code=Code.LOCK_UNREADABLE
        )
    if found != FORMAT:
        raise StateError(
            f"the lock {path} has the format {found}; this whsync reads {FORMAT}",
            "use a newer whsync",
            code=Code.NEWER_FORMAT,
        )
    webhooks = document.get("webhooks")
    if not isinstance(webhooks, dict):
        raise StateError(f'the lock {path} has no "webhooks"', restore, code=Code.LOCK_UNREADABLE)
    entries = {name: _entry(name, entry, path, restore) for name, entry in webhooks.items()}
    try:
        return Lock(entries, sinks={sink: secret_from_json(of) for sink, of in document.get("sinks", {}).items()})
    except (TypeError, AttributeError):
        summary = f'the lock {path} holds something under "sinks" that cannot be read'
        raise StateError(summary, restore, code=Code.LOCK_UNREADABLE) from None


def _parsed(text: str, path: str, restore: str) -> Any:
    if not text.strip():
        raise StateError(f"the lock {path} is empty", restore, code=Code.LOCK_UNREADABLE)
    try:
        return json.loads(text, object_pairs_hook=_once)
    except _Twice as twice:
        hint = "a merge may have left both: keep the right one, and look at `whsync plan` before you apply"
        raise StateError(f"the lock {path} has the key {twice.args[0]!r} twice", hint, code=Code.LOCK_MERGED) from None
    except (ValueError, RecursionError):
        if conflict := _CONFLICT.search(text):
            line = text.count("\n", 0, conflict.start()) + 1
            hint = "finish the merge: keep each webhook's block once, and whole"
            raise StateError(
                f"the lock {path} holds the conflict markers of a merge, from line {line}", hint, code=Code.LOCK_MERGED
            ) from None
        raise StateError(
            f"the lock {path} is not whole JSON: it looks truncated or edited by hand",
            restore,
            code=Code.LOCK_UNREADABLE,
        ) from None


class _Twice(Exception):
    """An object has a key twice."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys differ; by JSON's own rule the last one would win, and the others be lost in silence."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Twice(Counter(key for key, _ in pairs).most_common(1)[0][0])
    return found


def _entry(name: str, data: object, path: str, restore: str) -> Entry:
    try:
        return entry_from_json(data)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise StateError(
            f"the lock {path} holds an entry {name!r} that cannot be read", restore, code=Code.LOCK_UNREADABLE
        ) from None
