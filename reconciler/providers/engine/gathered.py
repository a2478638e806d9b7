"""Where a vendor lists one object for each event: the objects that are one webhook, and that webhook. [pure]

Used by `providers.engine.reading`, and by `providers.engine.fanout` for what one of the objects was read as.

What is known as one webhook stays one, wherever its objects point by now; what nobody knows belongs to the webhook with
the same natural key, whose events are then these as well. A second object of the same event is another webhook.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from reconciler.model.as_read import AsRead
from reconciler.model.capabilities import Capabilities
from reconciler.model.equality import canonical
from reconciler.model.secret import shown_url
from reconciler.model.webhook import EVENTS, Fields, Leaf, Observation, Part, Remote

JOINT = ","


def ids_in(remote_id: str) -> tuple[str, ...]:
    """The ids of the objects that a webhook's id names."""
    return tuple(filter(None, remote_id.split(JOINT)))


def joined(remote_ids: Iterable[str | None]) -> str:
    """The id of a webhook that is made of these objects."""
    return JOINT.join(filter(None, remote_ids))


def gathered(seen: Observation, known_ids: frozenset[str], capabilities: Capabilities) -> Observation:
    """What was read of single objects, as webhooks.

    Args:
        seen: the objects.
        known_ids: the ids of webhooks that are known already.
        capabilities: of the vendor.
    """
    remotes = tuple(_whole(remote_id, parts) for remote_id, parts in _groups(seen.remotes, known_ids, capabilities))
    absent = {known for known in known_ids if seen.absent.issuperset(ids_in(known))}
    unknown = {known for known in known_ids if not seen.unknown.isdisjoint(ids_in(known))}
    missing = {known for known in known_ids if seen.missing.issuperset(ids_in(known))}
    return seen._replace(
        remotes=remotes, absent=seen.absent | absent, unknown=seen.unknown | unknown, missing=seen.missing | missing
    )


def part_as_read(remote: Remote | None, part: Part) -> Any:
    """The object behind one part, as it was read; None where it was not."""
    as_read = remote.as_read if remote is not None else None
    return as_read.tree.get(part.remote_id) if as_read is not None and isinstance(as_read.tree, dict) else None


def _groups(
    remotes: Iterable[Remote], known_ids: frozenset[str], capabilities: Capabilities
) -> Iterator[tuple[str, Sequence[Remote]]]:
    """The objects of each webhook, and its id: the known one, else that of all its objects."""
    owners = {one: known for known in sorted(known_ids, key=lambda each: len(ids_in(each))) for one in ids_in(known)}
    groups: dict[object, dict[object, Remote]] = defaultdict(dict)
    names: dict[object, object] = {}
    for remote in sorted(remotes, key=lambda each: (each.remote_id not in owners, each.remote_id)):
        key, event = _key(remote, capabilities), remote.fields.get(EVENTS)
        group = owners.get(remote.remote_id) or names.get(key, key)
        if event in groups.get(group, {}):
            group = ("beside", remote.remote_id)
        groups[group][event] = remote
        names.setdefault(key, group)
    for group, parts in groups.items():
        everyone = tuple(parts.values())
        yield (group if isinstance(group, str) else joined(part.remote_id for part in everyone)), everyone


def _key(remote: Remote, capabilities: Capabilities) -> object:
    """What is the same for the objects of one webhook; what does not show all of it is alone."""
    if any(pointer not in remote.fields for pointer in capabilities.natural_key):
        return ("alone", remote.remote_id)
    return tuple(canonical(pointer, remote.fields[pointer], capabilities) for pointer in capabilities.natural_key)


def _whole(remote_id: str, parts: Sequence[Remote]) -> Remote:
    """The webhook that these objects are."""
    has = {part.has_secret for part in parts}
    return parts[0]._replace(
        remote_id=remote_id,
        fields=_fields(parts),
        mask=_same([part.mask for part in parts]),
        secret=_same([part.secret for part in parts]),
        has_secret=False if False in has else _same(list(has)),
        created_at=min(filter(None, (part.created_at for part in parts)), default=None),
        note="; ".join(dict.fromkeys(filter(None, (part.note for part in parts)))),
        parts=tuple(sorted(each for part in parts for each in _parts(part))),
        as_read=_as_read(parts),
    )


def _as_read(parts: Iterable[Remote]) -> AsRead | None:
    """What was read of each object, by its id."""
    read = {part.remote_id: part.as_read for part in parts if part.as_read is not None}
    secrets = tuple(secret for each in read.values() for secret in each.secrets)
    return AsRead({remote_id: each.tree for remote_id, each in read.items()}, secrets) if read else None


def _parts(remote: Remote) -> Iterator[Part]:
    url = shown_url(remote.fields.url) if remote.fields.url else None
    yield from (Part(event, remote.remote_id, url) for event in sorted(remote.fields.events))


def _fields(parts: Sequence[Remote]) -> Fields:
    """The events of all; of the rest what all have, and where they differ, a text that is none of theirs."""
    leaves: dict[str, Leaf] = {}
    for pointer in dict.fromkeys(pointer for part in parts for pointer in part.fields):
        values = [part.fields.get(pointer) for part in parts]
        found = _same(values)
        leaves[pointer] = found if found is not None else ", ".join(sorted({_text(value) for value in values}))
    events: frozenset[str] = frozenset().union(*(part.fields.events for part in parts))
    return Fields({**leaves, EVENTS: events})


def _text(leaf: Leaf | None) -> str:
    if isinstance(leaf, tuple | frozenset):
        return " ".join(sorted(map(str, leaf))) or "none"
    return "none" if leaf is None else str(leaf).lower() if isinstance(leaf, bool) else str(leaf)


def _same(values: Sequence[Any]) -> Any:
    """The value that all have; None where they differ."""
    return values[0] if all(type(value) is type(values[0]) and value == values[0] for value in values) else None
