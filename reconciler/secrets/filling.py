"""Fills texts with references in them with what is behind these. Called by `run.hiding`.

What comes out is what is sent: a `Hidden` text, which shows nothing of it. The second net learns each value, and of a
whole URL what comes behind its host, too.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from reconciler.codes import Code
from reconciler.errors import SecretError
from reconciler.model.fields import URL
from reconciler.model.hidden import Marks, Span, hidden, merged, spans_in_url
from reconciler.model.secret import SHORTEST, Secret, SecretRef
from reconciler.model.template import Template

LONG_ENOUGH = 20
"""So long a path is no word that others' texts may have by chance."""


class Filling(NamedTuple):
    """What templates are filled with.

    Args:
        resolve: finds a secret, and raises SecretError where it cannot.
        learn: is told what must be hidden.
        marks: makes fingerprints.
        faulty: says what is wrong with a URL, or None.
    """

    resolve: Callable[[SecretRef], Secret]
    learn: Callable[[Secret], None]
    marks: Marks
    faulty: Callable[[str], str | None]

    def text(self, template: Template, pointer: str, known: str) -> str:
        """The text that is sent.

        Args:
            known: what the lock keeps of the field.

        Raises:
            SecretError: a value cannot be had, or is too short to be found where others repeat it, or is no URL.
        """
        text, spans = template.filled(partial(self._value, pointer))
        if pointer == URL:
            self._demand_url(template, text)
            for part in _parts_of_whole(text, spans):
                self.learn(Secret(part))
            spans = spans_in_url(text, spans)
        else:
            spans = merged(spans)
        return hidden(text, spans, pointer, self.marks, known)

    def _value(self, pointer: str, part: SecretRef | Secret) -> str:
        secret = part if isinstance(part, Secret) else self.resolve(part)
        self.learn(secret)
        value = secret.reveal()
        field = pointer.lstrip("/").replace("/", ".")
        if len(value) < SHORTEST:
            summary = f"what is hidden in its {field}, {_said(part)}, has fewer than {SHORTEST} characters"
            raise SecretError(summary, "such a value cannot be hidden: write it as it is", code=Code.SECRET_UNFIT)
        if any(ord(character) < ord(" ") for character in value):
            summary = (
                f"what is hidden in its {field}, {_said(part)}, has a line break or another control character in it"
            )
            raise SecretError(summary, "store it as one line", code=Code.SECRET_UNFIT)
        return value

    def _demand_url(self, template: Template, text: str) -> None:
        if (what := self.faulty(text)) is not None:
            raise SecretError(f"its url, {template}, {what}", "see what the references in it hold", code=Code.WRONG_URL)


def _said(part: SecretRef | Secret) -> str:
    return str(part) if isinstance(part, SecretRef) else "of a variable"


def _parts_of_whole(url: str, spans: tuple[Span, ...]) -> Iterator[str]:
    """Of a URL that is hidden as a whole, what vendors may repeat without its scheme, or without its host."""
    if spans and spans[0][0] == 0:
        behind = url.partition("://")[2]
        path = behind.partition("/")[2]
        yield from (part for part in (behind, path) if len(part) >= LONG_ENOUGH)
