"""Comparing fields: what differs, who moved, and what the lock would have to say. [pure]

Used by `matching` (what names a webhook), `planning` (differences, digests), `apply` (what to record) and `run.drift`.

Desired and observed fields hold real URLs; applied fields hold shown ones (`secret.shown_url`). So real is compared
with real, and shown(real) with applied; everything that leaves this module is shown.
"""

import hashlib
import json
import re
from collections.abc import Sequence

from reconciler.model.action import Cause, FieldChange, Shown
from reconciler.model.capabilities import Capabilities
from reconciler.model.equality import hides, same
from reconciler.model.hidden import Hidden, kept_leaf, short
from reconciler.model.secret import shown_url
from reconciler.model.urls import is_url
from reconciler.model.webhook import EVENTS, OPTIONS, URL, Fields, Leaf, Part, Remote

_ADDRESS = re.compile(r"https?://[^\s\"\\]+", re.IGNORECASE)


def diff(
    desired: Fields,
    observed: Fields | None,
    applied: Fields | None,
    capabilities: Capabilities,
    asked: Fields = Fields(),  # noqa: B008 - a frozen value
) -> tuple[FieldChange, ...]:
    """The differences of the desired fields, by path; fields that nobody desires are no difference.

    Args:
        desired: what the file wants.
        observed: what was read, or None where nothing could be; then, and for unreadable pointers, the lock stands in.
        applied: what the lock says, or None where it says nothing.
        capabilities: names the unreadable pointers and the events' synonyms.
        asked: what was asked for when it was applied, and the vendor did not take.
    """
    changes = []
    for pointer, want in desired.items():
        if observed is not None and is_visible(pointer, observed, want, capabilities):
            have = observed.get(pointer)
            if have == want or same(pointer, want, have, capabilities):
                continue
            cause = _cause(pointer, want, have, applied, capabilities)
            kept = applied is not None and _kept(pointer, want, have, applied, asked, capabilities)
        else:
            have = None if applied is None else applied.get(pointer)
            if _recorded(pointer, want, have, capabilities):
                continue
            cause, kept = Cause.NEW if have is None else Cause.CONFIG, False
        cause = Cause.NEW if kept else cause
        changes.append(FieldChange(pointer, shown(pointer, have), shown(pointer, want), cause, kept))
    return tuple(sorted(changes, key=_path))


def missing(desired: Fields, applied: Fields | None, capabilities: Capabilities) -> tuple[FieldChange, ...]:
    """The differences of a webhook that is not there: all its fields; those once applied went by someone's hand."""
    return tuple(
        FieldChange(pointer, None, shown(pointer, want), _cause(pointer, want, None, applied, capabilities))
        for pointer, want in sorted(desired.items(), key=_pointer)
    )


def drift(observed: Fields, applied: Fields, capabilities: Capabilities) -> tuple[FieldChange, ...]:
    """What changed at the vendor since it was applied: `before` is what was applied, `after` what is there now."""
    return tuple(
        FieldChange(pointer, shown(pointer, applied[pointer]), shown(pointer, observed.get(pointer)), Cause.DRIFT)
        for pointer in sorted(applied)
        if is_visible(pointer, observed, applied[pointer], capabilities)
        and not _recorded(pointer, observed.get(pointer), applied[pointer], capabilities)
    )


def is_visible(pointer: str, observed: Fields, known: Leaf | None, capabilities: Capabilities) -> bool:
    """Whether a read lets a field be compared with `known`: it shows it, and not behind a mask, or would show it."""
    if pointer in observed:
        return not hides(pointer, observed[pointer], known)
    return pointer not in capabilities.unreadable


def visible(fields: Fields, observed: Fields, capabilities: Capabilities) -> Fields:
    """The fields that a read lets be compared."""
    return fields.only(pointer for pointer, leaf in fields.items() if is_visible(pointer, observed, leaf, capabilities))


def unmasked(shown: Fields, known: Fields) -> Fields:
    """What a vendor shows, without masks in the place of what is known: they are no values that could be recorded."""
    masks = {pointer for pointer, leaf in shown.items() if pointer in known and hides(pointer, leaf, known[pointer])}
    return shown.only(pointer for pointer in shown if pointer not in masks) if masks else shown


