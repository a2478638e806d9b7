"""A vendor that repeats every secret it is given: in descriptions, URLs, notes, errors and ids. Used by the second net.

It is a real server on loopback. What it shows beside what it holds is up to the test: `said` wraps the secret.
"""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from tests.loopback import Answer, Asked, served

MANIFEST = """\
type: echo
title: Echo
sources: [https://echo.example/docs]
unknown: [Nothing that matters here.]
auth: [{kind: bearer}]
variables: {token: ECHO_TOKEN}
read:
  - {how: list, path: /hooks, items: hooks}
identity: {id: id, note: note}
natural_key: [/url]
fields:
  url: {read: url, write: /url}
  events: {read: events, write: /events}
  status: {absent: It cannot be switched off}
  description: {read: description, write: /description}
secret: {lifecycle: supplied, write: /secret, value: shown_secret}
create:
  - {path: /hooks, ok: [201], ok_when: id}
update:
  - {path: "/hooks/{id}", method: PATCH, ok: [200], ok_when: id, safe_to_repeat: true}
retire:
  - {how: delete, path: "/hooks/{id}", ok: [204], safe_to_repeat: true}
errors: {message: [message]}
examples: []
"""


def spelt(secret: str) -> str:
    """One sentence with the secret as JSON, URLs, base64 (three ways to fall), hex and people write it."""
    data = secret.encode()
    packed = [base64.b64encode(b"x" * shift + data + b"yz").decode() for shift in range(3)]
    escaped = [json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]]
    return " ".join([secret, *escaped, quote(secret), quote(secret, safe=""), *packed, data.hex()])


class Echo:
    """The vendor.

    Attributes:
        hooks: what it holds, by id.
        refuses, fails: the status with which it answers writes, and reads, quoting what it was given; 0: it does not.
        complaint: what it says then, of the body and the token that it was given.
        next_id: the id of the next one that is made; empty: a number.
        chats: it writes the secret into the description.
        prefix: what stands in front of its paths.
    """

    def __init__(self) -> None:
        self.hooks: dict[str, dict[str, Any]] = {}
        self.secrets: dict[str, str] = {}  # it shows them on every read, as its manifest says
        self.refuses = self.fails = 0
        self.complaint: Callable[[dict[str, Any], str], str] | None = None
        self.chats = False
        self.prefix = self.next_id = ""
        self.address = ""

    def answer(self, method: str, path: str, body: dict[str, Any], bearer: str) -> tuple[int, Any]:
        """One call."""
        hook = path.removeprefix(self.prefix).removeprefix("/hooks").strip("/")
        if self.complaint is not None and (status := self.fails if method == "GET" else self.refuses):
            return status, {"message": self.complaint(body, bearer)}
        if method == "GET" and self.fails:
            return self.fails, {"message": f"{bearer} is a bad token"}
        if method == "GET":
            return 200, {"hooks": [self._shown(hook) for hook in self.hooks.values()]}
        if self.refuses:
            told = spelt(str(body.get("secret")))[:150]
            return self.refuses, {"message": f"{told} is a bad secret, {bearer} a good token"}
        if method == "DELETE":
            return (204, None) if self.hooks.pop(hook, None) else (404, {"message": "gone"})
        hook = hook or self.next_id or str(len(self.hooks) + 1)
        secret = body.pop("secret", None)
        if secret:
            self.secrets[hook] = secret
        if secret and self.chats:
            body["description"] = f"signed with {secret}"
        self.hooks[hook] = {**self.hooks.get(hook, {"id": hook}), **body}
        return (201 if method == "POST" else 200), self.hooks[hook]

    def _shown(self, hook: dict[str, Any]) -> dict[str, Any]:
        secret = self.secrets.get(hook["id"])
        return {"shown_secret": secret, **hook} if secret else hook


@contextmanager
def echoing() -> Iterator[Echo]:
    """The vendor, listening until the block ends."""
    vendor = Echo()

    def answered(asked: Asked) -> Answer:
        bearer = (asked.headers.get("authorization") or "").removeprefix("Bearer ")
        return Answer.of(*vendor.answer(asked.method, asked.path, asked.document() or {}, bearer))

    with served(answered) as vendor.address:
        yield vendor
