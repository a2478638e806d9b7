"""One command at work: a runtime that ends with the command, the signals that stop it, the lock, and what takes long.

Used by `cli.plan`, `cli.apply`, `cli.drift` and `cli.adopt`.
"""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType

from reconciler.cli.context import Context
from reconciler.cli.signals import handling
from reconciler.errors import EXIT_INTERRUPTED, Interrupted
from reconciler.render.base import counted, plain
from reconciler.run.runtime import RunSettings, Runtime, utc_now
from reconciler.state.stores.base import Holder, Lease
from reconciler.state.stores.holder import this_process

SECONDS_UNTIL_TOLD = 1.0


@contextmanager
def running(whsync: Context) -> Iterator[Runtime]:
    """The runtime of one command; the runtime's connections are closed at the end."""
    runtime = Runtime.here(whsync.load(), _settings(whsync))
    try:
        yield runtime
    finally:
        runtime.close()


@contextmanager
def stoppable(whsync: Context, runtime: Runtime) -> Iterator[None]:
    """While inside: the first signal that asks for an end ends the run in order, the second at once.

    A terminal that closes tells us twice (the system tells the shell and us, and the shell tells us), so its signal
    never ends a run at once.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        if runtime.stop.is_set():
            if number in (signal.SIGINT, signal.SIGTERM):
                os._exit(EXIT_INTERRUPTED)
            return
        runtime.stop.set()
        whsync.err("Interrupted: writes in flight are finished, nothing else is waited for. Once more to stop at once.")

    with handling(stop):
        yield


@contextmanager
def looking(whsync: Context, runtime: Runtime, doing: str | None = None) -> Iterator[None]:
    """While inside, the vendors are read, which takes a while: the user is told, and can stop the run.

    Args:
        doing: what the user is told, where it is something else than the reading of all providers.

    Raises:
        Interrupted: the run was stopped, even if all reads were done by then: what follows was not wanted any more.
    """
    reading = f"Reading {counted(len(runtime.loaded.providers), 'provider')} …"
    with stoppable(whsync, runtime), telling(whsync, doing or reading):
        yield
    if runtime.stop.is_set():
        raise Interrupted("interrupted before anything was written")


@contextmanager
def telling(whsync: Context, what: str) -> Iterator[None]:
    """Say on stderr what is being done, once it has taken a second."""
    timer = threading.Timer(SECONDS_UNTIL_TOLD, whsync.note, (what,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def leased(whsync: Context, runtime: Runtime, command: str) -> Iterator[Lease]:
    """The right to change the lock, for `command`; waits as long as the user allows.

    Raises:
        LockHeldError, StateError: see `Store.lease`.
    """
    with ExitStack() as stack:
        with telling(whsync, "Waiting for another run to end …"):
            lease = stack.enter_context(runtime.store.lease(whsync.lock_timeout or 0.0, holder(command)))
        yield lease


class Stopwatch:
    """Seconds since the stopwatch was made."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long that has been."""
        return time.monotonic() - self._begun


def holder(command: str) -> Holder:
    """This process, as others see it who find the lock held."""
    return this_process(utc_now(), f"whsync {command}")


def _settings(whsync: Context) -> RunSettings:
    usual = RunSettings()
    return RunSettings(
        parallelism=whsync.parallelism or usual.parallelism,
        max_wait=usual.max_wait if whsync.max_wait is None else whsync.max_wait,
        waiting=lambda line: whsync.note(plain(line)),
        trace=(lambda line: whsync.err(plain(line))) if whsync.verbose else None,
        announce=whsync.err,
    )
