"""Whether two values of one field, or two scopes, mean the same to a vendor: the only place that decides it. [pure]

Asked by `model.diff` (what differs), `matching.index` (what names a webhook, and a place), `config` (whether two do),
`apply.scheduler` (whether two places are one), and `providers.engine` (whether an answer shows what was asked for).
"""

from collections.abc import Iterable

from reconciler.model.capabilities import Capabilities
from reconciler.model.masks import covers, masked
from reconciler.model.urls import canonical_url
from reconciler.model.webhook import DESCRIPTION, EVENTS, STATUS, URL, Leaf, Scope


def same(pointer: str, one: Leaf | None, other: Leaf | None, capabilities: Capabilities) -> bool:
    """Whether two leaves mean the same to the vendor; an empty description is none."""
    if one == other:
        return True
    if one is None or other is None:
        return pointer == DESCRIPTION and not _text(pointer, one or other or "", capabilities)
    return canonical(pointer, one, capabilities) == canonical(pointer, other, capabilities)


def canonical(pointer: str, leaf: Leaf, capabilities: Capabilities) -> Leaf:
    """One spelling for values that mean the same to the vendor: sets of events, URLs, and `false`, `0` and `"0"`.

    A line break at the end of a description is none of its words: YAML's `description: |` puts one there. What a vendor
    writes anew by its manifest's words (trimmed, with other line ends, in small letters, as JSON, as a set) is what it
    makes of it. A normal form is its own, whatever the words are.
    """
    leaf = _text(pointer, capabilities.rewritten.spelled(pointer, leaf), capabilities)
    if pointer == EVENTS and isinstance(leaf, frozenset):
        return capabilities.events.canonical(leaf)
    if pointer == URL and isinstance(leaf, str):
        return canonical_url(leaf)
    if pointer in capabilities.unordered and isinstance(leaf, tuple):
        items = {(_kind(item), item): item for item in leaf}
        return tuple(items[key] for key in sorted(items))
    for field, spelling, meaning in capabilities.synonyms:
        if field == pointer and identical(spelling, leaf):
            return meaning
    return leaf


def canonical_scope(scope: Scope, capabilities: Capabilities) -> Scope:
    """One spelling for scopes that are one place by the vendor's own rules."""
    if not capabilities.caseless:
        return scope
    return tuple((key, value.lower() if key in capabilities.caseless else value) for key, value in scope)


def _text(pointer: str, leaf: Leaf, capabilities: Capabilities) -> Leaf:
    """A text without the white space around it that its vendor takes off."""
    if not isinstance(leaf, str):
        return leaf
    if pointer in capabilities.trimmed:
        return leaf.strip()
    return leaf.rstrip("\r\n") if pointer == DESCRIPTION else leaf


def _kind(item: object) -> str:
    return "truth" if isinstance(item, bool) else "number" if isinstance(item, int | float) else "text"


def hides(pointer: str, shown: Leaf, known: Leaf | None) -> bool:
    """Whether a vendor shows `known`, or whatever it is, behind a mask, so that nobody can compare the two."""
    if shown == known or pointer in (EVENTS, STATUS, DESCRIPTION):
        return False
    if known is None:
        return any(isinstance(text, str) and masked(text) for text in _items(shown))
    return any(_behind(item, known) for item in _items(shown) if item not in _items(known))


def _behind(item: object, known: Leaf) -> bool:
    return isinstance(item, str) and any(isinstance(text, str) and covers(item, text) for text in _items(known))


def _items(leaf: Leaf) -> Iterable[object]:
    return leaf if isinstance(leaf, tuple) else (leaf,)


def identical(one: object, other: object) -> bool:
    """Whether two values are one in JSON: 5 is 5.0, and neither is true or "5"."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)
