"""The sockets of the sandbox: one loopback HTTP/1.1 server for one vendor. The only file here that moves bytes.

Used by `sandbox.box`.
"""

import socket
from contextlib import suppress
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

from .exchange import Answer, Request
from .vendor import SimulatedVendor

BLOCK = 64 * 1024
LOOPBACK = "127.0.0.1"


class Handler(BaseHTTPRequestHandler):
    """Carries requests to the vendor and answers back, one thread a connection, kept alive between requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "VendorServer"

    def log_message(self, format: str, *args: Any) -> None:
        """Stay quiet: what happened is in `SimulatedVendor.requests`."""

    def serve(self) -> None:
        """Read one request, let the vendor answer, and write the answer or close in silence."""
        if "transfer-encoding" in self.headers:
            self.close_connection = True
            self._write(Answer(HTTPStatus.LENGTH_REQUIRED))
            return
        length = self.headers.get("content-length", "0")
        body = self.rfile.read(int(length)) if length.isdecimal() else b""
        answer = self.server.vendor.handle(Request.parse(self.command, self.path, dict(self.headers.items()), body))
        if answer is None:
            self.close_connection = True
            hang_up(self.connection)
        else:
            self._write(answer)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = serve

    def _write(self, answer: Answer) -> None:
        """Send head and body in one write, so that no delayed acknowledgement sits between them."""
        bare = answer.status in (204, 304)
        lines = [f"HTTP/1.1 {answer.status} {phrase(answer.status)}"]
        lines.append(f"Date: {formatdate(self.server.vendor.now(), usegmt=True)}")
        lines += [f"{name}: {value}" for name, value in answer.headers]
        if not bare:
            lines.append(f"Content-Length: {len(answer.body) + answer.filler}")
        if self.close_connection:
            lines.append("Connection: close")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        if bare or self.command == "HEAD":
            self.wfile.write(head)
            return
        self.wfile.write(head + answer.body)
        for start in range(0, answer.filler, BLOCK):
            self.wfile.write(b"x" * min(BLOCK, answer.filler - start))


class VendorServer(ThreadingHTTPServer):
    """Listens on loopback for one vendor; knows its connections so that stopping does not wait for clients."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, vendor: SimulatedVendor, port: int = 0) -> None:
        self.vendor = vendor
        self._open: set[socket.socket] = set()
        self._lock = Lock()
        super().__init__((LOOPBACK, port), Handler)
        vendor.stopping.clear()
        vendor.origin = f"http://{LOOPBACK}:{self.server_address[1]}"
        self._thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def server_bind(self) -> None:
        """Bind without the look-up of the host's name, which can take seconds without a network."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = LOOPBACK, int(self.server_address[1])

    def start(self) -> None:
        """Serve in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Stop at once: wake sleeping faults, close the listener and every connection."""
        self.vendor.stopping.set()
        self.shutdown()
        self.server_close()
        with self._lock:
            for connection in self._open:
                hang_up(connection)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection and remember it."""
        connection, address = super().get_request()
        with self._lock:
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        """Close a connection and forget it."""
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay quiet: clients that hang up are part of the game."""


def hang_up(connection: socket.socket) -> None:
    """Close both directions; the client sees the end of the stream."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def phrase(status: int) -> str:
    """Return the reason phrase of a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
