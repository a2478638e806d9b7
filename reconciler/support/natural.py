"""The order in which people look for names: `r2` before `r10`. [pure] Used by `render.text` and `cli`.

JSON and the lock keep the order of bytes, which does not depend on what people expect.
"""

import re

_DIGITS = re.compile(r"([0-9]+)")

Key = tuple[tuple[str | tuple[int, str], ...], str]


def natural(name: str) -> Key:
    """A sort key: numbers in a name count as numbers, letters whatever their case; equal ones by their bytes."""
    parts = _DIGITS.split(name)  # text and digits, in turns
    return tuple(_number(part) if place % 2 else part.casefold() for place, part in enumerate(parts)), name


def _number(digits: str) -> tuple[int, str]:
    """A number of any length, to be compared with others."""
    value = digits.lstrip("0")
    return len(value), value
