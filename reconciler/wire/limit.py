"""How many calls may be in flight, how fast they may follow each other, and how long a run may wait in all. [pure]

Used by `run.runtime`, and by `wire.drive`, which holds a pace and a budget for each provider entry.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from reconciler.providers.vendor import CallLimits

USUAL = 16
"""As many calls in flight, or secrets asked for at once, where nobody says how many and the limits are few."""
MOST_USUAL = 64
"""Calls in flight beyond which threads cost more than they win, where nobody asked for more."""
MANY = 10
"""As many calls as this for each that may be in flight take long enough to say what they waited for."""


class Reading(NamedTuple):
    """The reads of one account: how many there were, and how many may be in flight."""

    calls: int
    at_once: int


def in_flight(accounts: Iterable[CallLimits]) -> int:
    """The calls in flight where nobody says how many: as many as the accounts' limits allow together, within reason."""
    most = [max(each.reads, each.writes) for each in accounts]
    return max(USUAL, min(sum(most), MOST_USUAL), *most)


def limited_by(accounts: Mapping[str, Reading], workers: int) -> str:
    """Which setting kept reading from being quicker, with its value; empty where no account had many reads.

    Args:
        accounts: by the names of provider entries.
        workers: calls in flight over all of them.
    """
    busy = {name: each for name, each in accounts.items() if each.calls >= MANY * min(each.at_once, workers)}
    if not busy:
        return ""
    if workers < sum(each.at_once for each in busy.values()):
        return f"parallelism = {workers}"
    name = max(busy, key=lambda each: busy[each].calls / busy[each].at_once)
    return f"{name}.limits.reads = {busy[name].at_once}"


class Pace(NamedTuple):
    """An even pace: at most `per_second` calls a second (0: no cap), none saved up while idle."""

    per_second: float
    free_at: float = 0.0

    def reserve(self, now: float) -> tuple["Pace", float]:
        """Take the next free moment.

        Returns:
            The pace afterwards, and the moment (not before `now`) at which the call may start.
        """
        if self.per_second <= 0:
            return self, now
        start = max(now, self.free_at)
        return self._replace(free_at=start + 1 / self.per_second), start


class Budget(NamedTuple):
    """The longest time that a run may spend waiting; waits of several threads that overlap count once.

    Args:
        limit: seconds in all.
        spent: seconds promised so far.
        until: the end of the latest wait.
    """

    limit: float
    spent: float = 0.0
    until: float = 0.0

    def spend(self, now: float, seconds: float, least: float | None = None) -> "tuple[Budget, float] | None":
        """Take a wait of `seconds` from `now`; what is left of the limit, where that is less and at least `least`.

        Returns:
            The budget afterwards and the moment at which the wait ends, or None where there is not enough left.
        """
        begin, end = max(now, self.until), now + seconds
        spent = self.spent + max(0.0, end - begin)
        if spent > self.limit:
            spent, end = self.limit, begin + self.limit - self.spent
            if least is None or end < now + least:
                return None
        return self._replace(spent=spent, until=max(self.until, end)), end
