"""A small server on loopback that hands each request to a function. Used by vendors and hosts that tests imitate."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import MappingProxyType
from typing import Any, NamedTuple


class Asked(NamedTuple):
    """One request."""

    method: str
    path: str
    headers: Message
    body: bytes

    def document(self) -> Any:
        """The body as JSON; None where there is none."""
        return json.loads(self.body) if self.body else None


class Answer(NamedTuple):
    """What is answered."""

    status: int
    body: bytes
    headers: Mapping[str, str] = MappingProxyType({})

    @classmethod
    def of(cls, status: int, document: Any, **headers: str) -> "Answer":
        """A document as JSON; None is no body."""
        return cls(status, b"" if document is None else json.dumps(document).encode(), headers)


class Server:
    """Answers on a free port until `close`.

    Args:
        answer: called with one request at a time.
    """

    def __init__(self, answer: Callable[[Asked], Answer]) -> None:
        lock = Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else each answer's body waits 40 ms for the client to hear of its headers

            def handle_one(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                asked = Asked(self.command, self.path, self.headers, self.rfile.read(length))
                with lock:
                    answered = answer(asked)
                self.send_response(answered.status)
                for name, value in {"Content-Type": "application/json", **answered.headers}.items():
                    self.send_header(name, value)
                if answered.status != 204:
                    self.send_header("Content-Length", str(len(answered.body)))
                self.end_headers()
                self.wfile.write(answered.body)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_one

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    """A server whose requests a handler takes, until the block ends; gives its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def served(answer: Callable[[Asked], Answer]) -> Iterator[str]:
    """A server until the block ends; gives its URL."""
    with closing(Server(answer)) as server:
        yield server.url
