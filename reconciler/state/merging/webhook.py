"""One webhook in three locks: what the merged lock has of it, and what each side did, in words. [pure]

Used by `state.merging.locks`.

    core       where it is, its id, what was applied: what the vendor is believed to hold
    secret     its fingerprint is another one each time that it is sent: of two, the one that was sent later is true
    protect    a decision of the files: kept apart, for no vendor knows of it
    the rest   when and by whom it was applied, and what was seen then: the history of the core

A core that both sides changed is never put together from both: whoever wrote last may have undone what the other wrote.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from reconciler.model.further import records_of, with_record
from reconciler.model.webhook import Entry, SecretRecord
from reconciler.state.entry import entry_to_json
from reconciler.state.values import secret_to_json

BESIDE_CORE = frozenset({"protect", "at", "by", "since", "reverted", "shown"})
_EACH_TIME = frozenset({"fingerprint", "at"})
Told = TypeVar("Told")
Other = TypeVar("Other")


class Clash:
    """The sides cannot both be right, and nothing in the locks tells which is."""


class Version(NamedTuple):
    """A webhook as one lock has it: under which name, and what."""

    name: str
    entry: Entry


def settled(base: Entry | None, ours: Entry | None, theirs: Entry | None) -> Entry | Clash | None:
    """What becomes of a webhook; None: it is gone.

    One side's change is taken, and so is the same change of both. Beyond that, two versions of one core are one webhook
    with the later history; and who only wrote the old core again was overwritten by who changed it later.
    """
    if same(ours, theirs) or same(theirs, base):
        return ours
    if same(ours, base):
        return theirs
    if ours is None or theirs is None:
        return Clash()
    mine, yours = core(ours), core(theirs)
    if mine == yours:
        return _joined(base, max(ours, theirs, key=_moment), min(ours, theirs, key=_moment))
    before = core(base) if base is not None else None
    if before == mine and _overwritten(base, ours, theirs):
        return _joined(base, theirs, ours)
    if before == yours and _overwritten(base, theirs, ours):
        return _joined(base, ours, theirs)
    return Clash()


def same(one: Entry | None, other: Entry | None) -> bool:
    """Whether two entries are one to the byte: for Python, 1 and True are one value."""
    return (one is None) == (other is None) and (one is other or (one == other and _text(one) == _text(other)))


def core(entry: Entry) -> str:
    """What the vendor is believed to hold, to be compared."""
    data = entry_to_json(entry)
    if entry.secret is not None:
        data["secret"] = _lasting(entry.secret)
    if entry.secrets:
        data["secrets"] = {which: _lasting(record) for which, record in entry.secrets}
    return json.dumps({key: value for key, value in data.items() if key not in BESIDE_CORE}, sort_keys=True)


def _lasting(record: SecretRecord) -> dict[str, Any]:
    """What is known of a secret, without what differs each time that it is sent."""
    told = {key: value for key, value in secret_to_json(record).items() if key not in _EACH_TIME}
    return {**told, "known": record.fingerprint is not None}


def _overwritten(base: Entry | None, again: Entry, changed: Entry) -> bool:
    """Whether `changed` was written after `again`, which has the core of before: then that is what the vendor holds."""
    wrote = base is None or again.at != base.at
    return not wrote or bool(again.at and changed.at and again.at < changed.at)


def _joined(base: Entry | None, later: Entry, earlier: Entry) -> Entry | Clash:
    """The later version, with what only the earlier one knows of secret, protection and past."""
    sides = [records_of(side) if side is not None else {} for side in (base, later, earlier)]
    for which in dict.fromkeys(name for side in sides for name in side):
        before, one, other = (side.get(which) for side in sides)
        record = _chosen(before, one, other, _later_sent)
        if isinstance(record, Clash):
            return record
        later = with_record(later, which, record)
    return later._replace(
        protect=_chosen(base and base.protect, later.protect, earlier.protect, lambda one, other: one or other),
        since=_chosen(base and base.since, later.since, earlier.since, lambda one, other: min(one, other, key=_since)),
        reverted=_chosen(base and base.reverted, later.reverted, earlier.reverted, _later_undone),
    )


def _chosen(base: Any, later: Told, earlier: Told, otherwise: Callable[[Any, Any], Other]) -> Told | Other:
    """Three-way: the side that moved; where both did, or nobody knows from where, `otherwise` says."""
    if later in (earlier, None):
        return earlier
    if earlier is None or earlier == base:
        return later
    return earlier if later == base else otherwise(later, earlier)


def _later_sent(one: SecretRecord, other: SecretRecord) -> SecretRecord | Clash:
    if one.at is None or other.at is None or one.at == other.at:
        return Clash()
    return max(one, other, key=lambda record: record.at or "")


def _since(since: Any) -> tuple[str, str]:
    return since.at, since.how


def _later_undone(one: Any, other: Any) -> Any:
    return max(one, other, key=lambda undone: (undone.at, repr(undone)))


def _moment(entry: Entry) -> tuple[str, str]:
    return entry.at or "", _text(entry)


def _text(entry: Entry | None) -> str:
    return json.dumps(entry_to_json(entry), sort_keys=True) if entry is not None else ""


def did(base: Version | None, side: Version | None) -> str:
    """What a side did to a webhook, in words that follow `ours` or `theirs`."""
    if side is None:
        return "does not have it" if base is None else "removed it"
    if base is None:
        return f"added {side.name} as {_identity(side.entry)}{_by_whom(side.entry)}"
    deeds = [f"renamed it to {side.name}"] if side.name != base.name else []
    deeds += _changes(base.entry, side.entry)
    if not deeds:
        return "left it as it was"
    return " and ".join(deeds) + (_by_whom(side.entry) if side.entry.at != base.entry.at else "")


def _changes(before: Entry, after: Entry) -> Iterator[str]:
    if before.remote_id != after.remote_id:
        yield f"replaced {_identity(before)} by {_identity(after)}"
    old, new = entry_to_json(before), entry_to_json(after)
    moved = [*_moved(old["applied"], new["applied"])]
    moved += [key for key in _moved(old, new) if key not in {*BESIDE_CORE, "applied", "remote_id"}]
    if moved:
        yield f"changed {', '.join(moved)}"
    elif core(before) == core(after) and before.at != after.at:
        yield "wrote again what it was before"
    if before.protect != after.protect:
        yield "protects it" if after.protect else "protects it no more"


def _moved(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The keys whose values differ, to the byte."""
    texts = [{key: json.dumps(value, sort_keys=True) for key, value in each.items()} for each in (old, new)]
    return sorted(key for key in {*old, *new} if texts[0].get(key) != texts[1].get(key))


def _identity(entry: Entry) -> str:
    where = " ".join([entry.account, *(f"{key}={value}" for key, value in entry.scope)])
    return f"{entry.remote_id or 'a webhook without an id'} at {where}"


def _by_whom(entry: Entry) -> str:
    known = [entry.at, entry.by.user if entry.by is not None else None]
    told = ", ".join(filter(None, known))
    return f" ({told})" if told else ""
