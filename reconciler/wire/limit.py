"""How fast calls may follow each other, and how long a run may wait in all: arithmetic on times passed in. [pure]

Used by `wire.drive`, which holds one of each for a provider entry and guards them with its lock.
"""

from typing import NamedTuple


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
