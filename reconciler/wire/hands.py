"""Threads that go from one piece of work to the next: to start one costs a tenth of what a small call costs.

Used by `wire.attempt`. There are never more than pieces of work at once, however long some of them hang; those that
have nothing to do for a while end.
"""

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

Work = Callable[[], Callable[[], object]]
"""What is to be done, and gives what is to be done at last: short, and done when its thread is free again already."""

IDLE = 5.0  # seconds


class Hands:
    """Threads of one name. Any thread may give them work."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._free: list[SimpleQueue[Work]] = []

    def do(self, work: Work) -> None:
        """Let it be done by a thread that is free, or else by a new one; it must not raise.

        Raises:
            RuntimeError: this machine has no more threads.
        """
        with self._lock:
            given = self._free.pop() if self._free else None
        if given is not None:
            given.put(work)
        else:
            threading.Thread(target=self._live, args=(work,), name=self._name, daemon=True).start()

    def _live(self, work: Work) -> None:
        given: SimpleQueue[Work] = SimpleQueue()
        while True:
            done = work()
            del work  # it would keep all that it knows for as long as nothing else comes
            with self._lock:
                self._free.append(given)
            done()
            del done
            try:
                work = given.get(timeout=IDLE)
            except Empty:
                with self._lock:
                    if given in self._free:
                        self._free.remove(given)
                        return
                work = given.get()  # somebody has just chosen this thread
