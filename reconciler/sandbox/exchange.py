"""One request and its answer, as plain values, and the few ways a vendor words an answer.

Used by every simulated vendor, by `sandbox.faults`, and by `sandbox.server`, which carries the bytes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Headers = tuple[tuple[str, str], ...]
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Request:
    """A request as it arrived. Headers and body stay out of the `repr`, because they hold credentials.

    `path` is as sent, percent-encoded and without the query; `headers` have lower-case names; `status` is what the
    client was answered, or None when it got no answer (dropped, or still under way).
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    status: int | None = None

    @classmethod
    def parse(cls, method: str, target: str, headers: Mapping[str, str], body: bytes) -> "Request":
        """Build a request from its request line's target (`/path?query`) and headers (names in any case)."""
        path, _, query = target.partition("?")
        named = {name.lower(): value for name, value in headers.items()}
        return cls(method, path, dict(parse_qsl(query, keep_blank_values=True)), named, body)

    def header(self, name: str) -> str:
        """Return a header's value, or an empty string."""
        return self.headers.get(name.lower(), "")

    @property
    def media_type(self) -> str:
        """The body's media type without parameters, in lower case; empty when none was sent."""
        message = Message()
        message["content-type"] = self.header("content-type")
        return message.get_content_type() if self.header("content-type") else ""

    def json(self) -> Any:
        """Return the body read as JSON. Raises ValueError."""
        return json.loads(self.body.decode("utf-8"))

    def form(self) -> list[tuple[str, str]]:
        """Return the body's form fields in order. Raises ValueError."""
        return parse_qsl(self.body.decode("utf-8"), keep_blank_values=True, strict_parsing=bool(self.body))

    def bearer(self) -> str:
        """Return the token of `Authorization: Bearer TOKEN`, or an empty string."""
        scheme, _, token = self.header("authorization").partition(" ")
        return token if scheme.lower() == "bearer" else ""


@dataclass(frozen=True)
class Answer:
    """What goes back: `filler` more bytes follow the body, made up while they are sent."""

    status: int
    body: bytes = b""
    headers: Headers = ()
    filler: int = 0

    def plus(self, headers: Mapping[str, str]) -> "Answer":
        """Return the same answer with more headers."""
        return Answer(self.status, self.body, (*self.headers, *headers.items()), self.filler)

    def json(self) -> Any:
        """Return the body read as JSON. Raises ValueError."""
        return json.loads(self.body)


def json_answer(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Answer:
    """Answer with a JSON body."""
    encoded = json.dumps(body, separators=(",", ":")).encode()
    return Answer(status, encoded, (("Content-Type", "application/json; charset=utf-8"), *(headers or {}).items()))


def html_answer(status: int, title: str = "") -> Answer:
    """Answer with a small HTML page, as proxies and frameworks do."""
    title = title or HTTPStatus(status).phrase
    page = f"<!doctype html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
    return Answer(status, page.encode(), (("Content-Type", "text/html; charset=utf-8"),))


def text_answer(status: int, text: str) -> Answer:
    """Answer with plain text."""
    return Answer(status, text.encode(), (("Content-Type", "text/plain; charset=utf-8"),))


def is_web_url(value: object) -> bool:
    """Tell whether a value is an absolute http or https URL with a host, free of blanks, quotes and controls."""
    if not isinstance(value, str) or any(sign.isspace() or not sign.isprintable() or sign in "\"'<>" for sign in value):
        return False
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0
