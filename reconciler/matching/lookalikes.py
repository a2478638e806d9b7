"""Who may have the very same remote webhook, whatever its place is called. [pure]

Used by `matching.match`. One place may have several names: other letters, a number beside a path, two host names of one
server. So two entries with one id are not two webhooks because their places are spelled in two ways; nor are they one
because of it, for many vendors count ids by account. What names a webhook tells them apart: its id, its natural key and
its time of creation. Where these do not, nothing is deleted.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from reconciler.matching.index import Index, key_of, key_of_place
from reconciler.matching.types import Matched
from reconciler.model.diff import record
from reconciler.model.webhook import Address, Capabilities, Fields, Remote


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
    sights = _by_id(_sights(wanted, orphans, index))
    return (
        {name: _compared(name, found, index.desired[name].address, sights, index) for name, found in wanted.items()},
        {
            name: _compared(name, found, found.entry.address, sights, index) if found.entry else found
            for name, found in orphans.items()
        },
    )


_Sights = Mapping[tuple[str, str], list[Sight]]
"""By vendor and remote id."""


def _by_id(sights: Iterable[Sight]) -> _Sights:
    found: dict[tuple[str, str], list[Sight]] = defaultdict(list)
    for sight in sights:
        found[sight.address.type, sight.remote_id].append(sight)
    return found


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


def _alike(name: str, address: Address, remote: Remote, sights: _Sights, index: Index) -> tuple[str, ...]:
    others = [each for each in sights.get((address.type, remote.remote_id), ()) if each.owner != name]
    capabilities = index.capabilities_of.get(address.provider)
    if not others or capabilities is None:
        return ()
    own = _seen(name, address, remote, index)
    return tuple(sorted({other.owner for other in others if may_be_one(own, other, capabilities)}))
