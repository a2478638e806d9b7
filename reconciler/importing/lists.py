"""Where a vendor may be left to list the places of a block: they are all that it lists, or all but a few. [pure]

Used by `importing.blocks`; `run.imports` knows what was listed.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from reconciler.importing.types import Found

_FEWEST = 3
"""In so few places as are less, that all have a webhook is chance."""
_SHARE = 20
"""One place may be without the webhook, or one in so many."""


class Places(NamedTuple):
    """One list of a vendor's, as it was had in this run.

    Args:
        what: its name, as the files say it (`repositories`); `fills`: the scope's parameter that its values are.
        given: what it was asked for.
        in_scope: the names among these that the scope of the webhooks says.
        values: each of its values, and the facts that files may choose by.
    """

    provider: str
    what: str
    fills: str
    given: tuple[tuple[str, str], ...]
    in_scope: frozenset[str]
    values: Mapping[str, Mapping[str, Any]]


def lookup_of(places: Places, key: str, found: Found, values: Sequence[str]) -> dict[str, Any] | None:
    """What stands under a key of `for_each` such that it means exactly these values of the list; None for no way.

    Args:
        places: the list.
        key: the scope's parameter that differs.
        found: one of the webhooks.
        values: where they are.
    """
    scope = dict(found.scope)
    if (places.provider, places.fills) != (found.provider, key) or len(values) < _FEWEST:
        return None
    if any(scope.get(name, value) != value for name, value in places.given) or not {*values} <= places.values.keys():
        return None
    filters, left = _filters(places, values)
    if len(left) > max(1, len(places.values) // _SHARE):
        return None
    if any(char in value for value in (*values, *left) for char in "*?[]$"):
        return None
    given = {name: value for name, value in places.given if name not in places.in_scope}
    return {"discover": places.what, **given, **filters, **({"except": left} if left else {})}


def _filters(places: Places, values: Sequence[str]) -> tuple[dict[str, bool], list[str]]:
    """What none of the places with the webhook is, and most of the others are (`archived`), and who is still left."""
    wanted = {*values}
    left = sorted(places.values.keys() - wanted)
    chosen: dict[str, bool] = {}
    names = sorted({name for facts in places.values.values() for name in facts})
    for name in names:
        told = {value: facts.get(name) for value, facts in places.values.items()}
        if not all(isinstance(each, bool) for each in told.values()) or any(told[value] for value in wanted):
            continue
        still = [value for value in left if not told[value]]
        if len(still) < len(left):
            chosen, left = {**chosen, name: False}, still
    return chosen, left
