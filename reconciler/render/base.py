"""What every output format shares: what a renderer makes, the header above a plan, safe and coloured text. [pure]

Used by `cli`, too, for the lines that no renderer makes.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

from reconciler.model.provenance import History
from reconciler.state.record import Record

ELLIPSIS = "…"
_PARAGRAPH = 600


class Artifacts(NamedTuple):
    """What a renderer makes of a document.

    Args:
        text: the document itself, which goes to stdout or into a report's file; empty where nothing is to be said.
        annotations: lines by which the CI around a run marks a place of the files.
        outputs: values for later steps of the CI around a run, by name.
        page: what the CI shows on its own page of the run, where it has one.
    """

    text: str
    annotations: tuple[str, ...] = ()
    outputs: Mapping[str, str] = {}
    page: str = ""


class PlanHeader(NamedTuple):
    """What a plan does not hold, but a reader wants to know: nothing of it changes what the plan says.

    Args:
        files: the configuration as the user named it.
        addresses: base URL of each provider, by its name.
        seconds: how long reading and comparing took; None where it was not measured (a saved plan).
        title: stands where `files` would, for a plan that was loaded.
        histories: what the lock knows of each webhook's past, by its name there.
        record: what was run before, as far as that was recorded.
        limited: which setting kept long reading from being quicker.
    """

    files: tuple[str, ...] = ()
    addresses: Mapping[str, str] = {}
    seconds: float | None = None
    title: str = ""
    histories: Mapping[str, History] = {}
    record: Record | None = None
    limited: str = ""

    def reading(self, reads: int) -> str:
        """How many calls read, how long that took, and what it was limited by."""
        told = counted(reads, "read")
        told += f" in {self.seconds:.2f} s" if self.seconds is not None else ""
        return f"{told}, limited by {self.limited}" if self.limited else told


class Style(NamedTuple):
    """How text may look.

    Args:
        colour: with ANSI colours.
        width: the columns that a line should not exceed.
        wraps: sentences are broken at words, as on a terminal; elsewhere each stays one line, for who searches them.
        full: each webhook is told of by itself, also where several change alike.
    """

    colour: bool = False
    width: int = 120
    wraps: bool = False
    full: bool = False

    def paint(self, text: str, look: str) -> str:
        """`text` in the look `add`, `change`, `remove`, `warn`, `quiet` or `strong`; unchanged without colour."""
        return f"\x1b[{_LOOKS[look]}m{text}\x1b[0m" if self.colour and text else text

    def said(self, text: str, indent: int, look: str = "", hanging: int = 0) -> list[str]:
        """A plain sentence as indented lines; none for an empty one.

        Args:
            hanging: by how much more the lines behind the first are indented.
        """
        first, *more = self.lines(text, self.width - indent - hanging) or [""]
        lines = [" " * indent + (self.paint(first, look) if look else first)] if text else []
        return [*lines, *(self.placed(line, indent + hanging, look) for line in more)]

    def placed(self, line: str, indent: int, look: str = "") -> str:
        """A plain line behind its indent, or behind less of it where the line is one long word that needs the room."""
        before = min(indent, max(self.width - cells(line), 0)) if self.wraps else indent
        return " " * before + (self.paint(line, look) if look else line)

    def folded(self, line: str, indent: int = 0, hanging: int = 2) -> list[str]:
        """A finished line; where text wraps and it is too long, in several, behind its own indent. Not if painted.

        Args:
            indent: of what is in front of it.
            hanging: see `said`.
        """
        if not self.wraps or "\x1b" in line or cells(line) <= self.width - indent:
            return [line]
        own = min(len(line) - len(line.lstrip(" ")), self.width // 2)
        return self._replace(width=self.width - indent).said(line, own, hanging=hanging)

    def row(self, text: str, indent: int) -> list[str]:
        """A row of a table, plain and filled up: where it does not fit, it is broken as a sentence is, or else cut."""
        if self.wraps:
            return self.folded(" " * indent + text.rstrip())
        return [" " * indent + cut(text, self.width).rstrip()]

    def lines(self, text: str, room: int) -> list[str]:
        """A plain sentence in lines of `room` columns where text wraps, else in one; none for an empty one."""
        return wrapped(text, room) if self.wraps else [text] if text else []


_LOOKS = {"add": "32", "change": "33", "remove": "31", "warn": "35", "quiet": "2", "strong": "1"}


def plain(text: str) -> str:
    """`text` on one line, with nothing a terminal would obey.

    Control characters, line breaks, direction overrides, invisible characters and unpaired surrogates become visible
    escapes (`\\n`, `\\x1b`, `\\u202e`).
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def cells(text: str) -> int:
    """How many columns a terminal needs for plain text, at most: wide characters take two."""
    if text.isascii():
        return len(text)
    return len(text) + sum(unicodedata.east_asian_width(char) in "WF" for char in text)


def sentence(text: str) -> str:
    """A sentence that may quote a vendor, made plain and no longer than a paragraph."""
    return cut(plain(text), _PARAGRAPH)


_WORD = re.compile(r"`[^`]*`[^\s`]*|\S+")
"""A word, or a command in backticks, which is pasted as a whole."""


def wrapped(text: str, width: int) -> list[str]:
    """Plain text in lines of at most `width` columns, broken between words; a longer word has a line of its own."""
    lines: list[str] = []
    for word in _WORD.findall(text):
        if lines and cells(lines[-1]) + 1 + cells(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def pad(text: str, width: int) -> str:
    """`text` filled up with spaces to `width` columns; never cut."""
    return text + " " * (width - cells(text))


def cut(text: str, width: int, start: int = 0) -> str:
    """`text` in at most `width` columns: what lies in front of `start`, and what does not fit, is left out visibly."""
    kept = ELLIPSIS + text[start:] if start else text
    if cells(kept) <= width:
        return kept
    note = f"{ELLIPSIS} ({len(text)} characters)"
    end = room = max(width - cells(note), 8)
    while cells(kept[:end]) > room:
        end -= 1
    return kept[:end] + note


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 webhook`, `2 webhooks`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
