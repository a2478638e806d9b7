"""Small manifests and answers for the tests of this folder."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from reconciler.model.webhook import Fields, Leaf
from reconciler.providers.engine.interpret import CompiledVendor
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.protocol import Call, Provider, Reply
from reconciler.providers.registry import builtin
from reconciler.providers.rehearse import BASE_URL

SMALL: dict[str, Any] = {
    "type": "small",
    "title": "Smallville",
    "sources": ["https://small.example"],
    "unknown": ["Much."],
    "base_url": BASE_URL,
    "auth": [{"kind": "bearer"}],
    "read": [{"how": "list", "path": "/hooks"}],
    "identity": {"id": "id"},
    "fields": {
        "url": {"read": "url", "write": "/url"},
        "events": {"read": "events", "write": "/events"},
        "status": {"absent": "none"},
        "description": {"read": "description", "write": "/description"},
    },
    "create": [{"path": "/hooks", "ok_when": "id"}],
    "update": [{"path": "/hooks/{id}"}],
    "retire": [{"how": "delete", "path": "/hooks/{id}"}],
    "examples": [],
}


def small(**changes: Any) -> Provider:
    """A provider of an ordinary API, with some words of its manifest replaced."""
    return CompiledVendor(Manifest.model_validate({**SMALL, **changes})).provider(BASE_URL)


def provider(name: str, base_url: str = BASE_URL, **settings: Any) -> Provider:
    """A provider of a built-in manifest."""
    return CompiledVendor(builtin(name), settings).provider(base_url)


def fields(url: str = "https://a.example/x", events: Iterable[str] = (), **more: Leaf) -> Fields:
    """Fields by their plain names; no events are no field."""
    leaves: dict[str, Leaf] = {"/url": url, **{f"/{name}": leaf for name, leaf in more.items()}}
    return Fields({**leaves, "/events": frozenset(events)} if events else leaves)


def answer(document: Any = None, status: int = 200, **headers: str) -> Reply:
    """An answer with a JSON body; None: no body."""
    body = b"" if document is None else json.dumps(document).encode()
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def script(*replies: Reply) -> Callable[[Call], Reply]:
    """A vendor that gives these answers in turn; one call more is a failure of the test."""
    waiting: Iterable[Reply] = iter(replies)

    def vendor(call: Call) -> Reply:
        reply = next(iter(waiting), None)
        assert reply is not None, f"an unexpected call: {call.method} {call.path}"
        return reply

    return vendor
