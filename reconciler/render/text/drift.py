"""A drift report as people read it. [pure] Called by `render.text`."""

from collections.abc import Iterable, Iterator, Mapping

from reconciler.model.action import FieldChange
from reconciler.model.webhook import Certainty
from reconciler.planning.types import Drifted, DriftReport
from reconciler.render.base import Style, cells, pad, sentence
from reconciler.render.groups import DriftGroup, folded_drift
from reconciler.render.text.fields import Row, label_of, moved
from reconciler.render.text.layout import INDENT, called, laid_out, room_for_values, titled, which_rows
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
    unverifiable = [each for line in _unverifiable(report) for each in style.folded(line)]
    if unverifiable:
        blocks.append("\n".join([style.paint("Cannot be verified", "strong"), *unverifiable]))
    if report.problems:
        blocks.append("Problems\n" + problems_text(report.problems, style).rstrip("\n"))
    blocks.append("\n".join(each for line in drift_summary(report) for each in style.said(line, 0, "strong", 2)))
    return "\n\n".join(blocks) + "\n"


def _providers(report: DriftReport, addresses: Mapping[str, str], style: Style) -> Iterator[str]:
    for provider in sorted({webhook.provider for webhook in report.webhooks}):
        listed = [webhook for webhook in report.webhooks if webhook.provider == provider and _is_listed(webhook)]
        if listed:
            lines = titled(provider, addresses.get(provider, ""), style)
            shown = _one_by_one(listed) if style.full else folded_drift(listed, report)
            width = max(cells(called(group.webhook.name, group.keys, group.total)) for group in shown)
            yield "\n".join([*lines, *(line for group in shown for line in _webhook(group, width, style))])


def _one_by_one(webhooks: Iterable[Drifted]) -> list[DriftGroup]:
    return [DriftGroup(webhook) for webhook in sorted(webhooks, key=lambda webhook: natural(webhook.name))]


def _is_listed(webhook: Drifted) -> bool:
    return webhook.differs or webhook.certainty is not Certainty.PRESENT


def _webhook(group: DriftGroup, width: int, style: Style) -> Iterator[str]:
    webhook = group.webhook
    name = called(webhook.name, group.keys, group.total)
    mark, look, what = _SAID[webhook.certainty]
    head = f"  {style.paint(mark, look)} {style.paint(pad(name, width), 'strong')}  {what}"
    if style.wraps and 4 + width + 2 + cells(what) > style.width:
        yield f"  {style.paint(mark, look)} {style.paint(name, 'strong')}"
        yield from style.said(what, INDENT)
    else:
        yield head
    yield from laid_out(list(which_rows(group, webhook.name, style)), style)
    yield from (line for field in webhook.fields for line in _field(field, "", style))
    yield from (line for field in webhook.unmanaged for line in _field(field, "unmanaged field changed", style))
    if style.wraps:
        yield from laid_out([Row("secret", sentence(webhook.secret))] if webhook.secret else [], style)
    elif webhook.secret:
        yield f"      {'secret':<13} {sentence(webhook.secret)}"


_SAID = {
    Certainty.ABSENT: ("-", "remove", "gone at the vendor"),
    Certainty.UNREADABLE: ("?", "warn", "unverified: this API cannot be read"),
    Certainty.UNKNOWN: ("?", "warn", "unknown: it could not be read"),
    Certainty.PRESENT: ("~", "change", "changed at the vendor"),
}
"""The mark, its look, and what is said of a webhook."""


def _field(field: FieldChange, why: str, style: Style) -> Iterator[str]:
    label, before, after = label_of(field.path), value_text(field.before), value_text(field.after)
    if style.wraps:
        yield from laid_out(list(moved(label, before, after, why, room_for_values(style))), style)
    else:
        yield sentence(f"      {label:<13} {before} -> {after}") + (f"   {why}" if why else "")


def _unverifiable(report: DriftReport) -> Iterator[str]:
    """What was applied and cannot be seen, each with the webhooks' names."""
    for field, names in by_field((webhook.name, webhook.unverifiable) for webhook in report.webhooks):
        yield f"  {pad(field, 17)} {sentence(named_in_short(names))}"
