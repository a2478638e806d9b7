"""Values out of JSON that somebody else may have written, held against the shape that they must have. [pure]

Used by `state` for the lock and its journal, and by `planning.planfile` for saved plans. Each raises TypeError where it
is another.
"""

import math
from typing import Any


def text(value: Any) -> str:
    """A text."""
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def maybe(value: Any) -> str | None:
    """A text, or none."""
    return None if value is None else text(value)


def flag(value: Any) -> bool:
    """True or false, and nothing that only counts as such."""
    if not isinstance(value, bool):
        raise TypeError("neither true nor false")
    return value


def count(value: Any) -> int:
    """A whole number."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("not a number")
    return value


def scalar(value: Any) -> str | bool | int | float:
    """A value that JSON can hold again: not what stands for infinite numbers."""
    if not isinstance(value, str | bool | int | float) or (isinstance(value, float) and not math.isfinite(value)):
        raise TypeError("not a scalar")
    return value


def items(value: Any) -> list[Any]:
    """The items of a list; a text has none."""
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value


def pairs(value: Any) -> dict[str, str]:
    """An object of texts."""
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return {key: text(inner) for key, inner in value.items()}
