"""Tells on stderr what a command is busy with: lines at the foot of a terminal, elsewhere a line now and then.

Used by `cli.session`, `cli.locks` and `cli.adopt`. What is told comes from `support.activity`, to which all that waits
says so; the words are `render.progress`'s.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from reconciler.errors import WhsyncError
from reconciler.render import progress as words
from reconciler.support.waits import Seen, Wait

if TYPE_CHECKING:
    from reconciler.cli.context import Context
    from reconciler.render.base import Style
    from reconciler.render.progress import Shown
    from reconciler.state.stores.base import Store

AFTER = 1.0
"""Seconds until the first word: what is done sooner needs none."""
AGAIN = (10.0, 30.0, 60.0, 120.0)
"""Seconds from the beginning to the lines that follow, and then from each to the next."""
PATIENCE = 5.0
"""Seconds of a wait until it is told, and at least from there to the next one for the same vendor, longer each time."""
TICK = 0.125


class Lines:
    """A line now and then, for logs and for people whose terminal can do no more.

    Args:
        doing: what is being done.
        tell: takes each line.
        now: seconds since 1970.
        first: whether `doing` itself is said, after a second.
    """

    def __init__(self, doing: str, tell: Callable[[str], object], now: float, first: bool = True) -> None:
        self._doing, self._tell, self._begun = doing, tell, now
        self._next, self._times = (AFTER if first else AGAIN[0]), 0 if first else 1
        self._waits: dict[str, tuple[float, float]] = {}

    def tick(self, seen: Seen, now: float) -> None:
        """Tell what there is to tell by now."""
        seconds = now - self._begun
        for wait in words.news(seen, now, PATIENCE):
            due, pause = self._waits.get(wait.who, (0.0, PATIENCE))
            if now >= due:
                self._waits[wait.who] = now + pause, min(2 * pause, AGAIN[-1])
                self._tell(words.wait_text(wait, now))
        if seconds < self._next:
            return
        self._tell(words.line(self._doing, seen, seconds, now) if self._times else self._doing)
        self._times += 1
        later = [moment for moment in AGAIN if moment > seconds]
        self._next = later[0] if later else seconds + AGAIN[-1]

    def end(self) -> None:
        """Nothing is left behind."""


class Foot:
    """Lines at the foot of a terminal.

    Args:
        doing: what is being done.
        show: draws them.
        clear: takes them away.
        style: how wide they may be.
        now: seconds since 1970.
    """

    def __init__(
        self,
        doing: str,
        show: "Callable[[list[Shown]], object]",
        clear: Callable[[], object],
        style: "Callable[[], Style]",
        now: float,
    ) -> None:
        self._doing, self._show, self._clear, self._style, self._begun = doing, show, clear, style, now

    def tick(self, seen: Seen, now: float) -> None:
        """Draw them anew."""
        if now - self._begun >= AFTER:
            style = self._style()
            self._show(words.foot(self._doing, seen, now - self._begun, now, style._replace(width=style.width - 3)))

    def end(self) -> None:
        """Take them away."""
        self._clear()


@contextmanager
def told(whsync: "Context", doing: str, seen: Callable[[], Seen], first: bool = True) -> Iterator[None]:
    """While inside, the user is told on stderr what is being done and waited for, unless it is quiet.

    Args:
        whsync: says to whom, and how.
        doing: what, in words.
        seen: a look at the run.
        first: whether `doing` itself is said where there is no terminal; else people know that by now.
    """
    if whsync.quiet:
        yield
        return
    over = threading.Event()
    foot = whsync.foot()
    shown: Foot | Lines
    if foot is None:
        shown = Lines(doing, whsync.note, time.time(), first)
    else:
        shown = Foot(doing, foot.show, foot.clear, lambda: whsync.style(sys.stderr), time.time())

    def ticking() -> None:
        with suppress(Exception):  # the work goes on, though nobody can be told
            while not over.wait(TICK):
                shown.tick(seen(), time.time())

    thread = threading.Thread(target=ticking, name="progress", daemon=True)
    with suppress(RuntimeError):  # this machine has no more threads, and the work may need none
        thread.start()
    try:
        yield
    finally:
        over.set()
        if thread.ident is not None:
            thread.join()
        shown.end()


@contextmanager
def waiting_for_others(whsync: "Context", store: "Store") -> Iterator[None]:
    """While inside, another run may hold the lock: the user is told who does, and until when it is waited for."""
    begun, patience = time.time(), whsync.lock_timeout or 0.0
    with told(whsync, "Waiting for another run to end …", lambda: _held(store, begun, patience)):
        yield


def _held(store: "Store", begun: float, patience: float) -> Seen:
    """Who holds the lock, once that has been waited for; nobody is asked before."""
    if time.time() - begun < AFTER or not patience:
        return Seen()
    with suppress(WhsyncError):
        holder = store.holder()
        if holder is not None:
            what = f"the lock is in use since {holder.since} by {holder.who}: {holder.command}"
            return Seen({}, (Wait("lock", what, begun, begun + patience, sure=False),))
    return Seen()
