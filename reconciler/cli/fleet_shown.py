"""How a fleet stands, in each of the formats that `whsync fleet` offers. Used by `cli.fleet`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from reconciler.cli.tables import table
from reconciler.fleet.metrics import metrics_text
from reconciler.fleet.page import fleet_page, problem_line
from reconciler.fleet.records import closing, fleet_json, sentence_of
from reconciler.fleet.standing import Standing, lasted
from reconciler.render.base import Style, plain, sentence

FORMATS = ("text", "json", "html", "prometheus")
_MOST = 3
"""So many problems of a tenant are told in text; all of them stand in its result."""
_LOOKS = {"fine": "add", "differs": "change", "drift": "warn", "overdue": "warn", "never": "warn"}


class Shown(NamedTuple):
    """What is to be shown.

    Args:
        command: what was run, or `status`.
        at: when (UTC, ISO 8601).
        file: the fleet file, as the user named it.
        code: the exit code.
        found: how the tenants stand.
        place: the file of each tenant's last result.
    """

    command: str
    at: str
    file: str
    code: int
    found: Sequence[Standing]
    place: Mapping[str, str]


def written(form: str, shown: Shown, style: Style) -> str:
    """All of it in one format, ending in a newline."""
    if form == "json":
        return fleet_json(shown.command, shown.at, shown.code, shown.found, shown.place)
    if form == "html":
        return fleet_page(shown.command, shown.at, shown.file, shown.found)
    if form == "prometheus":
        return metrics_text(shown.found)
    return "\n".join(_lines(shown, style)) + "\n"


def _lines(shown: Shown, style: Style) -> Iterator[str]:
    rows = [_row(each) for each in shown.found]
    if rows:
        yield table(("tenant", "state", "last", "what"), rows, 2, style)
        yield ""
    for each in shown.found:
        yield from _problems(each, shown.place, style)
    look = max((_LOOKS.get(each.word, "remove") for each in shown.found), key=_ORDER.index, default="quiet")
    yield style.paint(closing(shown.found), look)


_ORDER = ("quiet", "add", "change", "warn", "remove")


def _row(each: Standing) -> tuple[str, str, str, str]:
    last = f"{each.last.command} {lasted(each.age)} ago" if each.last and each.age is not None else "-"
    late = " (overdue)" if each.overdue and each.word != "overdue" else ""
    return plain(each.tenant.name), f"{each.word}{late}", last, sentence(sentence_of(each))


def _problems(each: Standing, place: Mapping[str, str], style: Style) -> Iterator[str]:
    if not each.problems:
        return
    yield style.paint(plain(each.tenant.name), "strong")
    for told in each.problems[:_MOST]:
        yield from style.said(sentence(problem_line(told)), 2, "remove", hanging=2)
        yield from style.said(sentence(str(told.get("hint") or "")), 4, "quiet")
    if (more := len(each.problems) - _MOST) > 0:
        yield from style.said(f"and {more} more: {plain(place.get(each.tenant.name, ''))}", 2)
    yield ""
