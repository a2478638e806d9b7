"""An import as people read it. [pure] Called by `render.text`."""

from collections.abc import Iterator, Mapping, Sequence

from reconciler.importing.types import Imported, ImportReport, Looked, Omitted, Secrecy
from reconciler.model.webhook import Scope
from reconciler.render.base import Style, cells, counted, pad, plain, sentence
from reconciler.render.words import problems_text
from reconciler.support.hints import command, named_in_short
from reconciler.support.natural import natural

_WIDEST = 40
"""A column is filled up to so many columns; what is longer stands out of it."""


def import_text(report: ImportReport, addresses: Mapping[str, str], style: Style) -> str:
    """Every webhook by provider, then what could not be seen or read; the last line has the counts.

    Args:
        addresses: the base URL of each provider, by its name.
    """
    blocks = [
        *(_provider(name, report, addresses.get(name, ""), style) for name in _providers(report)),
        "\n".join(_not_seen(report, style)),
        "\n".join(_remarks(report, style)),
    ]
    if report.problems:
        blocks.append("Problems\n" + problems_text(report.problems, style).rstrip("\n"))
    blocks.append("\n".join(part for line in _summary(report) for part in style.said(line, 0, "strong")))
    return "\n\n".join(filter(None, blocks)) + "\n"


def _providers(report: ImportReport) -> list[str]:
    seen = {each.provider for each in report.places}
    seen |= {each.provider for each in report.imported} | {each.provider for each in report.left_out}
    return sorted(seen, key=natural)


def _provider(name: str, report: ImportReport, address: str, style: Style) -> str:
    """One provider: its webhooks, what is imported before what is not."""
    rows = [(plain(each.name), *_cells(each), "") for each in report.imported if each.provider == name]
    rows += [("not imported", *_cells(each), each.reason) for each in report.left_out if each.provider == name]
    lines = [f"{style.paint(plain(name), 'strong')}   {plain(address)}".rstrip()]
    places = [each for each in report.places if each.provider == name]
    return "\n".join([*lines, *(_rows(rows, style) if rows else [f"    {_nothing(places)}"])])


def _rows(rows: Sequence[tuple[str, ...]], style: Style) -> Iterator[str]:
    """Each webhook, and the reason why it is not imported below it; a row ends with that."""
    widths = [min(max(map(cells, column)), _WIDEST) for column in zip(*(row[:-1] for row in rows), strict=True)]
    for *row, reason in rows:
        told = "  ".join(pad(text, width) for text, width in zip(row, widths, strict=True) if width)
        first, *more = style.row(told, 4)
        yield f"  {style.paint('-', 'warn') if reason else style.paint('+', 'add')} {first[4:]}".rstrip()
        yield from more
        yield from style.said(sentence(reason), 8, "quiet")


def _nothing(places: Sequence[Looked]) -> str:
    managed = sum(each.managed for each in places)
    return f"nothing new: {counted(managed, 'webhook')}, managed already" if managed else "no webhooks"


def _cells(each: Imported | Omitted) -> tuple[str, ...]:
    return plain(each.remote_id), plain(_where(each.scope)), plain(each.fields.url)


def _where(scope: Scope) -> str:
    return " ".join(f"{key}={value}" for key, value in scope)


def _not_seen(report: ImportReport, style: Style) -> Iterator[str]:
    partly = {(each.provider, each.partly): None for each in report.places if each.partly}
    told = [f"{each.provider}: {each.reason}" for each in report.not_looked]
    told += [f"{provider}: its list may not show all: {why}" for provider, why in partly]
    if told:
        yield style.paint("Not seen", "strong")
    for line in told:
        yield from style.said(sentence(line), 2, hanging=2)


def _remarks(report: ImportReport, style: Style) -> Iterator[str]:
    """What is not written, or is and should not be seen by many."""
    told = [*_on_secrets(report)]
    remarks = dict.fromkeys(remark for each in report.imported for remark in each.remarks)
    told += [f"{remark}: {_names(each for each in report.imported if remark in each.remarks)}" for remark in remarks]
    told += _on_what_looks_secret(report.imported)
    if told:
        yield style.paint("To look at", "strong")
    for line in told:
        yield from style.said(sentence(line), 2, hanging=2)


def _on_what_looks_secret(imported: Sequence[Imported]) -> Iterator[str]:
    if hidden := [each for each in imported if each.variables]:
        variables = named_in_short(dict.fromkeys(name for each in hidden for name in each.variables))
        yield f"looks like a secret, and is not written; the next plan needs it in {variables}: {_names(hidden)}"
    if doubted := [each for each in imported if each.doubts]:
        what = ", ".join(dict.fromkeys(doubt for each in doubted for doubt in each.doubts))
        yield f"looks like a secret, and stands in the file: {what}: {_names(doubted)}"


def _on_secrets(report: ImportReport) -> Iterator[str]:
    unknown = [each for each in report.imported if each.secret is Secrecy.UNKNOWN]
    if unknown:
        way = f"{command('apply', '--own-secrets')} sends the file's once you name it"
        yield f"secret not readable, so it is a comment in the file; {way}: {_names(unknown)}"
    shown = [each for each in report.imported if each.secret is Secrecy.SHOWN]
    if shown:
        yield f"secret shown by the vendor, and written nowhere; a comment says where it would go: {_names(shown)}"


def _names(webhooks: Iterator[Imported] | Sequence[Imported]) -> str:
    return named_in_short(each.name for each in webhooks)


def _summary(report: ImportReport) -> Iterator[str]:
    if report.file is not None:
        yield f"Wrote {plain(report.file)} and {plain(report.lock or '')}."
    counts = f"{counted(report.found, 'webhook')} found, {len(report.imported)} imported"
    if report.file is None and report.imported:
        counts = f"{counted(report.found, 'webhook')} found, {len(report.imported)} to import"
    yield f"Import: {counts}, {report.managed} managed already, {len(report.left_out)} left out."
