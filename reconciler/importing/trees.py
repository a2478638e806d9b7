"""Texts in trees of maps, and trees with another value somewhere. [pure]

Used by `importing.draft` and `importing.variables`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Path = tuple[str, ...]
"""The keys that lead to a value."""


def leaves_in(tree: Mapping[str, Any], within: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every text below maps, and where it stands; those in lists are none of them."""
    for name, value in tree.items():
        if isinstance(value, str):
            yield (*within, name), value
        elif isinstance(value, Mapping):
            yield from leaves_in(value, (*within, name))


def with_value(tree: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """The tree with another value at a place that it has."""
    first, *rest = path
    return {**tree, first: with_value(tree[first], tuple(rest), value) if rest else value}
