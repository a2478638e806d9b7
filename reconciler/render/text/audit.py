"""An audit as people read it. [pure] Called by `render.text`."""

from collections.abc import Iterator

from reconciler.audit.types import Audited, AuditReport
from reconciler.render.base import PlanHeader, Style, cells, counted, pad, plain, sentence
from reconciler.render.inventory import (
    LOOKS,
    alike,
    audit_summary,
    blind_spots,
    codes_of,
    in_turn,
    state_of,
    where,
)
from reconciler.render.words import problems_text
from reconciler.support.hints import first_of

_INDENT = 9
_WIDEST = 40
"""A column is filled up to so many columns; what is longer stands out of it."""


def audit_text(report: AuditReport, header: PlanHeader, style: Style) -> str:
    """Every webhook by provider, then the findings, the worst first; the last line begins with `Audit:` or says what
    was not seen.
    """
    blocks = [
        _heading(report, header, style),
        *_providers(report, header, style),
        "\n".join(_findings(report, style)),
        "\n".join(_blind(report, style)),
    ]
    if report.problems:
        blocks.append("Problems\n" + problems_text(report.problems, style).rstrip("\n"))
    blocks.append("\n".join(part for line in audit_summary(report) for part in style.said(line, 0, "strong")))
    return "\n\n".join(filter(None, blocks)) + "\n"


def _heading(report: AuditReport, header: PlanHeader, style: Style) -> str:
    reads = header.reading(report.reads)
    parts = [header.title or first_of(header.files), counted(len(header.addresses), "provider"), reads]
    return style.paint("   ".join(plain(part) for part in parts if part), "quiet")


def _providers(report: AuditReport, header: PlanHeader, style: Style) -> Iterator[str]:
    for provider, webhooks in in_turn(report).items():
        address = plain(header.addresses.get(provider, ""))
        rows = [_cells(each) for each in webhooks]
        widths = [min(max(map(cells, column)), _WIDEST) for column in zip(*rows, strict=True)]
        lines = [f"{style.paint(plain(provider), 'strong')}   {address}".rstrip()]
        for each, row in zip(webhooks, rows, strict=True):
            lines += _row(each, row, widths, style)
        yield "\n".join(lines)


def _cells(audited: Audited) -> tuple[str, ...]:
    seen = audited.seen
    return plain(seen.known_as), plain(state_of(seen)), plain(where(seen.scope)), plain(seen.fields.url)


def _row(audited: Audited, row: tuple[str, ...], widths: list[int], style: Style) -> Iterator[str]:
    """One webhook, and the codes of its findings below it."""
    told = "  ".join(pad(text, width) for text, width in zip(row, widths, strict=True) if width)
    mark = style.paint("!", LOOKS[audited.worst]) if audited.worst is not None else " "
    first, *more = style.row(told, 4)
    yield f"  {mark} {first[4:]}".rstrip()
    yield from more
    yield from style.said(codes_of(audited), 8, "quiet")


def _findings(report: AuditReport, style: Style) -> Iterator[str]:
    groups = alike(report.findings)
    if groups:
        yield style.paint("Findings", "strong")
    for group in groups:
        finding = group.finding
        severity = style.paint(f"{finding.severity:<6}", LOOKS[finding.severity])
        first, *more = style.said(sentence(f"{finding.code}: {finding.provider}: {group.about}"), _INDENT)
        yield f"  {severity} {first[_INDENT:]}"
        yield from more
        yield from style.said(sentence(finding.summary), _INDENT)
        yield from style.said(sentence(group.hint), _INDENT, "quiet")


def _blind(report: AuditReport, style: Style) -> Iterator[str]:
    spots = list(blind_spots(report))
    if spots:
        yield style.paint("Not seen", "strong")
    for spot in spots:
        yield from style.said(sentence(spot), 2, hanging=2)
