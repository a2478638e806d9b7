"""What the lock notes of fields that nobody manages, and what counts as their moves."""

import hashlib
import json
from functools import partial

import pytest

from reconciler.model.capabilities import Capabilities
from reconciler.model.noted import ANOTHER, DIGEST, KEPT, LENGTHY, LONG, moved, noted, renewed
from reconciler.model.secret import Secret
from reconciler.model.webhook import Entry, Fields, Leaf
from reconciler.secrets.digests import ValueDigests
from reconciler.secrets.fingerprint import Fingerprinter

OPTION = "/options/key"
API = Capabilities("vendor", frozenset({OPTION, "/status"}))
WORDY = "x" * LONG
DIGESTS = ValueDigests(Fingerprinter(None, "seed", ()), "hook")
KEYED = ValueDigests(Fingerprinter(Secret("the user's key"), "seed", ()), "hook")


def _without(secret: str, text: str) -> str:
    return text.replace(secret, "***")


def _entry(shown: object) -> Entry:
    return Entry("p", "t", "https://v", (), "1", Fields(), None, shown=shown)  # type: ignore[arg-type]


def _plain(value: str) -> str:
    """The digest that locks of before have."""
    return "sha256:" + hashlib.sha256(json.dumps([OPTION, value]).encode()).hexdigest()[:16]


def _moves(before: Leaf | None, now: Leaf | None) -> list[tuple[object, object]]:
    """What is told of one option that was, and is by now."""
    seen = Fields({} if before is None else {OPTION: before})
    shown = noted(seen, (), API, True, str, DIGESTS)
    entry = Entry("p", "t", "https://v", (), "1", Fields(), None, shown=shown)
    there = Fields({} if now is None else {OPTION: now})
    return [(change.before, change.after) for change in moved(entry, (), there, API, DIGESTS)]


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
        (WORDY, "xx***xx"),
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


@pytest.mark.parametrize("digests", [DIGESTS, KEYED])
def test_long_values_are_compared_by_their_digests(digests: ValueDigests) -> None:
    """They are in neither the lock nor the report."""
    shown = noted(Fields({OPTION: WORDY}), (), API, True, str, digests)
    assert dict(shown)[OPTION].startswith(DIGEST)  # type: ignore[union-attr]
    assert moved(_entry(shown), (), Fields({OPTION: WORDY}), API, digests) == ()
    (change,) = moved(_entry(shown), (), Fields({OPTION: f"{WORDY}y"}), API, digests)
    assert (change.before, change.after) == (KEPT, ANOTHER)
    (gone,) = moved(_entry(shown), (), Fields(), API, digests)
    assert (gone.before, gone.after) == (KEPT, None)
    assert _moves("short", WORDY) == [("short", LENGTHY)]


@pytest.mark.parametrize("digests", [DIGESTS, KEYED])
def test_a_secret_stands_as_a_digest(digests: ValueDigests) -> None:
    """A value that holds a secret of the run is not noted in clear, and compared all the same."""
    shown = noted(Fields({OPTION: "s3cret"}), (), API, True, partial(_without, "s3cret"), digests)
    assert "s3cret" not in str(shown)
    assert moved(_entry(shown), (), Fields({OPTION: "s3cret"}), API, digests) == ()
    assert len(moved(_entry(shown), (), Fields({OPTION: "other"}), API, digests)) == 1


def test_a_guess_at_a_secret_costs_what_its_fingerprint_costs() -> None:
    """What holds a secret is stretched, or keyed where there is a key, and looks different for each webhook."""
    fields, hide = Fields({OPTION: "s3cret"}), partial(_without, "s3cret")
    words = json.dumps([OPTION, "s3cret"])
    one = str(dict(noted(fields, (), API, True, hide, DIGESTS))[OPTION])
    other = str(dict(noted(fields, (), API, True, hide, DIGESTS._replace(name="other")))[OPTION])
    assert one.startswith("digest:scrypt$14$")
    assert one != other
    assert DIGESTS.fingerprinter.matches(Secret(words), one.removeprefix(DIGEST))
    for value in ("s3cret", WORDY):
        assert str(dict(noted(Fields({OPTION: value}), (), API, True, hide, KEYED))[OPTION]).startswith("digest:hmac$")


def test_a_long_value_is_salted_without_a_slow_step() -> None:
    """There may be as many as webhooks, so each costs no scrypt; equal ones look different all the same."""
    one, other = (DIGESTS._replace(name=name).make(WORDY, False) for name in ("one", "other"))
    assert one.startswith("digest:salted$")
    assert one != other
    assert DIGESTS.fits(WORDY, one)
    assert DIGESTS.fits(f"{WORDY}y", one) is False
    assert DIGESTS.fits(WORDY, "digest:salted$") is False


def test_without_its_key_nobody_says_that_it_moved() -> None:
    """What was noted with a key cannot be compared without it, so nothing is claimed."""
    shown = noted(Fields({OPTION: WORDY}), (), API, True, str, KEYED)
    assert moved(_entry(shown), (), Fields({OPTION: "other"}), API, DIGESTS) == ()


def test_locks_of_before_are_read_and_made_stronger() -> None:
    """A plain digest is compared as ever; where its value is still there, an apply can replace it."""
    old = _entry(((OPTION, _plain("s3cret")),))
    assert moved(old, (), Fields({OPTION: "s3cret"}), API, DIGESTS) == ()
    (change,) = moved(old, (), Fields({OPTION: "other"}), API, DIGESTS)
    assert (change.before, change.after) == (KEPT, ANOTHER)
    hide = partial(_without, "s3cret")
    ((_, made),) = renewed(old, Fields({OPTION: "s3cret"}), API, hide, DIGESTS)
    assert str(made).startswith("digest:scrypt$14$")
    assert renewed(old, Fields({OPTION: "other"}), API, hide, DIGESTS) == old.shown
    assert renewed(old, Fields(), API, hide, DIGESTS) == old.shown


@pytest.mark.parametrize("value", ["digest:of our own", "sha256:0123456789abcdef"])
def test_what_looks_like_a_digest_is_none(value: str) -> None:
    """A vendor's own text that begins as a digest does is noted as one."""
    assert _moves(value, value) == []
    assert _moves(value, f"{value}0") == [(KEPT, ANOTHER)]


def test_what_the_file_manages_is_compared_elsewhere() -> None:
    """Only by `diff`, with the values of the file."""
    entry = Entry("p", "t", "https://v", (), "1", Fields(), None, shown=((OPTION, "a"),))
    assert moved(entry, (OPTION,), Fields({OPTION: "b"}), API, DIGESTS) == ()


def test_nothing_is_said_of_what_no_read_shows() -> None:
    """A field that only writes show is not gone."""
    entry = Entry("p", "t", "https://v", (), "1", Fields(), None, shown=((OPTION, "a"),))
    assert moved(entry, (), Fields(), API._replace(unreadable=frozenset({OPTION})), DIGESTS) == ()
