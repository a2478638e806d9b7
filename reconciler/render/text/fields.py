"""The lines that tell how a field differs, as rows: what, its value, and why. [pure]

Used by `render.text.plan` and `render.text.drift`. Where text wraps, a value is told whole as far as a paragraph goes,
for `render.text.layout` breaks it; elsewhere what does not fit its line is cut.
"""

from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

from reconciler.model.action import Cause, FieldChange, Shown
from reconciler.model.webhook import EVENTS
from reconciler.render.base import cells, cut, plain
from reconciler.render.words import CAUSES, KEPT, value_text

_PARAGRAPH = 600


class Row(NamedTuple):
    """One line below a webhook: what, its value, and why."""

    label: str
    value: str
    why: str = ""
    look: str = ""


class Room(NamedTuple):
    """How many columns values have, and whether longer ones are broken into lines or cut."""

    columns: int
    breaks: bool = False

    def less(self, columns: int) -> "Room":
        """The same with so many columns less."""
        return self._replace(columns=self.columns - columns)

    def fit(self, text: str, start: int = 0) -> str:
        """`text` as long as it may be; see `cut`."""
        return cut(text, max(self.columns, _PARAGRAPH) if self.breaks else self.columns, start)


def label_of(path: str) -> str:
    """What people call a field."""
    return plain(path.removeprefix("/options/").removeprefix("/"))


def field_rows(field: FieldChange, room: Room) -> Iterator[Row]:
    """How one field differs, and who moved it."""
    label = label_of(field.path)
    why = KEPT if field.kept else CAUSES[field.cause]
    before, after = field.before, field.after
    if isinstance(before, tuple) and isinstance(after, tuple):
        yield from _items(field, label, why, before, after, room)
    elif before is None or after is None:
        value, look = (after, "add") if before is None else (before, "remove")
        sign = "" if field.cause is Cause.NEW else "+ " if before is None else "- "
        for number, line in enumerate(value_lines(value, room.less(2))):
            yield Row("" if number else label, sign + line, "" if number else why, look if sign else "")
    else:
        yield from moved(label, value_text(before), value_text(after), why, room)


def moved(label: str, before: str, after: str, why: str, room: Room) -> Iterator[Row]:
    """`before -> after`, on two lines where one is too short; long texts from shortly before their first difference.

    Args:
        label: what people call it.
        before: as text, plain.
        after: as text, plain.
        why: who moved it.
        room: what a value may take.
    """
    if cells(before) + cells(after) + 4 <= room.columns - cells(why):
        yield Row(label, f"{before} -> {after}", why)
        return
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
    most = max(room.columns, _PARAGRAPH) if room.breaks else room.columns
    start = max(same - 12, 0) if max(cells(before), cells(after)) > most and same > most // 2 else 0
    yield Row(label, room.less(3).fit(before, start))
    yield Row("", f"-> {room.less(3).fit(after, start)}")
    if why:
        yield Row("", why)


def value_lines(value: Shown, room: Room) -> list[str]:
    """A value as lines: a list with commas, broken between its items; anything else on one line."""
    if not isinstance(value, tuple) or not all(isinstance(item, str) for item in value):
        return [room.fit(value_text(value))]
    lines: list[str] = []
    for item in (room.less(1).fit(plain(str(item))) for item in value):
        if lines and cells(lines[-1]) + cells(item) + 2 < room.columns:
            lines[-1] += f", {item}"
        else:
            lines.append(item)
    return [*(line + "," for line in lines[:-1]), lines[-1]] if lines else ["none"]


def _items(
    field: FieldChange, label: str, why: str, before: tuple[object, ...], after: tuple[object, ...], room: Room
) -> Iterator[Row]:
    """Items that came and went: of a set by name, of any other list by place."""
    if field.path == EVENTS:
        came = tuple(item for item in after if item not in before)
        went = tuple(item for item in before if item not in after)
        lines = [("+ " + line, "add") for line in value_lines(came, room.less(2))] if came else []
        lines += [("- " + line, "remove") for line in value_lines(went, room.less(2))] if went else []
    else:
        lines = [(room.fit(line), "change") for line in _explained(before, after)]
    for number, (line, look) in enumerate(lines):
        yield Row("" if number else label, line, "" if number else why, look)


def _explained(before: tuple[object, ...], after: tuple[object, ...]) -> Iterator[str]:
    from reconciler.render.text.containers import explain

    for place, old, new in explain(before, after):
        if old is None:
            yield plain(f"+ {place} {new}")
        elif new is None:
            yield plain(f"- {place} {old}")
        else:
            yield plain(f"~ {place} {old} -> {new}")
