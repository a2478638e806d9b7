"""Whatever places are called, no remote webhook that one webhook has is ever deleted for another."""

from collections.abc import Iterator, Mapping
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.apply.bound import Bindings, Turns
from reconciler.matching.index import Place
from reconciler.matching.lookalikes import Sight, may_be_one
from reconciler.matching.match import match
from reconciler.matching.types import Matched, Matching
from reconciler.model.action import Action
from reconciler.model.capabilities import Capabilities
from reconciler.model.webhook import Address, Desired, Entry, Fields, Observation, Remote, Scope
from reconciler.planning.inputs import Circumstances, PlanInput
from reconciler.planning.plan import plan
from reconciler.planning.policy import Policy
from reconciler.planning.types import Basis, Plan, PlanOptions
from reconciler.state.event import Recorded
from reconciler.state.lock import Lock
from tests.unit.middle.build import ACCOUNT, ELSEWHERE, capabilities, entry, fields, named, remote, webhook

PATH, NUMBER = (("project", "grp/api"),), (("project", "42"),)
OURS = Sight("ours", Address("v", "vendor", ACCOUNT, PATH), "7", fields(), "2026-11-20")


@pytest.mark.parametrize(
    ("other", "may_be"),
    [
        (OURS, True),
        (OURS._replace(address=Address("u", "vendor", "https://other.example.com", NUMBER)), True),
        (OURS._replace(address=Address("v", "another", ACCOUNT, PATH)), False),
        (OURS._replace(remote_id="8"), False),
        (OURS._replace(fields=ELSEWHERE), False),
        (OURS._replace(fields=fields(events="three")), True),
        (OURS._replace(fields=Fields()), True),
        (OURS._replace(created_at="2026-11-21"), False),
        (OURS._replace(created_at=None), True),
        (OURS._replace(created_at=None, fields=ELSEWHERE), False),
    ],
)
def test_what_tells_two_webhooks_apart(other: Sight, may_be: bool) -> None:
    """Vendor, id, natural key and creation tell remote webhooks apart; a place's name and what is not known do not."""
    assert may_be_one(OURS, other, capabilities()) is may_be
    assert may_be_one(other, OURS, capabilities()) is may_be


def _planned(
    desired: list[Desired], observed: Mapping[Place, Observation], entries: Mapping[str, Entry], **options: Any
) -> Plan:
    lock = Lock(entries)
    found = match(desired, observed, lock, {"v": capabilities(), "u": capabilities()}, {"v": ACCOUNT, "u": ACCOUNT})
    about = {"v": capabilities(), "u": capabilities()}
    made = PlanInput(desired, found, lock, Policy(), {}, about)
    how = Circumstances(Basis("sha256:c", "sha256:l"), "2026-11-21T12:00:00Z", "0")
    return plan(made, PlanOptions(**{"prune": True, **options}), named, how)


def _at(scope: Scope, *remotes: Remote) -> dict[Place, Observation]:
    return {("v", scope): Observation(remotes, complete=True)}


def _actions(made: Plan) -> dict[str, str]:
    return {change.name: change.action for change in made.changes}


def test_what_was_adopted_under_another_name_is_not_pruned() -> None:
    """A webhook that got a new name and whose place got another spelling is kept, and the user is told the way out."""
    seen = _at(PATH, remote("7")) | _at(NUMBER, remote("7"))
    made = _planned([webhook("new", scope=NUMBER)], seen, {"old": entry("7", scope=PATH)})
    assert _actions(made) == {"new": "adopt", "old": "orphan"}
    (problem,) = made.problems
    assert (problem.kind, problem.name) == ("ambiguous", "old")
    assert "whsync state rm old" in problem.hint
    assert any("may be the remote webhook of new" in note for each in made.changes for note in each.notes)


def test_two_webhooks_with_one_id_are_pruned_as_ever() -> None:
    """Where ids are counted by account or place, another URL or another time of creation shows that they are two."""
    for other in (remote("7", ELSEWHERE), remote("7", created_at="2026-11-21")):
        seen = _at(PATH, other) | _at(NUMBER, remote("7", created_at="2026-11-20"))
        kept = {"new": entry("7", scope=NUMBER), "old": entry("7", other.fields, scope=PATH)}
        made = _planned([webhook("new", scope=NUMBER)], seen, kept)
        if other.created_at is None:
            assert _actions(made) == {"new": "noop", "old": "delete"}


