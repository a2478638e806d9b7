"""The shapes that JSON Schemas of our documents are made of. Used by `render.schema` and `render.inventory_schema`."""

from collections.abc import Iterable
from typing import Any, get_args

from reconciler.codes import Code
from reconciler.errors import Kind

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
TEXT: Schema = {"type": "string"}
MAYBE_TEXT: Schema = {"type": ["string", "null"]}
COUNT: Schema = {"type": "integer", "minimum": 0}
TRUTH: Schema = {"type": "boolean"}
SCOPE: Schema = {"type": "object", "additionalProperties": TEXT}
PLACE: Schema = {"type": ["string", "null"], "pattern": ":[0-9]+:[0-9]+$"}


def document(title: str, schema: Schema) -> Schema:
    """A whole document."""
    return {"$schema": _DIALECT, "title": title, **schema}


def mapping(required: Schema, **optional: Schema) -> Schema:
    """An object with these properties; others are allowed, so that newer versions may add some."""
    return {"type": "object", "properties": {**required, **optional}, "required": list(required)}


def items(schema: Schema) -> Schema:
    """A list of such items."""
    return {"type": "array", "items": schema}


def enum(values: Iterable[object]) -> Schema:
    """One of these words."""
    return {"enum": [str(value) for value in values]}


def _problem() -> Schema:
    kind = {"enum": sorted(get_args(Kind))}
    return mapping(
        {"kind": kind, "code": enum(Code), "provider": MAYBE_TEXT, "summary": TEXT, "hint": TEXT, "at": PLACE},
        name=MAYBE_TEXT,
        names=items(TEXT),
    )


PROBLEM = _problem()
"""One problem."""
