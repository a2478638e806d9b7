"""What `whsync state` shows of the lock: rows, whole entries, and what auditors ask. Used by `cli.state`."""

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.cli.context import Context
from reconciler.errors import WhsyncError
from reconciler.model.further import FIRST, records_of, salt_of
from reconciler.model.hidden import short
from reconciler.model.webhook import Entry, SecretRecord
from reconciler.render.base import plain
from reconciler.state.entry import entry_to_json
from reconciler.state.event import Intended
from reconciler.state.history import history_to_json
from reconciler.state.lock import Lock


def lines(data: Mapping[str, Any]) -> Iterator[str]:
    """One webhook for people: what says nothing is left out."""
    for key, value in data.items():
        if value not in (None, {}, []):
            yield f"{key:<13} {_plain(value)}"


def _whereabouts(name: str, lock: Lock) -> Entry | Intended:
    return lock.entries.get(name) or lock.intents[name]


def _listed(name: str, lock: Lock) -> dict[str, Any]:
    found = _whereabouts(name, lock)
    return {
        "name": name,
        "provider": found.provider,
        "type": found.type,
        "account": found.account,
        "scope": dict(found.scope),
        "remote_id": found.remote_id,
        "url": short(found.applied.url if isinstance(found, Entry) else found.url),
        "at": found.at,
        "open_intent": name in lock.intents,
    }


def audited(name: str, lock: Lock, shared: Mapping[str, str]) -> dict[str, Any]:
    """A webhook with who changed it last, since when it is managed, what was undone last, how old its secret is.

    Args:
        shared: a digest of each secret, where one is at hand: equal ones are one secret.
    """
    entry = lock.entries.get(name)
    known, records = history_to_json(entry) if entry else {}, records_of(entry) if entry else {}
    told = {which: _secret(record, shared.get(salt_of(name, which))) for which, record in records.items()}
    first = told.pop(FIRST, None)
    return {
        **_listed(name, lock),
        **{key: known.get(key) for key in ("by", "since", "reverted")},
        "secret": first,
        **({"secrets": told} if told else {}),
    }


def _secret(record: SecretRecord, digest: str | None) -> dict[str, Any]:
    return {"at": record.at, "sent": record.sent, "stored": record.stored, "digest": digest}


def shared_secrets(whsync: Context, lock: Lock) -> Mapping[str, str]:
    """A digest of each secret that is at hand.

    None where the files are broken, or ask for what nobody granted; that is no reason to list nothing.
    """
    from reconciler.run import sharing
    from reconciler.trust.guard import refused

    try:
        loaded = whsync.load()
        if refused(loaded, whsync.believed()).problems:
            return {}
        return sharing.shared_secrets(loaded, os.environ, lock)
    except WhsyncError:
        return {}


def row(name: str, lock: Lock) -> tuple[str, ...]:
    """One line of a table for people."""
    data = _listed(name, lock)
    scope = " ".join(f"{key}={value}" for key, value in data["scope"].items())
    entry = lock.entries.get(name)
    at_rest = "leaving" if entry is not None and entry.is_leaving else (data["at"] or "")[:10]
    state = "not settled" if data["open_intent"] else at_rest
    return tuple(plain(text) for text in (name, data["provider"], scope, data["remote_id"] or "", data["url"], state))


def whole(name: str, lock: Lock) -> dict[str, Any]:
    """All that the lock holds of a webhook, as JSON."""
    data: dict[str, Any] = {"name": name}
    if name in lock.entries:
        data |= entry_to_json(lock.entries[name])
    if name in lock.intents:
        intent = lock.intents[name]
        data["open_intent"] = intent._asdict() | {"scope": dict(intent.scope)}
    return data


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return "  ".join(f"{plain(str(key))}={_plain(inner)}" for key, inner in value.items() if inner is not None)
    if isinstance(value, list):
        return ", ".join(_plain(item) for item in value)
    return plain(short(value) if isinstance(value, str) else json.dumps(value))
