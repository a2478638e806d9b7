"""What no webhook of ours has at the vendors, and what is worth a look. [pure]

Used by `matching.match` and `matching.unwanted`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from reconciler.codes import Code
from reconciler.matching.index import Index, Place, place_of
from reconciler.matching.types import Matched
from reconciler.model.action import Finding, Unmanaged
from reconciler.model.identity import Declared, Key, key_of_remote
from reconciler.model.secret import shown_url
from reconciler.model.webhook import Ground, Remote

_Holders = Mapping[Ground, Mapping[str, str]]
"""Names of ours by remote id, on each ground: two provider entries may look at one repository."""


class _Held(NamedTuple):
    """A webhook of ours has a remote one; `passed`: so has another, which it belongs to by now."""

    name: str
    place: Place
    remote: Remote
    passed: bool = False


def leftovers(
    wanted: Mapping[str, Matched], orphans: Mapping[str, Matched], index: Index
) -> tuple[tuple[Unmanaged, ...], tuple[Finding, ...]]:
    """The remotes that nobody has, and what is worth a look."""
    held = [*_held(wanted, orphans, index)]
    holders = _holders(held, index)
    strangers = [*_strangers(holders, index)]
    unmanaged = [Unmanaged(*place, remote.remote_id, shown_url(remote.fields.url)) for place, remote in strangers]
    findings = [*_switched_off(held), *_twins(strangers, holders, index)]
    return tuple(sorted(unmanaged)), tuple(sorted(findings, key=_by_name))


def strangers_of(
    wanted: Mapping[str, Matched], orphans: Mapping[str, Matched], index: Index
) -> list[tuple[Place, Remote]]:
    """The remotes that nobody has, each with a place where it was seen."""
    return [*_strangers(_holders(_held(wanted, orphans, index), index), index)]


def _held(wanted: Mapping[str, Matched], orphans: Mapping[str, Matched], index: Index) -> Iterator[_Held]:
    for name, found in wanted.items():
        if found.remote is not None:
            yield _Held(name, place_of(index.desired[name].address), found.remote)
    for name, found in orphans.items():
        if found.remote is not None and found.entry is not None:
            yield _Held(name, place_of(found.entry.address), found.remote, found.taken_by is not None)


def _holders(held: Iterable[_Held], index: Index) -> _Holders:
    holders: dict[Ground, dict[str, str]] = defaultdict(dict)
    for name, place, remote, _ in held:
        holders[index.readings[place].address.ground][remote.remote_id] = name
    # A tombstone's remote is nobody's business any more, but it is no stranger.
    for name, entry in index.lock.entries.items():
        for remote_id in filter(None, (entry.remote_id, *entry.leaving)):
            holders[entry.address.ground].setdefault(remote_id, name)
    return holders


def _strangers(holders: _Holders, index: Index) -> Iterator[tuple[Place, Remote]]:
    """What nobody has, each once, however many provider entries look at it."""
    told: set[tuple[Ground, str]] = set()
    for place, reading in index.readings.items():
        ground = reading.address.ground
        mine = holders.get(ground, {})
        for remote in reading.observation.remotes:
            known = remote.remote_id in mine or remote.remote_id in reading.owners
            if not known and (ground, remote.remote_id) not in told:
                told.add((ground, remote.remote_id))
                yield place, remote


def _switched_off(held: Iterable[_Held]) -> Iterator[Finding]:
    for name, place, remote, passed in held:
        if remote.note and not passed:
            summary = f"the vendor switched {name} off: {remote.note}"
            yield Finding("vendor_disabled", summary, *place, remote.remote_id, name, code=Code.VENDOR_DISABLED)


def _twins(strangers: Iterable[tuple[Place, Remote]], holders: _Holders, index: Index) -> Iterator[Finding]:
    """Strangers that have the key of a webhook of ours: the one that it declares, else the natural one."""
    first: dict[tuple[Place, Declared, Key], str | None] = {}  # by key, for any number of strangers may have one
    for place, remote in strangers:
        reading = index.readings[place]
        found: list[str] = []
        for declared in ((), *reading.declared):
            key = key_of_remote(remote, reading.capabilities, declared) or ()
            if (place, declared, key) not in first:
                mine = holders.get(reading.address.ground, {})
                alike = filter(None, (mine.get(other.remote_id) for other in reading.by_key.get(key, ())))
                theirs = (name for name in alike if _declares(name, index) == declared)
                first[place, declared, key] = min(theirs, default=None)
            found += filter(None, [first[place, declared, key]])
        for name in sorted(found)[:1]:
            summary = f"{remote.remote_id} is a second remote webhook like {name}"
            yield Finding("duplicate", summary, *place, remote.remote_id, name, code=Code.DUPLICATE)


def _declares(name: str, index: Index) -> Declared:
    webhook = index.desired.get(name)
    return webhook.key if webhook is not None else ()


def _by_name(finding: Finding) -> tuple[object, ...]:
    return finding.provider, finding.scope, finding.name or "", finding.kind, finding.remote_id or ""
