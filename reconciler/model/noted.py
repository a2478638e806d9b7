"""What a vendor showed of the fields that nobody manages: as the lock notes it, and what has moved since. [pure]

Noted by `apply.outcome` and `matching.binding` whenever they write an entry; compared by `run.drift` and `run.survey`.
A value that is long, or that a secret of the run is in, stands as a digest, which no output shows.
"""

import hashlib
import json
from collections.abc import Callable, Container, Iterable, Iterator
from typing import Protocol, TypeGuard

from reconciler.model.action import Cause, FieldChange, Shown
from reconciler.model.capabilities import Capabilities
from reconciler.model.diff import drift, shown
from reconciler.model.equality import canonical, hides
from reconciler.model.webhook import Entry, Fields, Leaf

LONG = 100
DIGEST = "digest:"
PLAIN_DIGEST = "sha256:"
"""Begins the digests of locks of before: without salt or key, compared as long as they are there, and never made."""

KEPT = "a value kept as a digest"
ANOTHER = "another value"
LENGTHY = "a long value"

Noted = tuple[tuple[str, Shown], ...]
"""Pointers with what was shown, in order; None: the field was not there."""


class Digests(Protocol):
    """Digests of one webhook's values, see `secrets.digests`."""

    def make(self, words: str, has_secret: bool) -> str:
        """The digest of a value; `has_secret`: a secret of this run is in it."""

    def fits(self, words: str, digest: str) -> bool | None:
        """Whether it is the digest of this value; None where nobody can tell, for its key is not at hand."""


def noted(
    fields: Fields,
    managed: Container[str],
    capabilities: Capabilities,
    whole: bool,
    hide: Callable[[str], str],
    digests: Digests,
) -> Noted:
    """What is to be remembered of `fields`.

    Args:
        fields: as read, or as answered.
        managed: pointers of the file; the lock has those as applied.
        capabilities: what the vendor can show.
        whole: all that the vendor shows is there, so that what is missing is not set.
        hide: masks every secret of this run in a text.
        digests: of this webhook.
    """
    pointers = {*fields, *(capabilities.writable - capabilities.unreadable if whole else ())}
    return tuple(
        (pointer, _note(pointer, fields.get(pointer), capabilities, hide, digests))
        for pointer in sorted(pointers)
        if pointer not in managed
    )


def renewed(
    entry: Entry, observed: Fields, capabilities: Capabilities, hide: Callable[[str], str], digests: Digests
) -> Noted:
    """What the entry has noted, with today's digests for the plain ones whose values are still there.

    Args:
        entry: as the lock has it.
        observed: as read, with nothing hidden yet.
        capabilities: what the vendor can show.
        hide: masks every secret of this run in a text.
        digests: of this webhook.
    """
    return tuple(
        (pointer, _note(pointer, observed[pointer], capabilities, hide, digests))
        if _is_digest(before)
        and before.startswith(PLAIN_DIGEST)
        and pointer in observed
        and _fits(_words(pointer, observed[pointer], capabilities), before, digests)
        else (pointer, before)
        for pointer, before in entry.shown
    )


def moved(
    entry: Entry, managed: Iterable[str], observed: Fields, capabilities: Capabilities, digests: Digests
) -> tuple[FieldChange, ...]:
    """Which fields that the file does not manage have moved since.

    Args:
        entry: as the lock has it.
        managed: pointers of the file.
        observed: as read, with nothing hidden yet.
        capabilities: what the vendor can show.
        digests: of this webhook.
    """
    ours = frozenset(managed)
    left = Fields((pointer, leaf) for pointer, leaf in entry.applied.items() if pointer not in ours)
    since = [
        change
        for pointer, before in entry.shown
        if pointer not in ours and pointer not in left
        for change in _moved(pointer, before, observed.get(pointer), capabilities, digests)
    ]
    return tuple(sorted([*drift(observed, left, capabilities), *since], key=lambda change: change.path))


def _moved(
    pointer: str, before: Shown, now: Leaf | None, capabilities: Capabilities, digests: Digests
) -> Iterator[FieldChange]:
    if now is None and pointer in capabilities.unreadable:
        return
    if now is not None and before is not None and _is_veiled(pointer, before, now):
        return
    if not _is_digest(before):
        after = LENGTHY if _is_long(pointer, now, capabilities) else _value(pointer, now, capabilities)
        if after != before:
            yield FieldChange(pointer, before, after, Cause.DRIFT)
    elif now is None or now == "":
        yield FieldChange(pointer, KEPT, None, Cause.DRIFT)
    elif _fits(_words(pointer, now, capabilities), before, digests) is False:
        yield FieldChange(pointer, KEPT, ANOTHER, Cause.DRIFT)


def _is_veiled(pointer: str, before: Leaf, now: Leaf) -> bool:
    """Whether one of the two stands behind a mask that the other would fit, so that nobody can compare them."""
    if _is_digest(before):
        return hides(pointer, now, None)
    return hides(pointer, now, before) or hides(pointer, before, now)


def _note(
    pointer: str, leaf: Leaf | None, capabilities: Capabilities, hide: Callable[[str], str], digests: Digests
) -> Shown:
    value = _value(pointer, leaf, capabilities)
    if leaf is None or value is None:
        return None
    text = json.dumps(value, ensure_ascii=False)
    has_secret = hide(text) != text or (isinstance(leaf, str) and hide(leaf) != leaf)
    if has_secret or _is_long(pointer, leaf, capabilities):
        return digests.make(_words(pointer, leaf, capabilities), has_secret)
    return value


def _value(pointer: str, leaf: Leaf | None, capabilities: Capabilities) -> Shown:
    return None if leaf is None or leaf == "" else shown(pointer, canonical(pointer, leaf, capabilities))


def _is_long(pointer: str, leaf: Leaf | None, capabilities: Capabilities) -> bool:
    """Whether a value is too long for the lock, or would be taken for a digest there."""
    value = _value(pointer, leaf, capabilities)
    return _is_digest(value) or len(json.dumps(value, ensure_ascii=False)) > LONG


def _words(pointer: str, leaf: Leaf, capabilities: Capabilities) -> str:
    """The whole value in one spelling."""
    whole = canonical(pointer, leaf, capabilities)
    return json.dumps([pointer, sorted(whole) if isinstance(whole, frozenset) else whole])


def _is_digest(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and value.startswith((DIGEST, PLAIN_DIGEST))


def _fits(words: str, digest: str, digests: Digests) -> bool | None:
    if digest.startswith(PLAIN_DIGEST):
        return digest == PLAIN_DIGEST + hashlib.sha256(words.encode()).hexdigest()[:16]
    return digests.fits(words, digest)
