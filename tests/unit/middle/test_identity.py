"""What tells webhooks of one place apart: the natural key, or the one that the file declares."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconciler.matching.lookalikes import Sight, may_be_one
from reconciler.model.action import Action
from reconciler.model.diff import record
from reconciler.model.identity import Named, key_of, rivals
from reconciler.model.webhook import Desired, Fields, Remote
from reconciler.state.event import Intended
from reconciler.state.lock import Lock
from tests.unit.middle.build import ACCOUNT, capabilities, entry, fields, how, lock, matching, planned, remote, seen
from tests.unit.middle.build import webhook as plain

BOTH = ("/events", "/url")
AT = "https://a.example.com/x"


def webhook(name: str, events: str, key: tuple[str, ...] = BOTH, **more: Any) -> Desired:
    """A webhook with the URL that all have, told apart by its events."""
    return plain(name, fields(AT, events), key=key, **more)


def created(name: str, events: str, at: str = "2026-11-20T12:00:00Z") -> Intended:
    """The intent of a create whose answer was lost."""
    sent = record(fields(AT, events))
    return Intended(name, Action.CREATE, "v", "vendor", ACCOUNT, (), None, AT, at, key=sent)


POINTERS = ("a", "b", "c")


@st.composite
def names(draw: st.DrawFn) -> dict[int, Named]:
    """Some keys over few fields with few values."""
    made = {}
    for at in range(draw(st.integers(0, 6))):
        pointers = tuple(sorted(draw(st.sets(st.sampled_from(POINTERS), min_size=1))))
        made[at] = Named(pointers, tuple(draw(st.integers(0, 1)) for _ in pointers))
    return made


def agree(one: Named, other: Named) -> bool:
    """Whether there can be a remote webhook that both keys fit, by trying all that there can be."""
    values = ((a, b, c) for a in (0, 1) for b in (0, 1) for c in (0, 1))
    remotes = [dict(zip(POINTERS, each, strict=True)) for each in values]
    return any(all(each.on([at])[0] == held[at] for each in (one, other) for at in each.pointers) for held in remotes)


@given(names())
def test_rivals_are_those_who_could_mean_one_remote(named: dict[int, Named]) -> None:
    """Somebody is told of a rival exactly where a remote webhook could be both; each is told of once."""
    told = list(rivals(named))
    assert all(agree(named[one], named[other]) for one, other in told)
    assert len({other for _, other in told}) == len(told)
    clashing = [pair for pair in combinations(named, 2) if agree(named[pair[0]], named[pair[1]])]
    assert bool(told) == bool(clashing)


@given(st.permutations([("a", "one"), ("b", "two"), ("c", "one two")]), st.permutations(["r1", "r2", "r3"]))
def test_a_first_plan_binds_each_to_its_own(order: Sequence[tuple[str, str]], ids: Sequence[str]) -> None:
    """Without a lock, each webhook is found by its key, in whatever order both sides have them; none is strange."""
    there = [remote(remote_id, fields(AT, events)) for remote_id, (_, events) in zip(ids, order, strict=True)]
    found = matching([webhook(name, events) for name, events in sorted(order)], seen(*there), Lock())
    bound = {name: each.remote.remote_id for name, each in found.matched.items() if each.remote}
    assert bound == {name: remote_id for remote_id, (name, _) in zip(ids, order, strict=True)}
    assert (found.unmanaged, found.findings) == ((), ())


def test_what_has_another_key_is_a_stranger_and_no_duplicate() -> None:
    """One with the URL and other events is nobody's business; one with the same events comes twice."""
    other, twin = remote("r2", fields(AT, "two")), remote("r3", fields(AT, "one"))
    held = lock(a=entry("r1", fields(AT, "one")))
    found = matching([webhook("a", "one")], seen(remote("r1", fields(AT, "one")), other, twin), held)
    assert [each.remote_id for each in found.unmanaged] == ["r2", "r3"]
    assert [(each.kind, each.remote_id, each.name) for each in found.findings] == [("duplicate", "r3", "a")]
    undeclared = matching([webhook("a", "one", key=())], seen(remote("r1", fields(AT, "one")), other, twin), held)
    assert [each.remote_id for each in undeclared.findings] == ["r2", "r3"]


