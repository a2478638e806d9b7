"""One entry of the lock as JSON, and back. [pure] Used by `state.lock`, `state.journal` and `cli.lock_shown`."""

from collections.abc import Mapping
from typing import Any

from reconciler.model.webhook import Entry, Leaf, scope_of
from reconciler.state.history import history_from_json, history_to_json
from reconciler.state.values import (
    fields_from_json,
    fields_to_json,
    jsonable,
    leaf_from_json,
    part_from_json,
    secret_from_json,
    secret_to_json,
    secrets_from_json,
    secrets_to_json,
)
from reconciler.support import json_types


def entry_to_json(entry: Entry) -> dict[str, Any]:
    """One entry as the lock and the journal hold it; optional parts are left out where they say nothing."""
    optional = {
        "parts": [part._asdict() for part in entry.parts],
        "orphan_parts": [part._asdict() for part in entry.orphan_parts],
        "retired": entry.retired,
        "at": entry.at,
        "asked": fields_to_json(entry.asked),
        "shown": {pointer: jsonable(leaf) for pointer, leaf in entry.shown},
        "leaving": list(entry.leaving),
        "ignore": list(entry.ignore),
        "replace": "delete_first" if entry.delete_first else None,
    }
    told = {"account_id": entry.account_id, "manifest": entry.manifest}
    return {
        "provider": entry.provider,
        "type": entry.type,
        "account": entry.account,
        "scope": dict(entry.scope),
        "remote_id": entry.remote_id,
        "applied": fields_to_json(entry.applied),
        "secret": secret_to_json(entry.secret) if entry.secret else None,
        "protect": entry.protect,
        **{key: value for key, value in optional.items() if value},
        **secrets_to_json(entry.secrets),
        **{key: value for key, value in told.items() if value is not None},
        **history_to_json(entry),
    }


def entry_from_json(data: Any) -> Entry:
    """The entry that `entry_to_json` wrote.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: the shape is another one.
    """
    secret = data["secret"]
    return Entry(
        provider=json_types.text(data["provider"]),
        type=json_types.text(data["type"]),
        account=json_types.text(data["account"]),
        scope=scope_of(json_types.pairs(data["scope"])),
        remote_id=json_types.maybe(data["remote_id"]),
        applied=fields_from_json(data["applied"]),
        secret=secret_from_json(secret) if secret is not None else None,
        protect=json_types.flag(data["protect"]),
        parts=tuple(map(part_from_json, json_types.items(data.get("parts", [])))),
        orphan_parts=tuple(map(part_from_json, json_types.items(data.get("orphan_parts", [])))),
        retired=json_types.flag(data.get("retired", False)),
        at=json_types.maybe(data.get("at")),
        asked=fields_from_json(data.get("asked", {})),
        shown=_shown(data.get("shown", {})),
        leaving=tuple(map(json_types.text, json_types.items(data.get("leaving", [])))),
        account_id=json_types.maybe(data.get("account_id")),
        manifest=json_types.maybe(data.get("manifest")),
        ignore=tuple(map(json_types.text, json_types.items(data.get("ignore", [])))),
        delete_first=json_types.maybe(data.get("replace")) == "delete_first",
        secrets=secrets_from_json(data.get("secrets", {})),
        **history_from_json(data),
    )


def _shown(data: Mapping[str, Any]) -> tuple[tuple[str, Leaf | None], ...]:
    noted = ((pointer, None if value is None else leaf_from_json(value)) for pointer, value in data.items())
    return tuple(sorted(noted, key=lambda each: each[0]))
