"""The values of an entry as JSON and back: what is known of a secret, parts, fields. [pure]

Used by `state.entry`, `state.lock` and `state.journal`.
"""

from collections.abc import Mapping
from typing import Any

from reconciler.model.webhook import Fields, Leaf, Part, SecretRecord
from reconciler.support import json_types


def secret_to_json(record: SecretRecord) -> dict[str, Any]:
    """What is known of a secret, as the lock and the journal hold it; `sent` only where it was not."""
    data = record._asdict()
    sent = data.pop("sent")
    return data if sent else {**data, "sent": False}


def secret_from_json(data: Any) -> SecretRecord:
    """What is known of a secret; raises as `entry.entry_from_json`."""
    texts = {key: json_types.maybe(value) for key, value in data.items() if key != "sent"}
    return SecretRecord(**texts, sent=json_types.flag(data.get("sent", True)))


def secrets_to_json(records: tuple[tuple[str, SecretRecord], ...]) -> dict[str, Any]:
    """What is known of further secrets, under `secrets`; nothing where there are none."""
    return {"secrets": {which: secret_to_json(record) for which, record in records}} if records else {}


def secrets_from_json(data: Any) -> tuple[tuple[str, SecretRecord], ...]:
    """What is known of further secrets, by their names; raises as `entry.entry_from_json`."""
    return tuple((json_types.text(which), secret_from_json(record)) for which, record in sorted(data.items()))


def part_from_json(data: Any) -> Part:
    """One remote object of a webhook that fans out; raises as `entry.entry_from_json`."""
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
            leaves.update({f"/{head}/{rest}": leaf_from_json(inner) for rest, inner in value.items()})
        else:
            leaves[f"/{head}"] = leaf_from_json(value)
    return Fields(leaves)


def jsonable(leaf: Leaf) -> Any:
    """A leaf as JSON holds it: sets sorted, tuples as lists."""
    if isinstance(leaf, frozenset):
        return sorted(leaf)
    return list(leaf) if isinstance(leaf, tuple) else leaf


def leaf_from_json(value: Any) -> Leaf:
    """The leaf that `jsonable` wrote; a set comes back as a tuple."""
    return tuple(map(json_types.scalar, value)) if isinstance(value, list) else json_types.scalar(value)
