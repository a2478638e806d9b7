"""Where running records are kept: what an address means, and one file for each kind of place.

Used by `cli`. Today there are files; a further kind (a store that keeps locks, too) is a file beside `file.py` with a
function `at`, and a line in `MODULES`.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Protocol, cast

from reconciler.state.address import FILE, LockAddress
from reconciler.state.record import Record

MODULES = {FILE: "file"}
"""The module of each kind of place, by the scheme of its addresses; imported when a record of that kind is opened."""


class RecordStore(Protocol):
    """Where a running record is kept; any number of runs may append to it at once."""

    def check(self) -> None:
        """Look, before any work is done, whether lines can be appended.

        Raises:
            StateError: something else is there, its end is broken, or nobody may write it.
        """

    def append(self, told: Sequence[Mapping[str, Any]]) -> None:
        """Append a line for each; they survive the loss of power once this returns.

        Raises:
            StateError: none of them was.
        """

    def read(self) -> Record:
        """What it holds; an empty one where there is none.

        Raises:
            StateError: it cannot be read, or is no record.
        """


class Kind(Protocol):
    """What the file of one kind of place provides."""

    def at(self, address: LockAddress) -> RecordStore:
        """See `open_record`."""


def address_of(text: str) -> LockAddress:
    """What is meant by `text`: the path of a file, unless it begins with `SCHEME://` of a kind that there is."""
    scheme, separator, _ = text.partition("://")
    if separator and scheme in MODULES and scheme != FILE:
        return LockAddress(scheme, text)
    return LockAddress(FILE, text)


def open_record(address: LockAddress) -> RecordStore:
    """The record at an address. Nothing is read or written yet."""
    kind = cast(Kind, import_module(f"{__name__}.{MODULES[address.scheme]}"))
    return kind.at(address)


def read(path: str) -> Record:
    """The record at a path; see `RecordStore.read`."""
    return open_record(address_of(path)).read()
