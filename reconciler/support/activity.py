"""What a run is doing: how much of it is done, and what it waits for. Threads may share it.

Whoever sleeps, or asks what may take long, says so here, so that no wait is silent: `wire.drive` of vendors,
`secrets.source` and its neighbours of commands and managers, `cli.session` of other runs. `cli.progress` shows it.
"""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from reconciler.support.waits import Left, Seen, Wait


class Activity:
    """What one run is doing now.

    Args:
        tell: receives a line for each wait that is told as it begins; None where nobody listens.
        hide: what is told passes it, so that it holds no secret.
        now: seconds since 1970.
    """

    def __init__(
        self,
        tell: Callable[[str], object] | None = None,
        hide: Callable[[str], str] = str,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._tell, self._hide, self._now = tell, hide, now
        self._lock = threading.Lock()
        self._keys = itertools.count()
        self._waits: dict[int, Wait] = {}
        self._counts: dict[str, tuple[int, int]] = {}
        self._left: dict[str, Left] = {}

    @contextmanager
    def waiting(
        self,
        who: str,
        what: str,
        *,
        seconds: float | None = None,
        most: float | None = None,
        tell: bool = False,
        known: bool = False,
    ) -> Iterator[None]:
        """While inside, something is waited for.

        Args:
            who: see `Wait`.
            what: see `Wait`.
            seconds: how long, where that is sure.
            most: after how long it is given up, where only that is known.
            tell: say so at once; else whoever shows progress tells of it once it has taken a while.
            known: people know of it, or it is too short for them to notice.
        """
        length, begun = most if seconds is None else seconds, self._now()
        wait = Wait(who, what, begun, None if length is None else begun + length, seconds is not None, known or tell)
        with self._lock:
            key = next(self._keys)
            self._waits[key] = wait
        try:
            if tell and self._tell is not None:
                with suppress(Exception):  # what cannot be told changes nothing of what is done
                    self._tell(self._hide(wait.sentence))
            yield
        finally:
            with self._lock:
                del self._waits[key]

    def begin(self) -> None:
        """Something else is done from now on: what was counted so far is over."""
        with self._lock:
            self._counts = {}

    def expect(self, kind: str, number: int) -> None:
        """So many more things of this kind are to be done."""
        with self._lock:
            done, total = self._counts.get(kind, (0, 0))
            self._counts[kind] = done, total + number

    def did(self, kind: str) -> None:
        """One of them is done."""
        with self._lock:
            done, total = self._counts.get(kind, (0, 0))
            self._counts[kind] = done + 1, max(total, done + 1)

    def allowed(self, left: Left | None) -> None:
        """A vendor has said how many more calls it takes; None where it says nothing of that."""
        if left is not None:
            with self._lock:
                self._left[left.who] = left

    def seen(self) -> Seen:
        """A look at all of it, the longest wait first; no secret is in it."""
        with self._lock:
            waits, counts, left = list(self._waits.values()), dict(self._counts), list(self._left.values())
        waits.sort(key=lambda wait: (-(wait.until or 0.0), wait.begun))
        shown = (wait._replace(who=self._hide(wait.who), what=self._hide(wait.what)) for wait in waits)
        return Seen(counts, tuple(shown), tuple(each._replace(who=self._hide(each.who)) for each in left))
