"""What keeps a run waiting, how many calls its vendors still take, and how much of it is done: values and words. [pure]

Made by `support.activity`; used by `wire.retry` and `render.progress`, too.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple


class Wait(NamedTuple):
    """Something that nobody can hurry; times are seconds since 1970.

    Args:
        who: who keeps us; of several waits for one, people need to see one.
        what: why, in words.
        begun: since when.
        until: when it ends; None where nobody knows.
        sure: it ends then and not sooner; else it is given up then.
        told: people know of it already, or need not.
    """

    who: str
    what: str
    begun: float
    until: float | None = None
    sure: bool = True
    told: bool = False

    @property
    def sentence(self) -> str:
        """What is told of a wait as it begins, with its end on the user's own clock."""
        assert self.until is not None
        return f"{self.what}: waiting {self.until - self.begun:.0f} s, until {_local(self.until):%Y-%m-%d %H:%M:%S}"

    def still(self, now: float) -> str:
        """What is told of a wait that goes on."""
        if self.until is None or now > self.until:
            return f"{self.what}: waiting for {now - self.begun:.0f} s so far"
        end = f"{_local(self.until):%H:%M:%S}"
        if self.sure:
            return f"{self.what}: {self.until - now:.0f} s left, until {end}"
        return f"{self.what}: waiting for {now - self.begun:.0f} s so far, until {end} at most"


class Left(NamedTuple):
    """How many more calls a vendor says it takes, and until when (seconds since 1970; None: it does not say)."""

    who: str
    calls: int
    until: float | None = None

    @property
    def sentence(self) -> str:
        """The same in words."""
        until = f" until {_local(self.until):%H:%M:%S}" if self.until is not None else ""
        return f"{self.who} takes {self.calls} more call{'' if self.calls == 1 else 's'}{until}"


class Seen(NamedTuple):
    """A look at a run: of each kind of thing how many are done and how many there are, the waits, and calls left."""

    counts: Mapping[str, tuple[int, int]] = {}
    waits: tuple[Wait, ...] = ()
    left: tuple[Left, ...] = ()


def _local(moment: float) -> datetime:
    return datetime.fromtimestamp(moment).astimezone()
