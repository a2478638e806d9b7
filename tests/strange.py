"""Documents that are almost right: one value is of another type. Used wherever a file may be somebody else's."""

import copy
import math
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

strange: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, 2.5, "push", "1e999", [], ["x"], [1], [[]], {}, {"x": 1}]
)


@st.composite
def with_another_type(draw: st.DrawFn, document: Any) -> Any:
    """A document of which one value, of whatever depth, is of another type; `1e999` stands for what no number is."""
    changed = copy.deepcopy(document)
    places = list(_places(changed))
    holder, key = draw(st.sampled_from(places))
    value = draw(strange.filter(lambda value: type(value) is not type(holder[key])))
    holder[key] = math.inf if value == "1e999" else value
    return changed


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a tree, as what holds it and its key there."""
    for key, inner in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        yield tree, key
        yield from _places(inner)
