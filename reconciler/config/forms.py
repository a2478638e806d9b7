"""Parsers of the small forms that values may have; each returns the value or raises what users are told. [pure]

Used by the models of `config.schema`, and a few by their neighbours in `config` and, for names and options, by
`cli.state`.
"""

import re
from ipaddress import IPv6Address
from typing import Any

from reconciler.codes import Code
from reconciler.config.fault import Wrong
from reconciler.model.webhook import Leaf
from reconciler.planning.policy import Threshold
from reconciler.support.scalars import BOOLEANS, meant, spelled

NAME = r"(?! )(?!.*\$\{)[^\x00-\x1f\x7f-\x9f\[\]\u2028\u2029]{1,128}(?<! )"
NAME_HINT = "use 1 to 128 characters without brackets, variables, control characters and spaces at the ends"
SECRET_FORMS = "write {from: REF}, {to: SINK} or {generate: BYTES, to: SINK}"
TYPES = {
    "text": "must be a text",
    "bool": "must be true or false",
    "int": "must be a whole number",
    "number": "must be a number",
    "list": "must be a list of single values",
    "map": "must be a mapping",
    "objects": "must be a list of mappings",
    "set": "must be a list of single values",
    "json": "must be a text, or what it is the JSON of",
}
_VALUES = {
    "anyOf": [
        {"type": "array"},
        {"type": "string", "pattern": r"^\$\{.+\}$"},
        {
            "type": "object",
            "properties": {"from": {"type": "string", "pattern": "^(env|file|cmd):.+$"}},
            "required": ["from"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "description": "The vendor lists the values; beside these keys stand its filters, and what the list needs.",
            "properties": {
                "discover": {"type": "string", "description": "What the vendor is to list."},
                "match": {
                    "type": "array",
                    "items": {"type": "string"},
                    "minItems": 1,
                    "description": "Patterns of values.",
                },
                "except": {
                    "type": "array",
                    "items": {"type": "string"},
                    "minItems": 1,
                    "description": "Those left out.",
                },
            },
            "required": ["discover"],
        },
    ]
}
_ROWS = {
    "anyOf": [
        {"type": "array", "items": {"type": ["string", "number", "boolean", "object"]}},
        {"type": "string", "pattern": r"^\$\{.+\}$"},
        {"type": "object", "additionalProperties": _VALUES, "minProperties": 1},
    ]
}
FOR_EACH_SCHEMA = {
    "anyOf": [
        *_ROWS["anyOf"][:2],
        {
            "type": "object",
            "minProperties": 1,
            "properties": {
                "rows": {"description": "Rows, values, or lists of values by key.", **_ROWS},
                "from": {
                    "description": "Where the rows are found: env:NAME, file:PATH or cmd:COMMAND.",
                    "type": "string",
                    "pattern": "^(env|file|cmd):.+$",
                },
                "by": {
                    "description": "The key, or keys, whose values make up the name of each webhook.",
                    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}],
                },
                "exclude": {
                    "description": "Rows to leave out: by name, by glob, or by values.",
                    "type": "array",
                    "items": {"type": ["string", "number", "boolean", "object"]},
                },
            },
            "additionalProperties": _VALUES,
        },
    ],
    "examples": [
        {"repo": ["api", "web"]},
        [{"repo": "api", "events": ["push"]}, {"repo": "web"}],
        {"repo": {"discover": "repositories", "match": ["lib-*"]}},
    ],
}
"""The JSON Schema of `for_each`, which `config.rows` and `config.lists` read."""
WHOLE = {"map": "{", "objects": "["}
"""How the text of an option begins that is a map, or a list of maps; see `support.scalars.as_text`."""
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,14})")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?([eE][+-]?[0-9]{1,2})?")
_HOST = re.compile(r"[\w*-]+(\.[\w*-]+)*\.?")
_RESOURCE = re.compile(r"(?!https?:)[a-z][a-z0-9+-]*:(//)?[a-z*][!-~]*")
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?)%")

