"""Three locks -> the merged one, and what conflicts. [pure] Used by `cli.state_merge`.

A webhook is followed through the three by its name, and by its id where a side renamed it.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import NamedTuple

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
    outcomes = [track.outcome for track in tracks]
    reasons = {number: "" for number, outcome in enumerate(outcomes) if isinstance(outcome, Clash)}
    while found := _collisions(tracks, outcomes) or _lost(tracks, outcomes):
        reasons.update(found)
        for number in found:
            outcomes[number] = Clash()
    clashes = [tracks[number] for number in sorted(reasons)]
    kept = [outcome for outcome in outcomes if isinstance(outcome, Version)]
    entries = [_entries(kept, (getattr(clash, side) for clash in clashes)) for side in ("ours", "theirs")]
    sinks, unsure = _sinks(base.sinks, ours, theirs)
    locks = [Lock(of, sinks=_unused(kept_, of, ours, theirs)) for of, kept_ in zip(entries, sinks, strict=True)]
    conflicts = [Conflict(tracks[number].name, tracks[number].said + reason) for number, reason in reasons.items()]
    conflicts += [Conflict(sink, f"{sink}: both sides noted another secret there") for sink in unsure]
    return Merged(locks[0], locks[1], tuple(sorted(conflicts)))


def _entries(kept: Iterable[Version], side: Iterable[Version | None]) -> dict[str, Entry]:
    return {version.name: version.entry for version in (*kept, *side) if version is not None}


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


def _sinks(
    base: Mapping[str, SecretRecord], ours: Lock, theirs: Lock
) -> tuple[tuple[dict[str, SecretRecord], dict[str, SecretRecord]], list[str]]:
    """What is remembered of sinks, for either side, and those of which nobody knows what was put there last.

    A side forgets one when a webhook stores its secret there; what the other side put there meanwhile is remembered.
    """
    kept: tuple[dict[str, SecretRecord], dict[str, SecretRecord]] = ({}, {})
    unsure = []
    for sink in sorted({*ours.sinks, *theirs.sinks}):
        old, mine, yours = (of.get(sink) for of in (base, ours.sinks, theirs.sinks))
        if mine != yours and old in (mine, yours):
            mine = yours = yours if old == mine else mine
        elif mine is None or yours is None:
            mine = yours = mine or yours
        elif mine != yours and mine.at and yours.at and mine.at != yours.at:
            mine = yours = max(mine, yours, key=lambda record: record.at or "")
        elif mine != yours:
            unsure.append(sink)
        for records, record in zip(kept, (mine, yours), strict=True):
            if record is not None:
                records[sink] = record
    return kept, unsure


def _unused(
    sinks: Mapping[str, SecretRecord], entries: Mapping[str, Entry], ours: Lock, theirs: Lock
) -> dict[str, SecretRecord]:
    """What is remembered of sinks without those that a webhook of the other side uses now: its entry tells of them."""
    used = _places(entries)
    alike = {sink for side in (ours, theirs) for sink in side.sinks.keys() & _places(side.entries)}
    return {sink: record for sink, record in sinks.items() if sink not in used or sink in alike}


def _places(entries: Mapping[str, Entry]) -> set[str | None]:
    return {entry.secret.stored for entry in entries.values() if entry.secret is not None}