def test_what_is_protected_or_not_asked_for_is_kept() -> None:
    """A name that is protected, or not among the targets, keeps its remote webhook from being pruned as another's."""
    seen = _at(PATH, remote("7")) | _at(NUMBER, remote("7"))
    entries = {"one": entry("7", scope=PATH), "two": entry("7", scope=NUMBER)}
    assert _actions(_planned([], seen, entries)) == {"one": "delete", "two": "delete"}
    assert _actions(_planned([], seen, entries, targets=("one",))) == {"one": "orphan"}
    protected = {**entries, "two": entries["two"]._replace(protect=True)}
    assert _actions(_planned([], seen, protected))["one"] == "orphan"


def test_what_is_asked_to_go_again_is_not_anothers() -> None:
    """A run that does not prune asks only those to go that were asked before; what may be another's stays."""
    seen = _at(PATH, remote("7")) | _at(NUMBER, remote("7"))
    entries = {"one": entry("7", scope=PATH, leaving=("7",)), "two": entry("7", scope=NUMBER)}
    assert _actions(_planned([], seen, entries, prune=False)) == {"one": "orphan", "two": "orphan"}
    both = {name: each._replace(leaving=("7",)) for name, each in entries.items()}
    assert _actions(_planned([], seen, both, prune=False)) == {"one": "delete", "two": "delete"}


def test_what_is_leaving_was_counted_before() -> None:
    """Asking again needs none of the flags that the first time needed: the files are empty, and it is all of them."""
    ids = [str(each) for each in range(12)]
    shown = [remote(each, fields(f"https://a.example.com/{each}")) for each in ids]
    left = {each.remote_id: entry(each.remote_id, each.fields, scope=PATH, leaving=(each.remote_id,)) for each in shown}
    assert _planned([], _at(PATH, *shown), left, prune=False).refusals == ()
    first = {name: each._replace(leaving=()) for name, each in left.items()}
    assert len(_planned([], _at(PATH, *shown), first).refusals) == 2


def test_what_was_asked_to_go_is_bound_to_nobody() -> None:
    """Two names of one webhook that are pruned together are no obstacle to each other; one that is kept is."""
    one, two = entry("7", scope=PATH), entry("7", scope=NUMBER)
    bindings, found = Bindings(), Matched(one, "one", remote("7"))
    bindings.saw(Recorded("two", two._replace(leaving=("7",))))
    assert bindings.obstacle("one", found, capabilities()) is None
    bindings.saw(Recorded("two", two))
    assert bindings.obstacle("one", found, capabilities()) is not None
    assert not bindings.took("one", found, capabilities())
    bindings.saw(Recorded("three", one))
    assert bindings.took("one", found, capabilities())


def test_no_replacement_takes_anothers_old_one() -> None:
    """A field that the vendor cannot change would have the old one deleted: not where another webhook may have it."""
    about = {"v": capabilities(immutable=frozenset({"/events"}))}
    seen = _at(PATH, remote("7")) | _at(NUMBER, remote("7"))
    lock = Lock({"one": entry("7", scope=PATH), "two": entry("7", scope=NUMBER)})
    desired = [webhook("one", scope=PATH), webhook("two", fields(events="other"), scope=NUMBER)]
    found = match(desired, seen, lock, about, {"v": ACCOUNT})
    how = Circumstances(Basis("sha256:c", "sha256:l"), "2026-11-21T12:00:00Z", "0")
    made = plan(PlanInput(desired, found, lock, Policy(), {}, about), PlanOptions(), named, how)
    assert _actions(made) == {"one": "noop", "two": "noop"}
    assert [(problem.kind, problem.name) for problem in made.problems] == [("ambiguous", "two")]


# Every world: a few true places, each under several names

