"""A text of the files with references in it, before anybody has looked behind them. [pure]

Made by `config.hidden`; resolved by `run.hiding`, once it is known that the references may be looked up. Printed, it
is what the file says (`https://chat.example/api/${secret:env:CHAT_TOKEN}`), which holds no secret.
"""

import json
from collections.abc import Callable, Iterator
from typing import Self

from reconciler.model.hidden import MARK, Span, literals_of, merged, spans_in_url
from reconciler.model.secret import Secret, SecretRef

Part = str | SecretRef | Secret
"""A piece of a text: public, behind a reference, or a value that is known already, of a variable that is secret."""


class Template(str):
    """A text with hidden pieces.

    Args:
        text: as the file says it.
        parts: the text's pieces, in order.
        escaped: it is JSON, so that values stand in it as JSON writes them.
    """

    parts: tuple[Part, ...]
    escaped: bool

    def __new__(cls, text: str, parts: tuple[Part, ...], escaped: bool = False) -> Self:
        made = super().__new__(cls, text)
        made.parts, made.escaped = parts, escaped
        return made

    @property
    def references(self) -> tuple[SecretRef, ...]:
        """What is to be looked up."""
        return tuple(part for part in self.parts if isinstance(part, SecretRef))

    @property
    def public_start(self) -> str:
        """What comes before the first hidden piece."""
        return self.parts[0] if self.parts and isinstance(self.parts[0], str) else ""

    def filled(self, value_of: Callable[[SecretRef | Secret], str]) -> tuple[str, tuple[Span, ...]]:
        """The text with its values, and where these stand in it."""
        pieces: list[str] = []
        spans: list[Span] = []
        at = 0
        for part in self.parts:
            piece = part if isinstance(part, str) else value_of(part)
            if not isinstance(part, str):
                piece = json.dumps(piece, ensure_ascii=False)[1:-1] if self.escaped else piece
                spans.append((at, at + len(piece)))
            pieces.append(piece)
            at += len(piece)
        return "".join(pieces), merged(spans)

    def may_be(self, kept: str, *, is_url: bool) -> bool:
        """Whether what the lock keeps may be this text, as far as that can be told without looking anything up."""
        if MARK.search(kept) is None:
            return False
        if is_url and not isinstance(self.parts[0], str):
            return True  # what is public of it is only known once it is looked up
        text, spans = self.filled(lambda _: "x")
        return literals_of(text, spans_in_url(text, spans) if is_url else spans) == tuple(MARK.split(kept)[::2])


def templates_in(leaf: object) -> Iterator[Template]:
    """The texts with references in a leaf: itself, or items of a list."""
    if isinstance(leaf, Template):
        yield leaf
    elif isinstance(leaf, tuple):
        yield from (item for item in leaf if isinstance(item, Template))
