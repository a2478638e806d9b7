"""The journal's text: every event comes back as it was, every cut gives a beginning, damage is told."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.codes import Code
from reconciler.errors import Location, Problem, StateError
from reconciler.model.action import Action
from reconciler.model.webhook import Entry, Fields, Part, SecretRecord
from reconciler.state import journal
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
from reconciler.state.lock import Lock, fold, from_json, to_json
from reconciler.state.stores.base import digest_of
from tests.state.values import AT, applied, entries, events, intended, lock_of, names
from tests.strange import with_another_type


@given(event=events)
def test_every_event_comes_back_as_it_was(event: Durable) -> None:
    """What is journaled is what a later run reads, for every durable event and whatever texts are in it."""
    line = journal.event_line(event)
    assert line.count(b"\n") == 1
    back = journal.event_from_json(json.loads(line))
    assert (type(back), back) == (type(event), event)


def test_a_journal_keeps_no_code() -> None:
    """The journal of an older whsync is read by this one, and the other way round: codes are no part of it."""
    failed = Failed("a", Action.CREATE, Problem("vendor", "no", code=Code.VENDOR_REFUSED), True, AT)
    uncoded = failed._replace(problem=Problem("vendor", "no"))
    assert journal.event_line(failed) == journal.event_line(uncoded)
    assert journal.event_from_json(json.loads(journal.event_line(failed))) == uncoded


@given(made=st.dictionaries(names, entries, max_size=3))
def test_a_lock_comes_back_as_it_was(made: dict[str, Entry]) -> None:
    """Writing and reading a lock changes nothing, and equal locks have equal bytes and digests."""
    lock = Lock(made)
    text = to_json(lock)
    assert from_json(text, "lock") == lock
    assert to_json(from_json(text, "lock")) == text
    assert digest_of(from_json(text, "lock")) == digest_of(lock)


def test_a_lock_cut_anywhere_is_an_error() -> None:
    """No part of a lock passes for a lock; only the final newline may be missing."""
    text = to_json(lock_of("a", "b"))
    for length in range(len(text) - 1):
        with pytest.raises(StateError):
            from_json(text[:length], "webhooks.lock.json")
    assert from_json(text[:-1], "webhooks.lock.json") == lock_of("a", "b")


@given(happened=st.lists(events, max_size=4), data=st.data())
def test_a_journal_cut_anywhere_is_a_beginning(happened: list[Durable], data: st.DataObject) -> None:
    """Whatever a crash left of the journal, the events before the cut are read, in order, and no other."""
    whole = journal.text(happened)
    cut = data.draw(st.integers(0, len(whole)))
    read = journal.parse(whole[:cut], "j")
    finished = whole[:cut].count(b"\n") - 1
    assert read == (None if finished < 0 else journal.Journal(tuple(happened[:finished])))


@given(before=st.lists(events, max_size=4), after=st.lists(events, max_size=4))
def test_what_the_lock_holds_is_not_added_again(before: list[Durable], after: list[Durable]) -> None:
    """A run that is killed between writing the lock and clearing the journal loses nothing and repeats nothing."""
    start = lock_of("a", "b")
    saved = fold(start, before).bare
    data = journal.text(before) + journal.saved_line(digest_of(saved)) + b"".join(map(journal.event_line, after))
    read = journal.parse(data, "j")
    assert read is not None
    assert read.onto(saved, digest_of(saved)) == fold(start, [*before, *after])
    if digest_of(start) != digest_of(saved):
        assert read.onto(start, digest_of(start)) == fold(start, [*before, *after])


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"not json", "line 2"),
        (b"[]", "line 2"),
        (b'{"event": "Unheard"}', "line 2"),
        (b'{"event": "Renamed", "name": "a"}', "line 2"),
        (b'{"event": "Applied", "name": "a", "action": "create", "entry": {}, "at": "", "notes": []}', "line 2"),
        (b'{"event": "Removed", "name": "a", "action": "explode", "at": ""}', "line 2"),
    ],
)
def test_a_damaged_line_is_told_with_the_way_out(line: bytes, says: str) -> None:
    """A finished line that cannot be read stops the run: what an interrupted apply did is never silently dropped."""
    whole = journal.header() + line + b"\n" + journal.event_line(applied("a"))
    with pytest.raises(StateError, match=says) as caught:
        journal.parse(whole, "webhooks.lock.json.journal")
    assert "webhooks.lock.json.journal" in caught.value.summary
    assert "adopt" in caught.value.hint


def test_a_newer_or_foreign_journal_is_refused() -> None:
    """A journal of another format is not guessed at."""
    for first in (b'{"format": "whsync.journal/2"}\n', b"{}\n"):
        with pytest.raises(StateError, match="format"):
            journal.parse(first, "j")


def test_open_intents_change_the_digest() -> None:
    """A saved plan is stale when an apply was interrupted since, although the lock's file is the same."""
    lock = lock_of("a")
    assert digest_of(lock._replace(intents={"b": intended("b")})) != digest_of(lock)


