"""The lock as a file, with its journal, its guard and the note of who holds it beside it.

`state.stores` imports it by its name.

    webhooks.lock.json             what was applied; replaced whole, only where it differs
    webhooks.lock.json.journal     what an apply did since; appended, folded in by the next run where a run was killed
    webhooks.lock.json.lock        locked by the operating system while a run works; a dead process holds nothing
    webhooks.lock.json.holder      who works, for the message that the second run gets
    .webhooks.lock.json.versions/  what earlier runs left

A lock that is a symbolic link stays one; the files beside it stand beside its target, so that all links share them. No
link is followed out of the configuration's folder, and none of the files beside a lock may be one.
"""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from reconciler.errors import StateError
from reconciler.state import journal
from reconciler.state.address import LockAddress
from reconciler.state.lock import Lock, from_json
from reconciler.state.stores.base import Holder, Lease, Snapshot, Version, digest_of, digest_of_text, held, moved
from reconciler.state.stores.file_versions import VersionsFolder
from reconciler.state.stores.writer import MOVED, FileLease, Paths, failing
from reconciler.support import atomic, intake, json_types
from reconciler.support.gc_pause import paused_collector

# How often a reader looks again where a writer moved between its two looks.
LOOKS = 10

PATIENCE = 0.2
"""Seconds that a run waits for the lock at the least: whoever only looks whether it is held has it for a moment."""


def at(address: LockAddress, folder: Path | None = None) -> "FileStore":
    """See `Kind` in `state.stores`."""
    return FileStore(Path(address.location), folder)


class FileStore:
    """A lock file.

    Args:
        path: of the lock; a missing file means that nothing was applied.
        folder: see `open_store` in `state.stores`.
    """

    def __init__(self, path: Path, folder: Path | None = None) -> None:
        self._paths = Paths(path, path.parent if folder is None else folder)

    def read(self) -> Snapshot:
        """See `base.Store`."""
        self._paths.refuse_links()
        before = self._paths.journal_bytes()
        for _ in range(LOOKS):
            saved, digest = self._saved()
            after = self._paths.journal_bytes()
            if after == before:
                break
            before = after
        left = journal.parse(after, str(self._paths.journal))
        if left is None:
            return Snapshot(saved, digest)
        lock = left.onto(saved, digest)
        return Snapshot(lock, digest_of(lock), self.holder() if lock.intents else None)

    def is_there(self) -> bool:
        """See `base.Store`."""
        self._paths.refuse_links()
        return self._paths.text() is not None or bool(self._paths.journal_bytes())

    @contextmanager
    def lease(self, timeout: float, holder: Holder) -> Iterator[Lease]:
        """See `base.Store`."""
        self._paths.refuse_links()
        self._paths.refuse_link_to_nothing()
        self._paths.refuse_mount()
        self._paths.refuse_device()
        with self._alone(timeout):
            atomic.sweep((self._paths.real, self._paths.journal, self._paths.holder))
            self._history.sweep()
            with failing(f"the lock {self._paths.lock} cannot be worked on"):
                atomic.replace(self._paths.holder, json.dumps(holder._asdict()).encode())
            try:
                yield from self._work(holder)
            finally:
                with suppress(OSError):
                    self._paths.holder.unlink()

    def force_unlock(self) -> Holder | None:
        """See `base.Store`. The system's own lock cannot be stuck; what may be left is the note of the holder."""
        self._paths.refuse_links()
        if not self._paths.guard.exists():
            return None
        with self._alone(0):
            holder = self._holder()
            with failing(f"the leftover {self._paths.holder} cannot be removed"):
                self._paths.holder.unlink(missing_ok=True)
            return holder

    def versions(self) -> tuple[Version, ...]:
        """See `base.Store`."""
        self._paths.refuse_links()
        return self._history.all()

    def version(self, number: int) -> Lock:
        """See `base.Store`."""
        self._paths.refuse_links()
        return self._history.lock(number)

    @property
    def _history(self) -> VersionsFolder:
        return VersionsFolder(self._paths.versions, str(self._paths.lock))

    def _work(self, holder: Holder) -> Iterator[Lease]:
        saved, digest = self._saved()
        left = journal.parse(self._paths.journal_bytes(), str(self._paths.journal))
        lease = FileLease(self._paths, saved, left.onto(saved, digest) if left else saved)
        try:
            if left is not None:
                lease.checkpoint()
            yield lease
        except BaseException:
            # The first error is the one to tell; what cannot be saved now is safe in the journal.
            with suppress(StateError):
                lease.checkpoint()
            raise
        else:
            lease.checkpoint()
        finally:
            lease.close()
            if lease.left is not None:
                self._history.keep(lease.found, lease.left, holder)

    @contextmanager
    def _alone(self, timeout: float) -> Iterator[None]:
        from filelock import FileLock, Timeout

        guard = FileLock(self._paths.guard, thread_local=False)
        with failing(f"the lock {self._paths.lock} cannot be worked on"):
            self._paths.guard.parent.mkdir(parents=True, exist_ok=True)
            try:
                guard.acquire(timeout=max(timeout, PATIENCE), poll_interval=PATIENCE / 10)
            except Timeout:
                raise held(str(self._paths.lock), self._holder()) from None
        try:
            yield
        finally:
            guard.release()

    def _saved(self) -> tuple[Lock, str]:
        """The lock as its file holds it, and its digest."""
        text = self._paths.text()
        if text is None:
            return Lock(), digest_of(Lock())
        if text.startswith(MOVED):
            with suppress(ValueError):
                raise moved(str(self._paths.lock), json_types.text(json.loads(text)["to"]))
        with paused_collector():
            return from_json(text, str(self._paths.lock)), digest_of_text(text)

    def holder(self) -> Holder | None:
        """See `base.Store`."""
        holder = self._holder()
        if holder is None or (holder.pid, holder.host) == (os.getpid(), socket.gethostname()):
            return None
        from filelock import FileLock, Timeout

        guard = FileLock(self._paths.guard, thread_local=False)
        try:
            guard.acquire(timeout=PATIENCE / 2, poll_interval=PATIENCE / 10)
        except Timeout:
            return holder
        except OSError:
            return None
        guard.release()
        return None

    def _holder(self) -> Holder | None:
        try:
            found = json.loads(intake.read(self._paths.holder, intake.WRITTEN, ordinary=True))
            texts = {key: json_types.text(found[key]) for key in ("user", "host", "since", "command")}
            return Holder(**texts, pid=json_types.count(found["pid"]))
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None
