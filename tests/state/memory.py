"""A store in memory, which must keep what the one on the disk keeps: also what a lease appended that ended badly."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import pytest

from reconciler.state import stores
from reconciler.state.event import Durable
from reconciler.state.lock import Lock, fold
from reconciler.state.stores.base import Holder, Lease, Snapshot, digest_of, held

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

    def read(self) -> Snapshot:
        """See `base.Store`."""
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
        if not self._mutex.acquire(timeout=max(timeout, 0)):
            raise held("the lock", self._holder)
        self._holder = holder
        try:
            yield _MemoryLease(self)
        finally:
            self._holder = None
            self._mutex.release()

    def force_unlock(self) -> Holder | None:
        """See `base.Store`; nothing of a dead run is ever left here."""
        if self._mutex.locked():
            raise held("the lock", self._holder)
        return None

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

    def checkpoint(self) -> None:
        """See `base.Lease`; there is nothing to bring up to date."""
