"""One command at work: a runtime that ends with the command, the signals that stop it, the lock, and what takes long.

Used by `cli.plan`, `cli.apply`, `cli.drift` and `cli.adopt`.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType

from reconciler.cli.context import Context
from reconciler.cli.progress import told, waiting_for_others
from reconciler.cli.signals import handling
from reconciler.config.loaded import Loaded
from reconciler.errors import EXIT_INTERRUPTED, Interrupted, UntrustedError
from reconciler.render.base import counted, plain
from reconciler.render.words import problems_text
from reconciler.run.runtime import RunSettings, Runtime, utc_now
from reconciler.state.event import Applied, Event, Failed, Removed, Skipped, Started, Withdrawn
from reconciler.state.lock import Lock
from reconciler.state.stores.base import Holder, Lease
from reconciler.state.stores.holder import this_process
from reconciler.support.reach import NOWHERE
from reconciler.trust.file import granting, keep
from reconciler.trust.grants import Trust
from reconciler.trust.guard import Refused, folder_of, refused, unlike_lock
from reconciler.trust.level import Level


@contextmanager
def running(whsync: Context, loaded: Loaded | None = None) -> Iterator[Runtime]:
    """The runtime of one command; the runtime's connections are closed at the end.

    Args:
        whsync: the options.
        loaded: what is configured, where that was loaded already, or is not what the files say.

    Raises:
        UntrustedError: the files ask for what nobody has granted.
    """
    loaded = loaded or whsync.load(doubts_later=True)
    _refuse(whsync, loaded, refused(loaded, whsync.believed()))
    runtime = Runtime.here(loaded, _settings(whsync, loaded))
    try:
        whsync.tell_doubts()
        yield runtime
    finally:
        runtime.close()


def held_to_lock(whsync: Context, runtime: Runtime, lock: Lock) -> None:
    """Before any vendor is asked: what the lock has is looked for where it was applied, or somebody says otherwise.

    Raises:
        UntrustedError: the files lead elsewhere, and nobody has granted that.
    """
    _refuse(whsync, runtime.loaded, unlike_lock(runtime.loaded, lock, whsync.believed()))


def _refuse(whsync: Context, loaded: Loaded, found: Refused) -> None:
    """Stop over what is refused, unless a person at a terminal grants it, which is kept on this machine."""
    if not found.problems:
        return
    trust = whsync.believed()
    files = ", ".join(map(str, loaded.files))
    error = UntrustedError(_why(trust, files), _way_out(trust), problems=found.problems)
    if not trust.may_ask or not sys.stdin.isatty():
        raise error
    whsync.err(problems_text(found.problems, whsync.style(sys.stderr)))
    if not whsync.confirm(f"Trust {files} with that, on this machine and from now on?"):
        error.told = True
        raise error
    roots = {folder_of(need.what) for need in found.needs if need.kind == "file"}
    whsync.note(f"Kept in {keep(granting(found.needs, roots), loaded.folder, os.environ)}.")


def _why(trust: Trust, files: str) -> str:
    if trust.level is Level.OPEN:
        return f"{files} and the lock disagree about where credentials go, so nothing was looked up or sent"
    asks = f"{files} asks for what nobody trusts it with, so nothing was looked up or sent"
    return f"{asks} (strict: {trust.why})" if trust.level is Level.STRICT else asks


def _way_out(trust: Trust) -> str:
    if trust.level is Level.OPEN:
        return "name a trust file with these lines (--trust FILE, or WHSYNC_TRUST), or put back what was there"
    return "`whsync trust write` writes down all that these files need; `plan --untrusted` plans without any of it"


@contextmanager
def stoppable(whsync: Context, runtime: Runtime) -> Iterator[None]:
    """While inside: the first signal that asks for an end ends the run in order, the second at once.

    A terminal that closes tells us twice (the system tells the shell and us, and the shell tells us), so its signal
    never ends a run at once.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        if runtime.stop.is_set():
            if number in (signal.SIGINT, signal.SIGTERM):
                whsync.leave()
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
    with stoppable(whsync, runtime), told(whsync, doing or reading, runtime.activity.seen):
        yield
    if runtime.stop.is_set():
        raise Interrupted("interrupted before anything was written")


@contextmanager
def writing(whsync: Context, runtime: Runtime) -> Iterator[Callable[[Event], None]]:
    """While inside, a plan is carried out: the user is told how far that is, and can stop the run.

    Yields what is to be told each event.
    """
    done: set[str] = set()
    runtime.activity.begin()

    def saw(event: Event) -> None:
        if isinstance(event, Started):
            runtime.activity.expect("change", event.changes)
        elif isinstance(event, Applied | Removed | Failed | Skipped | Withdrawn) and event.name not in done:
            done.add(event.name)
            runtime.activity.did("change")

    with stoppable(whsync, runtime), told(whsync, "Applying …", runtime.activity.seen, first=False):
        yield saw


@contextmanager
def leased(whsync: Context, runtime: Runtime, command: str) -> Iterator[Lease]:
    """The right to change the lock, for `command`; waits as long as the user allows.

    Raises:
        LockHeldError, StateError: see `Store.lease`.
    """
    with ExitStack() as stack:
        with waiting_for_others(whsync, runtime.store):
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


def _settings(whsync: Context, loaded: Loaded) -> RunSettings:
    usual = RunSettings()
    return RunSettings(
        parallelism=whsync.parallelism,
        max_wait=usual.max_wait if whsync.max_wait is None else whsync.max_wait,
        waiting=lambda line: whsync.note(plain(line)),
        trace=(lambda line: whsync.err(plain(line))) if whsync.verbose else None,
        announce=whsync.command,
        believed=not whsync.untrusted,
        remembers=whsync.believed().level is Level.OPEN,
        permit=lambda more: _refuse(whsync, more, refused(more, whsync.believed())),
        reach=NOWHERE if whsync.untrusted else whsync.believed().reach(loaded.folder),
    )
