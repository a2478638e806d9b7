"""What a read shows that must never be sent back: masks, and words of the vendor's own. [pure]

Used by `providers.engine.carried`, and by `providers.engine.writes` to say why an update cannot be made.
"""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from reconciler.model.webhook import DESCRIPTION, Fields, Leaf
from reconciler.providers.engine.codec import Codec
from reconciler.providers.engine.extract import texts_in, within
from reconciler.providers.engine.masked import hides
from reconciler.providers.protocol import Tree


class Spoilt(NamedTuple):
    """One such value.

    Args:
        place: its field, or where no field is, its place in the body; a pointer.
        word: the vendor's own word that stands there; empty for a mask.
    """

    place: str
    word: str = ""


def spoilt_fields(codec: Codec, fields: Fields) -> Iterator[Spoilt]:
    """Those of these fields, as read, that hold a mask, or a word that no body may hold."""
    for pointer, leaf in sorted(fields.items(), key=lambda field: field[0]):
        if _is_hidden(pointer, leaf):
            yield Spoilt(pointer)
        elif not codec.can_write(pointer, leaf):
            yield Spoilt(pointer, str(leaf))


def spoilt_places(tree: Tree, looked_at: Collection[str]) -> Iterator[Spoilt]:
    """The masks in an object, but for those at places that were looked at as fields."""
    hidden = (
        place
        for place, exactly, text in texts_in(tree)
        if hides(text) and not any(within(place, at) or within(exactly, at) for at in looked_at)
    )
    yield from (Spoilt(place) for place in dict.fromkeys(hidden))


def _is_hidden(pointer: str, leaf: Leaf) -> bool:
    texts = leaf if isinstance(leaf, tuple) else (leaf,)
    return any(isinstance(text, str) and hides(text, prose=pointer == DESCRIPTION) for text in texts)
