"""Who may have the very same remote webhook, whatever its place is called. [pure]

Used by `matching.match`. One place may have several names: other letters, a number beside a path, two host names of one
server. So two entries with one id are not two webhooks because their places are spelled in two ways; nor are they one
because of it, for many vendors count ids by account. What names a webhook tells them apart: its id, its natural key and
its time of creation. Where these do not, nothing is deleted. A key that the file declares tells nobody apart here: its
fields may be changed at any time.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from reconciler.matching.index import Index, key_of_place
from reconciler.matching.types import Alike, Matched
from reconciler.model.capabilities import Capabilities
from reconciler.model.diff import record
from reconciler.model.identity import Key, key_of
from reconciler.model.webhook import Address, Fields, Remote

Known = TypeVar("Known")
Kept = TypeVar("Kept")


class Sight(NamedTuple):
    """A remote webhook as a webhook of ours knows it.

    Args:
        owner: the name in the file, or in the lock where the file no longer has it.
        address: where it is kept, in the words of whoever keeps it.
        fields: as the lock shows them.
        created_at: None where it was not read.
        place: what its vendor says that its place is; None where it was not asked.
    """

    owner: str
    address: Address
    remote_id: str
    fields: Fields
    created_at: str | None = None
    place: str | None = None


def may_be_one(one: Sight, other: Sight, capabilities: Capabilities) -> bool:
    """Whether two sights may be of one remote webhook; what is not known of one of them tells nothing apart.

    type, id   place     natural key   created at   may be one
    --------   -------   -----------   ----------   ----------
    differ     any       any           any          no
    equal      differ    any           any          no           within one account: its vendor was asked
    equal      other     differ        any          no           ids are counted by account or place
    equal      other     other         differ       no
    equal      other     other         other        yes
    """
    if (one.address.type, one.remote_id) != (other.address.type, other.remote_id):
        return False
    if one.address.account == other.address.account and _differ(one.place, other.place):
        return False
    keys = key_of(one.fields, capabilities), key_of(other.fields, capabilities)
    return not _differ(*keys) and not _differ(one.created_at, other.created_at)


def _differ(one: object, other: object) -> bool:
    return one is not None and other is not None and one != other


def marked(
    wanted: Mapping[str, Matched], orphans: Mapping[str, Matched], index: Index
) -> tuple[dict[str, Matched], dict[str, Matched]]:
    """Both, where each knows who else may have its remote webhook; what is left of a replacement is then left alone."""
    sights = _Sights(_sights(wanted, orphans, index))
    return (
        {name: _compared(name, found, index.desired[name].address, sights, index) for name, found in wanted.items()},
        {
            name: _compared(name, found, found.entry.address, sights, index) if found.entry else found
            for name, found in orphans.items()
        },
    )


class _Cell:
    """Who has a sight with one key and one time of creation: in one block, and by account and place."""

    def __init__(self, sights: Iterable[Sight]) -> None:
        self._owners: dict[str, dict[str | None, set[str]]] = defaultdict(lambda: defaultdict(set))
        for sight in sights:
            self._owners[sight.address.account][sight.place].add(sight.owner)
        everyone = (owners for places in self._owners.values() for owners in places.values())
        self._whole = tuple(sorted(set().union(*everyone)))
        self._placed = any(place is not None for places in self._owners.values() for place in places)
        self._blocks: dict[tuple[str, str], tuple[str, ...]] = {}

    def block(self, account: str, place: str | None) -> tuple[str, ...]:
        """All but those of which the vendor says that they are at another place of the account."""
        if place is None or not self._placed:
            return self._whole
        if (account, place) not in self._blocks:
            here = self._owners.get(account, {})
            at = (here.get(place, ()), here.get(None, ()))
            elsewhere = (who for key, places in self._owners.items() if key != account for who in places.values())
            self._blocks[account, place] = tuple(sorted(set[str]().union(*at, *elsewhere)))
        return self._blocks[account, place]


_Cells = Mapping[Key | None, Mapping[str | None, _Cell]]
"""By natural key and time of creation."""


class _Sights:
    """All sights, in cells of what cannot be told apart: they are compared cell by cell, however many there are."""

    def __init__(self, sights: Iterable[Sight]) -> None:
        self._by_id: dict[tuple[str, str], list[Sight]] = defaultdict(list)
        for sight in sights:
            self._by_id[sight.address.type, sight.remote_id].append(sight)
        self._cells: dict[tuple[str, str, Capabilities], _Cells] = {}

    def alike(self, own: Sight, capabilities: Capabilities) -> Alike:
        """Those that may be of the same remote webhook as `own`, as `may_be_one` says; none where only its owner is."""
        there = self._by_id.get((own.address.type, own.remote_id), ())
        if all(each.owner == own.owner for each in there):
            return ()
        cells, key = self._celled(own, there, capabilities), key_of(own.fields, capabilities)
        blocks = [
            cell.block(own.address.account, own.place)
            for by_time in _fitting(key, cells)
            for cell in _fitting(own.created_at, by_time)
        ]
        found = tuple(block for block in blocks if block)
        return found if any(block != (own.owner,) for block in found) else ()

    def _celled(self, own: Sight, there: Sequence[Sight], capabilities: Capabilities) -> _Cells:
        which = (own.address.type, own.remote_id, capabilities)
        if which not in self._cells:
            sights: dict[Key | None, dict[str | None, list[Sight]]] = defaultdict(lambda: defaultdict(list))
            for each in there:
                sights[key_of(each.fields, capabilities)][each.created_at].append(each)
            self._cells[which] = {
                key: {at: _Cell(alike) for at, alike in by_time.items()} for key, by_time in sights.items()
            }
        return self._cells[which]


def _fitting(known: Known | None, cells: Mapping[Known | None, Kept]) -> Iterable[Kept]:
    """Those that do not differ from what is known; what is not known of one of them tells nothing apart."""
    if known is None:
        return cells.values()
    return [cells[each] for each in (known, None) if each in cells]


def _sights(wanted: Mapping[str, Matched], orphans: Mapping[str, Matched], index: Index) -> Iterator[Sight]:
    """What each of ours has by what was read, and by the lock; a tombstone has nothing any more."""
    heirs = {found.entry_name: name for name, found in wanted.items() if found.entry_name is not None}
    for name, found in wanted.items():
        if found.remote is not None:
            yield _seen(name, index.desired[name].address, found.remote, index)
    for name, found in orphans.items():
        if found.remote is not None and found.entry is not None:
            yield _seen(name, found.entry.address, found.remote, index)
    for name, entry in index.lock.entries.items():
        if not entry.retired and entry.remote_id is not None:
            place = _place(entry.address, index)
            yield Sight(heirs.get(name, name), entry.address, entry.remote_id, entry.applied, place=place)


def _seen(owner: str, address: Address, remote: Remote, index: Index) -> Sight:
    place = _place(address, index)
    return Sight(owner, address, remote.remote_id, record(remote.fields), remote.created_at, place)


def _place(address: Address, index: Index) -> str | None:
    capabilities = index.capabilities_of.get(address.provider) if index.identities else None
    return index.identities.get(key_of_place(address, capabilities)) if capabilities is not None else None


def _compared(name: str, found: Matched, address: Address, sights: _Sights, index: Index) -> Matched:
    """A webhook that knows its look-alikes."""
    if found.remote is not None:
        found = found._replace(alike=_alike(name, address, found.remote, sights, index))
    if found.superseded is not None and _alike(name, address, found.superseded, sights, index):
        return found._replace(superseded=None)
    return found


def _alike(name: str, address: Address, remote: Remote, sights: _Sights, index: Index) -> Alike:
    capabilities = index.capabilities_of.get(address.provider)
    return sights.alike(_seen(name, address, remote, index), capabilities) if capabilities is not None else ()
