"""Connections that tell the attempt of their thread what they do, so that it can be given up.

Used by `wire.client`, which puts it between the HTTP library and its connections. Both interfaces are the library's.
"""

import ssl
from collections.abc import Iterable
from typing import Any

from reconciler.wire.attempt import CURRENT


class Stream:
    """One connection, over `inner`, the library's own."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Some bytes; none at the end."""
        self._tell()
        data: bytes = self._inner.read(max_bytes, timeout)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it."""
        self._tell(sends=True)
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> "Stream":
        """The same connection, encrypted."""
        self._tell()
        return _kept(self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        """What the library wants to know of it."""
        return self._inner.get_extra_info(info)

    def _tell(self, *, sends: bool = False) -> None:
        attempt = CURRENT.get()
        if attempt is not None:
            attempt.uses(self._inner.get_extra_info("socket"), sends=sends)


class Backend:
    """Makes such connections, over `inner`, the library's own."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> Stream:
        """A connection to a host.

        Args:
            timeout: seconds for each of its addresses.
            local_address: where it starts on this machine.
            socket_options: as sockets take them.
        """
        return _kept(self._inner.connect_tcp(host, port, timeout, local_address, socket_options))

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self._inner.sleep(seconds)


def attend(*transports: Any) -> None:
    """Let the connections of these, and of none that stands in for the network, tell their attempt what they do.

    The library has no other way to have the connections of proxies that variables name made by us.
    """
    for transport in transports:
        pool = getattr(transport, "_pool", None)
        if pool is not None:
            pool._network_backend = Backend(pool._network_backend)


def _kept(inner: Any) -> Stream:
    """The connection, unless nobody waits for it any more: then it is closed."""
    stream = Stream(inner)
    try:
        stream._tell()
    except BaseException:
        inner.close()
        raise
    return stream
