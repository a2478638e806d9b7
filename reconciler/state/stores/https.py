"""A lock at an address of the web: read by GET, replaced by PUT with `If-Match`, so only where it has not changed.

`state.stores` imports it by its name. RFC 9110 says what the server must do with conditions (sections 13.1.1 and
13.1.2): without strong ETags two runs could not be told apart, and nothing is kept there. Where the server also knows
the LOCK and UNLOCK of Terraform's HTTP back end, it is told who works, and refuses others by itself.

The calls go through `wire`, which gives `Send`; it adds the credentials.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, NoReturn, Protocol

from reconciler.codes import Code
from reconciler.errors import StateError
from reconciler.state.address import LockAddress
from reconciler.state.stores.base import Store
from reconciler.state.stores.medium import Claimed, Kept, Moved, Unsure
from reconciler.state.stores.remote import RemoteStore

_NO_LOCKS = frozenset({400, 404, 405, 501})
"""What servers answer to a verb that they do not know, or to a lock of what is not there yet."""


class Answer(NamedTuple):
    """What came back: `status` is 0 where nothing did, and `failure` says why; names of headers in lower case."""

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""
    failure: str = ""


class Send(Protocol):
    """Makes one call, with credentials, following no redirect."""

    def __call__(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """The answer, or why there is none."""

    def close(self) -> None:
        """Let go of connections; the next call opens others."""


def through(address: LockAddress, send: Send) -> Store:
    """See `HttpKind` in `state.stores`."""
    return RemoteStore(HttpMedium(address, send))


def at(address: LockAddress, folder: Path | None = None) -> Store:
    """See `Kind` in `state.stores`; what only looks at locks on this machine makes no call."""
    raise StateError(f"the lock {address} cannot be read here", "it takes a call", code=Code.STATE_UNUSABLE)


class HttpMedium:
    """See `medium.Medium`. One address is one document, so there are no pieces, and no versions are kept."""

    pieces = False
    patience = 90.0

    def __init__(self, address: LockAddress, send: Send) -> None:
        self.shown, self._url, self._send = str(address), address.location, send
        self._claimed: str | None = None
        self._locks = True

    def get(self) -> Kept | None:
        """See `medium.Medium`."""
        answer = self._send("GET", self._url, {}, None)
        if answer.status in (404, 410) or (answer.status == 204 and not answer.body):
            return None
        if answer.status != 200:
            self._fail("read", answer)
        return Kept(answer.body, self._tag(answer))

    def put(self, data: bytes, version: str | None, pieces: Mapping[str, bytes | None]) -> str:
        """See `medium.Medium`."""
        condition = {"If-None-Match": "*"} if version is None else {"If-Match": version}
        answer = self._send("PUT", self._at_lock(), {"Content-Type": "application/json", **condition}, data)
        if answer.status in (409, 412, 423):
            raise Moved
        if answer.status == 404 and version is not None:
            raise Moved
        if answer.status not in (200, 201, 204):
            self._fail("written", answer)
        with suppress(StateError):
            return self._tag(answer)
        kept = self.get()  # RFC 9110, section 9.3.4: a server that changes what it stores sends no ETag
        if kept is None or kept.data != data:
            raise Moved
        return kept.version

    def piece(self, name: str) -> bytes | None:
        """See `medium.Medium`."""
        return None

    def claim(self, who: Mapping[str, str]) -> None:
        """See `medium.Medium`: LOCK, with what Terraform sends."""
        answer = self._send("LOCK", self._url, {"Content-Type": "application/json"}, _lock_info(who))
        if answer.status in (409, 423):
            raise Claimed(_claimant(answer.body))
        if answer.status in (200, 201, 204):
            self._claimed = who["id"]
        elif answer.status in _NO_LOCKS:
            self._locks = False
        else:
            self._fail("locked", answer)

    def unclaim(self, id_: str) -> None:
        """See `medium.Medium`: UNLOCK."""
        if not self._locks:
            return
        answer = self._send("UNLOCK", self._url, {"Content-Type": "application/json"}, _lock_info({"id": id_}))
        self._claimed = None
        if answer.status not in (200, 201, 204, 409, 423, *_NO_LOCKS):
            self._fail("unlocked", answer)

    def close(self) -> None:
        """See `medium.Medium`."""
        self._send.close()

    def _at_lock(self) -> str:
        """Where to write: such a server wants to be told whose lock it is."""
        return (
            self._url if self._claimed is None else f"{self._url}{'&' if '?' in self._url else '?'}ID={self._claimed}"
        )

    def _tag(self, answer: Answer) -> str:
        """The version.

        Raises:
            StateError: the server gives none that can be compared strongly (RFC 9110, section 8.8.3.2).
        """
        tag = answer.headers.get("etag", "")
        if not tag.startswith('"'):
            what = "no ETag" if not tag else "a weak ETag only"
            raise StateError(
                f"the server of {self.shown} gives {what}, so two runs could write over each other",
                "keep the lock on a server that keeps strong ETags and obeys If-Match",
                code=Code.STATE_UNUSABLE,
            )
        return tag

    def _fail(self, what: str, answer: Answer) -> NoReturn:
        if answer.status == 0 or answer.status >= 500 or answer.status == 429:
            why = answer.failure or f"the server answers {answer.status}"
            raise Unsure(f"the lock {self.shown} cannot be {what}: {why}", "try again", code=Code.NO_ANSWER)
        hint = {
            401: "give credentials: WHSYNC_LOCK_TOKEN, or TF_HTTP_USERNAME and TF_HTTP_PASSWORD",
            403: "the credentials may not do that",
            405: "the server does not take PUT there",
            413: "the server does not take documents as large as this lock",
        }.get(answer.status, "see what that address is")
        redirect = ", and redirects are not followed" if 300 <= answer.status < 400 else ""
        raise StateError(
            f"the lock {self.shown} cannot be {what}: the server answers {answer.status}{redirect}",
            hint,
            code=Code.STATE_UNUSABLE,
        )


def _lock_info(who: Mapping[str, str]) -> bytes:
    """Who works, in the names that Terraform's HTTP back end has for it."""
    known = {
        "ID": who["id"],
        "Operation": who.get("command", ""),
        "Who": who.get("user", ""),
        "Created": who.get("since", ""),
        "Info": "",
        "Version": "",
        "Path": "",
    }
    return json.dumps(known).encode()


def _claimant(body: bytes) -> str:
    """Who holds the server's lock, as far as it tells."""
    with suppress(ValueError, RecursionError):
        told = json.loads(body)
        if isinstance(told, dict):
            words = [str(told.get(key) or "") for key in ("Who", "Created", "Operation")]
            return ", ".join(word for word in words if word) or "another run"
    return "another run"
