"""Small pieces of Markdown for the pages that are made of the code."""

from collections.abc import Iterable, Sequence


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; nothing where it has no rows."""
    lines = ["| " + " | ".join(map(cell, row)) + " |" for row in rows]
    return "\n".join([f"| {' | '.join(heads)} |", "|" + "---|" * len(heads), *lines]) + "\n" if lines else ""


def cell(text: str) -> str:
    """A text that stays in its cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def code(text: object) -> str:
    """A text as it is typed; one with backticks gets longer ones around it."""
    words = str(text)
    return f"`` {words} ``" if "`" in words else f"`{words}`"


def listed(items: Iterable[object]) -> str:
    """Texts as typed, with commas."""
    return ", ".join(map(code, items))


def fence(language: str, text: str) -> str:
    """A block of code."""
    ticks = "````" if "```" in text else "```"
    return f"{ticks}{language}\n{text.rstrip()}\n{ticks}\n"
