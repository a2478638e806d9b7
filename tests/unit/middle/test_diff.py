"""What counts as a difference, and who moved."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.action import Cause
from reconciler.model.diff import diff, digest, drift, in_force, missing, record, unmasked, unrecorded, visible
from reconciler.model.equality import same
from reconciler.model.events import EventCatalogue
from reconciler.model.webhook import Fields, Leaf, Part
from tests.unit.middle.build import capabilities, fields, remote

A, B, C = (Fields({"/status": word}) for word in "abc")
NOTHING = Fields()
TOKEN = "https://h.example.com/p?token=s3cret-value"


@pytest.mark.parametrize(
    ("desired", "observed", "applied", "cause"),
    [
        (A, B, B, Cause.CONFIG),
        (A, B, A, Cause.DRIFT),
        (A, B, C, Cause.CONFLICT),
        (A, B, None, Cause.NEW),
        (A, B, NOTHING, Cause.NEW),
        (A, NOTHING, A, Cause.DRIFT),
        (A, NOTHING, B, Cause.CONFLICT),
        (A, None, B, Cause.CONFIG),
        (A, None, NOTHING, Cause.NEW),
        (A, None, None, Cause.NEW),
        (A, A, B, None),
        (A, A, None, None),
        (A, None, A, None),
        (NOTHING, A, B, None),
    ],
)
def test_every_difference_says_who_moved(
    desired: Fields, observed: Fields | None, applied: Fields | None, cause: Cause | None
) -> None:
    """The cause follows from who left what was applied: the file, the vendor, both, or nobody yet."""
    assert [change.cause for change in diff(desired, observed, applied, capabilities())] == ([cause] if cause else [])


def test_unreadable_fields_are_compared_with_the_lock() -> None:
    """A field that no read shows differs only where the file has moved away from what was applied."""
    api = capabilities(unreadable=frozenset({"/status"}))
    assert diff(A, NOTHING, A, api) == ()
    assert [(c.before, c.after, c.cause) for c in diff(A, NOTHING, B, api)] == [("b", "a", Cause.CONFIG)]
    assert drift(NOTHING, A, api) == ()


def test_a_field_that_is_shown_after_all_is_compared_with_what_is_shown() -> None:
    """A pointer called unreadable that a read did show counts as read."""
    assert diff(A, B, A, capabilities(unreadable=frozenset({"/status"})))[0].cause is Cause.DRIFT


def test_hidden_parts_of_urls_are_compared_and_never_shown() -> None:
    """A changed query value is a difference, tells who moved, and shows nothing of the value."""
    other = TOKEN.replace("s3cret", "0ther")
    want, have, applied = Fields({"/url": TOKEN}), Fields({"/url": other}), record(Fields({"/url": TOKEN}))
    (change,) = diff(want, have, applied, capabilities())
    assert change.cause is Cause.DRIFT
    assert change.before != change.after
    assert (
        "value" not in f"{change}{applied}{missing(want, None, capabilities())}{drift(have, applied, capabilities())}"
    )
    assert diff(want, want, applied, capabilities()) == ()
    assert drift(want, applied, capabilities()) == ()
    assert unrecorded(want, applied, capabilities()) == ()
    assert diff(want, None, applied, capabilities()) == ()


@pytest.mark.parametrize("pointer", ["/url", "/options/other", "/description"])
@pytest.mark.parametrize("url", [TOKEN, TOKEN.replace("https", "HTTPS"), TOKEN.replace("https", " Amqp")])
def test_hidden_in_any_case(pointer: str, url: str) -> None:
    """A URL's query is hidden wherever one stands, whatever its scheme and however that is written."""
    kept = record(Fields([(pointer, url), ("/options/several", (url, 1))]))
    seen = diff(Fields({pointer: url}), Fields(), None, capabilities()) + missing(
        Fields({pointer: url}), None, capabilities()
    )
    assert "s3cret" not in str(kept) + str(seen)


@given(st.permutations(["push", "pull", "tag", "push"]))
def test_events_are_a_set(order: list[str]) -> None:
    """Order and repeats of events are no difference."""
    assert diff(fields(events=" ".join(order)), fields(events="pull push tag"), None, capabilities()) == ()


@pytest.mark.parametrize(("one", "other"), [("*", "a b c"), ("a b c", "*"), ("* a", "*")])
def test_all_events_and_the_full_list_are_the_same(one: str, other: str) -> None:
    """The wildcard and the full list mean the same, in the file, at the vendor and in the lock."""
    api = capabilities(events=EventCatalogue(frozenset("abc"), True, "*"))
    assert diff(fields(events=one), fields(events=other), None, api) == ()
    assert drift(fields(events=one), fields(events=other), api) == ()
    assert unrecorded(fields(events=one), fields(events=other), api) == ()


