"""How fast, and how long in all."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.providers.vendor import CallLimits
from reconciler.wire.limit import MOST_USUAL, USUAL, Budget, Pace, Reading, in_flight, limited_by

moments = st.lists(st.floats(0, 1000), max_size=40).map(sorted)


@given(moments, st.floats(0.1, 100))
def test_calls_keep_their_distance(asked: list[float], per_second: float) -> None:
    """Two calls never start closer than the pace allows, and none starts before it was asked for."""
    pace, starts = Pace(per_second), []
    for moment in asked:
        pace, start = pace.reserve(moment)
        assert start >= moment
        starts.append(start)
    assert all(later - earlier >= 1 / per_second - 1e-6 for earlier, later in pairwise(starts))


def test_no_cap_means_at_once() -> None:
    """Zero calls a second is no cap, not a standstill."""
    assert Pace(0).reserve(5.0) == (Pace(0), 5.0)


def test_an_idle_account_saves_nothing_up() -> None:
    """After a pause the pace is the same as ever: no burst."""
    pace, first = Pace(2).reserve(100.0)
    assert (first, pace.reserve(100.0)[1]) == (100.0, 100.5)


@given(moments, st.lists(st.floats(0, 60), min_size=40, max_size=40), st.floats(0, 300), st.floats(0, 60))
def test_the_budget_is_never_exceeded(asked: list[float], waits: list[float], limit: float, least: float) -> None:
    """What is granted is, in all, no longer than the limit; each wait is between what suffices and what was asked."""
    budget, covered = Budget(limit), []
    for moment, seconds in zip(asked, waits, strict=False):
        granted = budget.spend(moment, seconds, least)
        if granted is not None:
            budget, end = granted
            assert moment + min(least, seconds) <= end <= moment + seconds
            covered.append((moment, end))
    assert budget.spent <= limit
    assert _length(covered) <= limit + 1e-6


def test_waits_at_the_same_time_count_once() -> None:
    """Eight threads that wait for the same half minute have waited half a minute."""
    budget = Budget(40)
    for _ in range(8):
        granted = budget.spend(0, 30)
        assert granted is not None
        budget, _ = granted
    assert budget.spend(30, 11) is None
    assert budget.spend(30, 10) is not None


def test_the_last_wait_takes_what_is_left() -> None:
    """A pause that need not be so long ends with the budget, and then there is none left."""
    granted = Budget(10).spend(0, 30, least=10)
    assert granted is not None
    assert granted == (Budget(10, 10, 10), 10)
    assert granted[0].spend(10, 1, least=0.5) is None
    assert Budget(10).spend(0, 30, least=11) is None


def _length(spans: list[tuple[float, float]]) -> float:
    """How much time the spans cover together."""
    total, end = 0.0, 0.0
    for begin, finish in sorted(spans):
        total += max(0.0, finish - max(begin, end))
        end = max(end, finish)
    return total


def test_calls_in_flight_where_nobody_says_how_many() -> None:
    """What the accounts' limits add up to, within reason; one account's own limit is never cut."""
    assert in_flight([]) == in_flight([CallLimits(reads=8, writes=10)]) == USUAL
    assert in_flight([CallLimits(reads=8)] * 3) == 24
    assert in_flight([CallLimits(reads=8)] * 50) == MOST_USUAL
    assert in_flight([CallLimits(reads=8), CallLimits(reads=100)]) == 100


@pytest.mark.parametrize(
    ("accounts", "workers", "told"),
    [
        ({"github": Reading(1000, 8)}, 16, "github.limits.reads = 8"),
        ({"github": Reading(1000, 50)}, 16, "parallelism = 16"),
        ({"github": Reading(79, 8)}, 16, ""),
        ({"github": Reading(80, 8), "gitlab": Reading(900, 4)}, 64, "gitlab.limits.reads = 4"),
        ({"github": Reading(80, 8), "gitlab": Reading(900, 4)}, 11, "parallelism = 11"),
        ({"github": Reading(80, 8), "gitlab": Reading(3, 4)}, 8, "github.limits.reads = 8"),
    ],
)
def test_what_reading_was_limited_by(accounts: dict[str, Reading], workers: int, told: str) -> None:
    """The one setting that would make long reading quicker; short reading needs none."""
    assert limited_by(accounts, workers) == told
