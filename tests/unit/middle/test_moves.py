"""A webhook is followed to its place's new name only where it is proven to be the same one."""

from typing import Any

import pytest

from reconciler.matching.moves import Seen, followed
from reconciler.model.webhook import Entry, Fields, Observation, Scope
from tests.unit.middle.build import ACCOUNT, ELSEWHERE, capabilities, entry, fields, lock, remote, webhook

OLD: Scope = (("project", "old"),)
NEW: Scope = (("project", "new"),)
OTHER = "https://other.example.com"
HERE = Observation((remote("7"),), complete=True)
GONE = Observation(failed=True, gone=True)


def _moved(kept: Entry, before: Observation | None, now: Observation | None, **wanted: Any) -> bool:
    """Whether the entry has the address of the webhook afterwards."""
    places = {("v", OLD): before, ("v", NEW): now}
    seen = {place: each for place, each in places.items() if each is not None}
    account = wanted.get("account", ACCOUNT)
    desired = webhook(**{"scope": NEW, **wanted})
    after = followed([desired], lock(w=kept), Seen(seen, {"v": capabilities()}, {"v": account}))
    return after.entries["w"].address == desired.address != kept.address


@pytest.mark.parametrize(
    ("kept", "before", "now", "moved"),
    [
        (entry("7", scope=OLD), GONE, HERE, True),
        (entry("7", scope=OLD), Observation(complete=True), HERE, True),
        (entry("7", scope=OLD), Observation(absent=frozenset("7")), HERE, True),
        (entry("7", scope=OLD), HERE, HERE, False),  # the old place still has it
        (entry("7", scope=OLD), Observation(failed=True), HERE, False),  # nobody knows whether it has
        (entry("7", scope=OLD), Observation(), HERE, False),
        (entry("7", scope=OLD), None, HERE, False),
        (entry("7", scope=OLD), GONE, Observation(failed=True), False),
        (entry("7", scope=OLD), GONE, None, False),
        (entry("8", scope=OLD), GONE, HERE, False),
        (entry(None, scope=OLD), GONE, HERE, False),
        (entry("7", ELSEWHERE, scope=OLD), GONE, HERE, False),
        (entry("7", Fields(), scope=OLD), GONE, HERE, False),
        (entry("7", fields(events="three"), scope=OLD), GONE, HERE, True),  # changed meanwhile, and told by the plan
        (entry("7", scope=OLD, retired=True), GONE, HERE, False),
        (entry("7", scope=OLD, type="another"), GONE, HERE, False),
    ],
)
def test_a_renamed_place(kept: Entry, before: Observation | None, now: Observation | None, moved: bool) -> None:
    """Its id and natural key must be at the new place, and the old one must be seen not to have it any more."""
    assert _moved(kept, before, now) is moved


@pytest.mark.parametrize(
    ("kept", "moved"),
    [
        (entry("7", scope=NEW, account=OTHER), True),
        (entry("7", fields(events="three"), scope=NEW, account=OTHER), False),
        (entry("8", scope=NEW, account=OTHER), False),
    ],
)
def test_another_account(kept: Entry, moved: bool) -> None:
    """Where ids may be counted by account, all that was applied must be there for it to be the same webhook."""
    assert _moved(kept, None, HERE) is moved


def test_an_account_that_the_file_still_reaches() -> None:
    """Where another entry of the file leads to the old account, that one is not taken for renamed."""
    kept, desired = entry("7", scope=NEW, provider="u", account=OTHER), webhook(scope=NEW)
    seen = Seen({("v", NEW): HERE}, {"v": capabilities(), "u": capabilities()}, {"v": ACCOUNT, "u": OTHER})
    assert followed([desired], lock(w=kept), seen).entries["w"] == kept
    gone = seen._replace(places={**seen.places, ("u", NEW): GONE})
    assert followed([desired], lock(w=kept), gone).entries["w"].address == desired.address
