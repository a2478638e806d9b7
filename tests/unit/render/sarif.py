"""What SARIF 2.1.0 demands of a log, as far as ours has it: a reduced schema, written from the standard's text.

The standard's own schema is not kept here. `official` finds it in one of npm's packages, or in the file that
`WHSYNC_SARIF_SCHEMA` names (`sarif-schema-2.1.0.json` of https://docs.oasis-open.org/sarif/sarif/v2.1.0/).
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for

from tests.npm import npm_file


def _closed(required: str, properties: dict[str, Any]) -> dict[str, Any]:
    """An object with these properties and no others: the standard's objects are closed but for their property bags."""
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


_TEXT = {"type": "string"}
_LINE = {"type": "integer", "minimum": 1}
_MESSAGE = _closed("text", {"text": _TEXT})
_ARTIFACT = _closed("", {"uri": {"type": "string", "pattern": r"^[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*$"}})
_REGION = _closed("", {"startLine": _LINE, "startColumn": _LINE})
_PHYSICAL = _closed("artifactLocation", {"artifactLocation": _ARTIFACT, "region": _REGION})
_LOCATION = _closed("", {"physicalLocation": _PHYSICAL})
_RESULT = _closed(
    "message",
    {
        "ruleId": _TEXT,
        "ruleIndex": {"type": "integer", "minimum": -1},
        "level": {"enum": ["none", "note", "warning", "error"]},
        "message": _MESSAGE,
        "locations": {"type": "array", "items": _LOCATION},
        "partialFingerprints": {"type": "object", "additionalProperties": _TEXT},
        "properties": {"type": "object"},
    },
)
_RULE = _closed("id", {"id": _TEXT, "shortDescription": _MESSAGE})
_RULES = {"type": "array", "uniqueItems": True, "items": _RULE}
_DRIVER = _closed("name", {"name": _TEXT, "version": _TEXT, "rules": _RULES})
_RUN = _closed(
    "tool",
    {
        "tool": _closed("driver", {"driver": _DRIVER}),
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "results": {"type": "array", "items": _RESULT},
    },
)
_LOG = _closed(
    "version runs",
    {"$schema": {"type": "string"}, "version": {"const": "2.1.0"}, "runs": {"type": "array", "items": _RUN}},
)


OURS: Validator = Draft7Validator(_LOG)
PACKAGE, FILE = "@microsoft/jest-sarif@1.0.0-beta.0", "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"


def official(config: pytest.Config) -> Validator:
    """The standard's own schema; the test is skipped where it cannot be had."""
    named = os.environ.get("WHSYNC_SARIF_SCHEMA")
    file = Path(named) if named else npm_file(config, PACKAGE, FILE, "WHSYNC_SARIF_SCHEMA")
    schema = json.loads(file.read_text(encoding="utf-8"))
    return validator_for(schema)(schema)


def complaints(log: Any, schema: Validator = OURS) -> list[str]:
    """What is wrong with a log; what no schema can say, too: each result has the rule that its index names."""
    found = [error.message for error in schema.iter_errors(log)]
    for run in log["runs"]:
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        found += [r["ruleId"] for r in run["results"] if rules[r["ruleIndex"]] != r["ruleId"]]
    return found
