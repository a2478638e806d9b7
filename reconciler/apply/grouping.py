"""Events on their way to the lock, brought together where one write takes them all. Used by `apply.scheduler`."""

import queue
from collections.abc import Iterator
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")

MOST = 64
"""How many events are brought together."""


def grouped(arriving: "queue.Queue[T | None]", most: int = MOST) -> Iterator[list[T]]:
    """What arrives until None does: whatever is there already comes with the first of it, and nothing is waited for.

    Args:
        arriving: in order; None ends it.
        most: how many come together.
    """
    while (first := arriving.get()) is not None:
        group: list[T] = [first]
        more: T | None = first
        with suppress(queue.Empty):
            while len(group) < most and (more := arriving.get_nowait()) is not None:
                group.append(more)
        yield group
        if more is None:
            return