is_name = re.compile(NAME).fullmatch
"""Whether a text may be the written name of a webhook or a provider."""
is_webhook = re.compile(rf"{NAME}(?:\[{NAME}\])?").fullmatch
"""Whether a text may be the name of one webhook, after `for_each`."""


def as_written(value: object) -> object:
    """A scalar of a text field as the file spells it; anything else is left for the model to refuse."""
    return spelled(value) if isinstance(value, bool | int | float) else str(value) if isinstance(value, str) else value


def max_changed(value: object) -> Threshold:
    """A count or a percentage."""
    text = str(as_written(value))
    if text.isascii() and text.isdigit():
        return Threshold(int(text), percent=False)
    percent = _PERCENT.fullmatch(text)
    if not percent or float(percent[1]) > 100:
        raise Wrong(Code.WRONG_VALUE, "is neither a count nor a percentage", "write 5 or 30%")
    return Threshold(float(percent[1]), percent=True)


def host(value: str) -> str:
    """A host, or a pattern such as `*.acme.com`; an IPv6 address without the brackets that it has in URLs.

    What is no web address is allowed by how it begins: `arn:aws:events:*`.
    """
    if _HOST.fullmatch(value):
        return value
    try:
        return str(IPv6Address(value.removeprefix("[").removesuffix("]")))
    except ValueError:
        if _RESOURCE.fullmatch(value):
            return value
        hint = "write a host such as hooks.acme.com or *.acme.com, without https://, port and path"
        raise Wrong(Code.WRONG_VALUE, "is not a host", hint) from None


def hosts(value: tuple[str, ...]) -> tuple[str, ...]:
    """Hosts of which there must be one: an empty list would allow any, which is not what it looks like."""
    if not value:
        raise Wrong(Code.WRONG_VALUE, "must not be empty", "name a host, or leave it out to allow any")
    return value


def options(value: dict[str, Any]) -> dict[str, Any]:
    """Options, nested or not, whose lists hold scalars, or where a vendor has such, mappings."""
    for inner in value.values():
        if isinstance(inner, dict):
            options(inner)
        elif isinstance(inner, list) and any(isinstance(item, list) for item in inner):
            raise Wrong(
                Code.WRONG_VALUE,
                "holds a list of lists",
                "lists in options hold texts, numbers and booleans",
            )
    return value


def typed(leaf: Leaf | None, kind: str | None) -> Leaf | None:
    """An option's value as the manifest's type has it, also where a variable gave it as text; None where it is none."""
    if kind in WHOLE or (isinstance(leaf, tuple) and any(isinstance(item, dict) for item in leaf)):
        return leaf if isinstance(leaf, str) and leaf.startswith(WHOLE[kind or ""]) else None
    if kind is None or leaf is None:
        plain: Leaf | None = meant(leaf)
        return plain
    if kind in ("list", "set"):
        return leaf if isinstance(leaf, tuple) else None
    return _scalar(leaf, kind) if isinstance(leaf, str | bool | int | float) else None


def _scalar(leaf: str | bool | int | float, kind: str) -> Leaf | None:
    text = spelled(leaf)
    if kind in ("text", "json"):
        return text
    if kind == "bool":
        return BOOLEANS.get(text)
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if kind == "number" and _NUMBER.fullmatch(text) else None


def secret(value: object) -> object:
    """A block about a secret; whatever else stands there may be the secret itself, which no message repeats."""
    if value is not None and not isinstance(value, dict):
        raise Wrong(Code.WRONG_SECRET_FORM, "must be a mapping, never the secret itself", SECRET_FORMS)
    return value


def switch(value: object) -> object:
    """A scalar, as settings have it."""
    value = meant(value)
    if not isinstance(value, str | bool | int):
        raise Wrong(Code.WRONG_VALUE, "must be a text, true, false or a whole number")
    return value
