"""Which remote webhook is which of ours, and what may be believed about it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.matching.match import match
from reconciler.model.action import Action
from reconciler.model.webhook import Certainty, Fields, Part, Remote, SecretRecord
from tests.unit.middle.build import (
    ELSEWHERE,
    FAILED,
    UNREADABLE,
    capabilities,
    entry,
    fields,
    how,
    lock,
    matched,
    matching,
    remote,
    seen,
    webhook,
)


def test_the_first_step_with_a_candidate_decides() -> None:
    """Lock before mark before former name before natural key; taking one away reveals the next."""
    remotes = [
        remote("by-lock", ELSEWHERE),
        remote("by-mark", ELSEWHERE, mark="w"),
        remote("by-was", ELSEWHERE, mark="old"),
        remote("by-key", fields()),
    ]
    found = []
    for first in range(len(remotes) + 1):
        one = matched(webhook(was=("old",)), seen(*remotes[first:]), lock(w=entry("by-lock")))
        found.append((*how(one), one.certainty))
    assert found == [
        ("lock", "by-lock", Certainty.PRESENT),
        ("mark", "by-mark", Certainty.PRESENT),
        ("was", "by-was", Certainty.PRESENT),
        ("natural key", "by-key", Certainty.PRESENT),
        ("", None, Certainty.ABSENT),
    ]


def test_a_former_name_in_the_lock_comes_before_one_in_a_mark() -> None:
    """The lock's entry under the old name is carried over with its remote."""
    held = lock(old=entry("r1", ELSEWHERE))
    found = matching([webhook(was=("old",))], seen(remote("r1", ELSEWHERE), remote("r2", ELSEWHERE, mark="old")), held)
    assert how(found.matched["w"]) == ("was", "r1")
    assert found.matched["w"].entry_name == "old"
    assert found.orphans == {}


@pytest.mark.parametrize(
    ("step", "remotes"),
    [
        ("owner mark", [remote("r1", ELSEWHERE, mark="w"), remote("r2", ELSEWHERE, mark="w")]),
        ("former name", [remote("r1", ELSEWHERE, mark="old"), remote("r2", ELSEWHERE, mark="old")]),
        ("natural key", [remote("r1"), remote("r2")]),
    ],
)
def test_two_candidates_are_a_problem(step: str, remotes: list[Remote]) -> None:
    """Two fits at one step are never guessed between; the problem names both and the way out."""
    found = matched(webhook(was=("old",)), seen(*remotes))
    assert found.remote is None
    assert found.problem is not None
    assert found.problem.kind == "ambiguous"
    assert step in found.problem.summary
    assert "r1, r2" in found.problem.summary
    assert "whsync adopt w --id ID" in found.problem.hint


def test_what_another_entry_owns_is_not_taken_by_its_url() -> None:
    """The natural key finds only remotes that no other webhook of ours owns, by lock or by mark."""
    held = lock(other=entry("r1"))
    assert matched(webhook(), seen(remote("r1")), held).certainty is Certainty.ABSENT
    marked = matching([webhook(), webhook("other", ELSEWHERE)], seen(remote("r1", mark="other")), lock())
    assert how(marked.matched["w"]) == ("", None)
    assert how(marked.matched["other"]) == ("mark", "r1")


def test_of_another_remote_webhook_only_what_it_shows_is_believed() -> None:
    """Somebody deleted ours and made another like it: the lock's secret and unread options were the old one's."""
    held = entry("gone", fields(note="ours"), secret=SecretRecord("scrypt$14$S$D", None, None, "2026-11-20T12:00:00Z"))
    found = matched(webhook(wanted=fields(note="ours")), seen(remote("new")), lock(w=held))
    assert found.entry is not None
    assert "/note" not in found.entry.applied
    assert found.entry.applied.url == held.applied.url
    assert found.entry.secret == SecretRecord()
    same = matched(webhook(wanted=fields(note="ours")), seen(remote("gone")), lock(w=held))
    assert same.entry == held


def test_a_mark_that_nobody_here_knows_does_not_hide_a_webhook() -> None:
    """A stranger's mark is no owner of ours."""
    assert how(matched(webhook(), seen(remote("r1", mark="stranger")))) == ("natural key", "r1")


@given(st.permutations(["one", "two", "three"]))
def test_natural_keys_may_hold_events(order: list[str]) -> None:
    """A natural key compares URLs exactly and events as sets."""
    api = capabilities(natural_key=("/url", "/events"))
    want = fields(events=" ".join(order))
    remotes = seen(remote("r1", fields(events="one two three")), remote("r2"), remote("r3", ELSEWHERE))
    assert how(matched(webhook(wanted=want), remotes, api=api)) == ("natural key", "r1")


def test_urls_are_compared_exactly() -> None:
    """A slash or a case is another webhook."""
    near = (remote("r1", fields("https://a.example.com/x/")), remote("r2", fields("https://a.example.com/X")))
    assert matched(webhook(), seen(*near)).certainty is Certainty.ABSENT


def test_a_singleton_is_whatever_stands_there() -> None:
    """An account with one place for a webhook matches it whatever its URL and id."""
    api = capabilities(read="singleton")
    assert matched(webhook(), seen(remote("me", ELSEWHERE)), api=api).remote is not None
    assert matched(webhook(), seen(remote("me", ELSEWHERE)), lock(w=entry("gone")), api).entry is not None
    assert matched(webhook(), seen(), api=api).certainty is Certainty.ABSENT


