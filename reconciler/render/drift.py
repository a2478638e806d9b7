"""A drift report for people and for machines. Called by `cli.drift`."""

import json
from collections.abc import Iterator
from typing import Any

from reconciler.model.action import FieldChange
from reconciler.model.webhook import Certainty
from reconciler.planning.types import Drifted, DriftReport
from reconciler.render.base import PlanHeader, Style, cells, counted, pad, plain, said
from reconciler.render.words import problems_text, value_text

FORMAT = "whsync.drift/1"


def drift_text(report: DriftReport, header: PlanHeader, style: Style) -> str:
    """What moved, by provider; the last line begins with `Drift:` or `No drift.`"""
    blocks = []
    for provider in sorted({webhook.provider for webhook in report.webhooks}):
        listed = [webhook for webhook in report.webhooks if webhook.provider == provider and _listed(webhook)]
        if listed:
            address = plain(header.addresses.get(provider, ""))
            lines = [f"{style.paint(plain(provider), 'strong')}   {address}".rstrip()]
            width = max(cells(plain(webhook.name)) for webhook in listed)
            blocks.append(
                "\n".join([*lines, *(line for webhook in listed for line in _webhook(webhook, width, style))])
            )
    if report.problems:
        blocks.append("Problems\n" + problems_text(report.problems, style).rstrip("\n"))
    blocks.append(style.paint(_closing(report), "strong"))
    return "\n\n".join(blocks) + "\n"


def drift_json(report: DriftReport) -> str:
    """The same, for machines (`whsync.drift/1`)."""
    document = {
        "format": FORMAT,
        "summary": {
            "webhooks": len(report.webhooks),
            "drift": sum(webhook.differs for webhook in report.webhooks),
            "unverified": _count(report, Certainty.UNREADABLE),
            "unknown": _count(report, Certainty.UNKNOWN),
            "problems": len(report.problems),
        },
        "webhooks": [_to_json(webhook) for webhook in report.webhooks],
        "problems": [problem._replace(at=None)._asdict() for problem in report.problems],
    }
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def _to_json(webhook: Drifted) -> dict[str, Any]:
    fields = [{"path": f.path, "before": f.before, "after": f.after, "cause": f.cause} for f in webhook.fields]
    return {**webhook._asdict(), "scope": dict(webhook.scope), "fields": fields, "differs": webhook.differs}


def _listed(webhook: Drifted) -> bool:
    return webhook.differs or webhook.certainty is not Certainty.PRESENT


def _webhook(webhook: Drifted, width: int, style: Style) -> Iterator[str]:
    name = style.paint(pad(plain(webhook.name), width), "strong")
    match webhook.certainty:
        case Certainty.ABSENT:
            yield f"  {style.paint('-', 'remove')} {name}  gone at the vendor"
        case Certainty.UNREADABLE:
            yield f"  {style.paint('?', 'warn')} {name}  unverified: this API cannot be read"
        case Certainty.UNKNOWN:
            yield f"  {style.paint('?', 'warn')} {name}  unknown: it could not be read"
        case Certainty.PRESENT:
            yield f"  {style.paint('~', 'change')} {name}  changed at the vendor"
    yield from (_field(field) for field in webhook.fields)
    if webhook.secret:
        yield f"      {'secret':<13} {said(webhook.secret)}"


def _field(field: FieldChange) -> str:
    label = plain(field.path.removeprefix("/options/").removeprefix("/"))
    return said(f"      {label:<13} {value_text(field.before)} -> {value_text(field.after)}")


def _closing(report: DriftReport) -> str:
    drift = sum(webhook.differs for webhook in report.webhooks)
    first = f"Drift: {drift} of {counted(len(report.webhooks), 'webhook')}." if drift else "No drift."
    others = {"unverified": _count(report, Certainty.UNREADABLE), "unknown": _count(report, Certainty.UNKNOWN)}
    said_too = ", ".join(f"{number} {word}" for word, number in others.items() if number)
    problems = f" {counted(len(report.problems), 'problem')}." if report.problems else ""
    return first + (f" {said_too}." if said_too else "") + problems


def _count(report: DriftReport, certainty: Certainty) -> int:
    return sum(webhook.certainty is certainty for webhook in report.webhooks)
