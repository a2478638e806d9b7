"""The history of an entry as JSON and back: who changed it last, since when it is managed, what was undone. [pure]

Used by `state.entry`. Each part is left out where nothing is known.
"""

from typing import Any

from reconciler.model.provenance import Reverted, Run, Since, Undone
from reconciler.model.webhook import Entry
from reconciler.support import json_types


def history_to_json(entry: Entry) -> dict[str, Any]:
    """The keys `by`, `since` and `reverted` of an entry."""
    data: dict[str, Any] = {}
    if entry.by is not None:
        data["by"] = {key: value for key, value in entry.by._asdict().items() if value is not None}
    if entry.since is not None:
        data["since"] = entry.since._asdict()
    if entry.reverted is not None:
        fields = [field._asdict() for field in entry.reverted.fields]
        data["reverted"] = {"at": entry.reverted.at, "fields": fields}
    return data


def history_from_json(data: Any) -> dict[str, Any]:
    """The attributes of an entry that `history_to_json` wrote.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: the shape is another one.
    """
    by, since, reverted = (data.get(key) for key in ("by", "since", "reverted"))
    return {
        "by": _run(by) if by is not None else None,
        "since": _since(since) if since is not None else None,
        "reverted": _reverted(reverted) if reverted is not None else None,
    }


def _run(data: Any) -> Run:
    rest = {key: json_types.maybe(data.get(key)) for key in Run._field_defaults}
    return Run(json_types.text(data["run"]), json_types.text(data["at"]), **rest)


def _since(data: Any) -> Since:
    if data["how"] not in ("created", "adopted"):
        raise ValueError("not a way to come to be managed")
    return Since(data["how"], json_types.text(data["at"]))


def _reverted(data: Any) -> Reverted:
    return Reverted(json_types.text(data["at"]), tuple(map(_field, json_types.items(data["fields"]))))


def _field(data: Any) -> Undone:
    return Undone(json_types.text(data["path"]), _shown(data["before"]), _shown(data["after"]))


def _shown(value: Any) -> object:
    if isinstance(value, list):
        return tuple(map(_shown, value))
    return None if value is None else json_types.scalar(value)
