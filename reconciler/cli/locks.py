"""Locks that a command works on by itself, without a run: the one in use, and others that the command line names.

Used by `cli.state`, `cli.state_versions` and `cli.state_places`.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from reconciler.cli.context import Context
from reconciler.cli.progress import waiting_for_others
from reconciler.errors import UsageError
from reconciler.run.lock_store import open_lock
from reconciler.state.address import LockAddress
from reconciler.state.stores import address_of, misnamed, spelling
from reconciler.state.stores.base import Lease, Store
from reconciler.state.stores.holder import this_process
from reconciler.state.stores.neighbours import beside


def store_of(whsync: Context) -> Store:
    """Where the lock in use is kept."""
    return open_lock(whsync.lock_address(), whsync.config_paths[0].parent)


def now() -> str:
    """The present moment, as locks write it."""
    from reconciler.run.runtime import utc_now

    return utc_now()


@contextmanager
def lease_of(whsync: Context, verb: str, store: Store | None = None) -> Iterator[Lease]:
    """The right to change a lock, for `whsync state VERB`; that of the lock in use, unless another is given."""
    store, holder = store or store_of(whsync), this_process(now(), f"whsync state {verb}")
    with ExitStack() as stack:
        with waiting_for_others(whsync, store):
            lease = stack.enter_context(store.lease(whsync.lock_timeout or 0, holder))
        yield lease


def needed(whsync: Context, record: str | None) -> tuple[str, ...]:
    """What no record may take the place of; nothing where none is asked for."""
    if record is None:
        return ()
    lock = whsync.lock_address().file
    theirs = () if lock is None else (lock, *beside(os.path.realpath(lock)))
    return (*map(str, whsync.config_paths), *theirs)


def named(text: str) -> LockAddress:
    """The lock that a word of the command line means.

    Raises:
        UsageError: it means none.
    """
    address = address_of(text)
    wrong = misnamed(address, text)
    if not wrong and address.file is not None and os.path.isdir(address.file):
        wrong = "that is a folder"
    if wrong:
        raise UsageError(
            f"{address if text else repr('')} names no lock: {wrong}", f"write a path, or {spelling(address)}"
        )
    return address
