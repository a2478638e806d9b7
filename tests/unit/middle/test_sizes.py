"""Ten times the webhooks are ten times the work, however much they look alike. Calls are counted, not seconds."""

import sys
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.matching.index import Place
from reconciler.matching.lookalikes import Sight, _Sights, may_be_one
from reconciler.matching.match import match
from reconciler.matching.moves import Seen, followed
from reconciler.matching.types import others
from reconciler.model.capabilities import Capabilities
from reconciler.model.webhook import Address, Desired, Entry, Fields, Observation, Scope
from reconciler.planning.inputs import Circumstances, PlanInput
from reconciler.planning.plan import plan
from reconciler.planning.policy import Policy
from reconciler.planning.types import Basis, PlanOptions
from reconciler.state.lock import Lock
from tests.unit.middle.build import ACCOUNT, capabilities, entry, fields, named, remote, webhook

World = tuple[list[Desired], dict[Place, Observation], dict[str, Entry], Capabilities]


def strangers(count: int) -> World:
    """One webhook of ours, and so many strangers with its URL."""
    remotes = tuple(remote(str(number)) for number in range(count))
    return [webhook()], {("v", ()): Observation(remotes, complete=True)}, {"w": entry("0")}, capabilities()


def places(count: int) -> World:
    """So many places with one URL, each with room for one webhook, whose id is the same everywhere."""
    scopes: list[Scope] = [(("app", str(number)),) for number in range(count)]
    wanted = [webhook(f"w{number}", scope=scope) for number, scope in enumerate(scopes)]
    observed = {("v", scope): Observation((remote("webhook"),), complete=True) for scope in scopes}
    entries = {f"w{number}": entry("webhook", scope=scope) for number, scope in enumerate(scopes)}
    return wanted, observed, entries, capabilities(read="singleton", scope=(("app",),))


def orphans(count: int) -> World:
    """The same, which the file no longer has."""
    _, observed, entries, api = places(count)
    return [], observed, entries, api


def veiled(count: int) -> World:
    """As many webhooks as there are behind one mask, and no lock."""
    wanted = [webhook(f"w{number}", fields(f"https://a.example.com/x?k={number}")) for number in range(count)]
    hidden = tuple(remote(str(number), fields("https://a.example.com/x?k=*****")) for number in range(count))
    return wanted, {("v", ()): Observation(hidden, complete=True)}, {}, capabilities()


def planned(world: World) -> None:
    """Match and plan it."""
    desired, observed, entries, api = world
    lock, about = Lock(entries), {"v": api}
    found = match(desired, observed, lock, about, {"v": ACCOUNT})
    made = PlanInput(desired, found, lock, Policy(), {}, about)
    plan(
        made, PlanOptions(prune=True), named, Circumstances(Basis("sha256:c", "sha256:l"), "2026-11-21T12:00:00Z", "0")
    )


def moved(world: World) -> None:
    """A whole place that has a new name."""
    desired, _, entries, api = world
    one = tuple(remote(str(number)) for number in range(len(entries)))
    held = {name: entry(str(number)) for number, name in enumerate(entries)}
    now = [each._replace(scope=(("app", "new"),)) for each in desired]
    seen = {("v", ()): Observation(complete=True), ("v", (("app", "new"),)): Observation(one, complete=True)}
    followed(now, Lock(held), Seen(seen, {"v": api}, {"v": ACCOUNT}))


def calls_of(work: Callable[[], object]) -> int:
    """How many calls it makes, of functions and of built-in ones; each value of a generator is one."""
    calls = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize(
    ("world", "work"),
    [(strangers, planned), (places, planned), (orphans, planned), (veiled, planned), (places, moved)],
)
def test_the_work_grows_as_the_webhooks_do(world: Callable[[int], World], work: Callable[[World], None]) -> None:
    """Four times the webhooks are four times the calls, not sixteen times."""
    few, many = world(50), world(200)
    work(few)
    work(many)  # what is cached for good is not counted
    assert calls_of(lambda: work(many)) < 5 * calls_of(lambda: work(few))


SIGHTS = st.builds(
    Sight,
    owner=st.sampled_from(["a", "b", "c", "d"]),
    address=st.builds(Address, st.just("v"), st.sampled_from(["x", "y"]), st.sampled_from(["m", "n"]), st.just(())),
    remote_id=st.sampled_from(["1", "2"]),
    fields=st.sampled_from([Fields(), fields(), fields("https://b.example.com/")]),
    created_at=st.sampled_from([None, "2026-11-20", "2026-11-21"]),
    place=st.sampled_from([None, "p", "q"]),
)


@given(st.lists(SIGHTS, max_size=12), SIGHTS)
def test_cells_say_what_comparing_each_says(sights: list[Sight], own: Sight) -> None:
    """Whoever may have the same remote webhook is found, and nobody else."""
    api = capabilities()
    alike: Mapping[str, bool] = {each.owner: True for each in sights if may_be_one(own, each, api)}
    found = others(_Sights(sights).alike(own, api), own.owner)
    assert list(found) == sorted(alike.keys() - {own.owner})
