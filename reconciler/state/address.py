"""Where a lock is kept, as a value: which kind of place, and where in it. [pure]

Made by `state.stores`, which knows the kinds; used by `config` and `cli.context`, too.
"""

from typing import NamedTuple

from reconciler.model.secret import shown_url

FILE = "file"
"""The kind of place that a plain path means."""

DEFAULT_LOCK = "webhooks.lock.json"
"""The lock where nothing names another: a file beside the main file of the configuration."""

_SWITCHES = frozenset(("true", "false", "yes", "no", "on", "off", "0", "1", "none", "null"))


def misnamed(text: str) -> str:
    """Why `text`, where a lock should be named, names no file, in words; empty where it may.

    Other tools switch their locking off with such words; taken for a name, they would mean that nothing was applied.
    """
    if not text.strip():
        return "it is empty"
    if text.strip().lower() in _SWITCHES:
        return "that is a switch, not a file, and whsync always locks"
    if text.rpartition("/")[2] in ("", ".", "..") or "\0" in text:
        return "that is not the path of a file"
    return ""


class LockAddress(NamedTuple):
    """The address of a lock. In text it stands as messages may show it, without what only its store may know.

    Args:
        scheme: the kind of place, by which `state.stores` finds the store.
        location: of a file, its path, from where the command was typed; else the whole address as the user wrote it.
        open: nothing in it has to be hidden.
    """

    scheme: str
    location: str
    open: bool = False

    @property
    def file(self) -> str | None:
        """The path of the lock's file; None where the lock is no file."""
        return self.location if self.scheme == FILE else None

    def __str__(self) -> str:
        return self.location if self.file or self.open else shown_url(self.location)

    def __repr__(self) -> str:
        return f"LockAddress({self})"
