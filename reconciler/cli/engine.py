"""What `plan`, `apply`, `drift` and `adopt` share: a runtime with its signals, the header of a plan, reports."""

import os
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from reconciler.cli.context import Context
from reconciler.cli.signals import handling
from reconciler.config.loaded import Loaded
from reconciler.config.taken import Taken
from reconciler.errors import (
    EXIT_DIFFERENCES,
    EXIT_ERROR,
    EXIT_FINE,
    EXIT_INTERRUPTED,
    EXIT_REFUSED,
    Interrupted,
    UsageError,
)
from reconciler.planning.types import Plan, PlanOptions
from reconciler.render.base import PlanHeader, counted, plain, plan_format
from reconciler.run.runtime import RunSettings, Runtime, utc_now
from reconciler.state.stores.base import Holder, Lease
from reconciler.state.stores.holder import this_process
from reconciler.support.paths import ByFile

SECONDS_UNTIL_TOLD = 1.0


@contextmanager
def running(whsync: Context) -> Iterator[Runtime]:
    """The runtime of one command; its connections are closed at the end."""
    runtime = Runtime.here(whsync.load(), _settings(whsync))
    try:
        yield runtime
    finally:
        runtime.close()


@contextmanager
def stoppable(runtime: Runtime, whsync: Context) -> Iterator[None]:
    """While inside: the first signal that asks for an end ends the run in order, the second at once.

    A closed terminal says so twice (the system to the shell and to us, the shell to us), so that never ends it at once.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        if runtime.stop.is_set():
            if number in (signal.SIGINT, signal.SIGTERM):
                os._exit(EXIT_INTERRUPTED)
            return
        runtime.stop.set()
        whsync.err("Interrupted: calls in flight are finished, none is started. Once more to stop at once.")

    with handling(stop):
        yield


@contextmanager
def looking(runtime: Runtime, whsync: Context, doing: str) -> Iterator[None]:
    """While inside, the vendors are read, which takes a while: it says so, and can be stopped.

    Raises:
        Interrupted: it was stopped, even if all reads were done by then: what follows was not wanted any more.
    """
    with stoppable(runtime, whsync), telling(whsync, doing):
        yield
    if runtime.stop.is_set():
        raise Interrupted("interrupted before anything was written")


@contextmanager
def telling(whsync: Context, what: str) -> Iterator[None]:
    """Say on stderr what takes long, once it has taken a second."""
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
            lease = stack.enter_context(runtime.store.lease(patience(whsync), holder(command)))
        yield lease


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long it has been."""
        return time.monotonic() - self._begun


def header(runtime: Runtime, seconds: float | None = None) -> PlanHeader:
    """What stands above a plan of `runtime`."""
    loaded = runtime.loaded
    addresses = {name: runtime.redactor.hide(config.base_url) for name, config in loaded.providers.items()}
    return PlanHeader(files=tuple(map(str, loaded.files)), addresses=addresses, seconds=seconds)


def reading(runtime: Runtime) -> str:
    """What a plan does first, in words."""
    return f"Reading {counted(len(runtime.loaded.providers), 'provider')} …"


def exit_code(plan: Plan, detailed: bool = False) -> int:
    """The exit code that `plan` ends with: refused before failed before different."""
    if plan.refusals:
        return EXIT_REFUSED
    if plan.problems:
        return EXIT_ERROR
    return EXIT_DIFFERENCES if detailed and plan.differs else EXIT_FINE


def options(
    prune: bool, reassert: bool, offline: bool, targets: Iterable[str], max_changed: str | None = None
) -> PlanOptions:
    """What the command line asks of a plan; an empty target is wrong usage, not everything."""
    names = tuple(sorted(set(targets)))
    if any(not name.strip() for name in names):
        raise UsageError("--target is empty", "name a webhook of the files or of the lock")
    return PlanOptions(prune, reassert, offline, names or None, max_changed)


def reports(pairs: Iterable[str]) -> list[tuple[str, Path]]:
    """`F=FILE` pairs, checked before any work is done.

    Raises:
        UsageError: a pair is not one, or names an unknown format.
    """
    made = []
    for pair in pairs:
        name, equals, file = pair.partition("=")
        if not equals or not file:
            raise UsageError(f"--report {pair!r} is not FORMAT=FILE", "for example --report json=plan.json")
        plan_format(name)
        made.append((name, Path(file)))
    return made


def refuse_taken(paths: Iterable[str | Path | None], loaded: Loaded) -> None:
    """Nothing that is asked for may take the place of what the configuration lives on, or of another that is asked for.

    Raises:
        UsageError: one of the paths would.
    """
    asked = [path for path in paths if path is not None]
    if not asked:
        return
    taken, written = Taken(loaded), ByFile[int]()
    taken.add_sinks(loaded.desired)
    for number, path in enumerate(asked):
        file = taken.disk.file(path)
        if what := taken.what(file):
            raise UsageError(f"{path} is {what}", "write to another file")
        if written.setdefault(file, number) != number:
            raise UsageError(f"{path} would be written twice in this run", "give each its own file")


def write_reports(pairs: Iterable[tuple[str, Path]], plan: Plan, above: PlanHeader, whsync: Context) -> None:
    """Write the plan to every report; files are always plain."""
    for name, path in pairs:
        path.write_text(plan_format(name)(plan, above, whsync.style()._replace(colour=False)), encoding="utf-8")


def holder(command: str) -> Holder:
    """This process, as others see it who find the lock held."""
    return this_process(utc_now(), f"whsync {command}")


def patience(whsync: Context) -> float:
    """How long to wait for another run, in seconds."""
    return whsync.lock_timeout or 0.0


def _settings(whsync: Context) -> RunSettings:
    usual = RunSettings()
    return RunSettings(
        parallelism=whsync.parallelism or usual.parallelism,
        max_wait=usual.max_wait if whsync.max_wait is None else whsync.max_wait,
        trace=(lambda line: whsync.err(plain(line))) if whsync.verbose else None,
        announce=whsync.err,
    )