@pytest.mark.parametrize("names", ["abc*", "*", ""])
@pytest.mark.parametrize("closed", [True, False])
def test_only_a_closed_list_is_known_to_be_full(names: str, closed: bool) -> None:
    """Where the vendor may have further events, or none are known, no list is all of them."""
    api = capabilities(events=EventCatalogue(frozenset(names), closed, "*"))
    assert bool(diff(fields(events="a b c"), fields(events="*"), None, api)) is not (closed and names == "abc*")
    assert diff(fields(events="a"), fields(events="b"), None, api)
    assert diff(Fields({"/events": frozenset()}), fields(events="*"), None, api)


@pytest.mark.parametrize(
    ("pointer", "want", "have", "differs"),
    [
        ("/options/n", 5, 5.0, False),
        ("/options/n", 5, "5", True),
        ("/options/n", (1, 2), (1.0, 2), False),
        ("/options/n", (1, 2), ("1", "2"), True),
        ("/options/n", "https://h.example", "https://h.example/", True),
        ("/url", "https://h.example", "HTTPS://H.example:443/", False),
        ("/url", "https://h.example/x", "https://h.example/x/", True),
    ],
)
def test_one_rule_for_plans_drift_and_answers(pointer: str, want: Leaf, have: Leaf, differs: bool) -> None:
    """Numbers are numbers, items keep their types, and only what stands in `url` is compared as a URL."""
    assert bool(diff(Fields({pointer: want}), Fields({pointer: have}), None, capabilities())) is differs
    assert bool(drift(Fields({pointer: have}), record(Fields({pointer: want})), capabilities())) is differs
    assert same(pointer, want, have, capabilities()) is not differs


@pytest.mark.parametrize(
    ("want", "have", "differs"), [("", None, False), ("", "", False), ("x", None, True), ("", "x", True)]
)
def test_an_empty_description_is_none(want: str, have: str | None, differs: bool) -> None:
    """A description that is wanted empty is satisfied by a vendor that shows none, and by nothing else."""
    held = Fields() if have is None else Fields({"/description": have})
    assert bool(diff(Fields({"/description": want}), held, None, capabilities())) is differs


def test_only_a_description_may_be_absent() -> None:
    """For any other field empty and absent differ."""
    assert diff(Fields({"/options/secret_header": ""}), Fields(), None, capabilities())


def test_synonyms_of_the_vendor_are_no_difference() -> None:
    """Spellings that the manifest declares equal are equal, and only those."""
    api = capabilities(synonyms=(("/options/ssl", "0", False),))
    assert diff(Fields({"/options/ssl": "0"}), Fields({"/options/ssl": False}), None, api) == ()
    assert diff(Fields({"/options/ssl": "1"}), Fields({"/options/ssl": False}), None, api)


@given(st.dictionaries(st.sampled_from(["/x", "/y", "/options/z"]), st.text()))
def test_fields_that_nobody_manages_are_no_difference(extra: dict[str, Any]) -> None:
    """Whatever a vendor adds beside the desired fields changes nothing."""
    assert diff(fields(), Fields(extra).over(fields()), record(fields()), capabilities()) == ()


def test_changes_are_sorted_by_path() -> None:
    """Equal input in another order gives equal output."""
    want = {"/status": "a", "/url": "https://x.example.com", "/description": "d"}
    there = diff(Fields(want), Fields(), None, capabilities())
    assert there == diff(Fields(dict(reversed(want.items()))), Fields(), None, capabilities())
    assert [change.path for change in there] == sorted(want)


def test_drift_shows_what_was_applied_and_what_is_there() -> None:
    """Drift reads in the order of time, and knows no file."""
    assert [(c.before, c.after, c.cause) for c in drift(B, A, capabilities())] == [("a", "b", Cause.DRIFT)]


def test_what_is_missing_lists_every_field() -> None:
    """A webhook to be made shows all its fields; those that were applied once are called drift."""
    causes = {
        c.path: (c.before, c.cause)
        for c in missing(fields(status="active"), Fields({"/status": "active"}), capabilities())
    }
    assert causes == {"/url": (None, Cause.NEW), "/events": (None, Cause.NEW), "/status": (None, Cause.DRIFT)}


def test_left_over_parts_are_not_in_force() -> None:
    """An event whose part the vendor cannot remove is no difference, until it is wanted again."""
    parts = (Part("old"),)
    assert in_force(fields(events="one old"), parts, frozenset({"one"})).events == {"one"}
    assert in_force(fields(events="one old"), parts, frozenset({"one", "old"})).events == {"one", "old"}


