"""An attempt that can be given up at any moment, whatever it waits for: a name, a handshake, a head that drips.

Used by `wire.client`; `wire.network` tells it which socket is used, and when something is about to be sent.

The work runs in a thread that does nothing else meanwhile, for nothing else bounds a name that is looked up, or many
addresses that are tried one after the other. Who gives an attempt up cuts its socket off, so that work and connection
end, too; amid a TLS handshake, where nobody has the socket, they end when that does.
"""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, TypeVar, cast

from reconciler.wire.hands import Hands

T = TypeVar("T")
_Outcome = tuple[T | None, BaseException | None]

SLICE = 0.1  # seconds until the caller looks again whether it is time to give up
_HANDS = Hands("attempt")


class GivenUp(Exception):
    """The attempt took too long, or the user wants the run to end; `sent`: the request may have arrived."""

    def __init__(self, *, interrupted: bool, sent: bool) -> None:
        super().__init__(interrupted, sent)
        self.interrupted, self.sent = interrupted, sent


class NoThread(Exception):
    """This machine has no more threads; nothing was sent."""


class Attempt:
    """One attempt and what ends it early.

    Args:
        late: whether it has taken too long.
        stopping: whether the user wants the run to end. What may change something is given up then only before its
            first byte is sent, and finished afterwards.
        writes: whether it may change something.
        sent: whether it counts as sent from the beginning, where nobody tells.
    """

    def __init__(
        self, *, late: Callable[[], bool], stopping: Callable[[], bool], writes: bool, sent: bool = False
    ) -> None:
        self._late, self._stopping, self._writes, self._sent = late, stopping, writes, sent
        self._lock = threading.Lock()
        self._over = self._released = False
        self._socket: socket.socket | None = None

    def carry_out(self, work: Callable[[], T]) -> T:
        """What the work returns or raises.

        Raises:
            GivenUp: it was not waited for.
            NoThread: see there.
        """
        outcome: SimpleQueue[_Outcome[T]] = SimpleQueue()
        try:
            _HANDS.do(lambda: partial(outcome.put, self._run(work)))
        except RuntimeError:
            raise NoThread from None
        while True:
            with suppress(Empty):
                value, error = outcome.get(timeout=SLICE)
                break
            late = self._late()
            if (late or self._stopping()) and self._is_given_up(late=late):
                raise GivenUp(interrupted=not late, sent=self._sent)
        try:
            if error is not None:
                raise error
            return cast(T, value)
        finally:
            del error  # its trace leads here: nothing is to go round in a circle

    def uses(self, used: Any, *, sends: bool = False) -> None:
        """Told by the work before it does something with a socket, or None.

        Raises:
            GivenUp: nobody waits for it any more, or it has taken too long.
        """
        with self._lock:
            if self._over or self._late():
                raise GivenUp(interrupted=False, sent=self._sent)
            self._socket, self._sent = used, self._sent or sends

    def release(self) -> None:
        """Told by the work before its connection may become another attempt's: from now on it is left alone."""
        with self._lock:
            self._released, self._socket = True, None

    def _run(self, work: Callable[[], T]) -> "_Outcome[T]":
        CURRENT.set(self)
        try:
            return work(), None
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            return None, error
        finally:
            CURRENT.set(None)

    def _is_given_up(self, *, late: bool) -> bool:
        with self._lock:
            if self._released or (self._writes and self._sent and not late):
                return False
            self._over = True
            if self._socket is not None:
                with suppress(OSError):  # not the method of a TLS socket, which would forget its keys, too
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
            return True


CURRENT: ContextVar[Attempt | None] = ContextVar("CURRENT", default=None)
"""The attempt that this thread is for."""
