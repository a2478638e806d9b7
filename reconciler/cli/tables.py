"""Tables: on a terminal drawn by rich, with headings, and broken at words; elsewhere one line a row, for programs.

Used by `cli.state` and `cli.providers`.
"""

from collections.abc import Sequence

from reconciler.render.base import Style, cells, pad

Rows = Sequence[Sequence[str]]
_MANY = 500
"""So many rows at most are drawn by rich, which takes a second for some thousands."""


def table(headings: Sequence[str], rows: Rows, gap: int, style: Style) -> str:
    """The rows, whose texts are plain; where not even their longest words fit beside each other, one below the other.

    Args:
        headings: of the columns; a terminal alone shows them.
        rows: as many texts in each.
        gap: columns between two texts.
        style: how wide the table may be, and whether with colours.
    """
    if not style.wraps:
        return "\n".join(_padded(rows, gap))
    if len(rows) > _MANY:
        heading, *lines = _padded([headings, *rows], gap)
        return "\n".join([style.paint(heading, "strong"), *(each for line in lines for each in style.row(line, 0))])
    fitting = _widths([headings, *rows], style.width - gap * (len(headings) - 1))
    if fitting is None:
        shown = ((" " * gap).join(filter(None, row)) for row in rows)
        return "\n".join(line for row in shown for line in style.row(row, 0))
    return _drawn(headings, rows, fitting, gap, style)


def _padded(rows: Rows, gap: int) -> list[str]:
    """Each row on a line, the texts of a column below each other."""
    widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    return [(" " * gap).join(map(pad, row, widths)).rstrip() for row in rows]


def _widths(rows: Rows, room: int) -> list[int] | None:
    """How wide each column is to be; None where some word would have to be broken."""
    columns = list(zip(*rows, strict=True))
    widths = [max(map(cells, column)) for column in columns]
    least = [max((cells(word) for text in column for word in text.split()), default=1) for column in columns]
    excess = sum(widths) - room
    for column in sorted(range(len(widths)), key=lambda column: least[column] - widths[column]):
        cut = min(max(excess, 0), widths[column] - least[column])
        widths[column] -= cut
        excess -= cut
    return widths if excess <= 0 else None


def _drawn(headings: Sequence[str], rows: Rows, widths: Sequence[int], gap: int, style: Style) -> str:
    """As rich draws it; no text is markup."""
    from io import StringIO

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawing = Table(box=None, padding=(0, gap, 0, 0), pad_edge=False, collapse_padding=True, header_style="bold")
    for heading, width in zip(headings, widths, strict=True):
        drawing.add_column(Text(heading), width=width, overflow="fold")
    for row in rows:
        drawing.add_row(*map(Text, row))
    stream = StringIO()
    console = Console(
        file=stream,
        width=style.width,
        color_system="standard" if style.colour else None,
        force_terminal=style.colour,
        no_color=False,
    )
    console.print(drawing)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines())
