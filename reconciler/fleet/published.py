"""JSON Schemas of what fleets write, kept in `schemas/`. [pure] Used by `cli.schema`.

Written by hand, as those of all documents are: they are promises.
"""

from reconciler.fleet.documents import STATES
from reconciler.fleet.records import FORMAT
from reconciler.fleet.standing import WORDS
from reconciler.fleet.types import COMMANDS, RESULT_FORMAT
from reconciler.render.shapes import COUNT, MAYBE_TEXT, TEXT, TRUTH, Schema, document, enum, items, mapping

_MAYBE_NUMBER: Schema = {"type": ["number", "null"], "minimum": 0}
_MAYBE_COUNT: Schema = {"type": ["integer", "null"], "minimum": 0}
_PROBLEM: Schema = {
    "type": "object",
    "properties": {"kind": TEXT, "code": TEXT, "summary": TEXT, "hint": TEXT, "at": MAYBE_TEXT},
    "required": ["kind", "code", "summary"],
}
"""A problem or a refusal of a tenant's own document."""


def report_schema() -> Schema:
    """What `fleet … --format json` writes."""
    totals = {
        "tenants": COUNT,
        **dict.fromkeys(WORDS, COUNT),
        "late": COUNT,
        "webhooks": mapping(dict.fromkeys(STATES, COUNT)),
        "problems": COUNT,
    }
    head = {"format": {"const": FORMAT}, "command": enum((*COMMANDS, "status")), "at": TEXT, "exit_code": COUNT}
    return document("A fleet of whsync", mapping({**head, "summary": mapping(totals), "tenants": items(_tenant())}))


def result_schema() -> Schema:
    """What is kept of a tenant's command."""
    kept = {
        "format": {"const": RESULT_FORMAT},
        "tenant": TEXT,
        "command": enum(COMMANDS),
        "at": TEXT,
        "seconds": {"type": "number", "minimum": 0},
        "exit_code": COUNT,
        "signal": _MAYBE_COUNT,
        "document": {"type": ["object", "null"]},
        "problems": items(_PROBLEM),
        "repaired": items(TEXT),
    }
    return document("A tenant's result of whsync", mapping(kept))


def _tenant() -> Schema:
    states = {"type": "object", "additionalProperties": COUNT, "propertyNames": enum(STATES)}
    return mapping(
        {
            "name": TEXT,
            "state": enum(WORDS),
            "command": {"enum": [None, *COMMANDS]},
            "at": MAYBE_TEXT,
            "seconds": _MAYBE_NUMBER,
            "exit_code": _MAYBE_COUNT,
            "signal": _MAYBE_COUNT,
            "age_seconds": _MAYBE_NUMBER,
            "schedule_seconds": _MAYBE_COUNT,
            "overdue": TRUTH,
            "webhooks": {"type": "object", "additionalProperties": states},
            "drift": TRUTH,
            "drifted": items(TEXT),
            "repaired": items(TEXT),
            "changes": {"type": "object", "additionalProperties": TEXT},
            "problems": items(_PROBLEM),
            "result": MAYBE_TEXT,
        }
    )
