"""What a whole plan says: orphans, prune, targets, offline, reassert, guards, notes."""

from typing import Any

import pytest

from reconciler.errors import Problem, UsageError
from reconciler.model.action import Action
from reconciler.model.secret import SecretRef, SecretSpec, SecretState, SecretStatus
from reconciler.model.webhook import Certainty, Part
from reconciler.planning.policy import Policy, Threshold
from reconciler.state.lock import Lock
from reconciler.support.targets import select
from tests.unit.middle.build import (
    FAILED,
    UNREADABLE,
    capabilities,
    entry,
    fields,
    lock,
    only,
    planned,
    remote,
    seen,
    webhook,
)

ORPHANED = lock(w=entry())
THERE = seen(remote())


@pytest.mark.parametrize(
    ("observed", "api", "held", "action", "refused", "problems"),
    [
        (THERE, {}, {}, Action.DELETE, False, []),
        (THERE, {"retire": "deactivate"}, {}, Action.DEACTIVATE, False, []),
        (THERE, {"retire": "none"}, {}, Action.ORPHAN, True, []),
        (seen(), {}, {}, Action.FORGET, False, []),
        (seen(), {}, {"protect": True}, Action.FORGET, False, []),
        (THERE, {}, {"protect": True}, Action.DELETE, True, []),
        (UNREADABLE, {"read": "none"}, {}, Action.ORPHAN, True, []),
        (FAILED, {}, {}, Action.ORPHAN, False, ["vendor"]),
        ({}, {}, {}, Action.ORPHAN, False, ["vendor"]),
        (THERE, {}, {"provider": "gone"}, Action.ORPHAN, False, ["config"]),
        (THERE, {"type": "another"}, {}, Action.ORPHAN, False, ["config"]),
    ],
)
def test_pruning_an_orphan(
    observed: Any, api: Any, held: Any, action: Action, refused: bool, problems: list[str]
) -> None:
    """Prune retires what it sees, forgets what is proven gone, refuses what it must or cannot, reports blindness."""
    made = planned([], observed, lock(w=entry(**held)), capabilities()._replace(**api), prune=True, prune_all=True)
    assert (only(made).action, bool(made.refusals), [p.kind for p in made.problems]) == (action, refused, problems)
    assert bool(only(made).calls) is (action in (Action.DELETE, Action.DEACTIVATE))
    if action is Action.ORPHAN and problems != ["vendor"]:
        assert "whsync state rm w" in str((made.refusals, made.problems))


@pytest.mark.parametrize("observed", [THERE, seen(), UNREADABLE, FAILED])
def test_without_prune_an_orphan_stays_and_is_a_difference(observed: Any) -> None:
    """An orphan is reported, changes nothing and is no problem of its own."""
    made = planned([], observed, ORPHANED)
    assert (only(made).action, made.differs, made.writes) == (Action.ORPHAN, True, 0)
    assert (made.problems, made.refusals) == ((), ())


def test_pruning_never_takes_a_remote_that_another_webhook_has() -> None:
    """The orphan of a singleton under a new name is forgotten, its remote is the new one's."""
    made = planned(
        [webhook("new")], seen(remote("me")), lock(old=entry("me")), capabilities(read="singleton"), prune=True
    )
    assert {change.name: change.action for change in made.changes} == {"new": Action.ADOPT, "old": Action.FORGET}


def test_removing_a_block_does_not_remove_its_protection() -> None:
    """A protected orphan says that it is protected before anybody prunes."""
    assert "protected" in str(only(planned([], THERE, lock(w=entry(protect=True)))).notes)


def test_unknown_is_reported_once() -> None:
    """A failed read makes one problem: the one of the read, or ours where nobody reported any."""
    told = Problem("network", "v could not be read", provider="v")
    assert planned([webhook()], FAILED, problems=[told]).problems == (told,)
    assert [problem.name for problem in planned([webhook()], FAILED).problems] == ["w"]


