"""How a webhook stands on lines: its name and why, then its rows. [pure]

Used by `render.text.plan` and `render.text.drift`. Elsewhere than on a terminal a row is one line, however long; on a
terminal it is broken at words, and on a narrow one a row's label has a line of its own.
"""

import re
from collections.abc import Iterator, Sequence

from reconciler.render.base import Style, cells, pad, plain
from reconciler.render.groups import DriftGroup, Group
from reconciler.render.text.fields import Room, Row, value_lines
from reconciler.render.words import FULL

INDENT = 6
LABEL = 13
NARROW = 24
"""Sentences and values get so many columns beside what is before them, or lines of their own."""

_NAMED = 20
"""So many names of a group, or of those that are not in it, are told."""

_WORD = re.compile(r"\S+\s*")


def room_for_values(style: Style) -> Room:
    """What a value may take beside its label."""
    if not style.wraps:
        return Room(style.width - INDENT - LABEL)
    return Room(style.width - (INDENT + 2 if _is_stacked(style) else INDENT + LABEL + 1), breaks=True)


def headed(mark: str, name: str, word: str, why: str, width: int, style: Style, look: str) -> Iterator[str]:
    """A webhook's first lines: its mark, its name, what becomes of it, and why.

    Args:
        mark: `+`, say.
        name: plain.
        word: what becomes of it.
        why: a plain sentence.
        width: of the names around it.
        style: how they may look.
        look: of the mark and the word.
    """
    room = 3 + 1 + max(width, cells(name)) + 2 + max(len(word), 10) + 2
    if style.wraps and style.width - room < max(NARROW, _longest(why)):
        yield from _narrow_head(mark, name, word, why, style, look)
        return
    first, *more = style.lines(why, max(style.width - room, NARROW)) or [""]
    painted = style.paint(pad(name, width), "strong")
    yield f"{style.paint(f'{mark:>3}', look)} {painted}  {style.paint(pad(word, 10), look)}  {first}".rstrip()
    yield from (f"{' ' * room}{line}" for line in more)


def _narrow_head(mark: str, name: str, word: str, why: str, style: Style, look: str) -> Iterator[str]:
    beside = 4 + cells(name) + 2 + cells(word) <= style.width
    first, *more = broken(name, style.width - 4)
    head = f"{style.paint(f'{mark:>3}', look)} {style.paint(first, 'strong')}"
    yield f"{head}  {style.paint(word, look)}" if beside else head
    yield from (f"    {style.paint(line, 'strong')}" for line in more)
    yield from [] if beside else [f"{' ' * INDENT}{style.paint(word, look)}"]
    yield from style.said(why, INDENT)


def laid_out(rows: Sequence[Row], style: Style) -> Iterator[str]:
    """The lines of a webhook's rows, reasons below each other where there is room for that."""
    column = min(max((cells(row.value) for row in rows if row.why), default=0), 60)
    if style.wraps:
        longest = max((cells(row.why) for row in rows), default=0)
        lead = INDENT + LABEL + 1
        fits = lead + column + 3 + longest <= style.width
        yield from (line for row in rows for line in _broken(row, style, column if fits else 0))
        return
    for row in rows:
        value = style.paint(pad(row.value, column if row.why else 0), row.look) if row.look else pad(row.value, column)
        line = f"{' ' * INDENT}{pad(row.label, LABEL)} {value}"
        yield f"{line}   {style.paint(row.why, 'quiet')}" if row.why else line.rstrip()


def _broken(row: Row, style: Style, column: int) -> Iterator[str]:
    """One row on a terminal; its reason beside the value where there is room, else below.

    A label has a line of its own where it is long, or what is beside it would have to be broken amid a word.
    """
    label, room = row.label, room_for_values(style).columns
    if _is_stacked(style) or _longest(row.value) > room or cells(label) > LABEL:
        yield from [" " * INDENT + label] * bool(label)
        label, room = "", style.width - INDENT - 2
    lead = " " * (style.width - room)
    *lines, last = broken(row.value, room)
    first = f"{' ' * INDENT}{pad(label, LABEL)} " if label else ""
    for number, line in enumerate(lines):
        yield (
            first + _painted(line, row.look, style) if first and not number else style.placed(line, len(lead), row.look)
        )
    beside = max(cells(last), column) + 3 + cells(row.why) <= room
    why = f"   {style.paint(row.why, 'quiet')}" if beside and row.why else ""
    value = pad(last, column if why else 0)
    end = first + _painted(value, row.look, style) if first and not lines else style.placed(value, len(lead), row.look)
    yield f"{end}{why}".rstrip()
    yield from [] if beside else style.said(row.why, len(lead), "quiet")


def _longest(text: str) -> int:
    """How many columns the longest word takes."""
    return max(map(cells, text.split()), default=0)


def _painted(text: str, look: str, style: Style) -> str:
    return style.paint(text, look) if look else text


def broken(text: str, room: int) -> list[str]:
    """A plain value in lines of `room` columns, broken between words, its blanks kept; a longer word stays whole."""
    if cells(text) <= room:
        return [text]
    lines: list[str] = []
    for word in _WORD.findall(text):
        if lines and cells(lines[-1]) + cells(word.rstrip()) <= room:
            lines[-1] += word
        else:
            lines.append(word)
    return [line.rstrip() for line in lines] or [text]


def titled(name: str, address: str, style: Style) -> list[str]:
    """The line above a provider's webhooks, or two where one is too short."""
    painted, address = style.paint(plain(name), "strong"), plain(address)
    if style.wraps and address and cells(plain(name)) + 3 + cells(address) > style.width:
        return [painted, f"  {address}"]
    return ["   ".join(part for part in (painted, address) if part)]


def called(name: str, keys: Sequence[str], total: int) -> str:
    """A webhook's name, plain; of several of a block the block's, and how many of all that is."""
    return f"{plain(name)}[{len(keys)} of {total}]" if keys else plain(name)


def which_rows(group: Group | DriftGroup, name: str, style: Style) -> Iterator[Row]:
    """Which webhooks of the block `name` a group has: these, or all but the others, where they are fewer."""
    if len(group.keys) == group.total:
        yield Row("which", "all", FULL)
    if not group.keys or len(group.keys) == group.total:
        return
    few, words = (group.others, "all but ") if group.others else ([f"{name}[{key}]" for key in group.keys], "")
    more = f" and {len(few) - _NAMED} more" if len(few) > _NAMED else ""
    lines = value_lines(tuple(few[:_NAMED]), room_for_values(style).less(len(words) + len(more)))
    for number, line in enumerate(lines):
        last = number == len(lines) - 1
        yield Row("" if number else "which", (line if number else words + line) + more * last, FULL if last else "")


def _is_stacked(style: Style) -> bool:
    return style.width - INDENT - LABEL - 1 < NARROW
