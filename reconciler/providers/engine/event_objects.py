"""Events that are objects: the name in one, and the one of a name. [pure]

Used by `providers.engine.codec`.
"""

from collections.abc import Mapping
from typing import Any

from reconciler.providers.language.fields import Objects
from reconciler.providers.protocol import Tree


def name_in(codec: Objects, item: Mapping[str, Any]) -> Any:
    """The name in an object that is an event; several parts make a text."""
    if codec.key:
        return item[codec.key]
    parts = ["" if item.get(key) is None else str(item[key]) for key in codec.parts]
    while parts and not parts[-1]:
        parts.pop()
    return codec.join.join(parts)


def object_of(codec: Objects, name: Tree) -> dict[str, Tree]:
    """The object that has a name; the last part takes whatever is left of it."""
    if codec.key:
        return {codec.key: name}
    parts = str(name).split(codec.join, len(codec.parts) - 1)
    return {key: part for key, part in zip(codec.parts, parts, strict=False) if part}
