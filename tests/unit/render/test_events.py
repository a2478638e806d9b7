"""Events of an apply, as people and as programs see them."""

import json

import pytest

from reconciler.errors import Problem
from reconciler.model.action import Action
from reconciler.model.webhook import Entry, Fields, SecretRecord
from reconciler.render.base import Style
from reconciler.render.json import event_json
from reconciler.render.text.events import event_text
from reconciler.state.event import (
    Applied,
    Event,
    Failed,
    Finished,
    Intended,
    Recorded,
    Removed,
    Renamed,
    SecretStored,
    Skipped,
    Started,
    Withdrawn,
)
from tests.unit.render.plans import HOSTILE

AT = "2026-11-21T12:00:00Z"
ENTRY = Entry(
    "pay",
    "pay",
    "https://p.test",
    (("shop", "s"),),
    "wh_1",
    Fields({"/url": "https://a.test"}),
    SecretRecord("scrypt$x"),
)
EVENTS: list[Event] = [
    Started(2, 3, AT),
    Intended("a", Action.CREATE, "pay", "pay", "https://p.test", (("shop", "s"),), None, "https://a.test", AT),
    Recorded("a", ENTRY),
    SecretStored("a", SecretRecord("scrypt$x", None, "file:./a", AT)),
    SecretStored("b", SecretRecord("scrypt$x", None, None, AT), "rescue/b"),
    Applied("a", Action.CREATE, ENTRY, AT, ("kept what it had",)),
    Removed("b", Action.DELETE, AT),
    Renamed("new", "old"),
    Failed("c", Action.UPDATE, Problem("network", "no answer", "try again", "pay"), True, AT),
    Failed("d", Action.UPDATE, Problem("forbidden", "not allowed"), False, AT),
    Skipped("e", Action.CREATE, "interrupted"),
    Withdrawn("f", Action.UPDATE, "interrupted"),
    Finished(2, 2, 2, True, AT),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_each_event_is_one_line_of_json(event: Event) -> None:
    """`apply --format json` gives one object a line, which says what happened and to which webhook, and when."""
    (line,) = event_json(event, AT).splitlines()
    told = json.loads(line)
    assert told["event"]
    assert told["at"] == AT
    assert told.get("name") == getattr(event, "name", None)


def test_events_carry_no_fingerprint() -> None:
    """The stream is meant for logs: not even a secret's fingerprint is in it."""
    assert "scrypt" not in "".join(event_json(event) for event in EVENTS)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, ["2 changes", "3 writes"]),
        (3, ["a", "secret stored in file:./a"]),
        (4, ["b", "secret rescued to rescue/b"]),
        (5, ["pay", "a", "created", "wh_1", "kept what it had"]),
        (6, ["b", "deleted"]),
        (7, ["new", "renamed from old"]),
        (8, ["pay", "c", "update failed", "network: no answer", "may or may not", "try again"]),
        (10, ["e", "create skipped", "interrupted"]),
        (11, ["f", "update skipped", "interrupted"]),
        (12, ["interrupted", "2 applied", "2 failed", "2 skipped"]),
    ],
)
def test_people_are_told_what_happened(number: int, words: list[str]) -> None:
    """Every outcome is said in words, with the way out where there is one."""
    text = event_text(EVENTS[number], Style()) or ""
    assert [word for word in words if word not in text] == []


def test_a_certain_failure_raises_no_doubt() -> None:
    """Only a failure that nobody can judge says that it may have happened."""
    assert "may or may not" not in (event_text(EVENTS[9], Style()) or "")


def test_bookkeeping_is_not_told() -> None:
    """Intents and checkpoints are for the journal and for programs."""
    assert event_text(EVENTS[1], Style()) is None
    assert event_text(EVENTS[2], Style()) is None


def test_a_vendors_words_stay_on_their_line() -> None:
    """An error text of a vendor cannot forge a line of its own or steer the terminal."""
    failed = Failed(HOSTILE, Action.UPDATE, Problem("vendor", HOSTILE, HOSTILE, HOSTILE), False, AT)
    text = event_text(failed, Style()) or ""
    assert all(char.isprintable() or char == "\n" for char in text)
    assert len(text.splitlines()) == 2
