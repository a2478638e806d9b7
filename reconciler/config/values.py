"""Texts and trees with variables and values of rows in them, and lists as texts. [pure]

Used by `config.interpolate` where they are filled in, by `config.lists` where a text is a whole list, and by
`config.credentials`.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from reconciler.codes import Code
from reconciler.config.fault import Wrong

_WHOLE = re.compile(r"\$\{[^{}]*\}")
_UNNAMED = re.compile(r"[^A-Za-z0-9_]")
_FOR_A_SHELL = re.compile(r"[\w./:@%+=,-]*")
_LONGEST = 15
"""Fractions with more characters are texts: readers of JSON round them."""


def is_whole(value: object) -> bool:
    """Whether a text is one variable, or one value of a row, and nothing else."""
    return isinstance(value, str) and _WHOLE.fullmatch(value) is not None


def in_name(text: str) -> str:
    """A row's value as a part of a variable's name, which has letters, digits and `_`: `api_gateway`."""
    return _UNNAMED.sub("_", text)


def is_for_a_shell(text: str) -> bool:
    """Whether a shell takes a text for nothing but a part of a word."""
    return _FOR_A_SHELL.fullmatch(text) is not None


def texts_in(text: str) -> list[str]:
    """What stands between commas and line breaks."""
    return [part.strip() for part in re.split(r"[,\n]", text) if part.strip()]


def list_in(text: str) -> Any:
    """What a text says where a list belongs: JSON, or texts between commas or line breaks.

    Raises:
        Wrong: it is neither, or empty; what stands in it is not repeated.
    """
    if not text.strip():
        raise Wrong(Code.NO_VALUE, "is empty", "for no webhook at all, let it be []")
    if text.lstrip()[0] not in "[{":
        return texts_in(text)
    try:
        return json.loads(text, object_pairs_hook=_object, parse_float=_number, parse_constant=str)
    except json.JSONDecodeError as error:
        what = f"is no JSON: {error.msg}, in line {error.lineno}, column {error.colno}"
        raise Wrong(Code.NOT_YAML, what, "write JSON, or texts with commas between") from None
    except Wrong:
        raise
    except (RecursionError, ValueError):
        raise Wrong(Code.NOT_YAML, "is no JSON that can be read", "make it flatter, and its numbers shorter") from None


def has_nothing(value: Any) -> bool:
    """Whether there is a null anywhere in a tree."""
    if isinstance(value, dict):
        return any(map(has_nothing, value.values()))
    return any(map(has_nothing, value)) if isinstance(value, list) else value is None


def _object(pairs: Iterable[tuple[str, Any]]) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise Wrong(Code.DUPLICATE_KEY, f"has the key `{key[:40]}` twice in one object", "keep one of the two")
        found[key] = value
    return found


def _number(text: str) -> float | str:
    """A number only where that keeps its spelling, as in the files: `1.10` is a text."""
    return float(text) if len(text) <= _LONGEST and str(float(text)) == text else text


def references_in(tree: object) -> Iterator[str]:
    """The references in what stands under `secret` or one key of `auth`, as they are written."""
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, list):
        for inner in tree:
            yield from references_in(inner)
    elif isinstance(tree, str):
        yield tree


def variables_in(tree: object) -> frozenset[str]:
    """The names of the variables that such references are to."""
    return frozenset(text.removeprefix("env:") for text in references_in(tree) if text.startswith("env:"))


def parted(tree: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A block without what has `${each.KEY}` in it, and that: keys of a map each by themselves, all else as a whole."""
    fixed: dict[str, Any] = {}
    varying: dict[str, Any] = {}
    for key, value in tree.items():
        if "${each." not in repr(value):
            fixed[key] = value
        elif isinstance(value, dict) and key not in ("secret", "secrets"):
            inner, rest = parted(value)
            fixed.update({key: inner} if inner else {})
            varying[key] = rest
        else:
            varying[key] = value
    return fixed, varying


def varies(value: Any) -> bool:
    """Whether there is anything to fill in; most values have nothing, and need not be copied."""
    if isinstance(value, str):
        return "$" in value
    if isinstance(value, dict):
        return any(map(varies, value.values()))
    return isinstance(value, list) and any(map(varies, value))
