"""A clock that is wrong, inside a child of `forks`: at each look by the next of some numbers of seconds."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from itertools import cycle


class Jumping:
    """Stands where a run has `datetime`."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds

    def now(self, zone: tzinfo) -> datetime:
        """What this process takes for the present."""
        return datetime.fromtimestamp(self._seconds(), zone)


def set_clock(off: Sequence[float]) -> None:
    """Make the clock of this process wrong by these seconds, in turn; spans are measured by another, which is right."""
    from reconciler.run import runtime
    from reconciler.wire.account import RunContext
    from reconciler.wire.clock import SYSTEM

    right, turn = time.time, cycle(off)

    def wrong() -> float:
        return right() + next(turn)

    time.time = wrong
    setattr(runtime, "datetime", Jumping(wrong))  # noqa: B010  # not on the class that all others have
    usual = RunContext.__new__.__defaults__
    assert usual is not None
    assert SYSTEM in usual
    RunContext.__new__.__defaults__ = tuple(SYSTEM._replace(now=wrong) if each is SYSTEM else each for each in usual)
