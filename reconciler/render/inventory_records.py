"""What documents hold of an audit, as plain values ready for JSON. [pure]

Used by `render.json`, `render.ndjson` and `render.github`. All keys are always there.
"""

from collections.abc import Iterator
from typing import Any

from reconciler.audit.types import Audited, AuditFinding, AuditReport, PlaceSeen
from reconciler.errors import Location
from reconciler.model.diff import shown
from reconciler.render.records import problem_record

FORMAT = "whsync.audit/1"


def audit_head(report: AuditReport) -> dict[str, Any]:
    """All of an audit but its lists."""
    return {
        "format": FORMAT,
        "whsync": report.whsync,
        "at": report.at,
        "complete": report.is_whole,
        "summary": audit_counts(report),
        "rules": {str(code): severity or "off" for code, severity in report.levels.items()},
        "fail_on": report.fail_on,
        "fails": report.fails,
        "unlooked": list(report.unlooked),
    }


def audit_counts(report: AuditReport) -> dict[str, int]:
    """The totals: webhooks by what they are to us, findings by severity."""
    return {
        "webhooks": len(report.webhooks),
        **{str(standing): count for standing, count in report.standings().items()},
        "findings": len(report.findings),
        **{str(severity): count for severity, count in report.severities().items()},
        "places": len(report.places),
        "problems": len(report.problems),
        "reads": report.reads,
    }


def audit_lists(report: AuditReport) -> dict[str, Iterator[dict[str, Any]]]:
    """The audit's lists by their names in documents, in their order."""
    return {
        "places": map(_place_record, report.places),
        "webhooks": map(_audited, report.webhooks),
        "problems": map(problem_record, report.problems),
    }


def _place_record(place: PlaceSeen) -> dict[str, Any]:
    return {**place._asdict(), "scope": dict(place.scope)}


def _audited(audited: Audited) -> dict[str, Any]:
    """One webhook; its fields are by their pointers."""
    seen = audited.seen
    return {
        "provider": seen.provider,
        "type": seen.type,
        "scope": dict(seen.scope),
        "name": seen.name,
        "remote_id": seen.remote_id,
        "standing": seen.standing,
        "certainty": seen.certainty,
        "fields": {pointer: shown(pointer, leaf) for pointer, leaf in sorted(seen.fields.items())},
        "secret": seen.secrecy,
        "secret_at": seen.secret_at,
        "note": seen.note,
        "at": _where(seen.at),
        "worst": audited.worst,
        "findings": [_finding(finding) for finding in audited.findings],
    }


def _finding(finding: AuditFinding) -> dict[str, Any]:
    told = {"code": finding.code, "severity": finding.severity, "summary": finding.summary, "hint": finding.hint}
    return {**told, "at": _where(finding.at)}


def _where(at: Location | None) -> str | None:
    return str(at) if at is not None else None
