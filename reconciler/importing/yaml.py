"""A value as one line of YAML that every reader takes for exactly that value. [pure] Used by `importing.text`.

Whatever a vendor's text holds, quotes, `#`, `: `, line breaks, what turns a line around, it stays one scalar and cannot
become anything else.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from reconciler.support.scalars import spelled

_PLAIN = re.compile(r"(?:[A-Za-z][\w./()-]*(?: [\w./()-]+)*)", re.ASCII)
_ADDRESS = re.compile(r"https?://[A-Za-z0-9][\w./~%-]*(?::[0-9]+)?[\w./~%+-]*", re.ASCII)
_VARIABLE = re.compile(r"\$\{\w+\}", re.ASCII)
_WORDS = re.compile(r"true|false|yes|no|on|off|null|y|n", re.IGNORECASE)
_LONGEST_KEY = 900  # readers look for the `:` behind a key no further than 1024 characters


def scalar(value: str | bool | int | float, within_brackets: bool = True) -> str:
    """One scalar.

    Args:
        within_brackets: it stands in a list or mapping in brackets, where more has to be quoted.
    """
    if not isinstance(value, str):
        return spelled(value)
    if _PLAIN.fullmatch(value) and not _WORDS.fullmatch(value):
        return value
    if not within_brackets and (_ADDRESS.fullmatch(value) or _VARIABLE.fullmatch(value)):
        return value
    return quoted(value)


def quoted(text: str) -> str:
    """A text in double quotes; what cannot be seen, or moves what can, stands as an escape."""
    return '"' + "".join(map(_character, text)) + '"'


def _character(one: str) -> str:
    if one in '"\\':
        return "\\" + one
    if one.isprintable():
        return one
    if one in "\n\t\r":
        return json.dumps(one)[1:-1]
    number = ord(one)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def flow(value: Any) -> str:
    """A value with everything in it on one line, lists and mappings in brackets.

    Raises:
        ValueError: YAML, as whsync reads it, has no way to write it.
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key(name)}: {flow(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if value is None:
        raise ValueError("there is no null")
    return scalar(value)


def key(name: str) -> str:
    """A key of a mapping.

    Raises:
        ValueError: it would be no key, or another one.
    """
    if name == "<<" or len(name) > _LONGEST_KEY:
        raise ValueError("not a key")
    return scalar(name)


def remark(text: str) -> str:
    """What is told in a comment: one line, and nothing that is not seen."""
    return "".join(one if one.isprintable() else " " for one in text)
