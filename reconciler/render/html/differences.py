"""Fields that differ, as what went and what came. [pure] Used by `render.html.plan` and `.drift`."""

from itertools import takewhile

from reconciler.model.action import FieldChange, Shown
from reconciler.model.webhook import DESCRIPTION, EVENTS, STATUS, URL
from reconciler.render.base import cut, plain
from reconciler.render.html.view import Difference
from reconciler.render.words import value_text

_FIRST = (URL, EVENTS, STATUS, DESCRIPTION)
_LONG = 600
"""A value is cut to so many characters."""

_AROUND = 40
"""Of long values that begin alike, so many characters in front of their first difference are shown."""


def differences(fields: tuple[FieldChange, ...], why: dict[str, str]) -> tuple[Difference, ...]:
    """The fields in the order in which people look for them.

    Args:
        why: the words behind a field, by its pointer.
    """
    return tuple(_difference(field, why.get(field.path, "")) for field in sorted(fields, key=_rank))


def label(pointer: str) -> str:
    """A field as people call it."""
    return plain(pointer.removeprefix("/options/").removeprefix("/"))


def _rank(field: FieldChange) -> tuple[int, str]:
    return (_FIRST.index(field.path) if field.path in _FIRST else len(_FIRST)), field.path


def _difference(field: FieldChange, why: str) -> Difference:
    before, after, name = field.before, field.after, label(field.path)
    if field.path == EVENTS:
        went, came = _items(before), _items(after)
        return Difference(name, tuple(w for w in went if w not in came), tuple(c for c in came if c not in went), why)
    if before is None or after is None:
        return Difference(name, _items(before), _items(after), why)
    old, new = value_text(before), value_text(after)
    start = 0
    if max(len(old), len(new)) > _LONG:
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
        start = max(same - _AROUND, 0)
    return Difference(name, (cut(old, _LONG, start),), (cut(new, _LONG, start),), why)


def _items(value: Shown) -> tuple[str, ...]:
    """The texts of a list of texts; of anything else, the one text that it is; none of nothing."""
    if value is None:
        return ()
    if isinstance(value, tuple) and all(isinstance(item, str) for item in value):
        return tuple(cut(plain(str(item)), _LONG) for item in value) or ("none",)
    return (cut(value_text(value), _LONG),)
