"""The document of a lock that is no file: the lock, and who works on it, as one value and as bytes.

Used by `state.stores.remote`. Small locks stand in it whole, so that it is a lock as `webhooks.lock.json` is, with one
key more; a large one is a piece beside it, so that a line of the journal does not send all of it again.

    {
      "store": {"fence": 12, "write": "9f2c…-7", "holder": {…}, "journal": […], "version": 4, "versions": […]},
      "format": "whsync.lock/1",
      "webhooks": {…}
    }

`fence` is raised by whoever takes or frees the lock. `write` differs with each write, so that no two documents are ever
the same bytes, and a run that gets no answer can see whether it was its own write that arrived.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from reconciler.codes import Code
from reconciler.errors import StateError
from reconciler.state import journal
from reconciler.state.event import Durable
from reconciler.state.lock import FORMAT, from_json, to_json
from reconciler.state.stores.base import Holder, Version
from reconciler.support import json_types

HEAD = "whsync.lock-head/1"
"""The format of a document whose lock is a piece: nothing that reads only locks takes it for an empty one."""

INLINE = 64 * 1024
"""Bytes of a lock up to which it stands in the document, where there could be pieces."""


class Work(NamedTuple):
    """Who works on the lock: `id` is this run's own, `renewed` the last sign of life (seconds since 1970)."""

    holder: Holder
    id: str
    renewed: float
    process: str = ""


class Past(NamedTuple):
    """A version that is kept, the piece that it is, and the fence of the run that left it."""

    version: Version
    piece: str
    fence: int


class Head(NamedTuple):
    """The document as a value.

    Args:
        fence: how often the lock was taken or freed.
        write: which write this is.
        work: who works on it; None where nobody does.
        lines: the journal, a line for each event since the lock was written.
        number: how many runs changed the lock; 0: none did, and there is no lock yet.
        body: the lock's own text, where it stands in the document.
        piece: the name of the piece that it is, where there is one.
        past: earlier versions, the oldest first, the present one last.
        moved: where the lock is now, if it was moved away.
    """

    fence: int = 0
    write: str = ""
    work: Work | None = None
    lines: tuple[bytes, ...] = ()
    number: int = 0
    body: str | None = None
    piece: str | None = None
    past: tuple[Past, ...] = ()
    moved: str | None = None

    @property
    def events(self) -> tuple[Durable, ...]:
        """The journal's events."""
        left = journal.parse(journal.header() + b"".join(self.lines), "in the lock")
        return left.events if left is not None else ()


def to_bytes(head: Head) -> bytes:
    """The document."""
    store: dict[str, Any] = {"fence": head.fence, "write": head.write, "version": head.number}
    if head.work is not None:
        store["holder"] = {**head.work._asdict(), "holder": head.work.holder._asdict()}
    if head.piece is not None:
        store["piece"] = head.piece
    if head.past:
        store["versions"] = [{**past._asdict(), "version": past.version._asdict()} for past in head.past]
    if head.moved is not None:
        store["moved"] = head.moved
    said = json.dumps(store, sort_keys=True, separators=(",", ":"))
    if head.lines:
        said = f'{said[:-1]},"journal":[{b",".join(line.rstrip() for line in head.lines).decode()}]}}'
    if head.body is None:
        return f'{{\n  "store": {said},\n  "format": "{HEAD}"\n}}\n'.encode()
    return f'{{\n  "store": {said},{head.body[1:]}'.encode(errors="surrogatepass")


def from_bytes(data: bytes, shown: str) -> Head:
    """The document in `data`; `shown` is where it is, for messages.

    A plain lock, as `webhooks.lock.json` is one, is a document in which nobody has worked yet.

    Raises:
        StateError: it is none.
    """
    try:
        text = data.decode(errors="surrogatepass")
        document = json.loads(text)
    except (ValueError, RecursionError):
        text, document = "", None
    form = document.get("format") if isinstance(document, dict) else None
    if not isinstance(document, dict) or form not in (FORMAT, HEAD) or (form == HEAD and "store" not in document):
        newer = isinstance(form, str) and form.startswith("whsync.lock")
        raise StateError(
            f"what is at {shown} is no lock of whsync" if not newer else f"the lock {shown} has the format {form}",
            "use a newer whsync" if newer else "name another place; or restore what was there",
            code=Code.NEWER_FORMAT if newer else Code.LOCK_UNREADABLE,
        )
    store = document.pop("store", None)
    body = None if form == HEAD else _body(document, text, shown)
    if store is None:
        return Head(number=1, body=body)
    try:
        return _head(store, body)
    except (KeyError, TypeError, ValueError, AttributeError):
        what, hint = f"the lock {shown} does not say in a known way who works on it", "restore a version of it"
        raise StateError(what, hint, code=Code.LOCK_UNREADABLE) from None


def _body(document: Mapping[str, Any], text: str, shown: str) -> str:
    """The lock's own text, checked; spelled as whsync does, whoever wrote it."""
    return to_json(from_json(text, shown)) if document else ""


def _head(store: Mapping[str, Any], body: str | None) -> Head:
    work = store.get("holder")
    lines = tuple(
        json.dumps(line, sort_keys=True, separators=(",", ":")).encode() + b"\n" for line in store.get("journal", [])
    )
    past = tuple(
        Past(Version.from_json(each["version"]), json_types.text(each["piece"]), json_types.count(each["fence"]))
        for each in store.get("versions", [])
    )
    return Head(
        fence=json_types.count(store["fence"]),
        write=json_types.text(store["write"]),
        work=None if work is None else _work(work),
        lines=lines,
        number=json_types.count(store["version"]),
        body=body,
        piece=json_types.maybe(store.get("piece")),
        past=past,
        moved=json_types.maybe(store.get("moved")),
    )


def _work(data: Mapping[str, Any]) -> Work:
    who = data["holder"]
    texts = {key: json_types.text(who[key]) for key in ("user", "host", "since", "command")}
    holder = Holder(**texts, pid=json_types.count(who["pid"]))
    return Work(holder, json_types.text(data["id"]), float(data["renewed"]), json_types.text(data["process"]))
