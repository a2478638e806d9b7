"""Looking into answers with JMESPath, and building bodies with JSON pointers. [pure]

Used by all of `providers.engine`, and by `providers.rehearse`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from reconciler.model.secret import Secret
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


def at(tree: Any, pointer: str) -> Any:
    """What stands at a JSON pointer; None where there is no such place."""
    for key in keys_of(pointer):
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree


def without(tree: Any, pointers: Iterable[str], here: str = "") -> Any:
    """A tree with containers of its own, and without what stands at these JSON pointers."""
    if not isinstance(tree, dict):
        return fresh(tree)
    inner = ((key, value, f"{here}/{key.replace('~', '~0').replace('/', '~1')}") for key, value in tree.items())
    return {key: without(value, pointers, place) for key, value, place in inner if place not in pointers}


def texts_in(tree: Any, here: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a tree, with its JSON pointer; what stands in a list is where the list is."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from texts_in(value, f"{here}/{key}")
    elif isinstance(tree, list):
        for item in tree:
            yield from texts_in(item, here)
    elif isinstance(tree, str):
        yield here, tree


def veiled(tree: Any, secrets: Collection[Secret]) -> Any:
    """A tree in which texts that are secrets are such that nothing prints them."""
    if isinstance(tree, dict):
        return {key: veiled(inner, secrets) for key, inner in tree.items()}
    if isinstance(tree, list):
        return [veiled(item, secrets) for item in tree]
    return Secret(tree) if isinstance(tree, str) and tree and Secret(tree) in secrets else tree


def built(pairs: Mapping[str, Tree | Plain], base: Tree = None) -> dict[str, Tree]:
    """An object from JSON pointers and values, which it shares nothing with; later pairs win, and all over `base`.

    An object at the empty pointer is laid over the whole.
    """
    root: dict[str, Tree] = fresh(base) if isinstance(base, dict) else {}
    for pointer, value in pairs.items():
        if pointer == "":
            root.update(fresh(value) if isinstance(value, dict) else {})
            continue
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