URLS = ("https://a.example.com/x", "https://b.example.com/x")
NAMES = st.sampled_from(["a", "A", "b", "B", "c"])
TRUE_PLACES = st.fixed_dictionaries({name: st.integers(0, 1) for name in "aAbBc"})
HELD = st.dictionaries(st.tuples(st.integers(0, 1), st.sampled_from("12")), st.sampled_from(URLS), max_size=4)
ENTRIES = st.dictionaries(
    st.sampled_from(["one", "two", "three"]),
    st.tuples(NAMES, st.sampled_from("12"), st.booleans()),
    max_size=3,
)
WANTED = st.dictionaries(
    st.sampled_from(["one", "two", "four"]), st.tuples(NAMES, st.sampled_from(URLS), st.booleans()), max_size=3
)

GOING = (Action.DELETE, Action.REPLACE, Action.FORGET)


def _bound(name: str, found: Matching, desired: list[Desired]) -> Iterator[tuple[str, Remote | Entry]]:
    """What a webhook has by what was read and by the lock, each with the name of its place."""
    known = found.matched.get(name) or found.orphans[name]
    at = next((each.scope for each in desired if each.name == name), known.entry.scope if known.entry else ())
    if known.remote is not None:
        yield dict(at)["project"], known.remote
    if known.entry is not None:
        yield dict(known.entry.scope)["project"], known.entry


@given(TRUE_PLACES, HELD, ENTRIES, WANTED, st.booleans())
def test_nothing_that_is_kept_is_deleted(
    true: dict[str, int],
    held: dict[tuple[int, str], str],
    entries: dict[str, tuple[str, str, bool]],
    wanted: dict[str, tuple[str, str, bool]],
    immutable: bool,
) -> None:
    """In every world, whatever its places are called, what a plan deletes is nothing that any other webhook keeps."""
    about: Capabilities = capabilities(immutable=frozenset({"/events"}) if immutable else frozenset())
    seen: dict[Place, Observation] = {}
    for name, place in true.items():
        there = [remote(key, fields(url)) for (at, key), url in held.items() if at == place]
        seen["v", (("project", name),)] = Observation(tuple(there), complete=True)
    known = {
        name: entry(key, fields(held.get((true[at], key), URLS[0])), scope=(("project", at),), protect=protect)
        for name, (at, key, protect) in entries.items()
    }
    desired = [
        webhook(name, fields(url, events="other" if other else "one two"), scope=(("project", at),))
        for name, (at, url, other) in wanted.items()
    ]
    lock = Lock(known)
    found = match(desired, seen, lock, {"v": about}, {"v": ACCOUNT})
    how = Circumstances(Basis("sha256:c", "sha256:l"), "2026-11-21T12:00:00Z", "0")
    made = plan(PlanInput(desired, found, lock, Policy(), {}, {"v": about}), PlanOptions(prune=True), named, how)
    staying = [change.name for change in made.changes if change.action not in GOING]
    kept = {name: {(true[at], each.remote_id) for at, each in _bound(name, found, desired)} for name in staying}
    for change in made.changes if not made.refusals else ():
        if change.action in (Action.DELETE, Action.REPLACE):
            target = (true[dict(change.scope)["project"]], change.remote_id)
            others = (places for name, places in kept.items() if name != change.name)
            assert not any(target in places for places in others), made


def test_nothing_goes_while_an_answer_is_on_its_way() -> None:
    """Whoever deletes what a replacement has made old waits for creates in flight, and holds up those to come."""
    turns, told = Turns(), []

    def retire() -> None:
        with turns.alone("vendor"):
            told.append("gone")

    with turns.making("vendor"), turns.making("vendor"), turns.alone("another"):
        retiring = Thread(target=retire)
        retiring.start()
        retiring.join(0.2)  # it has every chance to go too early
        told.append("answered")
    retiring.join()
    with turns.alone("vendor"):
        making = Thread(target=lambda: _made(turns, told))
        making.start()
        making.join(0.2)
        told.append("gone, too")
    making.join()
    assert told == ["answered", "gone", "gone, too", "made"]


def _made(turns: Turns, told: list[str]) -> None:
    with turns.making("vendor"):
        told.append("made")
