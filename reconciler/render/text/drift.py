"""A drift report as people read it. [pure] Called by `render.text`."""

from collections.abc import Iterator, Mapping

from reconciler.model.action import FieldChange
from reconciler.model.webhook import Certainty
from reconciler.planning.types import Drifted, DriftReport
from reconciler.render.base import Style, cells, counted, pad, plain, sentence
from reconciler.render.words import problems_text, value_text
from reconciler.support.natural import natural


def drift_text(report: DriftReport, addresses: Mapping[str, str], style: Style) -> str:
    """What moved, by provider, with its base URL; the last line begins with `Drift:` or `No drift.`"""
    blocks = []
    for provider in sorted({webhook.provider for webhook in report.webhooks}):
        listed = [webhook for webhook in report.webhooks if webhook.provider == provider and _is_listed(webhook)]
        listed.sort(key=lambda webhook: natural(webhook.name))
        if listed:
            address = plain(addresses.get(provider, ""))
            lines = [f"{style.paint(plain(provider), 'strong')}   {address}".rstrip()]
            width = max(cells(plain(webhook.name)) for webhook in listed)
            blocks.append(
                "\n".join([*lines, *(line for webhook in listed for line in _webhook(webhook, width, style))])
            )
    if report.problems:
        blocks.append("Problems\n" + problems_text(report.problems, style).rstrip("\n"))
    blocks.append(style.paint(_closing(report), "strong"))
    return "\n\n".join(blocks) + "\n"


def _is_listed(webhook: Drifted) -> bool:
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
    for number, line in enumerate(style.lines(sentence(webhook.secret), style.width - 20)):
        yield f"      {'' if number else 'secret':<13} {line}"


def _field(field: FieldChange) -> str:
    label = plain(field.path.removeprefix("/options/").removeprefix("/"))
    return sentence(f"      {label:<13} {value_text(field.before)} -> {value_text(field.after)}")


def _closing(report: DriftReport) -> str:
    drift = sum(webhook.differs for webhook in report.webhooks)
    first = f"Drift: {drift} of {counted(len(report.webhooks), 'webhook')}." if drift else "No drift."
    others = {"unverified": _count(report, Certainty.UNREADABLE), "unknown": _count(report, Certainty.UNKNOWN)}
    also = ", ".join(f"{number} {word}" for word, number in others.items() if number)
    problems = f" {counted(len(report.problems), 'problem')}." if report.problems else ""
    return first + (f" {also}." if also else "") + problems


def _count(report: DriftReport, certainty: Certainty) -> int:
    return sum(webhook.certainty is certainty for webhook in report.webhooks)
