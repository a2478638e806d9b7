"""Merging locks: what is taken from which side, what conflicts, and what no merge may do."""

import json
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reconciler.errors import StateError
from reconciler.model.provenance import Reverted, Run, Since
from reconciler.model.webhook import Entry, Fields, Part, SecretRecord
from reconciler.state.lock import Lock, from_json, to_json
from reconciler.state.merging.locks import merged
from reconciler.state.merging.marked import both, marked
from tests.state.values import entries, names, records

EARLY, LATE = "2026-11-21T12:00:00Z", "2026-11-22T12:00:00Z"


def _entry(remote_id: str | None = "1", *, url: str = "https://a.test", at: str | None = EARLY, **more: Any) -> Entry:
    scope = (("owner", "acme"), ("repo", "api"))
    return Entry("hub", "hub", "https://v.test", scope, remote_id, Fields({"/url": url}), at=at)._replace(**more)


BASE = _entry()
MOVED = _entry(url="https://b.test", at=LATE)


@st.composite
def _bound(draw: st.DrawFn) -> Entry:
    """Any entry, with one of few ids at one place, so that three locks have something in common."""
    remote_id = draw(st.sampled_from(["1", "2", None]))
    entry = draw(entries)._replace(remote_id=remote_id, parts=())
    return entry._replace(provider="p", type="t", account="https://v", scope=())


@st.composite
def _locks(draw: st.DrawFn) -> tuple[Lock, Lock, Lock]:
    """Three locks of few names, entries and sinks, so that they have much in common."""
    pool = draw(st.lists(_bound(), min_size=1, max_size=4))
    moments = st.sampled_from([EARLY, LATE, None])
    of_pool = st.sampled_from(pool).flatmap(lambda entry: moments.map(lambda at: entry._replace(at=at)))
    webhooks = st.dictionaries(names, of_pool | st.sampled_from(pool), max_size=3)
    sinks = st.dictionaries(
        st.sampled_from(["x", "y"]), st.sampled_from(draw(st.lists(records, min_size=2, max_size=2)))
    )
    base, ours, theirs = (draw(st.builds(Lock, webhooks, st.just({}), sinks)) for _ in range(3))
    return base, ours, theirs


def _merge(base: dict[str, Entry], ours: dict[str, Entry], theirs: dict[str, Entry]) -> dict[str, Entry]:
    """The merge of three locks, which has no conflicts."""
    result = merged(Lock(base), Lock(ours), Lock(theirs))
    assert result.conflicts == ()
    assert result.ours == result.theirs
    return dict(result.ours.entries)


def _said(base: dict[str, Entry], ours: dict[str, Entry], theirs: dict[str, Entry]) -> list[str]:
    result = merged(Lock(base), Lock(ours), Lock(theirs))
    with pytest.raises(StateError):
        from_json(marked(result.ours, result.theirs), "lock")
    return [conflict.said for conflict in result.conflicts]


# What is taken


def test_what_one_side_changed_is_taken() -> None:
    """Added, changed and removed on one side each: all three are in the merged lock."""
    base = {"a": BASE, "b": _entry("2"), "c": _entry("3")}
    ours = {"a": MOVED, "b": _entry("2"), "c": _entry("3"), "d": _entry("4")}
    theirs = {"a": BASE, "c": _entry("3"), "e": _entry("5")}
    assert _merge(base, ours, theirs) == {"a": MOVED, "c": _entry("3"), "d": _entry("4"), "e": _entry("5")}


def test_without_a_base_what_is_equal_is_no_conflict() -> None:
    """Two branches that each made the lock merge where they say the same."""
    assert _merge({}, {"a": BASE}, {"a": BASE, "b": _entry("2")}) == {"a": BASE, "b": _entry("2")}


def test_the_later_history_of_the_same_is_taken() -> None:
    """Where both sides have the same at the vendor, who wrote it last stands there, whichever side that is."""
    first, last = (
        _entry(at=at, by=Run(at, at, user), shown=(("/x", at),)) for at, user in ((EARLY, "ann"), (LATE, "bo"))
    )
    for ours, theirs in ((first, last), (last, first)):
        assert _merge({}, {"a": ours}, {"a": theirs}) == {"a": last}


