"""Looking into answers with JMESPath, and building bodies with JSON pointers. [pure]

Used by all of `providers.engine`, and by `providers.rehearse`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
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
        tree = _inner(tree, key)
    return tree


def _inner(tree: Any, key: str) -> Any:
    if isinstance(tree, dict):
        return tree.get(key)
    return tree[int(key)] if isinstance(tree, list) and _is_item(key) and int(key) < len(tree) else None


def _is_item(key: str) -> bool:
    """Whether a key of a pointer is the number of an item, as RFC 6901 writes one."""
    return key.isascii() and key.isdigit() and (key == "0" or key[0] != "0")


def place_in(tree: Any, pointer: str) -> bool:
    """Whether a JSON pointer leads to a place of the tree, whatever stands there."""
    above, _, _ = pointer.rpartition("/")
    holder, last = at(tree, above), (keys_of(pointer) or ("",))[-1]
    if isinstance(holder, list):
        return _is_item(last) and int(last) < len(holder)
    return not pointer or (isinstance(holder, dict) and last in holder)


def without(tree: Any, pointers: Iterable[str], here: str = "") -> Any:
    """A tree with containers of its own, and without what stands at these JSON pointers."""
    if not isinstance(tree, dict):
        return fresh(tree)
    inner = ((key, value, f"{here}/{key.replace('~', '~0').replace('/', '~1')}") for key, value in tree.items())
    return {key: without(value, pointers, place) for key, value, place in inner if place not in pointers}


def texts_in(tree: Any, here: str = "", exactly: str = "") -> Iterator[tuple[str, str, str]]:
    """Every text in a tree, with its JSON pointer, once as if what stands in a list were where the list is."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from texts_in(value, f"{here}/{key}", f"{exactly}/{key}")
    elif isinstance(tree, list):
        for number, item in enumerate(tree):
            yield from texts_in(item, here, f"{exactly}/{number}")
    elif isinstance(tree, str):
        yield here, exactly, tree


def veiled(tree: Any, secrets: Collection[Secret]) -> Any:
    """A tree in which texts that are secrets are such that nothing prints them."""
    if isinstance(tree, dict):
        return {key: veiled(inner, secrets) for key, inner in tree.items()}
    if isinstance(tree, list):
        return [veiled(item, secrets) for item in tree]
    return Secret(tree) if isinstance(tree, str) and tree and Secret(tree) in secrets else tree


def built(pairs: Mapping[str, Tree | Plain], base: Tree = None) -> dict[str, Tree]:
    """An object from JSON pointers and values, which it shares nothing with; later pairs win, and all over `base`.

    A number is the place of an item where a list is, or begins with it (`/targets/0/address`); elsewhere it is a key.
    An object at the empty pointer is laid over the whole.
    """
    root: dict[str, Tree] = fresh(base) if isinstance(base, dict) else {}
    for pointer, value in sorted(pairs.items(), key=_items_of):
        if pointer == "":
            root.update(fresh(value) if isinstance(value, dict) else {})
            continue
        keys = keys_of(pointer)
        at: dict[str, Tree] | list[Tree] = root
        for key, next_key in pairwise(keys):
            inner = _inner(at, key)
            if not isinstance(inner, dict | list) or (isinstance(inner, list) and not _fits(inner, next_key)):
                inner = [] if next_key == "0" else {}
                _put(at, key, inner)
            at = inner
        _put(at, keys[-1], fresh(value))
    return root


def _items_of(pair: tuple[str, object]) -> tuple[int, ...]:
    """The numbers in a pointer: items are made in their order."""
    return tuple(int(key) for key in keys_of(pair[0]) if _is_item(key))


def _fits(items: list[Tree], key: str) -> bool:
    return _is_item(key) and int(key) <= len(items)


def _put(holder: dict[str, Tree] | list[Tree], key: str, value: Tree) -> None:
    if isinstance(holder, dict):
        holder[key] = value
    elif int(key) < len(holder):
        holder[int(key)] = value
    else:
        holder.append(value)


def leaves_in(tree: Tree) -> int:
    """How many leaves a body has: the measure of the smallest one."""
    if isinstance(tree, dict):
        return sum(leaves_in(inner) for inner in tree.values())
    if isinstance(tree, list):
        return sum(leaves_in(inner) for inner in tree)
    return 1
