"""One attempt: a Call and its Signature go out, a Reply comes back. The only user of httpx, whose types stay here.

Used by `wire.drive` and `wire.lock_door`. It follows no redirect, keeps no cookie, repeats nothing, and never raises
for what the network does. No attempt outlasts its deadline, whatever the vendor does.
"""

import logging
import os
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit

from reconciler.codes import Code
from reconciler.errors import Interrupted, VendorError
from reconciler.providers.protocol import Call, Reply
from reconciler.support import handles
from reconciler.support.loopback import is_loopback
from reconciler.wire import encode, network
from reconciler.wire.attempt import Attempt, GivenUp, NoThread
from reconciler.wire.encode import Destination
from reconciler.wire.library import httpx
from reconciler.wire.proof import Signature

MEBIBYTE = 1 << 20
CONNECT = 10.0
KEEP_ALIVE = 3.0  # shorter than servers keep idle connections, so that a write is not sent into one that just closed
NOISY = ("httpx", "httpcore", "httpcore.connection", "httpcore.http11", "httpcore.proxy", "httpcore.socks")


class AttemptResult(NamedTuple):
    """What came of one attempt; `lasting`: another one would end the same."""

    reply: Reply
    lasting: bool = False


class Bounds(NamedTuple):
    """How much the answers of one account may take.

    Args:
        connections: the most that are open at once.
        timeout: seconds without a byte after which an answer is given up.
        largest: the most bytes of an answer, decompressed.
    """

    connections: int
    timeout: float
    largest: int = 8 * MEBIBYTE

    @property
    def whole(self) -> float:
        """Seconds in which an attempt is done: from looking up the name to the last byte behind the body."""
        return 3 * self.timeout


class _Stop(Exception):
    """The answer is not worth reading on; the message says why, for people."""