def test_a_webhook_is_managed_since_the_first_of_both() -> None:
    """One side created it and the other one adopted it: it is managed since the former; what was undone last stays."""
    undone = Reverted(EARLY, ())
    created = _entry(since=Since("created", EARLY), reverted=undone)
    adopted = _entry(since=Since("adopted", LATE), at=LATE)
    assert _merge({}, {"a": created}, {"a": adopted}) == {"a": adopted._replace(since=created.since, reverted=undone)}


def test_protection_is_merged_by_itself() -> None:
    """One side protects a webhook that the other one changes; without a base, protection is kept."""
    assert _merge({"a": BASE}, {"a": BASE._replace(protect=True)}, {"a": MOVED}) == {"a": MOVED._replace(protect=True)}
    on = BASE._replace(protect=True)
    assert _merge({"a": on}, {"a": on._replace(protect=False)}, {"a": MOVED._replace(protect=True)}) == {"a": MOVED}
    assert _merge({}, {"a": on}, {"a": BASE}) == {"a": on}


def test_who_wrote_the_old_again_before_is_overwritten() -> None:
    """An apply that undid drift is no change, as long as the other side's change was written after it."""
    again = BASE._replace(at="2026-11-21T18:00:00Z", by=Run("r", "x"))
    assert _merge({"a": BASE}, {"a": again}, {"a": MOVED}) == {"a": MOVED}


def _with(secret: str, sent: str | None, **more: Any) -> Entry:
    return _entry(secret=SecretRecord(secret, stored="file:./x", at=sent), **more)


def test_of_two_secrets_the_later_one_is_true() -> None:
    """The same change on both sides, each of which sent the secret: its fingerprints differ, and are no conflict."""
    base = _with("scrypt$0", "2026-11-20T12:00:00Z", at="2026-11-20T12:00:00Z")
    ours, theirs = (_with(f"scrypt${at}", at, at=at, url="https://b.test") for at in (EARLY, LATE))
    assert _merge({"a": base}, {"a": ours}, {"a": theirs}) == {"a": theirs}
    assert _merge({"a": base}, {"a": theirs}, {"a": ours}) == {"a": theirs}
    rotated = _with("scrypt$new", EARLY)
    moved = base._replace(applied=MOVED.applied, at=LATE)
    assert _merge({"a": base}, {"a": rotated}, {"a": moved}) == {"a": moved._replace(secret=rotated.secret)}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        pytest.param(_with("scrypt$1", EARLY), _with("scrypt$2", EARLY), id="at-one-time"),
        pytest.param(_with("scrypt$1", None), _with("scrypt$2", EARLY), id="nobody-knows-when"),
        pytest.param(_with("scrypt$1", EARLY), _entry(secret=SecretRecord("scrypt$2", at=LATE)), id="elsewhere"),
        pytest.param(_with("scrypt$1", EARLY), _entry(), id="none"),
        pytest.param(_with("scrypt$1", LATE, at=LATE), MOVED._replace(at=EARLY), id="sent-after-a-change"),
    ],
)
def test_what_nobody_knows_of_secrets(ours: Entry, theirs: Entry) -> None:
    """Where nothing tells which secret the vendor has, or where it was put, that is a conflict."""
    base = _with("scrypt$0", "2026-11-20T12:00:00Z", at="2026-11-20T12:00:00Z")
    for one, other in ((ours, theirs), (theirs, ours)):
        assert len(_said({"a": base}, {"a": one}, {"a": other})) == 1


def test_a_rename_is_followed() -> None:
    """What one side renamed and the other one changed has the new name and the change."""
    assert _merge({"a": BASE}, {"b": BASE}, {"a": MOVED}) == {"b": MOVED}
    assert _merge({"a": BASE}, {"b": BASE}, {"a": BASE}) == {"b": BASE}
    assert _merge({"a": BASE}, {"b": BASE}, {"b": MOVED}) == {"b": MOVED}
    unread = _entry(None)
    assert _merge({"a": unread}, {"b": unread}, {"a": unread}) == {"b": unread}


def test_a_true_is_not_a_one() -> None:
    """Values that Python takes for equal are told apart: a change from 1 to true is not lost."""
    one, true = (BASE._replace(applied=Fields({"/options/ssl": value})) for value in (1, True))
    for ours, theirs in ((true, one), (one, true)):
        assert to_json(Lock(_merge({"a": one}, {"a": ours}, {"a": theirs}))) == to_json(Lock({"a": true}))


