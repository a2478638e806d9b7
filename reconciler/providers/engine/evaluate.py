"""Evaluating JMESPath over what a vendor answered: it gives a value or a reason, and never an error. [pure]

Used by `providers.engine.extract` and `providers.engine.classify`.

A manifest is written for the answers that its author has seen. Over another one an expression may compare a text with
a number, slice by a step of zero or round infinity; JMESPath leaves several of these to Python, which raises.

Most expressions are plain paths (`config.url`), and every webhook that is read asks for several. These are walked,
which finds the same at a tenth of the cost.
"""

import re
from functools import lru_cache
from typing import Any, NamedTuple

import jmespath
from jmespath.exceptions import JMESPathTypeError
from jmespath.parser import ParsedResult

_KINDS = {
    "null": "nothing",
    "NoneType": "nothing",
    "string": "a text",
    "str": "a text",
    "number": "a number",
    "int": "a number",
    "float": "a number",
    "boolean": "true or false",
    "bool": "true or false",
    "array": "a list",
    "list": "a list",
    "object": "an object",
    "dict": "an object",
}
_KIND = re.compile(rf"\b(?:{'|'.join(_KINDS)})\b")
_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")


class Unfit(NamedTuple):
    """Why an expression cannot be evaluated over an answer.

    Args:
        met: what it met there, in words that hold none of its values.
        missing: it met nothing at all where it looked, so there is nothing to be found.
    """

    expression: str
    met: str
    missing: bool = False


def evaluate(expression: str, document: Any) -> Any:
    """What `expression` finds in `document`, None where it finds nothing; an `Unfit` where it cannot be evaluated."""
    keys = _keys(expression)
    if keys is not None:
        for key in keys:
            if not isinstance(document, dict):
                return None
            document = document.get(key)
        return document if _is_json(document) else None
    try:
        found = _compiled(expression).search(document)
    except Exception as error:  # noqa: BLE001 - whatever the library makes of a foreign answer, the user is told
        return _unfit(expression, error)
    return found if _is_json(found) else None


@lru_cache(maxsize=1024)
def _keys(expression: str) -> tuple[str, ...] | None:
    """The keys of a path of names and dots and nothing else; no name means more than itself to JMESPath."""
    return tuple(expression.split(".")) if _PATH.fullmatch(expression) else None


@lru_cache(maxsize=1024)
def _compiled(expression: str) -> ParsedResult:
    return jmespath.compile(expression)


def _is_json(found: Any) -> bool:
    """Whether it is a value of an answer; `&name` gives an expression, which is none."""
    return found is None or isinstance(found, str | bool | int | float | list | dict)


def _unfit(expression: str, error: Exception) -> Unfit:
    """The reason in words of our own, since those of the error may repeat the answer's values."""
    match error:
        case JMESPathTypeError():
            kind = _KINDS.get(str(error.actual_type), "something else")
            return Unfit(expression, f"{error.function_name}() meets {kind}", missing=kind == "nothing")
        case TypeError():
            kinds = list(dict.fromkeys(_KINDS[name] for name in _KIND.findall(str(error))))
            return Unfit(expression, f"it meets {' and '.join(kinds) or 'another type'}", missing="nothing" in kinds)
        case OverflowError():
            return Unfit(expression, "it meets an infinite number")
        case RecursionError():
            return Unfit(expression, "the answer is nested too deeply")
        case _:
            return Unfit(expression, f"it ends with {type(error).__name__}")
