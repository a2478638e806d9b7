"""One of the files that are to be merged -> a lock, or why it must not be merged. [pure] Used by `cli.state_merge`."""

import json
from collections.abc import Iterator
from typing import Any

from reconciler.codes import Code
from reconciler.errors import StateError
from reconciler.model.provenance import Run
from reconciler.model.webhook import Entry
from reconciler.state.lock import Lock, from_json


def read(data: bytes, path: str) -> Lock:
    """The lock in `data`; `path` is for messages.

    A merge writes the whole lock anew, so that what this whsync does not know would be lost without a word.

    Raises:
        StateError: it is no lock that could be read, or holds something unknown.
    """
    try:
        text = data.decode(errors="surrogatepass")
    except UnicodeDecodeError:
        summary = f"the lock {path} is not text: it may be encrypted, or another file"
        raise StateError(summary, code=Code.LOCK_UNREADABLE) from None
    lock = from_json(text, path)
    strange = next(_unknown_keys(json.loads(text)), None)
    if strange is not None:
        summary = f"the lock {path} holds {strange!r}, which this whsync does not know and would lose"
        raise StateError(summary, "merge with the whsync that wrote it", code=Code.NEWER_FORMAT)
    return lock


def _unknown_keys(document: dict[str, Any]) -> Iterator[str]:
    yield from sorted(document.keys() - {"format", "webhooks", "sinks"})
    for entry in document["webhooks"].values():
        yield from sorted(entry.keys() - set(Entry._fields))
        yield from sorted((entry.get("by") or {}).keys() - set(Run._fields))
