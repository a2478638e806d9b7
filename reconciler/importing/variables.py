"""What stands in a block in the place of values that look like secrets: references to variables. [pure]

Used by `importing.blocks`. The values themselves are handed on, so that the run can prove what it writes; nothing
that is written has them.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.importing.trees import Path, items_of, with_value
from reconciler.importing.types import Draft, Variable, Veiled

_UNNAMED = re.compile(r"[^A-Za-z0-9_]")


def in_name(text: str) -> str:
    """A text as a part of a variable's name, as the reader of files makes it of a row's value."""
    return _UNNAMED.sub("_", text)


def variable_for(name: str, what: str) -> str:
    """What the variable is called that is to hold something of a block: none begins with a digit."""
    stem = in_name(f"{name}_hook_{what}").upper()
    return f"HOOK_{stem}" if stem[0].isdigit() else stem


def with_variables(
    tree: Mapping[str, Any], name: str, drafts: Mapping[str, Draft]
) -> tuple[dict[str, Any], tuple[Variable, ...]]:
    """The tree with references, and what they are.

    Args:
        tree: a block's.
        name: what the variables are called after.
        drafts: the block's own, by what stands in brackets in their names.
    """
    named = dict(tree)
    found: list[Variable] = []
    stems: Counter[str] = Counter()
    for path, veiled in veils_in(tree):
        stem = variable_for(name, veiled.called)
        stems[stem] += 1
        stem += f"_{stems[stem]}" if stems[stem] > 1 else ""
        each = f"_${{each.{veiled.each}}}" if veiled.each else ""
        values = {
            value: (stem + (f"_{in_name(value)}" if each else ""), _at(draft.tree, path).value)
            for value, draft in drafts.items()
        }
        found.append(Variable(stem + each, ".".join(map(str, path)), veiled.shown, values))
        named = with_value(named, path, {"from": f"env:{stem}{each}"})
    return named, tuple(found)


def veils_in(tree: Any, within: Path = ()) -> Iterator[tuple[Path, Veiled]]:
    """Every value that looks like a secret, and what leads to it."""
    for at, value in items_of(tree):
        if isinstance(value, Veiled):
            yield (*within, at), value
        elif isinstance(value, Mapping | list):
            yield from veils_in(value, (*within, at))


def _at(tree: Any, path: Path) -> Veiled:
    for step in path:
        tree = tree[step]
    assert isinstance(tree, Veiled), "all drafts of a block have their secrets at the same places"
    return tree


def revealed(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The tree with the values themselves, for whoever holds it against others; it is written nowhere."""
    plain = dict(tree)
    for path, veiled in veils_in(tree):
        plain = with_value(plain, path, veiled.value.replace("$", "$$"))
    return plain
