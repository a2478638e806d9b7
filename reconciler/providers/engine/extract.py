"""Looking into answers with JMESPath, and building bodies with JSON pointers. [pure]

Used by all of `providers.engine`, and by `providers.rehearse`.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from reconciler.providers.engine.evaluate import Unfit, evaluate
from reconciler.providers.language.words import Plain
from reconciler.providers.protocol import UNPARSABLE, Tree


def find(expression: str, document: Any) -> Any:
    """What `expression` finds in `document`; None where it finds nothing or the document has another shape."""
    if document is UNPARSABLE:
        return None
    if expression == "@":
        return document
    found = evaluate(expression, document)
    return None if isinstance(found, Unfit) else found


def place(path: str, document: Any) -> tuple[Any, ...]:
    """What stands where a plain path leads, which may be null; nothing where there is no such place."""
    above, _, key = path.rpartition(".")
    holder = find(above or "@", document)
    return (holder[key],) if isinstance(holder, dict) and key in holder else ()


@lru_cache(maxsize=4096)
def keys_of(pointer: str) -> tuple[str, ...]:
    """The keys of a JSON pointer; none for the empty pointer. Kept, since manifests use the same few all the time."""
    return tuple(key.replace("~1", "/").replace("~0", "~") for key in pointer.split("/")[1:])


def within(pointer: str, region: str) -> bool:
    """Whether `pointer` is `region` or lies below it."""
    return region in ("", pointer) or pointer.startswith(region + "/")


def fresh(tree: Any) -> Any:
    """A tree with containers of its own, so that what is built into it shows nowhere else."""
    if isinstance(tree, dict):
        return {key: fresh(inner) for key, inner in tree.items()}
    return [fresh(item) for item in tree] if isinstance(tree, list | tuple) else tree


def built(pairs: Mapping[str, Tree | Plain]) -> dict[str, Tree]:
    """An object from JSON pointers and values, which it shares nothing with; later pairs win."""
    root: dict[str, Tree] = {}
    for pointer, value in pairs.items():
        *path, last = keys_of(pointer)
        at = root
        for key in path:
            inner = at.setdefault(key, {})
            if not isinstance(inner, dict):
                inner = at[key] = {}
            at = inner
        at[last] = fresh(value)
    return root


def leaves_in(tree: Tree) -> int:
    """How many leaves a body has: the measure of the smallest one."""
    if isinstance(tree, dict):
        return sum(leaves_in(inner) for inner in tree.values())
    if isinstance(tree, list):
        return sum(leaves_in(inner) for inner in tree)
    return 1
