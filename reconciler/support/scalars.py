"""A scalar of a file and its spelling: what was written can be had back, and booleans have several spellings. [pure]

Used by `document.reader`, which makes them, and by `config`, which knows whether a field is a text or a boolean.
"""

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
