"""Laws of the middle, over random files, random histories and random tampering."""

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.action import Action
from reconciler.model.capabilities import Capabilities
from reconciler.model.events import EventCatalogue
from reconciler.model.webhook import Certainty, Desired, Fields, Observation, Remote
from reconciler.planning.types import Plan
from tests.unit.middle.build import capabilities, fields, planned, webhook
from tests.unit.middle.vendor import World

EVENTS = frozenset({"one", "two", "three"})
KINDS: Mapping[str, Capabilities] = {
    "list": capabilities(events=EventCatalogue(EVENTS, True, "*")),
    "list with marks": capabilities(marks=True, retire="deactivate"),
    "list with immutables": capabilities(immutable=frozenset({"/url"})),
    "list with hidden fields": capabilities(unreadable=frozenset({"/description"})),
    "by id": capabilities(read="by_id", retire="deactivate"),
    "singleton": capabilities(read="singleton", retire="none"),
    "unreadable": capabilities(read="none", retire="none"),
    "unreadable fan-out": capabilities(read="none", retire="none", fan_out=True),
    "readable fan-out": capabilities(retire="none", fan_out=True),
}
NAMES = ("a", "b", "c")


@st.composite
def files(draw: st.DrawFn, kind: str, former: tuple[str, ...] = ()) -> list[Desired]:
    """Some webhooks, each with a URL of its own; at most one for a singleton; one may have had another name before."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=1 if kind == "singleton" else 3))
    made = []
    for name in names:
        some: dict[str, Any] = {
            "/url": f"https://{name}.example.com/{draw(st.sampled_from(['x', 'y?token=1', 'y?token=2']))}"
        }
        some["/events"] = draw(st.frozensets(st.sampled_from(sorted(EVENTS)), min_size=1))
        some |= draw(st.fixed_dictionaries({}, optional={"/status": st.sampled_from(["active", "inactive"])}))
        some |= draw(st.fixed_dictionaries({}, optional={"/description": st.sampled_from(["", "words"])}))
        free = [old for old in former if old not in names]
        was = (free[0],) if free and name not in former and name == names[0] and draw(st.booleans()) else ()
        made.append(webhook(name, Fields(some), was=was, protect=draw(st.booleans())))
    return made


def a_plan(world: World, desired: list[Desired], **options: Any) -> Plan:
    """What the middle plans in this world."""
    return planned(desired, world.observe(), world.lock, world.api, **options)


def an_apply(world: World, desired: list[Desired], **options: Any) -> World:
    """The world after a plan was applied."""
    return world.apply(a_plan(world, desired, **options), {each.name: each for each in desired})


@st.composite
def histories(draw: st.DrawFn) -> tuple[World, list[Desired]]:
    """A world with a past: a file was applied, somebody tampered at the vendor, and the file was edited."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    past = draw(files(kind))
    world = an_apply(World(KINDS[kind]), [each._replace(protect=False) for each in past])
    world = world._replace(remotes=draw(tampered(world)))
    return world, draw(files(kind, tuple(each.name for each in past)))


@st.composite
def tampered(draw: st.DrawFn, world: World) -> dict[str, Remote]:
    """The vendor's webhooks after somebody deleted, edited and added some."""
    remotes = {}
    for remote_id, remote in world.remotes.items():
        what = draw(st.sampled_from(["leave", "delete", "edit", "strip"]))
        if what == "edit":
            events = draw(st.frozensets(st.sampled_from(sorted(EVENTS)), min_size=1))
            edited = fields("https://edited.example.com", " ".join(events), status="inactive").only(
                ["/events", "/status"]
            )
            remotes[remote_id] = remote._replace(fields=edited.over(remote.fields))
        elif what == "strip":
            remotes[remote_id] = remote._replace(fields=remote.fields.only(["/url", "/events"]), mark=None)
        elif what == "leave":
            remotes[remote_id] = remote
    if world.api.read in ("list", "by_id") and draw(st.booleans()):
        host = draw(st.sampled_from([*NAMES, "stranger"]))
        remotes["s1"] = Remote("s1", fields(f"https://{host}.example.com/x", "one"))
    return remotes


