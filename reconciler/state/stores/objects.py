"""A lock in a bucket, whoever's it is: an object, and one for each of its pieces.

Used by `state.stores.s3`, `state.stores.gs` and `state.stores.az`.

Writes are conditional: made only where nothing is there, or replaced only where the object is the one that was read. S3
calls the MD5 of the bytes a version, so a document must never have the same bytes twice: see `head`.
"""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, NoReturn
from urllib.parse import urlsplit

from reconciler.codes import Code
from reconciler.errors import StateError
from reconciler.state.address import LockAddress
from reconciler.state.stores.medium import Kept, Moved, Unsure
from reconciler.state.stores.places import bucket
from reconciler.support.loopback import is_loopback

_DENIED = ("PermissionDeniedError", "UnauthenticatedError")


class BucketMedium:
    """See `medium.Medium`.

    Args:
        address: of the lock.
        open_: makes the store of a bucket from its name; called once.
        credentials: the variables that this kind takes them from, in words.
    """

    pieces = True
    patience = 60.0

    def __init__(self, address: LockAddress, open_: Callable[[str], Any], credentials: str) -> None:
        self.shown, self._credentials = str(address), credentials
        name, self._key = bucket(address.location)
        import obstore

        self._calls = obstore
        self._errors = obstore.exceptions
        self._versions: dict[str, dict[str, Any]] = {}
        try:
            self._bucket = open_(name)
        except (self._errors.BaseError, ValueError, OSError) as error:
            self._fail("opened", error)

    def get(self) -> Kept | None:
        """See `medium.Medium`."""
        try:
            found = self._calls.get(self._bucket, self._key)
            data, meta = bytes(found.bytes()), found.meta
        except FileNotFoundError:
            return None
        except (self._errors.BaseError, OSError) as error:
            self._fail("read", error)
        return Kept(data, self._noted(meta))

    def put(self, data: bytes, version: str | None, pieces: Mapping[str, bytes | None]) -> str:
        """See `medium.Medium`."""
        try:
            for name, piece in pieces.items():
                if piece is not None:
                    self._calls.put(self._bucket, self._piece(name), piece, use_multipart=False)
            mode = "create" if version is None else self._versions[version]
            written = self._noted(self._calls.put(self._bucket, self._key, data, mode=mode, use_multipart=False))
        except (self._errors.AlreadyExistsError, self._errors.PreconditionError, FileNotFoundError):
            raise Moved from None
        except (self._errors.BaseError, OSError) as error:
            self._fail("written", error)
        for name in (name for name, piece in pieces.items() if piece is None):
            with suppress(self._errors.BaseError, OSError):
                self._calls.delete(self._bucket, self._piece(name))
        return written

    def piece(self, name: str) -> bytes | None:
        """See `medium.Medium`."""
        try:
            return bytes(self._calls.get(self._bucket, self._piece(name)).bytes())
        except FileNotFoundError:
            return None
        except (self._errors.BaseError, OSError) as error:
            self._fail("read", error)

    def claim(self, who: Mapping[str, str]) -> None:
        """See `medium.Medium`; a bucket has no lock of its own."""

    def unclaim(self, id_: str) -> None:
        """See `medium.Medium`."""

    def close(self) -> None:
        """See `medium.Medium`; the library keeps its connections to itself."""

    def _piece(self, name: str) -> str:
        return f"{self._key}.versions/{name}.json"

    def _noted(self, meta: Mapping[str, Any]) -> str:
        """The version's name; what the library wants to be given for it is kept."""
        asked = {key: meta[key] for key in ("e_tag", "version") if meta.get(key) is not None}
        if not asked:
            what = f"the bucket of {self.shown} gives no ETag, so two runs could write over each other"
            raise StateError(what, "keep the lock where conditional writes are known", code=Code.STATE_UNUSABLE)
        name = repr(sorted(asked.items()))
        self._versions[name] = asked
        return name

    def _fail(self, what: str, error: Exception) -> NoReturn:
        """Our own words: the library's hold addresses with signatures."""
        kind = type(error).__name__
        if kind in _DENIED:
            hint = f"the credentials may not do that, or there are none: see {self._credentials}"
            raise StateError(
                f"the lock {self.shown} cannot be {what}: access is denied", hint, code=Code.STATE_UNUSABLE
            ) from None
        hint = f"does the bucket exist, and is the server reached from here? See {self._credentials}"
        lost = Unsure if what == "written" and kind == "GenericError" else StateError
        raise lost(f"the lock {self.shown} cannot be {what}: {kind}", hint, code=Code.STATE_UNUSABLE) from None


def settings(*variables: str, key: str = "endpoint") -> dict[str, Any]:
    """How the library is to talk: it gives up in time, and speaks plain HTTP with this machine alone.

    Args:
        variables: the names of those that may have another server's address; the first one that is set counts.
        key: what the library calls that address.
    """
    address = next((os.environ[name] for name in variables if os.environ.get(name)), "")
    local = urlsplit(address).scheme == "http" and is_loopback(urlsplit(address).hostname or "")
    patience = {"max_retries": 2, "retry_timeout": timedelta(seconds=30)}
    options = {"timeout": "60s", "connect_timeout": "10s", **({"allow_http": True} if local else {})}
    return {"client_options": options, "retry_config": patience, **({key: address} if address else {})}


def missing_package(name: str, extra: str) -> StateError | None:
    """The error where the library is not installed; None where it is.

    Args:
        name: of the kind of place, for people.
        extra: the extra of whsync that brings the library.
    """
    try:
        import obstore
    except ImportError:
        obstore = None
    if obstore is not None:
        return None
    what, hint = f"a lock in {name} needs a package that is not installed", f"pip install 'whsync[{extra}]'"
    return StateError(what, hint, code=Code.PACKAGE_MISSING)
