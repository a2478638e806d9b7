"""Events that are brought together: what is there already, in order, and nothing is waited for."""

import queue

import pytest

from reconciler.apply.grouping import grouped


@pytest.mark.parametrize(
    ("most", "groups"),
    [(1, [[1], [2], [3], [4], [5]]), (2, [[1, 2], [3, 4], [5]]), (5, [[1, 2, 3, 4, 5]]), (64, [[1, 2, 3, 4, 5]])],
)
def test_what_is_there_comes_together(most: int, groups: list[list[int]]) -> None:
    """Up to so many at once, until the end, which is in no group and is waited for where it has not come."""
    arriving: queue.Queue[int | None] = queue.Queue()
    for each in (1, 2, 3, 4, 5, None):
        arriving.put(each)
    assert list(grouped(arriving, most)) == groups
    assert arriving.empty()


def test_nothing_is_waited_for() -> None:
    """A single event is a group at once; what comes later is the next one."""
    arriving: queue.Queue[int | None] = queue.Queue()
    arriving.put(1)
    groups = grouped(arriving)
    assert next(groups) == [1]
    arriving.put(2)
    arriving.put(None)
    assert list(groups) == [[2]]
