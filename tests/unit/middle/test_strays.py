"""Creates whose answers were lost, of webhooks that the file wants elsewhere by now, or not at all."""

import pytest

from reconciler.matching.index import Place
from reconciler.model.action import Action
from reconciler.model.capabilities import Capabilities
from reconciler.model.webhook import Certainty, Observation, Remote, Scope
from reconciler.state.event import Intended
from reconciler.state.lock import Lock
from tests.unit.middle.build import ACCOUNT, ELSEWHERE, capabilities, entry, matching, only, planned, remote, webhook
from tests.unit.middle.build import seen as seen_at_once

SENT, AT_ONCE, LONG_AGO, MUCH_LATER = (
    "2026-11-20T12:00:00Z",
    "2026-11-20T12:00:01Z",
    "2026-11-19T12:00:00Z",
    "2026-11-20T13:00:00Z",
)
OURS = remote("r1", created_at=AT_ONCE)
MARKS = capabilities(marks=True)


def lost(account: str = ACCOUNT, scope: Scope = ()) -> Lock:
    """A lock with the open create of `w`, and an entry that owns `others`."""
    sent = Intended("w", Action.CREATE, "v", "vendor", account, scope, None, "https://a.example.com/x", SENT)
    return Lock({"other": entry("others", ELSEWHERE)}, {"w": sent})


def seen(*remotes: Remote, complete: bool = True) -> dict[Place, Observation]:
    """What was read, and what `other` has."""
    return seen_at_once(remote("others", ELSEWHERE), *remotes, complete=complete)


OTHER = webhook("other", ELSEWHERE)


@pytest.mark.parametrize(
    ("remotes", "api", "action"),
    [
        ([OURS], capabilities(), Action.DELETE),
        ([OURS, remote("r2", created_at=LONG_AGO)], capabilities(), Action.DELETE),
        ([remote("r1", mark="w")], MARKS, Action.DELETE),
        ([remote("r1", mark="w"), OURS._replace(remote_id="r2")], MARKS, Action.DELETE),
        ([], capabilities(), Action.FORGET),
        ([remote("r1", ELSEWHERE, created_at=AT_ONCE)], capabilities(), Action.FORGET),
        ([OURS._replace(mark="another's")], capabilities(), Action.FORGET),
    ],
)
def test_what_it_made_is_pruned_where_that_is_proven(remotes: list[Remote], api: Capabilities, action: Action) -> None:
    """Its mark proves it, else its URL and the time of its creation; where nothing fits, there is nothing to do."""
    made = planned([OTHER], seen(*remotes), lost(), api, prune=True)
    change = next(change for change in made.changes if change.name == "w")
    assert (change.action, made.problems) == (action, ())
    if action is Action.DELETE:
        assert change.remote_id == "r1"


@pytest.mark.parametrize(
    ("remotes", "api"),
    [
        ([remote("r1")], capabilities()),
        ([remote("r1", created_at=LONG_AGO)], capabilities()),
        ([remote("r1", created_at=MUCH_LATER)], capabilities()),
        ([OURS, remote("r2", created_at=AT_ONCE)], capabilities()),
        ([OURS, remote("r2")], capabilities()),
        ([OURS], MARKS),
        ([remote("r1", mark="w"), remote("r2", mark="w")], MARKS),
    ],
)
def test_nothing_is_pruned_on_a_guess(remotes: list[Remote], api: Capabilities) -> None:
    """What may be anybody's is looked at by the user; nothing is deleted, nothing forgotten."""
    made = planned([OTHER], seen(*remotes), lost(), api, prune=True)
    change = next(change for change in made.changes if change.name == "w")
    assert (change.action, [problem.kind for problem in made.problems]) == (Action.ORPHAN, ["ambiguous"])
    assert "whsync state rm w" in made.problems[0].hint


def test_it_is_told_as_what_it_is() -> None:
    """Found, it is no stranger; and nobody claims to know when it was applied."""
    made = planned([OTHER], seen(OURS), lost())
    change = next(change for change in made.changes if change.name == "w")
    assert (change.action, change.remote_id, change.last_applied) == (Action.ORPHAN, "r1", None)
    assert change.reason == f"no longer in the file; a create of it was sent on {SENT}, and its answer was lost"
    assert made.unmanaged == ()
    gone = planned([OTHER], seen(), lost())
    assert next(change for change in gone.changes if change.name == "w").reason.startswith(
        "no longer in the file, and not at the vendor; a create of it was sent"
    )


def test_what_another_webhook_takes_is_left_to_it() -> None:
    """The same webhook under a new name adopts it; the lost create is then no more than a memory."""
    made = planned([webhook("new"), OTHER], seen(OURS), lost(), prune=True)
    assert {change.name: change.action for change in made.changes} == {
        "new": Action.ADOPT,
        "other": Action.NOOP,
        "w": Action.FORGET,
    }


MOVED: Scope = (("repo", "old"),)
OLD: Place = ("v", MOVED)


@pytest.mark.parametrize(
    "old",
    [Observation((OURS,), complete=True), Observation((remote("r1"),)), Observation(), Observation(failed=True), None],
)
def test_a_webhook_does_not_move_before_its_create_is_settled(old: Observation | None) -> None:
    """Made in the old place, perhaps made there, not to be seen there: it stops as any that was moved, and says why."""
    places = seen_at_once() | ({OLD: old} if old is not None else {})
    found = matching([webhook()], places, Lock({}, lost(scope=MOVED).intents))
    problem = found.matched["w"].problem
    assert problem is not None
    assert problem.kind == "config"
    assert "its scope changed from repo=old to no scope, since a create of it was sent on" in problem.summary
    assert "whsync state rm w" in problem.hint
    assert found.orphans == {}


def test_another_account_is_another_place() -> None:
    """Nobody can look at the account that was left, so it stops."""
    found = matching([webhook()], seen_at_once(), Lock({}, lost(account="https://old.example.com").intents))
    assert found.matched["w"].problem is not None


def test_a_create_that_did_not_happen_is_no_obstacle() -> None:
    """Reading the old place shows that nothing was made there, so the webhook is made in the new one."""
    places = seen_at_once() | {OLD: Observation(complete=True)}
    assert only(planned([webhook()], places, Lock({}, lost(scope=MOVED).intents))).action is Action.CREATE


def test_a_list_that_may_have_shifted_settles_nothing() -> None:
    """Whoever is missing from several pages that were read once may be there: nothing is made, forgotten or moved."""
    half = seen_at_once(complete=False, shifting=True)
    assert matching([webhook()], half, Lock()).matched["w"].certainty is Certainty.UNKNOWN
    assert only(planned([], half, Lock({}, lost().intents), prune=True)).action is Action.ORPHAN
    places = seen_at_once() | {OLD: Observation(shifting=True)}
    assert matching([webhook()], places, Lock({}, lost(scope=MOVED).intents)).matched["w"].problem is not None
