"""The fenced blocks of the documents: what a reader copies. Used by the tests of this folder."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """One fenced block: where it begins, its language, its text."""

    document: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{relative(self.document)}:{self.line}"


def relative(path: Path) -> str:
    """The path as a reader of the repository names it."""
    return path.relative_to(ROOT).as_posix()


def blocks(*languages: str) -> list[Block]:
    """All blocks in these languages, of all documents."""
    return [block for document in DOCUMENTS for block in _blocks_of(document) if block.language in languages]


def _blocks_of(document: Path) -> Iterator[Block]:
    text = document.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        yield Block(document, text.count("\n", 0, found.start()) + 1, found[1], found[2])
