"""What a place must be able to do so that a lock can be kept there; all else about leases is `remote`'s.

One document that is read whole with its version, and replaced whole where it still has that version; beside it, where
the place can, pieces that are written once and never changed. Provided by one module for each kind of place.
"""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from reconciler.codes import Code
from reconciler.errors import StateError


class Kept(NamedTuple):
    """The document, and what the place calls its version; two writes never leave the same one."""

    data: bytes
    version: str


class Moved(Exception):
    """The document has another version than was expected; nothing of what was to be written is in it."""


class Unsure(StateError):
    """No answer came, so nobody knows whether the document was written."""

    code = Code.NO_ANSWER


class Medium(Protocol):
    """One place that keeps one lock. Threads use it one at a time.

    Attributes:
        shown: its address, for messages.
        pieces: whether it keeps pieces beside the document.
        patience: seconds after which a run that did not say that it still works may be dead.
    """

    shown: str
    pieces: bool
    patience: float

    def get(self) -> Kept | None:
        """The document; None where none was written yet.

        Raises:
            StateError: it cannot be read.
        """

    def put(self, data: bytes, version: str | None, pieces: Mapping[str, bytes | None]) -> str:
        """Write the pieces, then the document, where it has that version; gives its new one.

        What has to go goes with the document or after it, and may stay where that cannot be done now.

        Args:
            data: the whole document.
            version: which one it replaces; None: there is none yet.
            pieces: by their names, each new; None: nothing refers to that one any more.

        Raises:
            Moved: it has another version, or there is one already.
            Unsure: it may or may not have been written.
            StateError: it was not written.
        """

    def piece(self, name: str) -> bytes | None:
        """A piece; None where it is not there.

        Raises:
            StateError: it cannot be read.
        """

    def claim(self, who: Mapping[str, str]) -> None:
        """Tell the place itself that a run works, where it has a lock of its own; `who`: `id`, and for people the rest.

        Raises:
            Claimed: another one does.
            StateError: nobody can tell.
        """

    def unclaim(self, id_: str) -> None:
        """Take back what was told with this `id`; does nothing where nothing was."""

    def close(self) -> None:
        """Let go of connections and of what was put on this disk; the next call begins anew."""


class Claimed(Exception):
    """The place's own lock is held by another; the message says by whom, for people."""
