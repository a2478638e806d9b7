"""Locks in a bucket of Google's, against a server written from the documents of its XML API.

https://cloud.google.com/storage/docs/xml-api/reference-headers says of `x-goog-if-generation-match` that 0 means that
there is no object yet, and 412 answers where it does not hold; `x-goog-generation` is each object's own number. No
server of others that runs here speaks so: fake-gcs-server knows the JSON API.
"""

import hashlib
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from itertools import count
from threading import Lock
from typing import ClassVar
from urllib.parse import unquote, urlsplit

import pytest

from tests.cli.conftest import run, stack, world
from tests.loopback import listening
from tests.real.buckets import BucketCommands, BucketStore
from tests.real.places import needed

pytestmark = [pytest.mark.xdist_group("locks in gs"), pytest.mark.timeout(600)]

__all__ = ["run", "stack", "world"]

TOKEN = "t0k3n-of-the-bucket"
CONDITION = "x-goog-if-generation-match"


class Objects(BaseHTTPRequestHandler):
    """Objects with generations."""

    kept: ClassVar[dict[str, tuple[bytes, int]]] = {}
    generations = count(1)
    mutex = Lock()

    def do_GET(self) -> None:
        """An object, with its generation."""
        with self.mutex:
            found = self.kept.get(self._name)
        self._answer(404 if found is None else 200, *(found or (b"", 0)))

    def do_PUT(self) -> None:
        """Store one, where the condition holds."""
        data, expected = self.rfile.read(int(self.headers["content-length"])), self.headers.get(CONDITION)
        with self.mutex:
            there = self.kept.get(self._name, (b"", 0))[1]
            if expected is not None and int(expected) != there:
                return self._answer(412)
            self.kept[self._name] = data, next(self.generations)
            return self._answer(200, b"", self.kept[self._name][1])

    def do_DELETE(self) -> None:
        """Take one away."""
        with self.mutex:
            self._answer(404 if self.kept.pop(self._name, None) is None else 204)

    @property
    def _name(self) -> str:
        return unquote(urlsplit(self.path).path)

    def _answer(self, status: int, data: bytes = b"", generation: int = 0) -> None:
        self.send_response(status)
        if generation:
            self.send_header("x-goog-generation", str(generation))
            self.send_header("etag", f'"{hashlib.md5(data).hexdigest()}"')
            self.send_header("last-modified", "Mon, 30 Nov 2026 12:00:00 GMT")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nothing is told."""


@pytest.fixture(scope="module")
def variables() -> Iterator[Mapping[str, str]]:
    """Those with which the server is reached."""
    needed("obstore", "gs")
    with listening(Objects) as port:
        yield {"GOOGLE_BASE_URL": f"http://127.0.0.1:{port}", "GOOGLE_BEARER_TOKEN": TOKEN, "NO_PROXY": "*"}


class TestStore(BucketStore):
    """What every store promises."""

    scheme = "gs"


class TestCommands(BucketCommands):
    """What every command promises."""

    scheme, secret = "gs", TOKEN
