"""A published JSON Schema is one text, whichever release of pydantic wrote it."""

from typing import Any

import pytest

from reconciler.support.json_schema import settled

NEW: dict[str, Any] = {
    "$defs": {"A": {"type": "object"}, "B": {"const": "x", "type": "string"}},
    "properties": {
        "b": {"$ref": "#/$defs/B", "default": {}},
        "a": {"minimum": 0},
        "allOf": {"enum": ["p", "q"], "type": "string"},
    },
}


@pytest.mark.parametrize(
    "written",
    [
        {
            "properties": {
                "b": {"allOf": [{"$ref": "#/$defs/B"}], "default": {}},
                "a": {"minimum": 0.0},
                "allOf": {"enum": ["p", "q"]},
            },
            "$defs": {"B": {"const": "x", "enum": ["x"]}, "A": {"type": "object", "additionalProperties": True}},
        },
        {**NEW, "$defs": {"B": {"enum": ["x"], "type": "string"}, "A": {"type": "object"}}},
        NEW,
    ],
)
def test_what_means_the_same_is_written_alike(written: dict[str, Any]) -> None:
    """Editors and `schemas/` get one text: orders, single choices, whole numbers and what goes without saying."""
    assert settled(written) == NEW
    assert str(settled(written)) == str(NEW)


def test_what_means_something_else_stays() -> None:
    """Names that look like keywords, values of the document, several conditions and their order are left alone."""
    told: dict[str, Any] = {
        "allOf": [{"minimum": 1}, {"maximum": 2.5}],
        "default": {"z": 1.0, "additionalProperties": True},
        "properties": {"z": {"additionalProperties": False}, "additionalProperties": {"type": "string"}},
    }
    assert str(settled(told)) == str(told)
