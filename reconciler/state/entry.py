"""One entry of the lock as JSON, and back. [pure] Used by `state.lock`, `state.journal` and `cli.state`."""

from collections.abc import Mapping
from typing import Any

from reconciler.model.webhook import Entry, Fields, Leaf, Part, SecretRecord, scope_of
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
    }
    told = {"account_id": entry.account_id} if entry.account_id is not None else {}
    return {
        "provider": entry.provider,
        "type": entry.type,
        "account": entry.account,
        "scope": dict(entry.scope),
        "remote_id": entry.remote_id,
        "applied": fields_to_json(entry.applied),
        "secret": entry.secret._asdict() if entry.secret else None,
        "protect": entry.protect,
        **{key: value for key, value in optional.items() if value},
        **told,
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
        parts=tuple(map(_part, json_types.items(data.get("parts", [])))),
        orphan_parts=tuple(map(_part, json_types.items(data.get("orphan_parts", [])))),
        retired=json_types.flag(data.get("retired", False)),
        at=json_types.maybe(data.get("at")),
        asked=fields_from_json(data.get("asked", {})),
        shown=tuple(sorted((pointer, _noted(value)) for pointer, value in data.get("shown", {}).items())),
        leaving=tuple(map(json_types.text, json_types.items(data.get("leaving", [])))),
        account_id=json_types.maybe(data.get("account_id")),
    )


def secret_from_json(data: Any) -> SecretRecord:
    """What is known of a secret; raises as `entry_from_json`."""
    return SecretRecord(**{key: json_types.maybe(value) for key, value in data.items()})


def _part(data: Any) -> Part:
    return Part(json_types.text(data["key"]), json_types.maybe(data["remote_id"]), json_types.maybe(data["url"]))


def fields_to_json(fields: Fields) -> dict[str, Any]:
    """`{"url": …, "events": […sorted], "options": {…}}`: a pointer's first part is a key, the rest a key below it."""
    plain: dict[str, Any] = {}
    for pointer, leaf in fields.items():
        head, _, rest = pointer[1:].partition("/")
        if rest:
            plain.setdefault(head, {})[rest] = jsonable(leaf)
        else:
            plain[head] = jsonable(leaf)
    return plain


def fields_from_json(data: Mapping[str, Any]) -> Fields:
    """The fields that `fields_to_json` wrote; `events` becomes a set again, other lists become tuples."""
    leaves: dict[str, Leaf] = {}
    for head, value in data.items():
        if head == "events":
            leaves["/events"] = frozenset(map(json_types.text, json_types.items(value)))
        elif head == "options":
            leaves.update({f"/{head}/{rest}": _leaf(inner) for rest, inner in value.items()})
        else:
            leaves[f"/{head}"] = _leaf(value)
    return Fields(leaves)


def jsonable(leaf: Leaf) -> Any:
    """A leaf as JSON holds it: sets sorted, tuples as lists."""
    if isinstance(leaf, frozenset):
        return sorted(leaf)
    return list(leaf) if isinstance(leaf, tuple) else leaf


def _noted(value: Any) -> Leaf | None:
    return None if value is None else _leaf(value)


def _leaf(value: Any) -> Leaf:
    return tuple(map(json_types.scalar, value)) if isinstance(value, list) else json_types.scalar(value)
