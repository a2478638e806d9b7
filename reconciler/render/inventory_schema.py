"""The JSON Schema of audits, kept in `schemas/`. Used by `cli.schema` and, for its lines, by `render.schema`."""

from reconciler.audit.table import RULES
from reconciler.audit.types import Secrecy, Severity, Standing, View
from reconciler.codes import Code
from reconciler.model.webhook import Certainty
from reconciler.render.inventory_records import FORMAT
from reconciler.render.shapes import (
    COUNT,
    MAYBE_TEXT,
    PLACE,
    PROBLEM,
    SCOPE,
    TEXT,
    TRUTH,
    Schema,
    document,
    enum,
    items,
    mapping,
)

_MAYBE_SEVERITY: Schema = {"enum": [None, *map(str, Severity)]}


def audit_schema() -> Schema:
    """What `audit --format json` writes."""
    lists = {"places": items(_place()), "webhooks": items(_webhook()), "problems": items(PROBLEM)}
    return document("An audit of whsync", mapping({**_head(), **lists}))


def audit_lines() -> dict[str, Schema]:
    """The lines of an audit as `ndjson`, beside its problems, by their `record`."""
    return {"audit": mapping(_head()), "place": _place(), "inventory": _webhook()}


def _head() -> Schema:
    counts = ("webhooks", *Standing, "findings", *Severity, "places", "problems", "reads")
    levels = {str(code): enum((*Severity, "off")) for code in RULES}
    return {
        "format": {"const": FORMAT},
        "whsync": TEXT,
        "at": TEXT,
        "complete": TRUTH,
        "summary": mapping({str(count): COUNT for count in counts}),
        "rules": {"type": "object", "properties": levels},
        "fail_on": _MAYBE_SEVERITY,
        "fails": TRUTH,
        "unlooked": items(TEXT),
    }


def _place() -> Schema:
    return mapping({"provider": TEXT, "scope": SCOPE, "view": enum(View), "webhooks": COUNT})


def _webhook() -> Schema:
    fields = {"type": "object", "propertyNames": {"pattern": "^/"}}
    finding = {"code": enum(Code), "severity": enum(Severity), "summary": TEXT, "hint": TEXT, "at": PLACE}
    return mapping(
        {
            **dict.fromkeys(("provider", "type"), TEXT),
            "scope": SCOPE,
            **dict.fromkeys(("name", "remote_id"), MAYBE_TEXT),
            "standing": enum(Standing),
            "certainty": enum(Certainty),
            "fields": fields,
            "secret": enum(Secrecy),
            "secret_at": MAYBE_TEXT,
            "note": TEXT,
            "at": PLACE,
            "worst": _MAYBE_SEVERITY,
            "findings": items(mapping(finding)),
        }
    )
