"""Whether two values of one field mean the same to a vendor: the only place that decides it. [pure]

Asked by `model.diff` (what differs), `matching.index` (what names a webhook), `config` (whether two do), and
`providers.engine` (whether an answer shows what was asked for).
"""

from reconciler.model.urls import canonical_url
from reconciler.model.webhook import DESCRIPTION, EVENTS, URL, Capabilities, Leaf


def same(pointer: str, one: Leaf | None, other: Leaf | None, capabilities: Capabilities) -> bool:
    """Whether two leaves mean the same to the vendor; an empty description is none."""
    if one == other:
        return True
    if one is None or other is None:
        return pointer == DESCRIPTION and not one and not other
    return canonical(pointer, one, capabilities) == canonical(pointer, other, capabilities)


def canonical(pointer: str, leaf: Leaf, capabilities: Capabilities) -> Leaf:
    """One spelling for values that mean the same to the vendor: sets of events, URLs, and `false`, `0` and `"0"`."""
    if pointer == EVENTS and isinstance(leaf, frozenset):
        return capabilities.events.canonical(leaf)
    if pointer == URL and isinstance(leaf, str):
        return canonical_url(leaf)
    for field, spelling, meaning in capabilities.synonyms:
        if field == pointer and identical(spelling, leaf):
            return meaning
    return leaf


def identical(one: object, other: object) -> bool:
    """Whether two values are one in JSON: 5 is 5.0, and neither is true or "5"."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)
