"""Lanes that take turns on a few threads: all is done, in the order of each lane, and one failure stops no other."""

import threading
from collections.abc import Iterator

import pytest

from reconciler.support.turns import Gate, Lane, Stage, take_turns
from tests.waiting import PATIENCE


def test_a_thousand_lanes_need_no_thousand_threads() -> None:
    """However many lanes there are, no more threads work, and no more lanes are under way."""
    threads, under_way, most = set[int](), set[int](), 0

    def lane(number: int) -> Lane:
        nonlocal most
        under_way.add(number)
        most = max(most, len(under_way))
        yield Stage(1, [lambda: threads.add(threading.get_ident())] * 3)
        under_way.discard(number)

    take_turns(map(lane, range(1000)), 4, "test")
    assert not under_way
    assert len(threads) <= 4
    assert most <= 4


def test_a_lane_has_its_own_limit_and_leaves_threads_to_others() -> None:
    """A lane that takes one task at a time does not hold the threads that another needs."""
    slow, others = threading.Event(), threading.Barrier(3)

    def one_by_one() -> Lane:
        yield Stage(1, [lambda: slow.wait(PATIENCE), lambda: None])

    def beside() -> Lane:
        yield Stage(3, [lambda: others.wait(PATIENCE)] * 3)
        slow.set()

    take_turns([one_by_one(), beside()], 4, "test")
    assert slow.is_set()


def test_a_stage_begins_when_the_one_before_is_done() -> None:
    """What a lane does later sees all that it did before."""
    done: list[str] = []

    def lane() -> Lane:
        yield Stage(3, [lambda: done.append("a")] * 3)
        assert done == ["a"] * 3
        yield Stage(1, [])
        yield Stage(2, [lambda: done.append("b")] * 2)
        assert done == [*"aaabb"]

    take_turns([lane()], 3, "test")
    assert done == [*"aaabb"]


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_a_gate_waits_for_the_others(threads: int) -> None:
    """Lanes before a gate take no thread and no place from those that open it."""
    made: list[int] = []

    def lane(number: int) -> Lane:
        yield Stage(1, [lambda: made.append(number)])
        yield Gate(lambda: len(made) >= 40)
        yield Stage(1, [lambda: made.append(-number)])

    take_turns(map(lane, range(1, 41)), threads, "test")
    assert sorted(made[:40]) == [*range(1, 41)]
    assert sorted(made[40:]) == [*range(-40, 0)]


def test_a_failure_ends_its_lane_once_its_stage_is_done() -> None:
    """It is raised in the lane, which tidies up, and at the end; the other lanes are done by then."""
    done: list[str] = []

    def fail() -> None:
        raise ValueError("one")

    def broken() -> Iterator[Stage]:
        try:
            yield Stage(1, [fail, lambda: done.append("beside")])
            done.append("never")
        finally:
            done.append("tidy")

    def lane() -> Lane:
        for _ in range(3):
            yield Stage(1, [lambda: done.append("other")])

    with pytest.raises(ValueError, match="one"):
        take_turns([broken(), lane()], 1, "test")  # type: ignore[list-item]  # a lane is a generator
    assert sorted(done) == ["beside", "other", "other", "other", "tidy"]
    assert done.index("beside") < done.index("tidy")
