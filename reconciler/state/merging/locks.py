"""Three locks -> the merged one, and what conflicts. [pure] Used by `cli.state_merge`.

A webhook is followed through the three by its name, and by its id where a side renamed it.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping
from typing import NamedTuple

from reconciler.model.further import records_of
from reconciler.model.webhook import Entry, SecretRecord
from reconciler.state.lock import Lock
from reconciler.state.merging.webhook import Clash, Version, core, did, settled


class Conflict(NamedTuple):
    """What nobody but the user can decide: `name` as it was, and a sentence that says what both sides did."""

    name: str
    said: str


class Merged(NamedTuple):
    """The result of a merge.

    Args:
        ours: what is settled, and of what conflicts our side; without conflicts, the merged lock.
        theirs: the same with their side.
        conflicts: sorted by name.
    """

    ours: Lock
    theirs: Lock
    conflicts: tuple[Conflict, ...] = ()


class _Track(NamedTuple):
    """One webhook in three locks, as far as each has it."""

    base: Version | None
    ours: Version | None
    theirs: Version | None

    @property
    def name(self) -> str:
        known = self.base or self.ours or self.theirs
        return known.name if known is not None else ""

    @property
    def outcome(self) -> Version | Clash | None:
        """What is left of it: under which name, and what."""
        entry = settled(*(version and version.entry for version in self))
        names = {version.name for version in (self.ours, self.theirs) if version is not None}
        new = names - {self.base.name} if self.base is not None else names
        if isinstance(entry, Clash) or len(new) > 1:
            return Clash()
        if entry is None:  # a new name is a change, and no removal may undo one in silence
            return Clash() if new else None
        return Version((new or names).pop(), entry)

    @property
    def claims(self) -> frozenset[Hashable]:
        """Whatever it may come to have, while nobody has decided."""
        return _claims(self.ours) | _claims(self.theirs)

    @property
    def said(self) -> str:
        return f"{self.name}: ours {did(self.base, self.ours)}, theirs {did(self.base, self.theirs)}"


def merged(base: Lock, ours: Lock, theirs: Lock) -> Merged:
    """The merge of two locks that `base` became. Open intents are no part of a lock's file, and are not looked at."""
    tracks = _tracks(base, ours, theirs)
    outcomes, conflicts = _decided(tracks)
    kept = [outcome for outcome in outcomes if isinstance(outcome, Version)]
    open_ = [track for track, outcome in zip(tracks, outcomes, strict=True) if isinstance(outcome, Clash)]
    sinks, unsure = _sinks(base, ours, theirs)
    conflicts += [Conflict(sink, f"{sink}: both sides noted another secret there") for sink in sorted(unsure)]
    mine = _lock(kept, [track.ours for track in open_], {**sinks, **{sink: ours.sinks[sink] for sink in unsure}})
    yours = _lock(kept, [track.theirs for track in open_], {**sinks, **{sink: theirs.sinks[sink] for sink in unsure}})
    stated = [side.sinks.keys() & _places(side.entries) for side in (ours, theirs)]
    return Merged(_tidy(mine, *stated), _tidy(yours, *stated), tuple(sorted(conflicts)))


def _decided(tracks: list[_Track]) -> tuple[list[Version | Clash | None], list[Conflict]]:
    """What becomes of each webhook, with what cannot be decided."""
    outcomes = [track.outcome for track in tracks]
    reasons = {number: "" for number, outcome in enumerate(outcomes) if isinstance(outcome, Clash)}
    while found := _collisions(tracks, outcomes) or _lost(tracks, outcomes):
        reasons.update(found)
        for number in found:
            outcomes[number] = Clash()
    return outcomes, [Conflict(tracks[number].name, tracks[number].said + why) for number, why in reasons.items()]


def _lock(kept: list[Version], side: list[Version | None], sinks: Mapping[str, SecretRecord]) -> Lock:
    versions = [*kept, *(version for version in side if version is not None)]
    return Lock({version.name: version.entry for version in versions}, sinks=sinks)


def _tidy(lock: Lock, *stated: Collection[str | None]) -> Lock:
    """The lock without what is remembered of sinks that a webhook of it uses now, unless a side `stated` both."""
    used = _places(lock.entries).difference(*stated)
    return lock._replace(sinks={sink: record for sink, record in lock.sinks.items() if sink not in used})


def _places(entries: Mapping[str, Entry]) -> set[str | None]:
    return {record.stored for entry in entries.values() for record in records_of(entry).values()}


def _tracks(base: Lock, ours: Lock, theirs: Lock) -> list[_Track]:
    """Every webhook once; what a side has under another name than before is still the same one."""
    sides = [(side.entries, _renamed(base.entries, side.entries)) for side in (ours, theirs)]
    tracks = [
        _Track(Version(name, entry), *(_version(entries, now.get(name, name)) for entries, now in sides))
        for name, entry in base.entries.items()
    ]
    known = [{*base.entries, *now.values()} for _, now in sides]
    new = sorted({name for (entries, _), old in zip(sides, known, strict=True) for name in entries if name not in old})
    for name in new:
        found = (
            _version(entries, name) if name not in old else None for (entries, _), old in zip(sides, known, strict=True)
        )
        tracks.append(_Track(None, *found))
    return tracks


