"""What an update carries: the changed fields, the neighbours that it would wipe, the secret that must go along. [pure]

Some vendors replace a part of a webhook as a whole and forget what is left out of it. An update that touches such a
part carries all that stands there: each field as it is wanted or was read, the owner mark, our secret. Where one of
these is not known, the update would wipe it, and so it cannot be sent.

Used by `providers.engine.writes`.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from reconciler.model.secret import Secret
from reconciler.model.webhook import SECRET, Fields
from reconciler.providers.engine.api import Api
from reconciler.providers.engine.extract import within
from reconciler.providers.language.words import Update
from reconciler.providers.protocol import ChangeRequest


class Carried(NamedTuple):
    """What one update's body holds.

    Args:
        fields: the fields to send.
        secret: ours, where it is sent.
        mark: whether the owner mark goes along.
    """

    fields: Fields
    secret: Secret | None = None
    mark: bool = False


def carried(api: Api, request: ChangeRequest, update: Update, share: Collection[str]) -> Carried | None:
    """What `update` carries to change the pointers of its share; None where it would need what is not known."""
    places, asked = _places(api), _asked(update, share)
    replaced = _replaced(update, [places[pointer] for pointer in asked if pointer in places])
    if replaced and request.remote is None:
        return None
    known = request.fields.over(request.remote.fields) if request.remote else request.fields
    pointers = (asked | _neighbours(places, replaced, known)) & places.keys()
    if SECRET in pointers and _secret_is_lacking(api, request, share):
        return None
    mark = api.manifest.mark
    return Carried(
        known.only(sorted(pointers - {SECRET})),
        request.secret if SECRET in pointers else None,
        mark is not None and _lies_in(mark.write, replaced),
    )


def _places(api: Api) -> Mapping[str, str]:
    """Where bodies hold what an update can set, by pointer; the secret among it."""
    lenses = ((pointer, lens) for pointer, lens in api.codec.writable.items() if lens.sets != "create")
    places = {**{pointer: lens.write for pointer, lens in lenses}, SECRET: api.manifest.secret.write}
    return {pointer: place for pointer, place in places.items() if place is not None}


def _asked(update: Update, share: Collection[str]) -> frozenset[str]:
    """The pointers that are sent whatever the vendor does to the rest: the share, and what the manifest adds to it."""
    return frozenset({*share, *update.always, *(more for pointer in share for more in update.resend.get(pointer, ()))})


def _replaced(update: Update, touched: Collection[str]) -> tuple[str, ...]:
    """The parts of the body that the vendor replaces as a whole, once one of these places in them is touched."""
    return tuple(part for part in update.regions if any(within(place, part) for place in touched))


def _neighbours(places: Mapping[str, str], parts: Collection[str], known: Fields) -> frozenset[str]:
    """What would be wiped if it were left out: all that stands in these parts and has a value; the secret may have."""
    there = (pointer for pointer, place in places.items() if _lies_in(place, parts))
    return frozenset(pointer for pointer in there if pointer in known or pointer == SECRET)


def _lies_in(place: str, parts: Collection[str]) -> bool:
    return any(within(place, part) for part in parts)


def _secret_is_lacking(api: Api, request: ChangeRequest, share: Collection[str]) -> bool:
    """Whether ours is not at hand, although it is to change, or the vendor may hold one that would be wiped.

    What was made without a secret has none, unless the vendor is one that may have made one itself.
    """
    unset = request.secret_unset or (request.made_bare and api.capabilities.secret.lifecycle == "supplied")
    return request.secret is None and (SECRET in share or not unset)
