"""What an update carries: the changed fields, the neighbours that it would wipe, the secret that must go along. [pure]

Some vendors replace a part of a webhook as a whole and forget what is left out of it. An update that touches such a
part carries all that stands there: each field as it is wanted or was read, the owner mark, our secret. Where one of
these is not known, the update would wipe it, and so it cannot be sent.

Used by `providers.engine.writes`.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from reconciler.model.further import remote_of, which_of
from reconciler.model.webhook import Fields, Remote
from reconciler.providers.engine.api import Api
from reconciler.providers.engine.extract import veiled, within, without
from reconciler.providers.engine.spoilt import Spoilt, spoilt_fields, spoilt_places
from reconciler.providers.language.words import Update
from reconciler.providers.protocol import ChangeRequest, Tree


class Carried(NamedTuple):
    """What one update's body holds.

    Args:
        fields: the fields to send.
        secrets: the pointers of those of ours that are sent.
        mark: whether the owner mark goes along.
        base: what all of that is written over: the object as it was read, where the update sends it whole.
        replaced: the parts of the body that the vendor replaces as a whole.
    """

    fields: Fields
    secrets: tuple[str, ...] = ()
    mark: bool = False
    base: Tree = None
    replaced: tuple[str, ...] = ()


def carried(api: Api, request: ChangeRequest, update: Update, share: Collection[str]) -> Carried | None:
    """What `update` carries to change the pointers of its share; None where it would need what is not known."""
    places, asked = _places(api), _asked(update, share)
    replaced = _replaced(update, places, asked)
    if (replaced and not _is_known(update, request.remote)) or obstacles(api, request, update, share):
        return None
    left_out = {places.get(each.place, each.place) for each in _spoilt(api, request, update, share)}
    known = request.fields.over(request.remote.fields) if request.remote else request.fields
    neighbours = _neighbours(update, places, replaced, _unsent(api, request) if update.body == "merge" else {*known})
    pointers = (asked | neighbours | _wiped(api, update)) & places.keys()
    pointers = frozenset(pointer for pointer in pointers if places[pointer] not in left_out)
    secrets = frozenset(api.manifest.secret_words())
    ours = frozenset(pointer for pointer in secrets if not _goes_back(update, request, share, pointer))
    if any(is_lacking(api, request, share, pointer) for pointer in pointers & ours):
        return None
    left_out |= {places.get(pointer, "") for pointer in ours}
    return Carried(
        known.only(sorted(pointers - secrets)),
        _at_hand(request, pointers & secrets),
        _has_its_mark(api, replaced),
        _base(update, request.remote, left_out),
        replaced,
    )


def _at_hand(request: ChangeRequest, pointers: Collection[str]) -> tuple[str, ...]:
    """Those of these secrets that can be sent, in one order."""
    return tuple(sorted(pointer for pointer in pointers if request.ours(pointer).value is not None))


def _has_its_mark(api: Api, replaced: Collection[str]) -> bool:
    return api.manifest.mark is not None and _lies_in(api.manifest.mark.write, replaced)


def obstacles(api: Api, request: ChangeRequest, update: Update, share: Collection[str]) -> tuple[Spoilt, ...]:
    """What `update` would have to send back although it must not, and the vendor does not keep if it is left out."""
    places = _places(api)
    found = _spoilt(api, request, update, share)
    return tuple(each for each in found if not _lies_in(places.get(each.place, each.place), update.keeps))


def _spoilt(api: Api, request: ChangeRequest, update: Update, share: Collection[str]) -> tuple[Spoilt, ...]:
    """What stands in the parts that are replaced, is not what the file says, and is no value to send."""
    remote, places, asked = request.remote, _places(api), _asked(update, share)
    replaced = _replaced(update, places, asked)
    if remote is None:
        return ()
    secrets = api.manifest.secret_words()
    ours = asked & {*request.fields, *secrets}
    written = ours | (_unsent(api, request) if update.body == "merge" else request.fields.keys())
    there = {pointer for pointer, place in places.items() if _lies_in(place, replaced) and place not in update.drop}
    there |= asked & places.keys()
    as_read = remote.fields.only(pointer for pointer in remote.fields if pointer in there and pointer not in written)
    looked_at = {places[pointer] for pointer in (*written, *as_read, *secrets) if pointer in places}
    found = (*spoilt_fields(api.codec, as_read), *spoilt_places(_base(update, remote, ()), looked_at))
    return tuple(dict.fromkeys(found))


def _goes_back(update: Update, request: ChangeRequest, share: Collection[str], pointer: str) -> bool:
    """Whether a secret is sent back as it was read: the vendor shows it, and there is none of ours to send."""
    remote = remote_of(request.remote, which_of(pointer) or "") if request.remote is not None else None
    shown = remote is not None and remote.secret is not None
    return update.body == "merge" and shown and request.ours(pointer).value is None and pointer not in share


def _is_known(update: Update, remote: Remote | None) -> bool:
    """Whether enough was read to send a whole part again."""
    return remote is not None and (update.body != "merge" or remote.as_read is not None)


def _base(update: Update, remote: Remote | None, left_out: Collection[str]) -> Tree:
    """The object as it was read, without what is not to be sent; None where the update sends only fields."""
    if update.body != "merge" or remote is None or remote.as_read is None:
        return None
    base: Tree = veiled(without(remote.as_read.tree, {*update.drop, *left_out}), frozenset(remote.as_read.secrets))
    return base


def _places(api: Api) -> Mapping[str, str]:
    """Where bodies hold what an update can set, by pointer; the secrets among it."""
    lenses = ((pointer, lens) for pointer, lens in api.codec.writable.items() if lens.sets != "create")
    secrets = {pointer: words.write for pointer, words in api.manifest.secret_words().items()}
    places = {**{pointer: lens.write for pointer, lens in lenses}, **secrets}
    return {pointer: place for pointer, place in places.items() if place is not None}


def _asked(update: Update, share: Collection[str]) -> frozenset[str]:
    """The pointers that are sent whatever the vendor does to the rest: the share, and what the manifest adds to it."""
    return frozenset({*share, *update.always, *(more for pointer in share for more in update.resend.get(pointer, ()))})


def _replaced(update: Update, places: Mapping[str, str], asked: Collection[str]) -> tuple[str, ...]:
    """The parts of the body that the vendor replaces as a whole, once a place in them is touched."""
    touched = [places[pointer] for pointer in asked if pointer in places]
    return tuple(part for part in update.regions if any(within(place, part) for place in touched))


def _neighbours(
    update: Update, places: Mapping[str, str], parts: Collection[str], known: Collection[str]
) -> frozenset[str]:
    """What would be wiped if it were left out: all that stands in these parts and has a value; secrets may have.

    Args:
        known: the fields with a value that what goes back as it was read does not hold.
    """
    there = [pointer for pointer, place in places.items() if _lies_in(place, parts)]
    secrets = {p for p in there if which_of(p) is not None and not _lies_in(places[p], update.keeps)}
    return frozenset({*secrets, *(each for each in there if each in known)})


def _wiped(api: Api, update: Update) -> frozenset[str]:
    """The secrets that the vendor drops from what an update leaves out, where nothing says which parts that means.

    Where `whole` names the parts, these decide; an update that cannot set a secret does not take it away either.
    """
    if update.regions:
        return frozenset()
    words = api.manifest.secret_words().items()
    wiped = (pointer for pointer, each in words if each.wiped_if_omitted and _is_touched(update, each.write))
    return frozenset(pointer for pointer in wiped if update.covers is None or pointer in update.covers)


def _is_touched(update: Update, write: str | None) -> bool:
    return write is not None and not _lies_in(write, update.keeps)


def _unsent(api: Api, request: ChangeRequest) -> frozenset[str]:
    """The fields of the file in whose place a read shows a mask, or a word of the vendor's own: the file's goes along.

    A mask is compared with nothing, so such a field is not among the changes.
    """
    shown = request.remote.fields.only(request.fields) if request.remote is not None else Fields()
    return frozenset(each.place for each in spoilt_fields(api.codec, shown))


def _lies_in(place: str, parts: Collection[str]) -> bool:
    return any(within(place, part) for part in parts)


def is_lacking(api: Api, request: ChangeRequest, share: Collection[str], pointer: str) -> bool:
    """Whether ours is not at hand, although it is to change, or the vendor may hold one that would be wiped.

    What was made without a secret has none, unless the vendor is one that may have made one itself.
    """
    ours, words = request.ours(pointer), api.manifest.secret_words()[pointer]
    unset = ours.unset or (ours.made_bare and words.lifecycle == "supplied")
    return ours.value is None and (pointer in share or not unset)
