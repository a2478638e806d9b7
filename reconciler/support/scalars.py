"""A scalar of a file and its spelling: what was written can be had back, and booleans have several spellings. [pure]

Used by `document.reader`, which makes them, by `config`, which knows whether a field is a text or a boolean, and by
`providers.engine.codec`. A field that is a map, or a list of maps, is kept as one text.
"""

import json
from typing import Any

BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


class Word(str):
    """`True`, `FALSE` and the like without quotes: text in a text field, a boolean elsewhere."""


def spelled(value: str | bool | int | float) -> str:
    """The scalar as it was written in the file."""
    if value is True or value is False:
        return "true" if value else "false"
    return str(value)


def meant(value: Any) -> Any:
    """A scalar of a field that is not a text: other spellings of booleans are booleans."""
    return BOOLEANS[value] if type(value) is Word else value


def as_text(value: Any) -> str:
    """A map, or a list of maps, as the one text that all spellings of it have: JSON with its keys in order."""
    return json.dumps(_meant_throughout(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_text(text: str) -> Any:
    """What `as_text` wrote."""
    return json.loads(text)


def _meant_throughout(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _meant_throughout(inner) for key, inner in value.items()}
    return [_meant_throughout(item) for item in value] if isinstance(value, list | tuple) else meant(value)
