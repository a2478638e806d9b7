"""What a vendor showed of the fields that nobody manages: as the lock notes it, and what has moved since. [pure]

Noted by `apply.outcome` and `matching.binding` whenever they write an entry; compared by `run.drift` and `run.survey`.
A value that is long, or that a secret of the run is in, stands as a digest.
"""

import hashlib
import json
from collections.abc import Callable, Container, Iterable, Iterator

from reconciler.model.action import Cause, FieldChange, Shown
from reconciler.model.diff import drift, shown
from reconciler.model.equality import canonical, hides
from reconciler.model.webhook import Capabilities, Entry, Fields, Leaf

LONG = 100
DIGEST = "sha256:"

Noted = tuple[tuple[str, Shown], ...]
"""Pointers with what was shown, in order; None: the field was not there."""


def noted(
    fields: Fields, managed: Container[str], capabilities: Capabilities, whole: bool, hide: Callable[[str], str]
) -> Noted:
    """What is to be remembered of `fields`.

    Args:
        managed: pointers of the file; the lock has those as applied.
        whole: all that the vendor shows is there, so that what is missing is not set.
        hide: masks every secret of this run in a text.
    """
    pointers = {*fields, *(capabilities.writable - capabilities.unreadable if whole else ())}
    return tuple(
        (pointer, _note(pointer, fields.get(pointer), capabilities, hide))
        for pointer in sorted(pointers)
        if pointer not in managed
    )


def moved(
    entry: Entry, managed: Iterable[str], observed: Fields, capabilities: Capabilities
) -> tuple[FieldChange, ...]:
    """Which fields that the file does not manage have moved since; `observed` is as read, with nothing hidden yet."""
    ours = frozenset(managed)
    left = Fields((pointer, leaf) for pointer, leaf in entry.applied.items() if pointer not in ours)
    since = [
        change
        for pointer, before in entry.shown
        if pointer not in ours and pointer not in left
        for change in _moved(pointer, before, observed.get(pointer), capabilities)
    ]
    return tuple(sorted([*drift(observed, left, capabilities), *since], key=lambda change: change.path))


def _moved(pointer: str, before: Shown, now: Leaf | None, capabilities: Capabilities) -> Iterator[FieldChange]:
    if now is None and pointer in capabilities.unreadable:
        return
    if now is not None and before is not None and _is_veiled(pointer, before, now):
        return
    after = _note(pointer, now, capabilities, str)
    if now is not None and isinstance(before, str) and before.startswith(DIGEST):
        after = _digest(pointer, now, capabilities)
    if after != before:
        yield FieldChange(pointer, before, after, Cause.DRIFT)


def _is_veiled(pointer: str, before: Leaf, now: Leaf) -> bool:
    """Whether one of the two stands behind a mask that the other would fit, so that nobody can compare them."""
    if isinstance(before, str) and before.startswith(DIGEST):
        return hides(pointer, now, None)
    return hides(pointer, now, before) or hides(pointer, before, now)


def _note(pointer: str, leaf: Leaf | None, capabilities: Capabilities, hide: Callable[[str], str]) -> Shown:
    if leaf is None or leaf == "":
        return None
    value = shown(pointer, canonical(pointer, leaf, capabilities))
    words = json.dumps(value, ensure_ascii=False)
    hidden = hide(words) != words or (isinstance(leaf, str) and hide(leaf) != leaf)
    is_long = len(words) > LONG or words.startswith(f'"{DIGEST}')
    return _digest(pointer, leaf, capabilities) if hidden or is_long else value


def _digest(pointer: str, leaf: Leaf, capabilities: Capabilities) -> str:
    whole = canonical(pointer, leaf, capabilities)
    words = json.dumps([pointer, sorted(whole) if isinstance(whole, frozenset) else whole])
    return DIGEST + hashlib.sha256(words.encode()).hexdigest()[:16]