# What conflicts


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "said"),
    [
        pytest.param(
            BASE,
            MOVED,
            _entry(url="https://c.test", secret=SecretRecord("scrypt$x"), by=Run("r", EARLY, "ann")),
            f"hook: ours changed url ({LATE}), theirs changed url, secret",
            id="changed-otherwise",
        ),
        pytest.param(
            None,
            BASE,
            _entry("2", at=LATE, by=Run("r", EARLY, "ann")),
            f"hook: ours added hook as 1 at https://v.test owner=acme repo=api ({EARLY}), "
            f"theirs added hook as 2 at https://v.test owner=acme repo=api ({LATE}, ann)",
            id="two-ids",
        ),
        pytest.param(
            BASE,
            None,
            MOVED,
            f"hook: ours removed it, theirs changed url ({LATE})",
            id="removed-and-changed",
        ),
        pytest.param(
            BASE,
            _entry("2", at=LATE),
            _entry(secret=SecretRecord("scrypt$x"), at=LATE),
            f"hook: ours replaced 1 at https://v.test owner=acme repo=api by 2 at https://v.test owner=acme repo=api "
            f"({LATE}), theirs changed secret ({LATE})",
            id="replaced-and-changed",
        ),
        pytest.param(
            BASE,
            MOVED,
            BASE._replace(at="2026-11-23T12:00:00Z"),
            f"hook: ours changed url ({LATE}), theirs wrote again what it was before (2026-11-23T12:00:00Z)",
            id="undone-since",
        ),
    ],
)
def test_what_only_a_person_can_decide(base: Entry | None, ours: Entry | None, theirs: Entry | None, said: str) -> None:
    """Both sides of a conflict are told, and the marked text is no lock that a run would take."""
    three = [{"hook": entry} if entry is not None else {} for entry in (base, ours, theirs)]
    assert _said(*three) == [said]
    assert len(_said(three[0], three[2], three[1])) == 1


def test_two_names_for_one_webhook_conflict() -> None:
    """Renamed to two names, or bound to two names by two branches: one webhook has one name."""
    said = _said({"a": BASE}, {"b": BASE}, {"c": BASE})
    assert said == ["a: ours renamed it to b, theirs renamed it to c"]
    said = _said({}, {"a": BASE}, {"b": BASE})
    assert [text.partition(": ours")[0] for text in said] == ["a", "b"]
    assert said[0].endswith("; b would have that remote webhook, too")


def test_a_part_belongs_to_one_webhook() -> None:
    """The remote objects of webhooks that fan out have one owner each, too."""
    one, other = (_entry(None, parts=(Part("push", "9"),), url=url) for url in ("https://a.test", "https://b.test"))
    assert len(_said({}, {"a": one}, {"b": other})) == 2


def test_a_name_is_taken_once() -> None:
    """One side renames a webhook to the name that the other one gives to a new one: both are told."""
    said = _said({"a": BASE}, {"b": BASE}, {"a": BASE, "b": _entry("2")})
    assert [text.partition(":")[0] for text in said] == ["a", "b"]
    assert "would have the name b, too" in said[0]


def test_a_rename_of_what_is_removed_conflicts() -> None:
    """A removal undoes no rename in silence."""
    assert _said({"a": BASE}, {}, {"b": BASE}) == ["a: ours removed it, theirs renamed it to b"]


def test_what_one_side_has_twice_is_not_the_merges_fault() -> None:
    """A lock that binds one webhook to two names stays as it is; a plan tells of that."""
    twice = {"a": BASE, "b": BASE}
    assert _merge({}, twice, {}) == twice


def test_one_name_has_to_stay() -> None:
    """Each side let go of another of two names for one webhook: the merge does not let go of the webhook."""
    said = _said({"a": BASE, "b": BASE}, {"a": BASE}, {"b": BASE})
    assert said[0] == "a: ours left it as it was, theirs removed it; one name for that remote webhook has to stay"


# Secrets in sinks


def test_what_is_remembered_of_sinks() -> None:
    """What either side noted stays; what a webhook stores there now needs no note; of two, the later one is true."""
    early, late, unsure = (SecretRecord(f"scrypt${at}", at=at) for at in (EARLY, LATE, None))
    result = merged(Lock(), Lock(sinks={"a": early, "b": early}), Lock(sinks={"b": late, "c": early}))
    assert result.ours.sinks == {"a": early, "b": late, "c": early}
    stores = Lock({"x": _entry(secret=SecretRecord(stored="a"))})
    assert merged(Lock(), Lock(sinks={"a": early}), stores).ours.sinks == {}
    assert merged(Lock(sinks={"a": early}), Lock(), Lock(sinks={"a": early})).ours.sinks == {}
    result = merged(Lock(), Lock(sinks={"a": early}), Lock(sinks={"a": unsure}))
    assert [conflict.name for conflict in result.conflicts] == ["a"]
    with pytest.raises(StateError):
        from_json(marked(result.ours, result.theirs), "lock")


