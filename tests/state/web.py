"""A server that keeps documents, written from RFC 9110 (sections 8.8.3, 9.3.4, 13.1) and Terraform's HTTP back end.

As a value that answers calls, for tests in one process, and as a real server on loopback.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

from reconciler.state.stores.https import Answer
from tests.loopback import listening


class Shelf:
    """Documents by their paths. What it does is set by its attributes.

    Args:
        locks: whether it knows LOCK and UNLOCK, and then wants writes to name the lock.
        tags: how ETags are written: `strong`, `weak`, `none`, or `silent` (none in answers to PUT).

    Attributes:
        calls: each call's method and condition, in order.
        lose: how many answers to writes are lost, after the write was done.
        drop: how many writes are lost before they are done.
    """

    def __init__(self, locks: bool = False, tags: str = "strong") -> None:
        self.locks, self.tags = locks, tags
        self.documents: dict[str, tuple[bytes, int]] = {}
        self.locked: dict[str, bytes] = {}
        self.calls: list[tuple[str, str]] = []
        self.lose = self.drop = 0
        self._count = 0
        self._mutex = threading.Lock()

    def __call__(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """See `Send`."""
        with self._mutex:
            parts, lower = urlsplit(url), {name.lower(): value for name, value in headers.items()}
            self.calls.append((method, lower.get("if-match") or lower.get("if-none-match", "")))
            if method == "PUT" and self.drop:
                self.drop -= 1
                return Answer(0, failure="the connection broke")
            answer = self._answered(method, parts.path, parse_qs(parts.query), lower, body or b"")
            if method == "PUT" and self.lose:
                self.lose -= 1
                return Answer(0, failure="the connection broke")
            return answer

    def close(self) -> None:
        """See `Send`."""

    def _answered(
        self, method: str, path: str, query: Mapping[str, list[str]], headers: Mapping[str, str], body: bytes
    ) -> Answer:
        if method in ("LOCK", "UNLOCK"):
            return self._lock(method, path, body) if self.locks else Answer(501)
        there = self.documents.get(path)
        if method == "GET":
            return Answer(404) if there is None else Answer(200, self._tag(there[1]), there[0])
        if method != "PUT":
            return Answer(405)
        if path in self.locked and query.get("ID") != [json.loads(self.locked[path])["ID"]]:
            return Answer(423, {}, self.locked[path])
        expected = headers.get("if-match")
        if expected is not None and (there is None or expected != f'"{there[1]}"'):
            return Answer(412)
        if headers.get("if-none-match") == "*" and there is not None:
            return Answer(412)
        self._count += 1
        self.documents[path] = (body, self._count)
        return Answer(201 if there is None else 204, {} if self.tags == "silent" else self._tag(self._count))

    def _tag(self, number: int) -> dict[str, str]:
        if self.tags == "none":
            return {}
        return {"etag": f'W/"{number}"' if self.tags == "weak" else f'"{number}"'}

    def _lock(self, method: str, path: str, body: bytes) -> Answer:
        held = self.locked.get(path)
        if method == "LOCK":
            if held is not None:
                return Answer(423, {}, held)
            self.locked[path] = body
            return Answer(200)
        if held is not None and json.loads(held)["ID"] != json.loads(body)["ID"]:
            return Answer(409, {}, held)
        self.locked.pop(path, None)
        return Answer(200)


@contextmanager
def served(shelf: Shelf, token: str = "") -> Iterator[str]:
    """A server on loopback that answers as `shelf` does; with `token`, only to who shows it. Gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length)
            answer = shelf(self.command, self.path, dict(self.headers), body)
            if token and self.headers.get("authorization") != f"Bearer {token}":
                answer = Answer(401)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_PUT = do_LOCK = do_UNLOCK = answer

        def log_message(self, *_: object) -> None:
            pass

    with listening(Handler) as port:
        yield f"http://127.0.0.1:{port}"
