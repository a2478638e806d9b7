"""Tables for people: headings and broken cells on a terminal, and the same plain rows as ever elsewhere."""

import re

import pytest

from reconciler.cli.tables import _MANY, table
from reconciler.render.base import Style, cells

HEADINGS = ("webhook", "url", "can")
ROWS = [
    ("ci[api]", "https://ci.acme.test/hooks/api", "lists webhooks; deletes; secret: ours or issued"),
    ("ledger", "https://pay.acme.test/1", "cannot be read"),
]


def test_elsewhere_rows_are_for_programs() -> None:
    """A pipe gets no headings and no colours, one line a row, columns below each other."""
    assert table(HEADINGS, ROWS, 2, Style()).splitlines() == [
        "ci[api]  https://ci.acme.test/hooks/api  lists webhooks; deletes; secret: ours or issued",
        "ledger   https://pay.acme.test/1         cannot be read",
    ]


@pytest.mark.parametrize("width", [20, 30, 45, 60, 90, 200])
def test_a_table_fits_its_terminal(width: int) -> None:
    """At any width, no word is broken, none is lost, and lines fit unless they are one word."""
    told = table(HEADINGS, ROWS, 2, Style(False, width, True))
    assert all(cells(line) <= width or " " not in line.strip() for line in told.splitlines())
    words = {word for row in ROWS for text in row for word in text.split()}
    assert words <= {*told.split()}
    assert told.startswith("webhook") == (width >= 60)


def test_no_cell_is_markup() -> None:
    """What a vendor calls a webhook is shown as it is, whatever a console would make of it."""
    told = table(("a", "b"), [("[red]x[/red]", "[link=https://x.test]y[/link] :boom:")], 2, Style(True, 80, True))
    assert "[red]x[/red]" in told
    assert "[link=https://x.test]y[/link] :boom:" in told
    assert "\x1b[31m" not in told
    assert "\x1b[1m" in told


def test_colours_are_asked_for() -> None:
    """Without colours there is no escape in a table."""
    assert "\x1b" not in table(HEADINGS, ROWS, 2, Style(False, 100, True))


def test_thousands_of_rows_look_the_same() -> None:
    """A long table has its headings and columns, too."""
    rows = [(f"ci[{number}]", "https://h.test", "x") for number in range(_MANY + 1)]
    long, short = (table(HEADINGS, part, 2, Style(False, 80, True)) for part in (rows, rows[-5:]))
    assert long.splitlines()[0].split() == short.splitlines()[0].split() == list(HEADINGS)
    assert re.sub(" +", " ", long.splitlines()[-1]) == re.sub(" +", " ", short.splitlines()[-1])