@pytest.mark.parametrize("prune", [True, False])
@pytest.mark.parametrize("held", [lock(), lock(w=entry()), lock(other=entry())])
def test_unknown_never_creates_or_deletes(held: Any, prune: bool) -> None:
    """Whatever the lock says, a failed read leads to no write."""
    made = planned([webhook()], FAILED, held, prune=prune)
    assert made.writes == 0
    assert {change.action for change in made.changes} <= {Action.NOOP, Action.ORPHAN}


def test_unreadable_is_unverified_and_dated() -> None:
    """What cannot be read is never in sync; the plan says when it was last applied."""
    change = only(planned([webhook()], UNREADABLE, lock(w=entry(at="2026-11-20T00:00:00Z"))))
    assert (change.action, change.unverified, change.last_applied) == (Action.NOOP, True, "2026-11-20T00:00:00Z")


def test_reassert_sends_what_cannot_be_read() -> None:
    """`--reassert` sends every managed field of an unreadable webhook, and the unreadable ones of a readable one."""
    change = only(planned([webhook()], UNREADABLE, ORPHANED, reassert=True))
    assert (change.action, change.sends, len(change.calls)) == (Action.UPDATE, ("/events", "/url"), 1)
    api, wanted = capabilities(unreadable=frozenset({"/status"})), fields(status="active")
    for reassert, sends in ((True, ("/status",)), (False, ())):
        made = planned([webhook(wanted=wanted)], THERE, lock(w=entry(applied=wanted)), api, reassert=reassert)
        assert only(made).sends == sends
    assert only(planned([webhook()], THERE, ORPHANED, reassert=True)).action is Action.NOOP
    fixed = capabilities(read="none", immutable=frozenset({"/url"}))
    assert only(planned([webhook()], UNREADABLE, ORPHANED, fixed, reassert=True)).sends == ("/events",)


@pytest.mark.parametrize("lost", [Action.CREATE, Action.UPDATE])
def test_a_lost_write_asks_unless_it_is_sent_again(lost: Action) -> None:
    """Where nothing can be read, an open write stops its webhook; `--reassert` is the answer to it."""
    held = lock("w", lost, w=entry())
    made = planned([webhook()], UNREADABLE, held)
    assert (only(made).action, [p.kind for p in made.problems]) == (Action.NOOP, ["ambiguous"])
    assert "whsync apply --reassert --target w" in made.problems[0].hint
    again = planned([webhook()], UNREADABLE, held, reassert=True)
    assert (only(again).action, again.problems) == (Action.UPDATE, ())


def test_a_lost_answer_that_reading_settles_is_proven() -> None:
    """A webhook with an open write that was read carries the digest of what was read, even if nothing is to be done."""
    assert only(planned([webhook()], THERE, lock("w", Action.UPDATE, w=entry()))).observed is not None


def test_offline_compares_with_the_lock_and_says_so() -> None:
    """Offline nothing is read: unchanged is unverified, changed is planned, unknown is a create that says so."""
    desired = [webhook("same"), webhook("edited", fields(events="one")), webhook("fresh")]
    held = lock(same=entry("r1"), edited=entry("r2"), lost=entry("r3"))
    made = planned(desired, {}, held, offline=True, prune=True)
    actions = {change.name: (change.action, change.certainty) for change in made.changes}
    assert actions == {
        "same": (Action.NOOP, Certainty.UNREADABLE),
        "edited": (Action.UPDATE, Certainty.UNREADABLE),
        "fresh": (Action.CREATE, Certainty.UNREADABLE),
        "lost": (Action.ORPHAN, Certainty.UNREADABLE),
    }
    reasons = {change.name: change.reason for change in made.changes}
    assert "offline" in reasons["same"]
    assert "offline" in reasons["fresh"]
    assert (made.problems, made.refusals) == ((), ())


def test_targets_leave_everything_else_out() -> None:
    """A target plans its own webhook, family or orphan and refuses nothing for the others."""
    plain = fields("http://x.example.com")
    desired = [webhook("ci[a]"), webhook("ci[b]", fields("https://b.example.com")), webhook("x", plain)]
    held = lock(lost=entry("r9"))

    def names(*targets: str) -> list[str]:
        made = planned(desired, seen(), held, targets=targets)
        assert made.refusals == ()
        return [change.name for change in made.changes]

    assert names("ci") == ["ci[a]", "ci[b]"]
    assert names("ci[b]", "lost") == ["ci[b]", "lost"]
    assert planned(desired, seen(), held).refusals[0].name == "x"