def settled(plan: Plan, desired: list[Desired]) -> bool:
    """Nothing is planned but what was refused, is a problem, or stays an orphan."""
    stuck = {refusal.name for refusal in plan.refusals} | {problem.name for problem in plan.problems}
    wanted = {each.name for each in desired}
    return all(
        change.action is Action.NOOP
        or change.name in stuck
        or (change.action is Action.ORPHAN and change.name not in wanted)
        for change in plan.changes
    )


@given(histories(), st.booleans())
def test_after_an_apply_the_plan_is_empty(history: tuple[World, list[Desired]], prune: bool) -> None:
    """Applying once settles everything, at every kind of vendor, whatever happened before."""
    world, desired = history
    first = a_plan(world, desired, prune=prune)
    if first.refusals:
        return
    after = world.apply(first, {each.name: each for each in desired})
    again = a_plan(after, desired, prune=prune)
    assert settled(again, desired), again.changes
    assert again.writes == 0


@given(histories(), st.booleans())
def test_strangers_are_never_touched(history: tuple[World, list[Desired]], prune: bool) -> None:
    """What a plan lists as unmanaged is as it was after the apply."""
    world, desired = history
    made = a_plan(world, desired, prune=prune)
    after = world.apply(made, {each.name: each for each in desired}) if not made.refusals else world
    for stray in made.unmanaged:
        assert after.remotes[stray.remote_id] == world.remotes[stray.remote_id]


@given(histories(), st.randoms(use_true_random=False))
def test_order_changes_nothing(history: tuple[World, list[Desired]], dice: Any) -> None:
    """The same files and remotes in another order give the same plan."""
    world, desired = history
    mixed = dice.sample(desired, len(desired))
    remotes = dict(dice.sample(list(world.remotes.items()), len(world.remotes)))
    assert a_plan(world._replace(remotes=remotes), mixed) == a_plan(world, desired)


@given(histories(), st.booleans(), st.sampled_from(["failed", "missing", "unknown"]))
def test_what_is_unknown_is_never_created_or_retired(
    history: tuple[World, list[Desired]], prune: bool, doubt: str
) -> None:
    """A read that failed, was not made or cannot be trusted leads to no create, no retirement and no forgetting."""
    world, desired = history
    known = frozenset(entry.remote_id or "" for entry in world.lock.entries.values())
    observed = {
        "failed": {("v", ()): Observation(failed=True)},
        "missing": {},
        "unknown": {("v", ()): Observation(tuple(world.remotes.values()), unknown=known)},
    }[doubt]
    made = planned(desired, observed, world.lock, world.api, prune=prune)
    for change in made.changes:
        if change.certainty is Certainty.UNKNOWN:
            assert change.action in (Action.NOOP, Action.ORPHAN)
        if doubt != "unknown":
            assert change.certainty is Certainty.UNKNOWN
            assert change.calls == ()


@given(histories())
def test_no_plan_shows_a_hidden_part(history: tuple[World, list[Desired]]) -> None:
    """Query values of URLs stand in no plan."""
    world, desired = history
    assert "token=1" not in str(made := a_plan(world, desired, prune=True))
    assert "token=2" not in str(made)


@given(histories())
def test_reassert_settles_unreadable_webhooks_by_sending_them_once(history: tuple[World, list[Desired]]) -> None:
    """After a reassert the ordinary plan is empty, and a reassert never sends what was read and is right."""
    world, desired = history
    world = an_apply(world, desired) if not a_plan(world, desired).refusals else World(world.api)
    made = a_plan(world, desired, reassert=True)
    for change in made.changes:
        if change.certainty is Certainty.PRESENT and not world.api.unreadable:
            assert change.calls == ()
    if not made.refusals:
        after = world.apply(made, {each.name: each for each in desired})
        assert settled(a_plan(after, desired), desired)
