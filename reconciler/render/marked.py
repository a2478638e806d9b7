"""Foreign text in Markdown: nothing of it is markup, a mention, a reference, a command or a second line. [pure]

Used by `render.page` and `render.rows`. Each host of code has marks of its own, and people put what they like into
descriptions. So only plain words stand in the text as they are; every other word stands in a code span, where nobody
looks for marks. A code span knows two marks itself: its own backticks, and the pipe that ends the cell of a table.
"""

import re

from reconciler.render.base import plain
from reconciler.support.runners import without_commands

_PLAIN_WORD = re.compile(
    r"""["'(]*(?!www\.|gh-\d)(?:[^\W_]+(?:[-.,'/’][^\W_]+)*)?["')]*[.,:;?!…]*["')]*|->|-""", re.IGNORECASE
)
"""A word in which no host looks for anything; `_`, `@`, `#`, `!`, `~`, `$`, `:` and the like can mean something."""
_TOKEN = re.compile(r"(`[^`]+`)|\S+")
_BACKTICKS = re.compile(r"`+")


def code(text: str) -> str:
    """A value as a code span on one line; a pipe, which would end a cell, is an escape as control characters are.

    So is what a runner would obey, since what it would make of the page later might not fit there.
    """
    shown = without_commands(plain(text)).replace("|", "\\x7c")
    if not shown.strip():
        shown = f"{shown!r}"
    if "`" not in shown:
        return f"`{shown}`"
    fence = "`" * (1 + max(map(len, _BACKTICKS.findall(shown))))
    return f"{fence} {shown} {fence}"


def prose(text: str) -> str:
    """A sentence that may quote anybody: its plain words as they are, commands and all else in code spans."""
    return " ".join(_word(found.group()) for found in _TOKEN.finditer(plain(text)))


def _word(word: str) -> str:
    if _PLAIN_WORD.fullmatch(word) and "::" not in word:
        return word
    if len(word) > 2 and word[0] == word[-1] == "`" and "`" not in word[1:-1]:
        return code(word[1:-1])
    kept = word[:-1] if len(word) > 1 and word[-1] in ",.;:" else word
    return code(kept) + word[len(kept) :]


def html(text: str) -> str:
    """A value between HTML tags: every character that could be markup there, or in Markdown, as a number."""
    return "".join(
        char if char.isalnum() or char in " .-" else f"&#{ord(char)};" for char in plain(text).replace("|", "\\x7c")
    )