# Laws


@given(_locks())
def test_the_same_on_both_sides_is_taken(three: tuple[Lock, Lock, Lock]) -> None:
    """merge(base, x, x) = x, whatever it was before."""
    base, side, _ = three
    result = merged(base, side, side)
    assert result.conflicts == ()
    assert to_json(result.ours) == to_json(side)


@given(_locks())
def test_one_sides_changes_are_taken_whole(three: tuple[Lock, Lock, Lock]) -> None:
    """merge(base, x, base) = x and merge(base, base, x) = x, to the byte."""
    base, side, _ = three
    for result in (merged(base, side, base), merged(base, base, side)):
        assert result.conflicts == ()
        assert to_json(result.ours) == to_json(result.theirs) == to_json(side)


@given(_locks())
def test_no_side_is_preferred(three: tuple[Lock, Lock, Lock]) -> None:
    """Exchanging the sides exchanges the result's sides, and nothing else."""
    base, ours, theirs = three
    one, other = merged(base, ours, theirs), merged(base, theirs, ours)
    assert (to_json(one.ours), to_json(one.theirs)) == (to_json(other.theirs), to_json(other.ours))
    assert [each.name for each in one.conflicts] == [each.name for each in other.conflicts]


@given(_locks())
def test_no_id_is_lost(three: tuple[Lock, Lock, Lock]) -> None:
    """An id that a side has, and that the other one had no hand in removing, is in the merged lock; none is made up."""
    base, ours, theirs = three
    result = merged(base, ours, theirs)
    assume(not result.conflicts)
    before, mine, yours, now = (_ids(lock) for lock in (base, ours, theirs, result.ours))
    assert (mine | yours) - ((before - mine) | (before - yours)) <= now
    assert now <= mine | yours


def _ids(lock: Lock) -> set[str]:
    return {entry.remote_id for entry in lock.entries.values() if entry.remote_id is not None}


@given(_locks())
def test_a_merged_lock_loads(three: tuple[Lock, Lock, Lock]) -> None:
    """A merge is a lock in whsync's own spelling; a conflict is none, until each pair of markers has one side left."""
    base, ours, theirs = three
    result = merged(base, ours, theirs)
    assert from_json(to_json(result.ours), "lock") == result.ours
    if result.conflicts:
        text = marked(result.ours, result.theirs)
        with pytest.raises(StateError):
            from_json(text, "lock")
        chosen = list(_resolved(text))
        assert {to_json(result.ours), to_json(result.theirs)} <= set(chosen)
        for each in chosen:
            from_json(each, "lock")


def _resolved(text: str) -> Iterator[str]:
    """Every text that is left where one side of each pair of markers is kept."""
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if line == "<<<<<<< ours"]
    for kept in product((True, False), repeat=len(starts)):
        left, inside, which = [], None, iter(kept)
        for line in lines:
            if line == "<<<<<<< ours":
                inside = next(which)
            elif line == "=======":
                inside = not inside
            elif line == ">>>>>>> theirs":
                inside = None
            elif inside is not False:
                left.append(line)
        yield "\n".join(left)


def test_a_conflict_is_marked_where_it_is() -> None:
    """What is settled stands outside of the markers, also where the last webhook is one that a side removed."""
    base = {"a": BASE, "b": _entry("2"), "z": _entry("3")}
    result = merged(
        Lock(base), Lock(base | {"z": _entry("3", at=LATE, url="https://z.test")}), Lock({"a": BASE, "b": _entry("2")})
    )
    text = marked(result.ours, result.theirs)
    assert text.index('"a": {') < text.index("<<<<<<< ours") < text.index('"z": {')
    assert [json.loads(each)["webhooks"].keys() for each in _resolved(text)] == [{"a", "b", "z"}, {"a", "b"}]


def test_whole_files_between_markers_are_no_lock() -> None:
    """What could not be merged at all is no lock either, empty sides and sides without a last line's end included."""
    for ours, theirs in (("", ""), ("{}", to_json(Lock())), (to_json(Lock()), "x\n")):
        with pytest.raises(StateError):
            from_json(both(ours, theirs), "lock")