WHOLE = Entry(
    *("p", "t", "https://v"),
    (("owner", "o"),),
    "1",
    Fields([("/url", "https://x/y"), ("/events", frozenset("ab")), ("/options/n", 5), ("/options/l", ("x", 1))]),
    SecretRecord("scrypt$14$x$y", "a***", "file:x", AT),
    parts=(Part("a", "1", "https://x/y"),),
    orphan_parts=(Part("b"),),
    retired=True,
    at=AT,
)
LOCK = json.loads(to_json(Lock({"a": WHOLE})))
EVENTS: list[Durable] = [
    Intended("a", Action.CREATE, "p", "t", "https://v", (("owner", "o"),), None, "https://x/y", AT),
    Recorded("a", WHOLE),
    SecretStored("a", SecretRecord("scrypt$14$x$y", "a***", "file:x", AT), "rescue"),
    Applied("a", Action.UPDATE, WHOLE, AT, ("a note",)),
    Removed("a", Action.DELETE, AT),
    Renamed("b", "a"),
    Failed("a", Action.CREATE, Problem("vendor", "no", "", "p", "a", Location("w.yaml", 1, 2)), True, AT, True),
    Withdrawn("a", Action.CREATE, "why"),
]
_LEFT_OUT = ("parts", "orphan_parts", "retired", "at")


@settings(max_examples=200)
@given(document=with_another_type(LOCK))
def test_a_lock_of_other_types_is_read_as_it_stands_or_not_at_all(document: Any) -> None:
    """One value of another type, and the lock is an error that says so, or is what it says: never half understood."""
    try:
        read = from_json(json.dumps(document), "webhooks.lock.json")
    except StateError:
        return
    for entry in document["webhooks"].values():
        for key in _LEFT_OUT:
            if not entry[key]:
                del entry[key]
    assert json.dumps(json.loads(to_json(read)), sort_keys=True) == json.dumps(document, sort_keys=True)


@settings(max_examples=200)
@given(document=st.sampled_from(EVENTS).flatmap(lambda event: with_another_type(json.loads(journal.event_line(event)))))
def test_a_journal_of_other_types_is_read_as_it_stands_or_not_at_all(document: Any) -> None:
    """The same of a journal, whose every line says what an interrupted apply did."""
    try:
        read = journal.parse(journal.header() + json.dumps(document).encode() + b"\n", "j")
    except StateError:
        return
    assert read is not None
    (event,) = read.events
    entry = document.get("entry", {})
    for key in [key for key in _LEFT_OUT if key in entry and not entry[key]]:
        del entry[key]
    assert json.loads(journal.event_line(event)) == document
    fold(Lock({"a": WHOLE}), [event])


def test_bottomless_files_are_no_locks_and_no_journals() -> None:
    """A file of brackets only is told like any other that is not whole."""
    deep = "[" * 200_000
    with pytest.raises(StateError, match="not whole JSON"):
        from_json(deep, "webhooks.lock.json")
    with pytest.raises(StateError, match="line 2"):
        journal.parse(journal.header() + deep.encode() + b"\n", "j")