@pytest.mark.parametrize(
    ("observed", "read", "known", "certainty"),
    [
        ({}, "list", "r1", Certainty.UNKNOWN),
        (FAILED, "list", "r1", Certainty.UNKNOWN),
        (FAILED, "list", None, Certainty.UNKNOWN),
        (seen(unknown=frozenset({"r1"})), "list", "r1", Certainty.UNKNOWN),
        (UNREADABLE, "none", "r1", Certainty.UNREADABLE),
        (UNREADABLE, "none", None, Certainty.UNREADABLE),
        (seen(), "list", "r1", Certainty.ABSENT),
        (seen(), "list", None, Certainty.ABSENT),
        (seen(complete=False), "list", "r1", Certainty.UNKNOWN),
        (seen(complete=False), "list", None, Certainty.UNKNOWN),
        (seen(complete=False, absent=frozenset({"r1"})), "by_id", "r1", Certainty.ABSENT),
        (seen(complete=False), "by_id", "r1", Certainty.UNKNOWN),
        (seen(complete=False), "by_id", None, Certainty.UNREADABLE),
        (seen(remote("r1"), complete=False), "by_id", "r1", Certainty.PRESENT),
    ],
)
def test_what_may_be_believed(observed: Any, read: Any, known: str | None, certainty: Certainty) -> None:
    """Absent is only what a complete read or a proven answer says; failures prove nothing; no read is said."""
    held = lock() if known is None else lock(w=entry(known))
    assert matched(webhook(), observed, held, capabilities(read=read)).certainty is certainty
    if known is not None:
        assert matching([], observed, held, capabilities(read=read)).orphans["w"].certainty is certainty


def test_a_failed_read_is_not_searched_further() -> None:
    """Where the known remote could not be read, a likely one is not taken for it."""
    found = matched(webhook(), seen(remote("r2"), unknown=frozenset({"r1"})), lock(w=entry("r1")))
    assert (found.remote, found.certainty) == (None, Certainty.UNKNOWN)


def test_a_part_that_could_not_be_read_makes_the_whole_unknown() -> None:
    """Half a webhook is not believed."""
    held = lock(w=entry("r1", parts=(Part("one", "p1"),)))
    assert matched(webhook(), seen(remote("r1"), unknown=frozenset({"p1"})), held).certainty is Certainty.UNKNOWN


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"account": "https://other.example.com"}, "https://other.example.com"),
        ({"type": "other-vendor"}, "other-vendor"),
        ({"scope": (("repo", "api"),)}, "scope changed from repo=api to no scope"),
    ],
)
def test_an_entry_of_another_place_stops_its_webhook(change: dict[str, Any], words: str) -> None:
    """A webhook whose account, vendor or scope moved is a problem that names both places, not a silent create."""
    found = matched(webhook(), seen(remote("r1")), lock(w=entry("r1", **change)))
    assert found.problem is not None
    assert found.problem.kind == "config"
    assert words in found.problem.summary
    assert "whsync state rm w" in found.problem.hint


def test_a_provider_may_be_renamed_but_not_exchanged() -> None:
    """An entry follows a provider that has a new name, and does not move to another that the file has as well."""
    held = lock(w=entry("r1", provider="before"))
    assert how(matched(webhook(), seen(remote("r1")), held)) == ("lock", "r1")
    both = match([webhook()], seen(remote("r1")), held, {"v": capabilities(), "before": capabilities()})
    assert both.matched["w"].problem is not None


@pytest.mark.parametrize(
    ("observed", "read", "known", "asks"),
    [
        (seen(remote("r1")), "list", None, False),
        (seen(remote("r1", ELSEWHERE, mark="w")), "list", None, False),
        (seen(), "list", None, False),
        (UNREADABLE, "none", None, True),
        (FAILED, "list", None, True),
        (seen(complete=False), "by_id", None, True),
        (seen(complete=False, absent=frozenset({"r1"})), "by_id", "r1", True),
        (seen(remote("r1"), complete=False), "by_id", "r1", False),
    ],
)
def test_a_lost_create_is_settled_by_reading_or_asks(observed: Any, read: Any, known: str | None, asks: bool) -> None:
    """A create whose answer was lost goes on only after a read that would have shown it; else it asks."""
    held = lock("w") if known is None else lock("w", w=entry(known))
    problem = matched(webhook(), observed, held, capabilities(read=read)).problem
    assert (problem is not None and problem.kind == "ambiguous") is asks


def test_the_way_out_of_a_lost_create_is_told() -> None:
    """The question names both answers."""
    problem = matched(webhook(), UNREADABLE, lock("w"), capabilities(read="none")).problem
    assert problem is not None
    assert "whsync adopt w --id ID" in problem.hint
    assert "whsync state rm w" in problem.hint


def test_an_open_update_does_not_stop_a_match() -> None:
    """Only a lost create may exist twice."""
    assert matched(webhook(), seen(), lock("w", Action.UPDATE)).problem is None


@given(st.permutations(range(6)), st.permutations(range(8)))
def test_order_changes_nothing(order: list[int], remote_order: list[int]) -> None:
    """Whatever order files and vendors give, the matching is the same."""
    urls = [fields(f"https://{number // 2}.example.com") for number in range(8)]
    desired = [webhook(f"w{number}", urls[number]) for number in range(6)]
    remotes = [remote(f"r{number}", urls[number], mark=f"w{number}" if number % 3 else None) for number in range(8)]
    held = lock(w1=entry("r0", urls[1]), w9=entry("r7", urls[1]))
    shuffled = matching([desired[i] for i in order], seen(*(remotes[i] for i in remote_order)), held)
    assert shuffled == matching(desired, seen(*remotes), held)


def test_a_remote_without_its_key_is_not_matched_by_it() -> None:
    """What a vendor does not show is never taken for equal."""
    assert matched(webhook(), seen(remote("r1", Fields()))).remote is None