def unrecorded(desired: Fields, applied: Fields, capabilities: Capabilities) -> tuple[str, ...]:
    """The desired pointers of which the lock says something else, or nothing."""
    news = [
        pointer for pointer, want in desired.items() if not _recorded(pointer, want, applied.get(pointer), capabilities)
    ]
    return tuple(sorted(news))


def record(fields: Fields) -> Fields:
    """The fields as the lock holds them: the hidden parts of URLs stand as fingerprints."""
    return Fields({pointer: _shown_leaf(pointer, leaf) for pointer, leaf in fields.items()})


def displayed(fields: Fields) -> Fields:
    """The fields as they may be shown: as the lock holds them, with each fingerprint in short."""
    return Fields(
        (pointer, leaf if isinstance(leaf, frozenset) else _short(leaf)) for pointer, leaf in record(fields).items()
    )


def in_force(observed: Fields, left_over: Sequence[Part], wanted: frozenset[str]) -> Fields:
    """The observed fields without the events of parts that were dropped and stay at the vendor, unless wanted again."""
    stuck = {part.key for part in left_over} - wanted if left_over else None
    if not stuck or EVENTS not in observed:
        return observed
    return Fields({EVENTS: observed.events - stuck}).over(observed)


def shown(pointer: str, leaf: Leaf | None) -> Shown:
    """A leaf as plans show it: sets as sorted tuples, URLs without their hidden parts, and these in short."""
    if isinstance(leaf, frozenset):
        return tuple(sorted(leaf))
    return None if leaf is None else _short(_shown_leaf(pointer, leaf))  # type: ignore[return-value]  # sets are gone


def digest(remote: Remote) -> str:
    """`sha256:…` of everything about a remote webhook whose change makes a saved plan stale."""
    seen = {
        "fields": {pointer: shown(pointer, leaf) for pointer, leaf in remote.fields.items()},
        "mask": remote.mask,
        "has_secret": remote.has_secret,
        "parts": sorted((part.key, part.remote_id or "", part.url or "") for part in remote.parts),
        **({"secrets": {which: [echo.mask, echo.has] for which, echo in remote.secrets}} if remote.secrets else {}),
    }
    text = json.dumps(seen, sort_keys=True, separators=(",", ":"), default=str)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _cause(pointer: str, want: Leaf, have: Leaf | None, applied: Fields | None, capabilities: Capabilities) -> Cause:
    if applied is None or pointer not in applied:
        return Cause.NEW
    if _recorded(pointer, want, applied[pointer], capabilities):
        return Cause.DRIFT
    return Cause.CONFIG if _recorded(pointer, have, applied[pointer], capabilities) else Cause.CONFLICT


def _kept(
    pointer: str, want: Leaf, have: Leaf | None, applied: Fields, asked: Fields, capabilities: Capabilities
) -> bool:
    """Whether neither side moved: this was asked for, and the vendor has what it kept then."""
    asked_before = pointer in asked and _recorded(pointer, want, asked[pointer], capabilities)
    return asked_before and _recorded(pointer, have, applied.get(pointer), capabilities)


def _recorded(pointer: str, real: Leaf | None, applied: Leaf | None, capabilities: Capabilities) -> bool:
    if real == applied:
        return True
    if real is None or applied is None:
        return same(pointer, real, applied, capabilities)
    return same(pointer, _shown_leaf(pointer, real), _shown_leaf(pointer, applied), capabilities)


def _short(leaf: Leaf) -> Leaf:
    if isinstance(leaf, tuple):
        return tuple(short(item) if isinstance(item, str) else item for item in leaf)
    return short(leaf) if isinstance(leaf, str) else leaf


def _shown_leaf(pointer: str, leaf: Leaf) -> Leaf:
    # An option may be a URL too, or several; a description is prose, but one that is a URL is hidden alike.
    if isinstance(leaf, Hidden):
        return leaf.kept
    if isinstance(leaf, str):
        if pointer.startswith(OPTIONS) and leaf[:1] in ("{", "["):  # a map as one text, with addresses in it
            return _ADDRESS.sub(lambda found: shown_url(found[0]), leaf)
        return shown_url(leaf) if pointer == URL or is_url(leaf) else leaf
    if isinstance(leaf, tuple):
        items = tuple(map(kept_leaf, leaf))
        return tuple(shown_url(item) if isinstance(item, str) and is_url(item) else item for item in items)
    return leaf


def _path(change: FieldChange) -> str:
    return change.path


def _pointer(field: tuple[str, Leaf]) -> str:
    return field[0]
