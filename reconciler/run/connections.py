"""How many calls are in flight, and who has connections open: idle ones are closed before the handles run out.

Used by `run.runtime`.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from reconciler.providers.vendor import ClientCredentials, Login, Scheme


class Connections:
    """How many calls of each account are in flight, and how many connections it may have left open by that.

    Args:
        most: as many connections may be open, over all accounts.
        close: closes those of one account; called only while none of its calls is in flight.
        calls: as many may be in flight, over all accounts.
    """

    def __init__(self, most: int, close: Callable[[str], None], calls: int) -> None:
        self._most, self._close = most, close
        self._room = threading.Semaphore(calls)
        self._lock = threading.Lock()
        self._in_flight: dict[str, int] = {}
        self._open: dict[str, int] = {}  # the longest unused first
        self._total = 0

    @contextmanager
    def used(self, name: str, hosts: int = 1) -> Iterator[None]:
        """While inside, one more call of the account is in flight. It waits for its turn; idle connections make room.

        Args:
            hosts: as many hosts the account's calls go to.
        """
        with self._room, self._counted(name, hosts):
            yield

    @contextmanager
    def _counted(self, name: str, hosts: int) -> Iterator[None]:
        with self._lock:
            calls = self._in_flight[name] = self._in_flight.get(name, 0) + 1
            before = self._open.pop(name, 0)
            self._open[name] = max(before, calls * hosts)
            self._total += self._open[name] - before
            self._make_room()
        try:
            yield
        finally:
            with self._lock:
                self._in_flight[name] -= 1
                self._make_room()

    def done(self, name: str) -> None:
        """Close what an account has open, unless it is in use: nobody needs it for now."""
        with self._lock:
            self._shut(name)

    def _make_room(self) -> None:
        for name in list(self._open) if self._total > self._most else ():
            if self._total <= self._most:
                return
            self._shut(name)

    def _shut(self, name: str) -> None:
        if name in self._open and not self._in_flight[name]:
            self._total -= self._open.pop(name)
            self._close(name)


def hosts_of(schemes: Iterable[Scheme]) -> int:
    """To how many hosts the calls of an account go at most: tokens may come from one of their own."""
    return 1 + any(isinstance(scheme, ClientCredentials | Login) for scheme in schemes)
