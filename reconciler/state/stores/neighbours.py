"""What stands beside a lock's file and belongs to it. Used by its store, and by who keeps other things out of there."""

import os

_ENDINGS = (".journal", ".lock", ".holder", ".rescue")


def versions_beside(lock: str) -> str:
    """The folder of a lock's versions, by the path of its file.

    Hidden, since who removes `webhooks.lock.json*` means files, and what the lock was may be wanted then.
    """
    folder, name = os.path.split(lock)
    return os.path.join(folder, f".{name}.versions")


def beside(lock: str) -> tuple[str, ...]:
    """All files and folders that stand beside a lock's file and belong to it, by its path."""
    return (*(f"{lock}{ending}" for ending in _ENDINGS), versions_beside(lock))
