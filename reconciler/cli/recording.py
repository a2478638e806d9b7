"""One run in a running record (`--record FILE`), line by line.

Used by `cli.plan`, `cli.apply`, `cli.audit`, `cli.rotate`, `cli.drift`, `cli.adopt` and `cli.state`.
The line of a run is written before its first write to a vendor; a run that cannot write it ends there. Where a later
line cannot be written, no further call is started, and the run fails; what it did is in the lock.
"""

import os
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from reconciler import __version__
from reconciler.apply.recorded import change_line, end_line, run_line
from reconciler.cli import outputs
from reconciler.codes import Code
from reconciler.errors import (
    EXIT_ERROR,
    EXIT_INTERRUPTED,
    Interrupted,
    RefusedError,
    StateError,
    UsageError,
    WhsyncError,
)
from reconciler.model.provenance import Run, run_of
from reconciler.planning.types import Change
from reconciler.run.runtime import utc_now
from reconciler.state.address import misnamed
from reconciler.state.event import Event
from reconciler.state.record import Record
from reconciler.state.records import RecordStore, address_of, open_record
from reconciler.state.records.file import GUARD
from reconciler.state.stores.holder import this_user


class Recording:
    """One run and its record; where none is asked for, all of it does nothing.

    Args:
        path: as typed, or None.
        command: what is run: `apply`.
    """

    def __init__(self, path: str | None, command: str) -> None:
        wrong = misnamed(path) if path is not None else ""
        if path is not None and "://" in path and address_of(path).file is not None:
            wrong = wrong or "there are no records of that kind"
        if wrong:
            raise UsageError(f"--record {path or repr('')} names no record: {wrong}", "name a file, or leave it out")
        self._path, self._command = path, command
        self._store: RecordStore | None = open_record(address_of(path)) if path is not None else None
        self._run: Run | None = None
        self._hide: Callable[[str], str] = str
        self._ended = False
        self._owed: list[Mapping[str, Any]] = []

    @property
    def files(self) -> tuple[str, ...]:
        """The files that are to be written, for who sees that nothing else is."""
        local = address_of(self._path).file if self._path is not None else None
        return (local, f"{os.path.realpath(local)}{GUARD}") if local is not None else ()

    def check(self) -> None:
        """Look, before any work is done, whether the record can be added to.

        Raises:
            StateError: it cannot.
        """
        if self._store is not None:
            self._store.check()

    def begin(
        self, run: Run | None, hide: Callable[[str], str] = str, told: Callable[[], Mapping[str, Any]] = dict
    ) -> None:
        """The run's own line.

        Args:
            run: who; None where that is not to be noted.
            hide: takes out what is secret.
            told: what else is known of it.

        Raises:
            StateError: it could not be written.
        """
        self.check()
        if self._store is not None:
            one = run or Run(os.urandom(6).hex(), utc_now())
            self._store.append([{**run_line(self._command, one, __version__), **told()}])
            self._run, self._hide = one, hide

    def change(self, event: Event, planned: Mapping[str, Change]) -> None:
        """What became of a webhook, where an event says that.

        Raises:
            StateError: it could not be written.
        """
        if self._store is not None:
            line = change_line(event, planned.get(getattr(event, "name", "")), utc_now())
            if line is not None:
                self._append(line)

    def done(self, code: int, events: Iterable[Event] = (), drift: Mapping[str, int] | None = None) -> None:
        """The run's end.

        Args:
            code: the exit code.
            events: all of an apply.
            drift: how much of it was seen.

        Raises:
            StateError: it could not be written.
        """
        self._ended = True
        result = {EXIT_ERROR: "incomplete", EXIT_INTERRUPTED: "interrupted"}.get(code, "done")
        self._append({**end_line(result, code, events, drift), "at": utc_now()})

    def failed(self, error: BaseException) -> None:
        """The end of a run that an error ends; it is told already, and that it cannot be written is not told on top."""
        if self._run is None or self._ended:
            return
        known = error if isinstance(error, WhsyncError) else None
        why = {"error": {"code": known.code, "summary": self._hide(known.summary)}} if known else {}
        with suppress(StateError):
            self._append({**end_line(*_ending(error)), "at": utc_now(), **why})

    def read(self, wanted: bool = True) -> Record | None:
        """What the record holds; None where there is none, or nobody wants to know."""
        return self._store.read() if self._store is not None and wanted else None

    def _append(self, line: Mapping[str, Any]) -> None:
        if self._store is not None and self._run is not None:
            self._owed.append({"record": line["record"], "run": self._run.run, **line})
            self._store.append(self._owed)
            self._owed = []


def _ending(error: BaseException) -> tuple[str, int]:
    """How a run ends that an error ends, in a word, and its exit code."""
    if isinstance(error, Interrupted) or not isinstance(error, Exception):
        return "interrupted", EXIT_INTERRUPTED
    if not isinstance(error, WhsyncError):
        return "failed", EXIT_ERROR
    if isinstance(error, RefusedError):
        return "refused", error.exit_code
    return ("declined" if error.code is Code.NOT_CONFIRMED else "failed"), error.exit_code


@contextmanager
def recording(path: str | None, command: str, needed: Sequence[str] = ()) -> Iterator[Recording]:
    """The record of one run; an error that ends the run is the run's end there, too.

    Args:
        path: as typed, or None.
        command: what is run.
        needed: where no configuration is read: the files that the record may not take the place of.

    Raises:
        UsageError: the path names no file, or one that is needed.
        StateError: nothing can be added to the record.
    """
    book = Recording(path, command)
    if needed:
        _refuse(book, needed)
        book.check()
    try:
        yield book
    except BaseException as error:
        book.failed(error)
        raise


def here() -> Run | None:
    """This run, where no vendor is asked."""
    user, host = this_user(), socket.gethostname()
    return run_of(os.environ, run=os.urandom(6).hex(), at=utc_now(), user=user, host=host)


def _refuse(book: Recording, needed: Sequence[str]) -> None:
    kept = {os.path.realpath(path) for path in needed}
    for path in book.files:
        outputs.refuse(path, Path(needed[0]).parent)
        if os.path.realpath(path) in kept:
            raise UsageError(f"{path} is needed by this run", "name another file", code=Code.FILE_TAKEN)
