"""How two lists or maps of an option differ, item by item, with deepdiff. [pure] Used by `render.text.fields`.

deepdiff takes a quarter of a second to import, so it is imported when the first such difference is shown.
"""

import json
from typing import Any, NamedTuple


class ItemChange(NamedTuple):
    """One item: its place (`[2]`, `[0].name`), and what stood and stands there (None: nothing)."""

    place: str
    before: str | None
    after: str | None


def explain(before: Any, after: Any) -> list[ItemChange]:
    """What was added, taken away or changed inside two containers, ordered by place; texts are JSON."""
    from deepdiff import DeepDiff

    tree = DeepDiff(_lists(before), _lists(after), view="tree")
    changes = []
    for kind, levels in tree.items():
        for level in levels:
            place = str(level.path()).removeprefix("root")
            old = None if kind.endswith("_added") else json.dumps(level.t1, ensure_ascii=False, sort_keys=True)
            new = None if kind.endswith("_removed") else json.dumps(level.t2, ensure_ascii=False, sort_keys=True)
            changes.append(ItemChange(place, old, new))
    return sorted(changes, key=lambda change: change.place)


def _lists(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_lists(item) for item in value]
    if isinstance(value, dict):
        return {key: _lists(item) for key, item in value.items()}
    return value
