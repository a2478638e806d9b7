"""Texts with hidden values in them: a URL whose path holds a token, a header whose value is a key. [pure]

Made by `model.template` (what the files want) and by `run.hiding` (what vendors show); shown by `model.diff` and
`model.secret`. Kept apart are what is sent and what is shown:

    sent     https://chat.example/api/Zq9xT0pS3cret/in
    kept     https://chat.example/api/***~scrypt$14$…/in         in the lock, and wherever two of them are compared
    shown    https://chat.example/api/***~1a2b3c4d/in            in everything that people and programs read

The laws, each with a test:

1. A `Hidden` is a text that is sent and compared as it is; `kept` is all that is ever written down of it.
2. Equal texts at one place have equal `kept` texts, whoever made them: fingerprints depend on the hidden value, on
   the place and on the public text around it, and one that the lock has already is taken over as it stands.
3. Nothing but the public text of the file is public: what a vendor shows instead is lined up with that; what does not
   line up is hidden whole, of a URL all but its scheme and host.
4. In a URL with a hidden value, user-info and query values are hidden likewise.
5. `kept` texts are fixed points: what is kept of a kept text, and what is shown of a shown one, is the same text.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Protocol, Self

from reconciler.model.masks import masked
from reconciler.model.urls import canonical_url, parts_of

STARS = "***"
MARK = re.compile(r"\*\*\*~((?:scrypt|hmac)\$[0-9a-f]{1,8}\$[A-Za-z0-9_.-]{16,40}\$[A-Za-z0-9_-]{43})")
"""What stands for a hidden value in a kept text: stars, and its fingerprint as `secrets.fingerprint` makes it."""

Span = tuple[int, int]
"""Where a hidden value begins and ends in a text."""


class Hidden(str):
    """A text that is sent as it is, and of which others see only `kept` and what is made of that."""

    kept: str

    def __new__(cls, text: str, kept: str) -> Self:
        made = super().__new__(cls, text)
        made.kept = kept
        return made

    def __repr__(self) -> str:
        return f"Hidden({short(self.kept)!r})"


class Marks(Protocol):
    """Fingerprints of hidden values; see `secrets.digests`."""

    def make(self, value: str, place: str) -> str:
        """The fingerprint of a value; `place` keeps equal ones in two places apart."""

    def fits(self, value: str, fingerprint: str) -> bool:
        """Whether it is the fingerprint of this value; not where nobody can tell, for its key is not at hand."""


def kept_leaf(leaf: object) -> object:
    """A leaf, or an item of one, as it may be kept."""
    if isinstance(leaf, tuple):
        return tuple(map(kept_leaf, leaf)) if any(isinstance(item, Hidden) for item in leaf) else leaf
    return leaf.kept if isinstance(leaf, Hidden) else leaf


def short(text: str) -> str:
    """A kept text as it is shown: of each fingerprint, eight digits that change when it does."""
    return MARK.sub(_short, text) if STARS in text else text


def _short(found: re.Match[str]) -> str:
    return f"{STARS}~{hashlib.blake2b(found[1].encode(), digest_size=4).hexdigest()}"


def marks_in(leaf: object) -> tuple[str, ...]:
    """The fingerprints in a kept leaf."""
    if isinstance(leaf, tuple):
        return tuple(mark for item in leaf for mark in marks_in(item))
    return tuple(MARK.findall(leaf)) if isinstance(leaf, str) and STARS in leaf else ()


def literals_of(text: str, spans: Sequence[Span]) -> tuple[str, ...]:
    """What is public of a text: one more piece than there are hidden values."""
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    return tuple(text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))


def spans_in_url(url: str, spans: Iterable[Span]) -> tuple[Span, ...]:
    """What is hidden of a URL in which the `spans` are: user-info and each query value as well, and as wholes.

    Of a URL that is hidden from its very beginning, scheme and host stay readable, if anything comes behind them.
    """
    parts = parts_of(url)
    user = len(parts.scheme), len(parts.scheme) + max(len(parts.user) - 1, 0)
    host = len(parts.scheme) + len(parts.user)
    path = host + len(parts.host)
    inside = path + (1 if parts.path.startswith("/") else 0)
    found = [user, *_query_values(parts.query, path + len(parts.path))]
    for start, end in spans:
        opens = start == 0 and parts.host and end >= path
        found += [(inside if len(url) > inside else host, end)] if opens else [(start, end)]
    return merged(found)


def _query_values(query: str, offset: int) -> Iterable[Span]:
    at = offset + 1
    for pair in query[1:].split("&") if query else ():
        key, equals, _ = pair.partition("=")
        yield (at + len(key) + 1 if equals else at), at + len(pair)
        at += len(pair) + 1


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans in order, those that touch as one, and none that is empty."""
    made: list[Span] = []
    for start, end in sorted(spans):
        if start == end:
            continue
        if made and start <= made[-1][1]:
            made[-1] = made[-1][0], max(end, made[-1][1])
        else:
            made.append((start, end))
    return tuple(made)


def hidden(text: str, spans: Sequence[Span], pointer: str, marks: Marks, known: str = "") -> str:
    """`text` with its hidden values as the lock may keep them; the text itself where nothing of it is hidden.

    Args:
        text: what is sent.
        spans: where they are, see `merged`.
        pointer: the field.
        marks: makes and compares fingerprints.
        known: what the lock has there, whose fingerprints are taken over where they fit.
    """
    literals = literals_of(text, spans)
    values = [text[start:end] for start, end in spans]
    pieces = MARK.split(known)
    before = pieces[1::2] if tuple(pieces[::2]) == literals else [""] * len(values)
    place = f"{pointer} {STARS.join(literals)}"
    made = [
        mark if mark and marks.fits(value, mark) else marks.make(value, place)
        for value, mark in zip(values, before, strict=True)
    ]
    kept = "".join(
        piece for pair in zip(literals, [*(f"{STARS}~{mark}" for mark in made), ""], strict=True) for piece in pair
    )
    return Hidden(text, kept) if values else text


def lined_up(text: str, kept: str, pointer: str, marks: Marks, *, is_url: bool) -> str:
    """What a vendor shows in the place of a text that is kept as `kept`: its own hidden values hidden likewise.

    What stands behind a vendor's mask becomes stars, which nobody takes for a value.

    Args:
        text: what is shown.
        kept: what the lock keeps, or would keep, of the field.
        pointer: the field.
        marks: makes and compares fingerprints.
        is_url: whether it is a URL.
    """
    literals = tuple(MARK.split(kept)[::2])
    for spelled in dict.fromkeys((text, canonical_url(text))) if is_url else (text,):
        spans = _aligned(spelled, literals)
        if spans is None:
            continue
        if any(masked(spelled[start:end]) for start, end in spans):
            return STARS.join(literals)
        made = hidden(spelled, spans, pointer, marks, kept)
        return Hidden(text, made.kept) if isinstance(made, Hidden) else text
    if masked(text):
        return text
    whole = ((0, len(text)),)
    return hidden(text, spans_in_url(text, whole) if is_url else whole, pointer, marks)


def _aligned(text: str, literals: Sequence[str]) -> tuple[Span, ...] | None:
    """Where the hidden values stand in a text whose public pieces are these; None where they are not."""
    pattern = "(.+?)".join(map(re.escape, literals))
    found = re.fullmatch(pattern, text, re.DOTALL)
    return None if found is None else tuple(found.span(at) for at in range(1, len(literals)))
