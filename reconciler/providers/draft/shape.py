"""The object that a description's calls take and show: its properties, and what they look like.

Used by `providers.draft.words`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from reconciler.providers.draft.description import Found, Tree

_URLS = (
    *(
        "url",
        "endpoint_url",
        "target_url",
        "webhook_url",
        "callback_url",
        "notification_url",
        "destination",
        "endpoint",
    ),
    *("target", "uri", "address", "callback", "callbackUrl", "webhookUrl", "notificationUrl", "targetUrl", "href"),
)
SERVERS_OWN = re.compile(r"^(id|uuid|object|created.*|updated.*|_links|links)$", re.I)
"""Properties that the server sets, whoever sends them."""

_EVENTS = re.compile(r"event|topic|trigger|subscri|notification.?type", re.I)


class Place(NamedTuple):
    """Where a property stands: by JSON pointer in bodies, by path in answers."""

    pointer: str
    schema: Tree

    @property
    def path(self) -> str:
        """As an expression, keys that are no plain names in quotes."""
        keys = self.pointer.strip("/").split("/")
        return ".".join(key if key.isidentifier() else f'"{key}"' for key in keys)


class Shape(NamedTuple):
    """A webhook's object: what creates take, and what answers show.

    Args:
        taken, shown: the properties, nested ones too, by pointer.
        needed: the properties that a create must have, by their names.
        wrap: the one key of a body that holds all of it; answer: where answers hold it.
        said: whether the description says what a create takes; else that is what answers show.
    """

    taken: Mapping[str, Place]
    shown: Mapping[str, Place]
    needed: tuple[str, ...]
    wrap: str
    answer: str
    said: bool


def shape_of(found: Found) -> Shape:
    """The webhook of a description."""
    made, read = found.verbs.get("POST") or found.verbs.get("PUT") or {}, found.one_verbs.get("GET")
    _, body = found.body(made)
    _, answered = found.answer(read or made)
    outer = found.properties(body)
    around = (url_in(dict(places(found, body))) or "").rpartition("/")[0]
    answer = _inner(found, answered, around)
    wrap = around if around in outer and (len(outer) == 1 or around == answer) else ""
    body = outer[wrap] if wrap else body
    shown = dict(places(found, found.properties(answered)[answer] if answer else answered))
    taken = {name: place for name, place in places(found, body) if not place.schema.get("readOnly")}
    return Shape(taken or _sent_back(shown), shown, found.required(body), wrap, answer, bool(taken))


def _sent_back(shown: Mapping[str, Place]) -> dict[str, Place]:
    """What answers show and the server does not set by itself."""
    return {name: place for name, place in shown.items() if not SERVERS_OWN.match(name.rpartition("/")[2])}


def _inner(found: Found, answered: Tree, wrap: str) -> str:
    """The key under which an answer holds the webhook; empty where the answer is the webhook."""
    outer = found.properties(answered)
    ids = ("id", "uuid", found.name)
    if any(each in outer for each in ids):
        return ""
    for key in (wrap, "data", *outer):
        if key in outer and any(each in found.properties(outer[key]) for each in ids):
            return key
    return ""


def places(found: Found, schema: Tree, above: str = "", depth: int = 0) -> Iterator[tuple[str, Place]]:
    """Every property of an object and of the objects in it, by its pointer without the first slash."""
    for key, words in found.properties(schema).items():
        pointer = f"{above}/{key.replace('~', '~0').replace('/', '~1')}"
        yield pointer.strip("/"), Place(pointer, words)
        if depth < 2 and found.properties(words):
            yield from places(found, words, pointer, depth + 1)


def url_in(known: Mapping[str, Place]) -> str | None:
    """The name of the property that is the receiver's address."""
    by_last = [(name.rpartition("/")[2], name) for name in sorted(known, key=lambda name: name.count("/"))]
    return next((name for wanted in _URLS for last, name in by_last if last == wanted), None)


def events_in(known: Mapping[str, Place]) -> str | None:
    """The name of the property that lists events."""
    lists = [name for name, place in known.items() if type_of(place.schema) == "array"]
    named = [name for name in lists if _EVENTS.search(name.rpartition("/")[2])]
    return next(iter((*named, *(name for name in lists if names_in(known[name].schema)))), None)


def names_in(schema: Tree) -> list[str]:
    """The event names that a list's schema knows."""
    items = schema.get("items") or {}
    return [each for each in items.get("enum") or () if isinstance(each, str)]


def type_of(schema: Tree) -> str:
    """A schema's type, null aside."""
    kind = schema.get("type")
    return next((each for each in kind if each != "null"), "") if isinstance(kind, list) else str(kind or "")