def test_the_digest_changes_with_what_a_plan_saw() -> None:
    """Fields, mask, secret flag and parts count; the parts' order and times do not."""
    one = remote(held=fields(status="active"), parts=(Part("a", "1"), Part("b", "2")))
    assert digest(one) == digest(one._replace(parts=one.parts[::-1], created_at="later"))
    others = [
        one._replace(fields=fields(status="inactive")),
        one._replace(mask="***"),
        one._replace(has_secret=True),
        one._replace(parts=()),
    ]
    assert len({digest(one), *map(digest, others)}) == 5


LISTS, TRIMMED = capabilities(unordered=frozenset({"/options/x"})), capabilities(trimmed=frozenset({"/options/x"}))
ITEMS = st.lists(st.sampled_from(["a", "b", "1", 1, 2.5, True, False]), max_size=6)


@given(ITEMS, st.randoms())
def test_a_set_has_neither_order_nor_repeats(items: list[Any], dice: Any) -> None:
    """Where the vendor keeps a set, only what is in it counts; elsewhere a list is one."""
    twice = items + items[:2]
    dice.shuffle(twice)
    assert same("/options/x", tuple(items), tuple(twice), LISTS)
    assert same("/options/x", tuple(items), tuple(twice), capabilities()) is (tuple(items) == tuple(twice))


@pytest.mark.parametrize(
    ("one", "other"), [(("a",), ("a", "b")), (("1",), (1,)), ((1,), (2,)), ((), ("a",)), (("a", "b"), ("a", "c"))]
)
def test_other_sets_differ(one: tuple[object, ...], other: tuple[object, ...]) -> None:
    """A text is no number, and what is in one alone is a difference."""
    assert not same("/options/x", one, other, LISTS)


@pytest.mark.parametrize(
    ("pointer", "one", "other", "api", "alike"),
    [
        ("/description", "two\nlines\n", "two\nlines", capabilities(), True),
        ("/description", "\n", None, capabilities(), True),
        ("/description", None, "", capabilities(), True),
        ("/description", " padded", "padded", capabilities(), False),
        ("/description", " padded \n", "padded", capabilities(trimmed=frozenset({"/description"})), True),
        ("/description", "two\nlines", "two lines", capabilities(), False),
        ("/options/x", " a ", "a", TRIMMED, True),
        ("/options/x", " a ", "a", capabilities(), False),
        ("/options/x", "a b", "ab", TRIMMED, False),
        ("/options/x", "", None, TRIMMED, False),
    ],
)
def test_white_space_that_the_vendor_takes_off(
    pointer: str, one: str | None, other: str | None, api: Any, alike: bool
) -> None:
    """A block of YAML ends with a line break, which is no difference; other white space is, unless the vendor trims."""
    assert same(pointer, one, other, api) is same(pointer, other, one, api) is alike


HIDDEN = "https://chat.example.com/services/T01/********"


@pytest.mark.parametrize(("pointer", "mask"), [("/url", HIDDEN), ("/options/x", "*****"), ("/options/x", ("a", "•••"))])
def test_what_is_shown_behind_a_mask_is_compared_with_the_lock(pointer: str, mask: Leaf) -> None:
    """Asterisks in the place of a value are no other value: nobody moved it, and nobody can tell."""
    known: Leaf = ("a", "b") if isinstance(mask, tuple) else "https://chat.example.com/services/T01/secret"
    wanted, there, api = Fields({pointer: known}), Fields({pointer: mask}), capabilities()
    assert diff(wanted, there, record(wanted), api) == ()
    assert drift(there, record(wanted), api) == ()
    assert visible(wanted, there, api) == unmasked(there, wanted) == Fields()
    before = Fields({pointer: ("c",) if isinstance(mask, tuple) else "https://chat.example.com/old"})
    (change,) = diff(wanted, there, record(before), api)
    assert (change.before, change.cause) == (before[pointer], Cause.CONFIG)
    assert diff(Fields({pointer: mask}), there, None, api) == ()


@pytest.mark.parametrize("leaf", ["0", "x", "hidden", "removed", "**", "..."])
def test_short_words_are_no_masks(leaf: str) -> None:
    """A switch that somebody moved is drift, whatever its words look like."""
    there = Fields({"/options/x": leaf})
    assert len(drift(there, Fields({"/options/x": "1"}), capabilities())) == 1


@pytest.mark.parametrize("pointer", ["/description", "/status"])
def test_asterisks_in_prose_are_words(pointer: str) -> None:
    """A description may say `*** old ***`, and somebody who writes that has changed it."""
    assert len(drift(Fields({pointer: "*** old ***"}), Fields({pointer: "new"}), capabilities())) == 1
