"""What the lock notes of fields that nobody manages, and what counts as their moves."""

import pytest

from reconciler.model.noted import DIGEST, LONG, moved, noted
from reconciler.model.webhook import Capabilities, Entry, Fields, Leaf

OPTION = "/options/key"
API = Capabilities("vendor", frozenset({OPTION, "/status"}))
LENGTHY = "x" * LONG


def _moves(before: Leaf | None, now: Leaf | None) -> list[tuple[object, object]]:
    """What is told of one option that was, and is by now."""
    seen = Fields({} if before is None else {OPTION: before})
    shown = noted(seen, (), API, True, str)
    entry = Entry("p", "t", "https://v", (), "1", Fields(), None, shown=shown)
    there = Fields({} if now is None else {OPTION: now})
    return [(change.before, change.after) for change in moved(entry, (), there, API)]


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        ("a", "a", []),
        ("a", "b", [("a", "b")]),
        ("a", None, [("a", None)]),
        (None, "b", [(None, "b")]),
        (True, False, [(True, False)]),
        (("a", "b"), ("a",), [(("a", "b"), ("a",))]),
    ],
)
def test_moves(before: Leaf | None, now: Leaf | None, told: list[tuple[object, object]]) -> None:
    """A value that came, went or changed."""
    assert _moves(before, now) == told


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("the-token", "***"),
        ("the-token", "the-***"),
        ("the-***", "the-token"),
        (LENGTHY, "xx***xx"),
        (("id=1", "token"), ("id=1", "***")),
    ],
)
def test_a_mask_is_no_move(before: Leaf, now: Leaf) -> None:
    """Many vendors answer a write in clear and a read with a mask; what it covers may well be what was there."""
    assert _moves(before, now) == []


def test_a_mask_of_something_else_is_a_move() -> None:
    """What stands around the asterisks tells."""
    assert _moves("the-token", "another-***") == [("the-token", "another-***")]
    assert _moves("the-***", "another-***") == [("the-***", "another-***")]


def test_long_values_are_compared_by_their_digests() -> None:
    """They are in neither the lock nor the report."""
    assert _moves(LENGTHY, LENGTHY) == []
    ((before, after),) = _moves(LENGTHY, f"{LENGTHY}y")
    assert str(before).startswith(DIGEST)
    assert str(after).startswith(DIGEST)


def test_a_secret_stands_as_a_digest() -> None:
    """A value that holds a secret of the run is not noted in clear, and compared all the same."""
    shown = noted(Fields({OPTION: "s3cret"}), (), API, True, lambda text: text.replace("s3cret", "***"))
    assert "s3cret" not in str(shown)
    entry = Entry("p", "t", "https://v", (), "1", Fields(), None, shown=shown)
    assert moved(entry, (), Fields({OPTION: "s3cret"}), API) == ()
    assert len(moved(entry, (), Fields({OPTION: "other"}), API)) == 1


def test_what_the_file_manages_is_compared_elsewhere() -> None:
    """Only by `diff`, with the values of the file."""
    entry = Entry("p", "t", "https://v", (), "1", Fields(), None, shown=((OPTION, "a"),))
    assert moved(entry, (OPTION,), Fields({OPTION: "b"}), API) == ()


def test_nothing_is_said_of_what_no_read_shows() -> None:
    """A field that only writes show is not gone."""
    entry = Entry("p", "t", "https://v", (), "1", Fields(), None, shown=((OPTION, "a"),))
    assert moved(entry, (), Fields(), API._replace(unreadable=frozenset({OPTION}))) == ()
