"""A drift report as people read it. [pure] Called by `render.text`."""

from collections.abc import Iterator, Mapping

from reconciler.model.action import FieldChange
from reconciler.model.webhook import Certainty
from reconciler.planning.types import Drifted, DriftReport
from reconciler.render.base import Style, cells, pad, plain, sentence
from reconciler.render.text.strangers import unmanaged_text
from reconciler.render.words import by_field, drift_summary, problems_text, value_text
from reconciler.support.hints import named_in_short
from reconciler.support.natural import natural


def drift_text(report: DriftReport, addresses: Mapping[str, str], style: Style) -> str:
    """What moved, by provider, with its base URL; the last line begins with `Drift:`, `No drift.` or `Incomplete:`"""
    blocks = [*_providers(report, addresses, style)]
    if report.unmanaged:
        denied = "   policy.unmanaged denies them" if report.denied else ""
        blocks.append(unmanaged_text(report.unmanaged, style, denied))
    unverifiable = list(_unverifiable(report))
    if unverifiable:
        blocks.append("\n".join([style.paint("Cannot be verified", "strong"), *unverifiable]))
    if report.problems:
        blocks.append("Problems\n" + problems_text(report.problems, style).rstrip("\n"))
    blocks.append("\n".join(style.paint(line, "strong") for line in drift_summary(report)))
    return "\n\n".join(blocks) + "\n"


def _providers(report: DriftReport, addresses: Mapping[str, str], style: Style) -> Iterator[str]:
    for provider in sorted({webhook.provider for webhook in report.webhooks}):
        listed = [webhook for webhook in report.webhooks if webhook.provider == provider and _is_listed(webhook)]
        listed.sort(key=lambda webhook: natural(webhook.name))
        if listed:
            address = plain(addresses.get(provider, ""))
            lines = [f"{style.paint(plain(provider), 'strong')}   {address}".rstrip()]
            width = max(cells(plain(webhook.name)) for webhook in listed)
            yield "\n".join([*lines, *(line for webhook in listed for line in _webhook(webhook, width, style))])


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
    yield from (f"{_field(field)}   unmanaged field changed" for field in webhook.unmanaged)
    for number, line in enumerate(style.lines(sentence(webhook.secret), style.width - 20)):
        yield f"      {'' if number else 'secret':<13} {line}"


def _field(field: FieldChange) -> str:
    label = plain(field.path.removeprefix("/options/").removeprefix("/"))
    return sentence(f"      {label:<13} {value_text(field.before)} -> {value_text(field.after)}")


def _unverifiable(report: DriftReport) -> Iterator[str]:
    """What was applied and cannot be seen, each with the webhooks' names."""
    for field, names in by_field((webhook.name, webhook.unverifiable) for webhook in report.webhooks):
        yield f"  {pad(field, 17)} {sentence(named_in_short(names))}"