def _version(entries: Mapping[str, Entry], name: str) -> Version | None:
    return Version(name, entries[name]) if name in entries else None


def _renamed(base: Mapping[str, Entry], side: Mapping[str, Entry]) -> dict[str, str]:
    """What a side calls otherwise: an old name that it has no more, and the new name under which its identity is."""
    gone = [name for name in sorted(base) if name not in side]
    if not gone:
        return {}
    new: dict[Hashable, list[str]] = defaultdict(list)
    for name in sorted(side.keys() - base.keys(), reverse=True):
        new[_identity(side[name])].append(name)
    found = {}
    for name in gone:
        if fitting := new[_identity(base[name])]:
            found[name] = fitting.pop()
    return found


def _identity(entry: Entry) -> Hashable:
    """What makes two entries one webhook: the id at its place; without an id, that nothing of it was changed."""
    return _bound(entry, entry.remote_id) if entry.remote_id is not None else core(entry)


def _bound(entry: Entry, remote_id: str) -> Hashable:
    return entry.type, entry.address.ground, remote_id


def _collisions(tracks: list[_Track], outcomes: list[Version | Clash | None]) -> dict[int, str]:
    """Settled webhooks that take the name or the id of another one, and what to say of it.

    Where one side alone has both already, the merge has not made it so.
    """
    claims: dict[Hashable, list[int]] = defaultdict(list)
    for number, (track, outcome) in enumerate(zip(tracks, outcomes, strict=True)):
        for claim in track.claims if isinstance(outcome, Clash) else _claims(outcome):
            claims[claim].append(number)
    found: dict[int, str] = {}
    for claim, numbers in claims.items():
        if len(numbers) > 1 and not any(_all_in(side, tracks, numbers, claim) for side in ("ours", "theirs")):
            what = f"the name {claim}" if isinstance(claim, str) else "that remote webhook"
            others = {number: [tracks[n].name for n in numbers if n != number] for number in numbers}
            found.update(
                (number, f"; {', '.join(sorted(others[number]))} would have {what}, too")
                for number in numbers
                if not isinstance(outcomes[number], Clash)
            )
    return found


def _lost(tracks: list[_Track], outcomes: list[Version | Clash | None]) -> dict[int, str]:
    """Webhooks that each side let go of under another name, while both sides still have them."""
    kept: set[Hashable] = set()
    for track, outcome in zip(tracks, outcomes, strict=True):
        kept |= track.claims if isinstance(outcome, Clash) else _claims(outcome)
    sides = [frozenset().union(*(_claims(getattr(track, side)) for track in tracks)) for side in ("ours", "theirs")]
    lost = {claim for claim in (sides[0] & sides[1]) - kept if not isinstance(claim, str)}
    why = "; one name for that remote webhook has to stay"
    return {number: why for number, track in enumerate(tracks) if lost & track.claims} if lost else {}


def _claims(version: Version | None) -> frozenset[Hashable]:
    """What only one webhook may have: a name, and ids at a place."""
    if version is None:
        return frozenset()
    ids = (version.entry.remote_id, *(part.remote_id for part in version.entry.parts))
    return frozenset([version.name, *(_bound(version.entry, each) for each in ids if each is not None)])


def _all_in(side: str, tracks: list[_Track], numbers: list[int], claim: Hashable) -> bool:
    versions = (getattr(tracks[number], side) for number in numbers)
    return all(claim in _claims(version) for version in versions)


def _sinks(base: Lock, ours: Lock, theirs: Lock) -> tuple[dict[str, SecretRecord], set[str]]:
    """What is remembered of sinks, and those of which nobody knows what was put there last."""
    kept, unsure = {}, set()
    for sink in {*ours.sinks, *theirs.sinks}:
        record = _noted(base.sinks.get(sink), ours.sinks.get(sink), theirs.sinks.get(sink))
        if isinstance(record, Clash):
            unsure.add(sink)
        elif record is not None:
            kept[sink] = record
    return kept, unsure


def _noted(
    base: SecretRecord | None, ours: SecretRecord | None, theirs: SecretRecord | None
) -> SecretRecord | Clash | None:
    """What is remembered of one sink: a side forgets when a webhook stores there; the later of two notes is true."""
    if theirs in (ours, base):
        return ours
    if base == ours or ours is None:
        return theirs
    if theirs is None:
        return ours
    if ours.at and theirs.at and ours.at != theirs.at:
        return max(ours, theirs, key=lambda record: record.at or "")
    return Clash()
