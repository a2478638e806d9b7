"""Webhooks found by their looks: tombstones beside the living, switched off ones, keys without a value, half lists."""

import pytest

from reconciler.model.action import Action
from reconciler.model.capabilities import Capabilities
from reconciler.model.webhook import Fields
from reconciler.state.lock import Lock
from tests.unit.middle.build import (
    capabilities,
    entry,
    fields,
    how,
    lock,
    matched,
    only,
    planned,
    remote,
    seen,
    webhook,
)

ON, OFF = fields(status="active"), fields(status="inactive")
PARTIAL = capabilities(partial="it shows those of the token's user")
BY_NAME = capabilities(natural_key=("/url", "/description"))


@pytest.mark.parametrize("mark", [None, "w"])
def test_the_living_one_is_taken_and_not_its_tombstone(mark: str | None) -> None:
    """Where a delete only switches off, what is made later stands beside the old one: the living is ours."""
    there = seen(remote("old", OFF, mark=mark), remote("new", ON, mark=mark), remote("older", OFF, mark=mark))
    found = matched(webhook(), there, api=capabilities(marks=mark is not None))
    assert how(found) == ("mark" if mark else "natural key", "new")
    change = only(planned([webhook()], there))
    assert change.action is Action.ADOPT
    assert "like it, and switched off: old, older" in change.reason


@pytest.mark.parametrize(
    ("wanted", "held"),
    [(fields(), (ON, ON, OFF)), (OFF, (ON, OFF)), (fields(), (OFF, OFF))],
    ids=["2 on", "off", "0 on"],
)
def test_two_that_may_be_meant_are_never_chosen_between(wanted: Fields, held: tuple[Fields, ...]) -> None:
    """Two living ones, two dead ones, or a file that wants one that is switched off: whsync asks."""
    there = seen(*(remote(f"r{number}", each) for number, each in enumerate(held)))
    problem = matched(webhook(wanted=wanted), there).problem
    assert problem is not None
    assert problem.kind == "ambiguous"


def test_a_living_one_is_found_again_beside_what_was_left_of_the_last() -> None:
    """The lock's webhook is gone for good, and two look like it: the living one is taken, and the change says so."""
    change = only(planned([webhook()], seen(remote("a", ON), remote("b", OFF)), lock(w=entry("gone"))))
    assert (change.remote_id, change.action) == ("a", Action.UPDATE)
    assert change.notes == ("like it, and switched off: b",)


@pytest.mark.parametrize(
    ("status", "words"), [("inactive", "switched off"), ("temporarily_disabled", "temporarily_disabled")]
)
def test_what_is_adopted_switched_off_is_said(status: str, words: str) -> None:
    """A webhook that does not deliver is not taken over without a word, where the file says nothing of its status."""
    there = seen(remote("r1", fields(status=status)))
    note = f"it is {words} at the vendor, and stays so: write `status: active` to switch it on"
    assert note in only(planned([webhook()], there)).notes
    assert note in only(planned([webhook()], there, lock(w=entry("gone")))).notes
    assert only(planned([webhook(wanted=ON)], there)).fields
    for change in (
        only(planned([webhook(wanted=ON)], there)),
        only(planned([webhook()], seen(remote("r1", ON)))),
        only(planned([webhook()], there, lock(w=entry("r1")))),
    ):
        assert not [each for each in change.notes if "stays so" in each]


def test_beyond_a_partial_list_a_webhook_is_made_with_a_warning() -> None:
    """A list that may hide some forbids nothing: the plan says that nobody could look beyond it."""
    made = planned([webhook()], seen(complete=False), api=PARTIAL)
    assert (only(made).action, made.problems) == (Action.CREATE, ())
    assert only(made).reason == (
        "this API's list may not show all (it shows those of the token's user), and nobody could look beyond it"
    )


def test_beyond_a_partial_list_nothing_is_made_twice() -> None:
    """With a create whose answer was lost, or an id that the list does not show, nothing is concluded."""
    lost = planned([webhook()], seen(complete=False), lock("w"), PARTIAL)
    assert (only(lost).action, lost.problems[0].kind) == (Action.NOOP, "ambiguous")
    hidden = planned([webhook()], seen(complete=False), lock(w=entry("r9")), PARTIAL)
    assert (only(hidden).action, hidden.writes) == (Action.NOOP, 0)


def test_nothing_is_concluded_from_a_key_without_a_value() -> None:
    """A lost create of a webhook that nothing tells apart is not called undone because none looks like it."""
    problem = matched(webhook(), seen(), lock("w"), BY_NAME).problem
    assert problem is not None
    assert "the file does not say all that tells it apart" in problem.summary
    assert "adopt w --id ID" in problem.hint
    for api in (capabilities(natural_key=BY_NAME.natural_key, marks=True), capabilities()):
        assert matched(webhook(), seen(), lock("w"), api).problem is None
    assert matched(webhook(wanted=fields(description="x")), seen(), lock("w"), BY_NAME).problem is None


def test_a_description_that_is_not_shown_is_an_empty_one() -> None:
    """Part of a key, it is found although the vendor leaves empty ones out."""
    found = matched(webhook(wanted=fields(description="")), seen(remote("r1")), Lock(), BY_NAME)
    assert how(found) == ("natural key", "r1")


@pytest.mark.parametrize(
    ("api", "there", "told"),
    [
        (capabilities(), fields(status="active"), ""),
        (capabilities(unreadable=frozenset({"/status"})), fields(), "status"),
        (capabilities(), fields("https://a.example.com/****", status="active"), "url"),
    ],
)
def test_what_cannot_be_read_is_not_called_unchanged(api: Capabilities, there: Fields, told: str) -> None:
    """A field that no read shows, or shows behind a mask, is said to be compared with the lock only."""
    wanted = webhook(wanted=ON)
    change = only(planned([wanted], seen(remote("r1", there)), lock(w=entry("r1", ON)), api))
    words = f", as far as the vendor shows it; compared with the lock only: {told}" if told else ""
    assert (change.action, change.reason) == (Action.NOOP, f"as the file wants it{words}")
