"""File handles for secrets that do not exist yet: held around all calls, lent to whoever stores one.

Called by `apply.preflight`, which holds them, and by `secrets.sink` and `secrets.rescue`, which use them. Where none
are held, nobody waits.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from reconciler.support import handles


class _Share:
    """The handles for one secret; empty while they are lent."""

    def __init__(self) -> None:
        self._held: list[int] = []

    def take(self) -> None:
        """Hold them.

        Raises:
            OSError: there are not so many; none is held.
        """
        try:
            while len(self._held) < handles.A_STORE:
                self._held.append(os.open(os.devnull, os.O_RDONLY))
        except OSError:
            self.give()
            raise

    def give(self) -> None:
        """Leave them to whoever opens something next."""
        while self._held:
            os.close(self._held.pop())


class _Shares:
    """All shares of a run: as many secrets are stored beside each other."""

    def __init__(self, shares: list[_Share]) -> None:
        self._free = shares
        self._changed = threading.Condition()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Wait for a share and use it."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._free))
            share = self._free.pop()
        share.give()
        try:
            yield
        finally:
            with suppress(OSError):  # then there are none to hold, and the next one has what is free
                share.take()
            with self._changed:
                self._free.append(share)
                self._changed.notify()


_shares: _Shares | None = None


@contextmanager
def held(stores: int | None) -> Iterator[None]:
    """While inside, so many secrets can be stored beside each other, whatever else takes handles.

    Args:
        stores: None where handles have no limit that is known, and none need to be held.

    Raises:
        OSError: there are not so many handles; nothing is held.
    """
    global _shares  # noqa: PLW0603 - handles are the process's, too
    shares = [_Share() for _ in range(stores or 0)]
    try:
        for share in shares:
            share.take()
        _shares = _Shares(shares) if shares else None
        yield
    finally:
        _shares = None
        for share in shares:
            share.give()


@contextmanager
def lent() -> Iterator[None]:
    """While inside, one secret is stored with handles that were held for that."""
    shares = _shares
    if shares is None:
        yield
        return
    with shares.one():
        yield
