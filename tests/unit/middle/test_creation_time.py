"""A create whose answer was lost, at vendors that say when each webhook was made."""

import pytest

from reconciler.model.action import Action
from reconciler.model.webhook import Remote
from reconciler.state.event import Intended
from reconciler.state.lock import Lock
from tests.unit.middle.build import ACCOUNT, ELSEWHERE, entry, matched, only, planned, remote, seen, webhook

SENT = "2026-11-20T12:00:00Z"
LONG_AGO, SHORTLY_BEFORE, AT_ONCE, LATER = (
    "2026-11-20T11:54:59Z",  # more than five minutes before
    "2026-11-20T11:55:01Z",  # the vendor's clock may be slow
    "2026-11-20T12:00:00+00:00",
    "2026-11-20T13:00:00.25+01:00",
)
MUCH_LATER = "2026-11-20T12:20:00Z"  # or at once, where this machine's clock was twenty minutes behind
EPOCH_SECONDS, EPOCH_MILLISECONDS = "1795176001", "1795176001000"  # a second after it was sent
SOME_DAY = "2026-11-20"


def lost(action: Action = Action.CREATE, **held: str) -> Lock:
    """A lock with an open intent for `w`, and entries that own remote ids."""
    intent = Intended("w", action, "v", "vendor", ACCOUNT, (), None, "https://a.example.com/x", SENT)
    return Lock({name: entry(remote_id) for name, remote_id in held.items()}, {"w": intent})


def made(**times: str | None) -> list[Remote]:
    """Remotes with the same natural key, by id, each with the time of its creation."""
    return [remote(remote_id, created_at=time) for remote_id, time in times.items()]


@pytest.mark.parametrize(
    ("times", "ours"),
    [
        ({"old": LONG_AGO, "new": LATER}, "new"),
        ({"new": AT_ONCE, "old": LONG_AGO}, "new"),
        ({"old": LONG_AGO, "new": SHORTLY_BEFORE}, "new"),
        ({"old": LONG_AGO, "older": LONG_AGO, "new": LATER}, "new"),
        ({"old": LONG_AGO, "new": EPOCH_SECONDS}, "new"),
        ({"old": LONG_AGO, "new": EPOCH_MILLISECONDS}, "new"),
        ({"a": LATER, "b": LATER}, None),
        ({"ours by a fast clock": LONG_AGO, "somebody's": MUCH_LATER}, None),
        ({"somebody's": LONG_AGO, "ours by a slow clock": MUCH_LATER}, None),
        ({"somebody's": MUCH_LATER, "ours": AT_ONCE}, "ours"),
        ({"a": LATER, "b": SHORTLY_BEFORE}, None),
        ({"a": LONG_AGO, "b": LONG_AGO}, None),
        ({"a": LATER, "b": None}, None),
        ({"a": LATER, "b": SOME_DAY}, None),
        ({"a": LATER, "b": "yesterday"}, None),
        ({"a": LATER, "b": "9" * 40}, None),
    ],
)
def test_of_several_the_one_made_since_is_ours(times: dict[str, str | None], ours: str | None) -> None:
    """One candidate made when the create was sent, clocks apart by minutes at most, is taken; anything else asks."""
    found = matched(webhook(), seen(*made(**times)), lost())
    assert (found.remote and found.remote.remote_id) == ours
    assert (found.problem is not None and found.problem.kind == "ambiguous") is (ours is None)


@pytest.mark.parametrize("time", [LONG_AGO, LATER])
def test_time_decides_only_for_a_lost_create(time: str) -> None:
    """Without an open create, two that fit are as ambiguous as ever."""
    remotes = seen(*made(a=LONG_AGO, b=time))
    assert matched(webhook(), remotes, Lock()).problem is not None
    assert matched(webhook(), remotes, lost(Action.UPDATE)).problem is not None


def test_time_does_not_decide_for_a_webhook_that_the_lock_has() -> None:
    """Where an entry is there, what was made since may be anybody's."""
    assert matched(webhook(), seen(*made(a=LONG_AGO, b=LATER)), lost(w="gone")).problem is not None


def test_what_another_owns_is_no_candidate() -> None:
    """A webhook made since that belongs to another entry is not taken, and does not stand in the way."""
    remotes = [*made(old=LONG_AGO, new=LATER, others=LATER)]
    found = matched(webhook(), seen(*remotes), lost(other="others"))
    assert found.remote is not None
    assert found.remote.remote_id == "new"
    assert (
        matched(webhook(), seen(*made(old=LONG_AGO, others=LATER)), lost(other="others")).remote
        == made(old=LONG_AGO)[0]
    )


@pytest.mark.parametrize(
    ("remotes", "reason"),
    [
        (
            made(one=LONG_AGO),
            "by its url; it was there before the create of 2026-11-20T12:00:00Z, whose answer was lost",
        ),
        (made(one=LATER), "by its url; made since the create of 2026-11-20T12:00:00Z, whose answer was lost"),
        (made(old=LONG_AGO, new=LATER), "by its url; made since the create of"),
        (made(one=None), "by its url"),
        ([remote("one", ELSEWHERE, mark="w", created_at=LATER)], "by its owner mark; made since the create of"),
    ],
)
def test_an_adoption_says_whether_the_lost_create_made_it(remotes: list[Remote], reason: str) -> None:
    """The natural key decides as ever; who reads the plan learns whether it is an older webhook that is adopted."""
    change = only(planned([webhook()], seen(*remotes), lost()))
    assert change.action is Action.ADOPT
    assert reason in change.reason
    assert ("create of" in change.reason) is ("create of" in reason)
