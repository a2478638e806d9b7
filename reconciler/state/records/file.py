"""A running record as a file, with a guard beside it: `state.records` imports it by its name.

    webhooks.record        lines, appended and synced; nothing in it is ever changed
    webhooks.record.lock   locked by the operating system while a run appends; a dead process holds nothing

Several runs may have one record: each append looks for the end anew. A file that the system lets nobody but append to
(`chattr +a`) will do. Neither the file nor its guard may be a link, whoever says where they are follows one before.
"""

import errno
import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from reconciler.codes import Code
from reconciler.errors import StateError
from reconciler.state import record
from reconciler.state.address import LockAddress
from reconciler.support import atomic, handles, intake
from reconciler.support.hints import command

GUARD = ".lock"
"""What the name of the guard ends with."""

PATIENCE = 60.0
"""Seconds that an append waits for another run's, which takes some thousandths of one."""

_FLAGS = os.O_RDWR | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
_BLOCK = 65_536


def at(address: LockAddress) -> "RecordFile":
    """See `Kind` in `state.records`."""
    return RecordFile(Path(address.location))


class RecordFile:
    """A record's file; see `RecordStore`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._real = Path(os.path.realpath(path))
        self._guard = self._real.with_name(self._real.name + GUARD)
        self._known: tuple[tuple[int, int, int], str | None] | None = None

    def check(self) -> None:
        """See `RecordStore`. Nothing is made, and nobody is waited for: a line that is being written is unfinished."""
        self._refuse_link()
        if not self._real.exists():
            return
        with self._failing(), self._opened(0) as descriptor:
            self._end(descriptor)

    def append(self, told: Sequence[Mapping[str, Any]]) -> None:
        """See `RecordStore`."""
        with self._failing(), self._alone(), self._opened(os.O_CREAT) as descriptor:
            size = os.fstat(descriptor).st_size
            data, head = self._lines(told, self._end(descriptor))
            try:
                _write_whole(descriptor, data)
                os.fsync(descriptor)
                if not size:
                    atomic.sync_folder(self._real.parent)
            except BaseException:
                with suppress(OSError):  # where only appending is allowed, the next run closes off what is left
                    os.ftruncate(descriptor, size)
                raise
            self._known = _state(descriptor), head

    def read(self) -> record.Record:
        """See `RecordStore`."""
        with self._failing("read"):
            try:
                data = intake.read(self._path, intake.MADE, ordinary=True)
            except FileNotFoundError:
                return record.Record()
        if data and not (record.looks_like_one(data) or record.has_lines(data)):
            summary = f"{self._path} is no record of whsync"
            raise StateError(summary, "`whsync apply --record FILE` begins one", code=Code.RECORD_UNUSABLE)
        return record.parse(data)

    def _lines(self, told: Sequence[Mapping[str, Any]], end: record.End) -> tuple[bytes, str | None]:
        """What is to be appended, behind what a killed run has left, and the digest of its last line."""
        parts, head = [b"\n"] if end.unended else [], end.head
        if end.left is not None and told:
            size, digest = record.size_of(end.left)
            run, moment = (str(told[0][key]) for key in ("run", "at"))
            cut = {"record": record.CUT, "run": run, "at": moment, "bytes": size, "of": digest}
            told = [cut, *told]
        for each in told:
            line, head = record.line_of(each, head)
            parts.append(line)
        return b"".join(parts), head

    def _end(self, descriptor: int) -> record.End:
        """The end of the file, by as much of it as that takes; what we have written ourselves is known.

        Raises:
            StateError: it is no record, or its end is broken.
        """
        if self._known is not None and self._known[0] == _state(descriptor):
            return record.End(self._known[1])
        size, length = os.fstat(descriptor).st_size, _BLOCK
        while True:
            start = max(size - length, 0)
            data = _read_at(descriptor, start, size - start)
            if data and not start and not record.looks_like_one(data):
                raise self._foreign()
            end = record.end_of(data if not start else data.partition(b"\n")[2], not start)
            if isinstance(end, record.End):
                return end
            if end is not None:
                verify = command("show", "--verify", str(self._path))
                raise StateError(
                    f"the record {self._path} is broken at its end, so nothing can follow there",
                    f"{verify} says where; keep it, and begin another",
                    code=Code.RECORD_BROKEN,
                )
            length *= 4

    def _foreign(self) -> StateError:
        return StateError(
            f"{self._path} is no record of whsync, and is left as it is",
            "name another file with --record FILE",
            code=Code.RECORD_UNUSABLE,
        )

    @contextmanager
    def _opened(self, making: int) -> Iterator[int]:
        if self._real.exists() and not self._real.is_file():  # opening may do something already
            raise OSError(errno.EINVAL, "it is not an ordinary file")
        descriptor = os.open(self._real, _FLAGS | making, 0o600)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _refuse_link(self) -> None:
        if self._guard.is_symlink():
            summary = f"the record {self._path}: {self._guard} is a symbolic link, and none is followed"
            hint = f"see where it leads, and remove it: rm {shlex.quote(str(self._guard))}"
            raise StateError(summary, hint, code=Code.RECORD_UNUSABLE)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        from filelock import FileLock, Timeout

        self._refuse_link()
        self._guard.parent.mkdir(parents=True, exist_ok=True)
        guard = FileLock(self._guard, thread_local=False)
        try:
            guard.acquire(timeout=PATIENCE, poll_interval=0.01)
        except Timeout:
            summary = f"the record {self._path} is held by another process for over {PATIENCE:.0f} s"
            raise StateError(summary, "see who has it open, and end that", code=Code.RECORD_UNUSABLE) from None
        try:
            yield
        finally:
            guard.release()

    @contextmanager
    def _failing(self, what: str = "written") -> Iterator[None]:
        try:
            yield
        except OSError as error:
            hint = "check its permissions and the space on its disk; or name another file with --record FILE"
            summary = f"the record {self._path} cannot be {what}: {handles.words(error)}"
            raise StateError(summary, hint, code=Code.RECORD_UNUSABLE) from None


def _state(descriptor: int) -> tuple[int, int, int]:
    there = os.fstat(descriptor)
    return there.st_dev, there.st_ino, there.st_size


def _read_at(descriptor: int, start: int, length: int) -> bytes:
    os.lseek(descriptor, start, os.SEEK_SET)
    parts = []
    while length and (part := os.read(descriptor, length)):
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _write_whole(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