class Client:
    """The connections to one provider entry. Threads may share it.

    Args:
        headers: what every call carries unless it says otherwise.
        monotonic: seconds that never jump, for deadlines.
        stopping: whether the user wants the run to end; then a read is given up, and a write that is not yet sent.
        transport: stands in for the network in tests.
    """

    def __init__(
        self,
        headers: tuple[tuple[str, str], ...],
        bounds: Bounds,
        *,
        monotonic: Callable[[], float],
        stopping: Callable[[], bool] = bool,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        usual = {"accept": "application/json", "accept-encoding": "gzip", "connection": "keep-alive"}
        self._headers = usual | encode.headers(headers)
        self._patience = httpx.Timeout(bounds.timeout, connect=CONNECT).as_dict()
        self.bounds, self._monotonic, self._transport = bounds, monotonic, transport
        self._stopping = stopping
        self._opening = threading.Lock()
        self._http: httpx.Client | None = None

    def send(self, call: Call, destination: Destination, signature: Signature) -> AttemptResult:
        """Make one attempt.

        Raises:
            Rejected: the body cannot be written in the call's encoding; nothing was sent.
            VendorError: proxy or certificate settings of this machine cannot be used; nothing was sent.
            Interrupted: `stopping`; a write was certainly not sent.
        """
        headers = self._headers | encode.headers((*call.headers, *signature.headers))
        content, theirs = None, headers.pop("content-type", None)  # a manifest's is for its JSON bodies
        if (body := encode.with_parts(call.body, signature.body)) is not None:
            kind, content = encode.body(body, call.encoding)
            headers["content-type"] = theirs if theirs is not None and call.encoding == "json" else kind
        client = self._open(destination)
        deadline = self._monotonic() + self.bounds.whole
        attempt = Attempt(
            late=lambda: self._monotonic() > deadline,
            stopping=self._stopping,
            writes=call.writes,
            sent=self._transport is not None,
        )
        try:
            url = encode.address(destination, signature)
            patience = {"timeout": self._patience}
            request = httpx.Request(call.method, url, headers=headers, content=content, extensions=patience)
            return attempt.carry_out(lambda: self._exchange(client, request, deadline, attempt))
        except GivenUp as end:
            return self._given_up(end, destination.host)
        except NoThread:
            return _no_answer("this machine has no more threads; a lower --parallelism needs fewer", sent=False)
        except httpx.InvalidURL:
            return _no_answer("its address is no URL", sent=False, lasting=True)
        except httpx.HTTPError as error:
            return self._failure(error, destination.host)

    def close(self) -> None:
        """Close every connection; the next `send` opens them again."""
        with self._opening:
            if self._http is not None:
                self._http.close()
            self._http = None

    def _open(self, destination: Destination) -> httpx.Client:
        with self._opening:
            if self._http is None:
                self._http = self._made(destination)
            return self._http

    def _made(self, destination: Destination) -> httpx.Client:
        """A client that obeys the usual variables for proxies and certificates; loopback needs no proxy."""
        for name in NOISY:
            logging.getLogger(name).disabled = True  # they write whole URLs and headers
        limits = httpx.Limits(
            max_connections=self.bounds.connections,
            max_keepalive_connections=self.bounds.connections,
            keepalive_expiry=KEEP_ALIVE,
        )
        try:
            client = httpx.Client(
                verify=_trusted(destination),
                limits=limits,
                trust_env=not _is_loopback(destination),
                transport=self._transport,
            )
        except (OSError, ValueError, ImportError, httpx.InvalidURL):
            pass  # re-raised below without its context: a proxy's URL may hold a password
        else:
            network.attend(client._transport, *client._mounts.values())
            return client
        raise VendorError(
            "the proxy or certificate settings of this machine cannot be used",
            "check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, SSL_CERT_FILE and SSL_CERT_DIR",
            kind="network",
            code=Code.NETWORK_SETTINGS,
        )

    def _exchange(
        self, client: httpx.Client, request: httpx.Request, deadline: float, attempt: Attempt
    ) -> AttemptResult:
        """The client's own way would look for credentials, redirects and cookies, of which there are none."""
        response = client._transport_for_url(request.url).handle_request(request)
        try:
            return self._receive(response, deadline)
        finally:
            attempt.release()
            response.close()

    def _receive(self, response: httpx.Response, deadline: float) -> AttemptResult:
        """Read the answer up to the cap and the deadline."""
        body = bytearray()
        try:
            for piece in _decoded(response, self.bounds.largest):
                body += piece
                if len(body) > self.bounds.largest:
                    raise _Stop(f"the answer is larger than {_size(self.bounds.largest)}")
                if self._monotonic() > deadline:
                    raise _Stop(self._not_whole())
        except _Stop as reason:
            return _no_answer(str(reason), lasting=True)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return AttemptResult(Reply(response.status_code, headers, bytes(body)))

    def _not_whole(self) -> str:
        return f"the answer was not whole after {self.bounds.whole:g} s"

    def _given_up(self, end: GivenUp, host: str) -> AttemptResult:
        """What became of an attempt that was not waited for.

        Raises:
            Interrupted: it was the user who did not want to wait.
        """
        if end.interrupted:
            raise Interrupted(f"interrupted before {'a read was answered' if end.sent else 'the next call was sent'}")
        if end.sent:
            return _no_answer(self._not_whole(), lasting=True)
        return _no_answer(f"no connection to {host} within {self.bounds.whole:g} s", sent=False, lasting=True)

    def _failure(self, error: httpx.HTTPError, host: str) -> AttemptResult:
        """Our own words for what went wrong: the library's may quote URLs."""
        match error:
            case httpx.ConnectTimeout():
                return _no_answer(f"no connection to {host} within {CONNECT:g} s", sent=False)
            case httpx.PoolTimeout():
                return _no_answer(f"no free connection to {host} within {self.bounds.timeout:g} s", sent=False)
            case httpx.LocalProtocolError() | httpx.UnsupportedProtocol():
                return _no_answer("the request cannot be written as HTTP", sent=False, lasting=True)
            case httpx.ProxyError():
                return _no_answer("the proxy refused the connection", sent=False)
            case httpx.ConnectError():
                words, lasting = _unreachable(error, host)
                return _no_answer(words, sent=False, lasting=lasting)
            case httpx.TimeoutException():
                return _no_answer(f"no answer from {host} within {self.bounds.timeout:g} s")
            case _:
                return _no_answer(f"the connection to {host} broke before the answer was whole")


def _no_answer(words: str, *, sent: bool = True, lasting: bool = False) -> AttemptResult:
    return AttemptResult(Reply(0, failure=words, sent=sent), lasting)


def _unreachable(error: BaseException, host: str) -> tuple[str, bool]:
    """Why there is no connection, and whether trying again is pointless."""
    if handles.exhausted(error):
        return f"{host} cannot be reached: {handles.none_left()}", False
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the certificate of {host} is not trusted: {cause.verify_message}", True
        if isinstance(cause, ssl.SSLError):
            return f"{host} does not speak TLS as this machine does", True
        if isinstance(cause, socket.gaierror):
            return f"the name {host} cannot be resolved", False
        if isinstance(cause, ConnectionRefusedError):
            return f"{host} refused the connection", False
    return f"{host} cannot be reached", False


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _decoded(response: httpx.Response, largest: int) -> Iterator[bytes]:
    """The body's pieces, decompressed piece by piece, so that a small answer cannot unpack to more than the cap."""
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding in ("", "identity"):
        yield from response.stream  # type: ignore[misc]  # a sync client's response holds a sync stream
        return
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise _Stop("the answer is packed in a way that was not asked for")
    unpack, begun = _unpacker(), False
    try:
        for packed in response.stream:  # type: ignore[union-attr]  # as above
            rest, begun = packed, begun or bool(packed)
            while rest := rest.lstrip(b"\0") if unpack.eof else rest:  # members may follow each other, padded by zeros
                unpack = _unpacker() if unpack.eof else unpack
                yield unpack.decompress(rest, largest + 1)
                rest = unpack.unused_data
    except zlib.error:
        raise _Stop("the answer cannot be unpacked") from None
    if begun and not unpack.eof:
        raise httpx.RemoteProtocolError("packed body ends early")


def _unpacker() -> "zlib._Decompress":
    return zlib.decompressobj(zlib.MAX_WBITS | 32)


def _trusted(destination: Destination) -> ssl.SSLContext:
    """The certificates to trust: the usual variables', else the bundled ones. Plain HTTP on loopback needs none."""
    if destination.scheme == "http" and _is_loopback(destination):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return _bundle(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@cache
def _bundle(file: str | None, folder: str | None) -> ssl.SSLContext:
    """Read once for all accounts, since it takes tens of milliseconds; the arguments are what httpx looks at."""
    return httpx.create_ssl_context()


def _is_loopback(destination: Destination) -> bool:
    return is_loopback(urlsplit(destination.url).hostname or "")


def _size(count: int) -> str:
    return f"{count // MEBIBYTE} MiB" if count >= MEBIBYTE else f"{count} bytes"
