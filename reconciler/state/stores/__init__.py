"""Where the lock is kept: what an address means, and one file for each kind of place.

A further kind is a file beside `file.py` with a function `at`, and a line in `MODULES`; `tests/state/test_stores.py`
holds it to what every store promises. Used by `config`, `run.runtime`, `cli.context` and `cli.state`.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from reconciler.state.address import FILE, LockAddress

if TYPE_CHECKING:
    from reconciler.state.stores.base import Store

MODULES = {FILE: "file"}
"""The module of each kind of place, by the scheme of its addresses; imported when a store of that kind is opened."""


class Kind(Protocol):
    """What the file of one kind of place provides."""

    def at(self, address: LockAddress, folder: Path | None = None) -> "Store":
        """See `open_store`."""


def address_of(text: str, folder: Path = Path()) -> LockAddress:
    """What is meant by `text`, as users write where the lock is.

    It is the path of a file, unless it begins with `SCHEME://` of a kind that is there; `folder` is where paths start.
    """
    scheme, separator, _ = text.partition("://")
    if separator and scheme in MODULES and scheme != FILE:
        return LockAddress(scheme, text)
    return LockAddress(FILE, str(folder / text))


def open_store(address: LockAddress, folder: Path | None = None) -> "Store":
    """The store at an address; see `base.Store`. Nothing is read or written yet.

    `folder` is that of the configuration, whose links must not lead out of it; None: the folder that a lock is in.
    """
    kind = cast(Kind, import_module(f"{__name__}.{MODULES[address.scheme]}"))
    return kind.at(address, folder)
