"""Where the lock is kept: what an address means, and one file for each kind of place.

A further kind is a file beside `file.py` with a function `at`, and a line in `MODULES` and in `places`;
`tests/state/test_stores.py` holds it to what every store promises. Used by `config`, `run.lock_store`, `cli.context`
and `cli.locks`.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from reconciler.state.address import FILE, LockAddress
from reconciler.state.address import misnamed as not_a_path
from reconciler.state.stores import places

if TYPE_CHECKING:
    from reconciler.state.stores.base import Store
    from reconciler.state.stores.https import Send

MODULES = {
    FILE: "file",
    "s3": "s3",
    "gs": "gs",
    "az": "az",
    "postgresql": "postgresql",
    "https": "https",
    "http": "https",
    **dict.fromkeys(("git+https", "git+ssh", "git+file", "git+http"), "git"),
}
"""The module of each kind of place, by the scheme of its addresses; imported when a store of that kind is opened."""

HTTP = ("https", "http")
"""The schemes of locks that are had by HTTP, which goes through `wire`."""


class Kind(Protocol):
    """What the file of one kind of place provides."""

    def at(self, address: LockAddress, folder: Path | None = None) -> "Store":
        """See `open_store`."""


class HttpKind(Protocol):
    """What the file of a kind of place provides that is reached by HTTP."""

    def through(self, address: LockAddress, send: "Send") -> "Store":
        """See `open_store`."""


def address_of(text: str, folder: Path = Path()) -> LockAddress:
    """What is meant by `text`, as users write where the lock is.

    It is the path of a file, unless it begins with `SCHEME://` of a kind that is there; `folder` is where paths start.
    """
    scheme, separator, _ = text.partition("://")
    if separator and scheme in MODULES and scheme != FILE:
        secretive = scheme not in places.FORMS or scheme in HTTP or bool(places.fault(scheme, text))
        return LockAddress(scheme, text, open=not secretive)
    return LockAddress(FILE, str(folder / text))


def misnamed(address: LockAddress, text: str) -> str:
    """Why `text`, which was taken for `address`, can be no lock, in words; empty where it may be one."""
    if address.file is not None:
        kinds = ", ".join(sorted({form.partition("://")[0] for form in places.FORMS.values()}))
        return f"there are no locks of that kind; there are {kinds}" if "://" in text else not_a_path(text)
    return places.fault(address.scheme, address.location) if address.scheme in places.FORMS else ""


def spelling(address: LockAddress) -> str:
    """How an address of that kind is written."""
    return places.FORMS.get(address.scheme, "a URL such as s3://BUCKET/KEY")


def origin(address: LockAddress) -> str | None:
    """What has to be trusted with a lock, as a trust file says it; None of a file."""
    return None if address.file is not None else places.origin(address.location)


def open_store(address: LockAddress, folder: Path | None = None, send: "Callable[[], Send] | None" = None) -> "Store":
    """The store at an address; see `base.Store`. Nothing is read or written yet.

    Args:
        address: where.
        folder: that of the configuration, whose links must not lead out of it; None: the folder that a lock is in.
        send: gives what makes HTTP calls; a store that needs it cannot be opened without.

    Raises:
        StateError: a package that this kind of place needs is not installed.
    """
    module = import_module(f"{__name__}.{MODULES[address.scheme]}")
    if address.scheme in HTTP and send is not None:
        return cast(HttpKind, module).through(address, send())
    return cast(Kind, module).at(address, folder)
