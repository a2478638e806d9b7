"""Opens the store of a lock with what it needs of the rest: HTTP, where it is an address of the web.

Used by `run.runtime`, and by the commands of `cli` that work on a lock alone.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.state.address import LockAddress
from reconciler.state.stores import open_store
from reconciler.state.stores.base import Store

if TYPE_CHECKING:
    from reconciler.state.stores.https import Send


def open_lock(address: LockAddress, folder: Path | None = None) -> Store:
    """See `open_store`."""
    return open_store(address, folder, _door)


def _door() -> "Send":
    from reconciler.wire.lock_door import LockDoor

    return LockDoor()
