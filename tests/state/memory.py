"""A store in memory, which must keep what the one on the disk keeps: also what a lease appended that ended badly."""

import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import ModuleType

import pytest

from reconciler.state import stores
from reconciler.state.event import Durable
from reconciler.state.lock import Lock, fold
from reconciler.state.stores.base import Holder, Lease, Snapshot, Version, digest_of, held, moved, not_kept

WHERE = "memory://ada:hunter2@vault.example/hooks?token=t0k3n"
"""An address of the kind that `added_kind` adds, with credentials in it."""


def added_kind(patch: pytest.MonkeyPatch) -> "MemoryStore":
    """The one store that all `memory://` addresses mean from now on: a kind added as a file of `stores` would be."""
    store, module = MemoryStore(), ModuleType(f"{stores.__name__}.memory")
    vars(module)["at"] = lambda address, folder: store
    patch.setitem(sys.modules, module.__name__, module)
    patch.setitem(stores.MODULES, "memory", "memory")
    return store


class MemoryStore:
    """Keeps the lock in this process; threads may share it."""

    def __init__(self, lock: Lock | None = None) -> None:
        self._state = lock or Lock()
        self._mutex = threading.Lock()
        self._holder: Holder | None = None
        self._to: str | None = None
        self._versions: list[tuple[Version, Lock]] = []

    def read(self) -> Snapshot:
        """See `base.Store`."""
        if self._to is not None:
            raise moved("the lock", self._to)
        lock = self._state
        return Snapshot(lock, digest_of(lock))

    def is_there(self) -> bool:
        """See `base.Store`."""
        return self._state != Lock()

    def holder(self) -> Holder | None:
        """See `base.Store`."""
        return self._holder

    @contextmanager
    def lease(self, timeout: float, holder: Holder) -> Iterator[Lease]:
        """See `base.Store`."""
        self.read()
        if not self._mutex.acquire(timeout=max(timeout, 0)):
            raise held("the lock", self._holder)
        self._holder, before = holder, self._state.bare
        try:
            yield _MemoryLease(self)
        finally:
            if self._state.bare != before:
                bare, number = self._state.bare, len(self._versions) + 1
                version = Version.of(number, len(bare.entries), digest_of(bare), holder, holder.since)
                self._versions.append((version, bare))
            self._holder = None
            self._mutex.release()

    def force_unlock(self) -> Holder | None:
        """See `base.Store`; nothing of a dead run is ever left here."""
        if self._mutex.locked():
            raise held("the lock", self._holder)
        return None

    def versions(self) -> tuple[Version, ...]:
        """See `base.Store`."""
        return tuple(version for version, _ in self._versions)

    def version(self, number: int) -> Lock:
        """See `base.Store`."""
        for version, lock in self._versions:
            if version.number == number:
                return lock
        raise not_kept("the lock", number, self.versions())

    def put(self, lock: Lock, to: str | None = None) -> None:
        """Make this the lock; called by the lease."""
        self._state, self._to = lock, to

    def take(self, event: Durable) -> None:
        """Let one event happen; called by the lease."""
        self._state = fold(self._state, (event,))


class _MemoryLease:
    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @property
    def lock(self) -> Lock:
        """See `base.Lease`."""
        return self._store.read().lock

    def append(self, event: Durable, sync: bool = True) -> None:
        """See `base.Lease`."""
        self._store.take(event)

    @property
    def groups(self) -> bool:
        """See `base.Lease`."""
        return False

    def together(self) -> AbstractContextManager[None]:
        """See `base.Lease`; each event is safe by itself."""
        return nullcontext()

    def checkpoint(self) -> None:
        """See `base.Lease`; there is nothing to bring up to date."""

    def replace(self, lock: Lock) -> None:
        """See `base.Lease`."""
        self._store.put(lock)

    def retire(self, to: str) -> None:
        """See `base.Lease`."""
        self._store.put(Lock(), to)
