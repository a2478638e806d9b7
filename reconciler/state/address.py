"""Where a lock is kept, as a value: which kind of place, and where in it. [pure]

Made by `state.stores`, which knows the kinds; used by `config` and `cli.context`, too.
"""

from typing import NamedTuple

from reconciler.model.secret import shown_url

FILE = "file"
"""The kind of place that a plain path means."""

DEFAULT_LOCK = "webhooks.lock.json"
"""The lock where nothing names another: a file beside the main file of the configuration."""


class LockAddress(NamedTuple):
    """The address of a lock. In text it stands as messages may show it, without what only its store may know.

    Args:
        scheme: the kind of place, by which `state.stores` finds the store.
        location: of a file, its path, from where the command was typed; else the whole address as the user wrote it.
    """

    scheme: str
    location: str

    @property
    def file(self) -> str | None:
        """The path of the lock's file; None where the lock is no file."""
        return self.location if self.scheme == FILE else None

    def __str__(self) -> str:
        return self.file or shown_url(self.location)

    def __repr__(self) -> str:
        return f"LockAddress({self})"
