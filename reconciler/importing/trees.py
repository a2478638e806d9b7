"""Texts in trees of maps and lists, and trees with another value somewhere. [pure]

Used by `importing.draft` and `importing.variables`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Path = tuple[str | int, ...]
"""The keys and indices that lead to a value."""


class Leaf(NamedTuple):
    """A text in a tree, and what it is called: as its key, or as the map says of which it is the value."""

    path: Path
    name: str
    text: str


def leaves_in(tree: Any, within: Path = ()) -> Iterator[Leaf]:
    """Every text."""
    for at, value in items_of(tree):
        if isinstance(value, str):
            yield Leaf((*within, at), _called(tree, at), value)
        elif isinstance(value, Mapping | list):
            yield from leaves_in(value, (*within, at))


def items_of(tree: Any) -> Iterator[tuple[str | int, Any]]:
    """What is in a map or a list, by its keys or indices."""
    yield from tree.items() if isinstance(tree, Mapping) else enumerate(tree)


def _called(tree: Any, at: str | int) -> str:
    """`{name: X-Api-Key, value: …}` says itself what its value is."""
    said = tree.get("name", tree.get("key")) if isinstance(tree, Mapping) and at == "value" else None
    return said if isinstance(said, str) else str(at)


def with_value(tree: Any, path: Path, value: Any) -> Any:
    """The tree with another value at a place that it has."""
    first, *rest = path
    inner = with_value(tree[first], tuple(rest), value) if rest else value
    if isinstance(tree, Mapping):
        return {**tree, first: inner}
    return [inner if at == first else each for at, each in enumerate(tree)]
