"""What the document of an import holds, as plain values ready for JSON, and its schema. [pure]

Used by `render.json` and `cli.schema`. All keys are always there.
"""

from collections.abc import Iterator
from typing import Any

from reconciler.importing.types import Imported, ImportReport, Omitted, Secrecy
from reconciler.model.diff import shown
from reconciler.render.records import problem_record
from reconciler.render.shapes import (
    COUNT,
    MAYBE_TEXT,
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

FORMAT = "whsync.import/1"
_COUNTS = ("found", "imported", "managed", "left_out", "problems", "reads")


def import_head(report: ImportReport) -> dict[str, Any]:
    """All of an import but its lists."""
    counts = (report.found, len(report.imported), report.managed, len(report.left_out), len(report.problems))
    return {
        "format": FORMAT,
        "whsync": report.whsync,
        "at": report.at,
        "complete": not report.problems,
        "summary": dict(zip(_COUNTS, (*counts, report.reads), strict=True)),
        "file": report.file,
        "lock": report.lock,
    }


def import_lists(report: ImportReport) -> dict[str, Iterator[dict[str, Any]]]:
    """Its lists by their names in the document, in their order."""
    return {
        "places": ({**place._asdict(), "scope": dict(place.scope)} for place in report.places),
        "not_looked": (each._asdict() for each in report.not_looked),
        "imported": map(_imported, report.imported),
        "left_out": map(_omitted, report.left_out),
        "problems": map(problem_record, report.problems),
    }


def _where(each: Imported | Omitted) -> dict[str, Any]:
    fields = {pointer: shown(pointer, leaf) for pointer, leaf in sorted(each.fields.items())}
    return {"provider": each.provider, "scope": dict(each.scope), "remote_id": each.remote_id, "fields": fields}


def _imported(each: Imported) -> dict[str, Any]:
    told = {"secret": each.secret, "remarks": list(each.remarks), "doubts": list(each.doubts)}
    told["variables"] = list(each.variables)
    return {"name": each.name, **_where(each), **told}


def _omitted(each: Omitted) -> dict[str, Any]:
    return {**_where(each), "reason": each.reason}


def import_schema() -> Schema:
    """What `import --format json` writes."""
    fields = {"type": "object", "propertyNames": {"pattern": "^/"}}
    where = {"provider": TEXT, "scope": SCOPE, "remote_id": TEXT, "fields": fields}
    place = {"provider": TEXT, "scope": SCOPE, "found": COUNT, "managed": COUNT, "partly": TEXT}
    told = {"secret": enum(Secrecy), "remarks": items(TEXT), "doubts": items(TEXT), "variables": items(TEXT)}
    return document(
        "An import of whsync",
        mapping(
            {
                "format": {"const": FORMAT},
                "whsync": TEXT,
                "at": TEXT,
                "complete": TRUTH,
                "summary": mapping(dict.fromkeys(_COUNTS, COUNT)),
                "file": MAYBE_TEXT,
                "lock": MAYBE_TEXT,
                "places": items(mapping(place)),
                "not_looked": items(mapping({"provider": TEXT, "reason": TEXT})),
                "imported": items(mapping({"name": TEXT, **where, **told})),
                "left_out": items(mapping({**where, "reason": TEXT})),
                "problems": items(PROBLEM),
            }
        ),
    )