def test_a_key_may_name_what_is_not_the_url() -> None:
    """Only the fields that are named count, and a description that is not shown is an empty one."""
    wanted = plain("a", fields("https://new.example.com", description=""), key=("/description",))
    there = remote("r1", fields("https://old.example.com"))
    found = matching([wanted], seen(there, remote("r2", fields(description="other"))), Lock()).matched["a"]
    assert how(found) == ("natural key", "r1")


def test_a_changed_key_of_what_is_bound_is_an_update() -> None:
    """The lock's id goes before any key, so that a field of the key is changed as any other is."""
    there = [remote("r1", fields(AT, "one")), remote("r2", fields(AT, "two"))]
    held = lock(a=entry("r1", fields(AT, "one")), b=entry("r2", fields(AT, "two")))
    made = planned([webhook("a", "one three"), webhook("b", "two")], seen(*there), held)
    assert [(each.name, each.action, each.sends) for each in made.changes] == [
        ("a", Action.UPDATE, ("/events",)),
        ("b", Action.NOOP, ()),
    ]


@given(st.booleans(), st.booleans(), st.booleans())
def test_lost_creates_are_told_apart_by_the_key_that_was_sent(first: bool, second: bool, edited: bool) -> None:
    """Two creates with one URL, both answers lost: each finds what it made, and none the other's.

    One that made nothing is made; what the file has changed since is an update.
    """
    there = [remote("r1", fields(AT, "one"))] if first else []
    there += [remote("r2", fields(AT, "two"))] if second else []
    wanted = [webhook("a", "three" if edited else "one"), webhook("b", "two")]
    held = Lock({}, {"a": created("a", "one"), "b": created("b", "two")})
    found = matching(wanted, seen(*there), held).matched
    assert found["a"].remote == (there[0] if first else None)
    assert found["b"].remote == (there[-1] if second else None)
    assert [each.problem for each in found.values()] == [None, None]


def test_a_stray_is_proven_by_its_key_only() -> None:
    """A create whose answer was lost, of a webhook that has left the file: one with other events is not it."""
    held = Lock({}, {"gone": created("gone", "one")})
    now = "2026-11-20T12:00:01Z"
    made = remote("r1", fields(AT, "one"), created_at=now)
    other = remote("r2", fields(AT, "two"), created_at=now)
    found = matching([], seen(made, other), held).orphans["gone"]
    assert (found.remote, found.problem) == (made, None)
    assert matching([], seen(other), held).orphans["gone"].remote is None


def test_a_replacement_that_was_cut_short_takes_no_stranger() -> None:
    """What has the URL that was sent, and another key, was not made by the replacement."""
    intent = created("a", "one")._replace(action=Action.REPLACE, remote_id="r1")
    held = Lock({"a": entry("r1", fields(AT, "one"))}, {"a": intent})
    there = [remote("r1", fields(AT, "one")), remote("r9", fields(AT, "two"))]
    found = matching([webhook("a", "one")], seen(*there), held).matched["a"]
    assert (how(found), found.superseded) == (("lock", "r1"), None)


@given(st.sampled_from(["one", "two"]), st.sampled_from(["one", "two"]))
def test_a_declared_key_proves_no_two_sights_apart(mine: str, theirs: str) -> None:
    """Whether two places are one is not guessed from fields that anybody may change: what may be one is not deleted."""
    one = Sight("a", plain("a").address, "r1", record(fields(AT, mine)))
    other = Sight("b", plain("b", scope=(("x", "y"),)).address, "r1", record(fields(AT, theirs)))
    assert may_be_one(one, other, capabilities())


def test_a_key_of_which_a_part_is_not_known_names_nothing() -> None:
    """Nothing is found by half a key."""
    assert key_of(Fields({"/url": AT}), capabilities(), BOTH) is None
    there = Remote("r1", Fields({"/url": AT}))
    assert matching([webhook("a", "one")], seen(there), Lock()).matched["a"].remote is None


def test_what_is_hidden_may_be_it_as_far_as_the_declared_key_is_shown() -> None:
    """A URL behind a mask beside the same events may be ours; beside other events it is not."""
    masked = remote("r1", fields("https://a.example.com/********", "one"))
    assert matching([webhook("a", "one")], seen(masked), Lock()).matched["a"].problem is not None
    assert matching([webhook("a", "two")], seen(masked), Lock()).matched["a"].problem is None