def test_an_unknown_target_is_wrong_usage_with_suggestions() -> None:
    """A misspelt target names what it could have been."""
    with pytest.raises(UsageError) as caught:
        select([("ledger", "p"), ("ci[api]", "p")], ["leger"])
    assert "leger" in caught.value.summary
    assert "ledger" in caught.value.hint


@pytest.mark.parametrize(("unmanaged", "listed", "refused"), [("report", 1, 0), ("ignore", 0, 0), ("deny", 1, 1)])
def test_what_the_policy_says_about_strangers(unmanaged: Any, listed: int, refused: int) -> None:
    """Unmanaged webhooks are reported, ignored or refused, and never touched."""
    made = planned([], THERE, policy=Policy(unmanaged=unmanaged))
    assert (len(made.unmanaged), len(made.refusals), made.writes) == (listed, refused, 0)


def test_the_threshold_counts_per_provider_and_yields_to_the_option() -> None:
    """Four of ten changed (tombstones do not count): 30% refuses, `--max-changed 4` lets it pass, `2` refuses again."""
    urls = [fields(f"https://{number}.example.com") for number in range(10)]
    desired = [webhook(f"w{n}", fields(f"https://{n}.example.com", "one" if n < 4 else "one two")) for n in range(10)]
    tombs = {f"t{n}": entry(f"t{n}", retired=True) for n in range(10)}
    held = Lock(tombs | {f"w{n}": entry(f"r{n}", urls[n]) for n in range(10)})
    observed = seen(*(remote(f"r{n}", urls[n]) for n in range(10)))
    policy = Policy(max_changed=Threshold(30, percent=True))
    refused = [
        bool(planned(desired, observed, held, policy=policy, max_changed=over).refusals)
        for over in (None, "4", "40%", "2")
    ]
    assert refused == [True, False, False, True]


def test_parts_that_cannot_be_removed_are_orphan_parts() -> None:
    """Dropping an event at a vendor without delete says what stays, and what stayed is told and no difference."""
    api = capabilities(fan_out=True, retire="none")
    dropped = only(planned([webhook(wanted=fields(events="one"))], THERE, ORPHANED, api))
    assert dropped.action is Action.UPDATE
    assert any("two stays at the vendor" in note for note in dropped.notes)
    stayed = entry(applied=fields(events="one"), orphan_parts=(Part("two"),))
    settled = only(planned([webhook(wanted=fields(events="one"))], THERE, lock(w=stayed), api))
    assert settled.action is Action.NOOP
    assert any("two stays at the vendor" in note for note in settled.notes)


def test_adopting_an_unverifiable_secret_succeeds_and_says_how_to_own_it() -> None:
    """An adopted webhook whose secret nobody shows names the way to own it."""
    spec, status = SecretSpec(source=SecretRef("env", "S")), SecretStatus(SecretState.UNVERIFIABLE)
    change = only(planned([webhook(secret=spec)], THERE, secrets={"w": status}))
    assert (change.action, change.calls) == (Action.ADOPT, ())
    assert any("whsync rotate w" in note for note in change.notes)


def test_a_webhook_that_comes_back_switched_off_says_so() -> None:
    """A pruned webhook that is wanted again without a status tells that it is still off."""
    change = only(planned([webhook()], THERE, lock(w=entry(retired=True))))
    assert any("status: active" in note for note in change.notes)


def test_changes_are_sorted_and_findings_kept() -> None:
    """Changes go by provider and name; findings of what is not planned are left out."""
    desired = [webhook("b", fields("https://b.example.com")), webhook("a")]
    observed = seen(remote("r1", note="failing"))
    assert [change.name for change in planned(desired, observed).changes] == ["a", "b"]
    assert [finding.name for finding in planned(desired, observed).findings] == ["a"]
    assert planned(desired, observed, targets=("b",)).findings == ()
