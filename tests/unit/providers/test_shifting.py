"""Lists of several pages, which may shift while they are read: nobody who is missing from one is taken for absent."""

from collections.abc import Collection
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.providers.protocol import Call, Provider, Reply
from reconciler.providers.rehearse import Outcome, drive
from tests.unit.providers.rig import answer, script, small

GONE = answer({}, 404)


SAID = {"kind": "page", "size": 2, "more": "length(@) == `2`"}
FOUND = {"kind": "page", "size": 2}  # the last page is found by asking for one more


def paged(pages: dict[str, Any] = SAID, **more: Any) -> Provider:
    """A list in numbered pages of two; with `one`, webhooks can be read by their ids, too."""
    return small(read=[{"how": "list", "path": "/hooks", "pages": pages, **more}])


def page(*ids: str) -> Reply:
    """One page."""
    return answer([hook(each) for each in ids])


def hook(row_id: str) -> dict[str, Any]:
    """One webhook as the vendor shows it."""
    return {"id": row_id, "url": f"https://{row_id}.example/x", "events": []}


def read(known: Collection[str], *replies: Reply, **more: Any) -> Outcome:
    """Read it, with these answers."""
    return drive(paged(**more).observe((), frozenset(known)), script(*replies))


def ids(outcome: Outcome) -> list[str]:
    """What was seen."""
    return [remote.remote_id for remote in outcome.result.remotes]


def test_one_page_proves_who_is_absent() -> None:
    """What comes at once cannot shift: it is complete without another call."""
    seen = read({"a", "z"}, page("a"), one="/hooks/{id}").result
    assert (seen.complete, seen.shifting) == (True, False)


def test_several_pages_that_show_all_of_ours_cost_nothing_more() -> None:
    """Nobody of ours is missing, so nothing more is asked; and nobody else is proven absent."""
    outcome = read({"a", "c"}, page("a", "b"), page("c"), one="/hooks/{id}")
    assert (len(outcome.calls), outcome.result.complete, outcome.result.shifting) == (2, False, True)


def test_who_is_missing_is_read_by_id() -> None:
    """One slipped to a page that was read already, one is gone: each takes one call, and only those two."""
    replies = page("a", "b"), page("d"), answer(hook("c")), GONE
    outcome = read({"a", "c", "z"}, *replies, one="/hooks/{id}")
    assert [call.path for call in outcome.calls[2:]] == ["/hooks/c", "/hooks/z"]
    assert ids(outcome) == ["a", "b", "d", "c"]
    assert outcome.result.absent == {"z"}
    assert not outcome.result.complete


def test_who_cannot_be_read_by_id_is_unknown_alone() -> None:
    """The list stands, whatever becomes of the call for the one that is missing from it."""
    seen = read({"z"}, page("a", "b"), page("c"), answer({}, 500), one="/hooks/{id}").result
    assert (len(seen.remotes), seen.unknown, seen.absent) == (3, {"z"}, frozenset())


@pytest.mark.parametrize("one", [None, "/hooks/{id}"])
def test_without_such_a_call_the_list_is_read_again(one: str | None) -> None:
    """So it is where more are missing than the list has pages: two looks together prove who is absent."""
    known = {"c", "x", "y", "z"} if one else {"c", "z"}
    outcome = read(known, page("a", "b"), page("d"), page("b", "c"), page("d"), one=one)
    assert [call.path for call in outcome.calls] == ["/hooks"] * 4
    assert ids(outcome) == ["a", "b", "d", "c"]
    assert outcome.result.complete


def test_one_that_slipped_to_the_next_page_counts_once() -> None:
    """Somebody added a webhook between two pages: one of the first stands on the second as well."""
    outcome = read({"b"}, page("a", "b"), page("b", "c"), page())
    assert ids(outcome) == ["a", "b", "c"]


@given(
    rows=st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8),
    known=st.sets(st.sampled_from("abcdefghz")),
    gone=st.sets(st.sampled_from("abcdefgh"), max_size=3),
    moments=st.lists(st.integers(1, 6), min_size=3, max_size=3),
    one=st.booleans(),
    pages=st.sampled_from([SAID, FOUND]),
)
def test_who_stays_is_never_taken_for_absent(
    rows: list[str], known: set[str], gone: set[str], moments: list[int], one: bool, pages: dict[str, Any]
) -> None:
    """Whoever else deletes theirs while one list is read: ours that stay are seen, or nothing is said of them."""
    there, ours, number = list(rows), known - gone, 0

    def vendor(call: Call) -> Reply:
        nonlocal number
        number += 1
        for row, moment in zip(sorted(gone & set(there)), moments, strict=False):
            if moment == number <= first:
                there.remove(row)
        if call.path != "/hooks":
            row = call.path.rpartition("/")[2]
            return answer(hook(row)) if row in there else GONE
        start = 2 * (int(dict(call.query).get("page", "1")) - 1)
        return page(*there[start : start + 2])

    first = len(rows) // 2 + 1  # while the list is read for the first time
    seen = drive(paged(pages, one="/hooks/{id}" if one else None).observe((), frozenset(known)), vendor).result
    shown = {remote.remote_id for remote in seen.remotes}
    for row in ours & set(rows):
        assert row in shown, "one that was there all the time was not seen"
    assert not seen.absent & set(there)
