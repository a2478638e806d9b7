"""A store in memory, which must keep what the one on the disk keeps: also what a lease appended that ended badly."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from reconciler.state.event import Durable
from reconciler.state.lock import Lock, fold
from reconciler.state.stores.base import Holder, Lease, Snapshot, digest_of, held


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
