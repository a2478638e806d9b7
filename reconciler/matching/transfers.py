"""Events that pass from one webhook to another, where a vendor has one object an event and cannot delete it. [pure]

The object is then pointed to its new webhook instead of being made twice. Called by `survey` before planning
(`arrange`), and by `apply` at its end (`released`), when the new webhook has what the old one gave up.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from reconciler.matching.types import Matching
from reconciler.model.action import Action
from reconciler.model.webhook import EVENTS, Capabilities, Desired, Entry, Fields, Part, Scope
from reconciler.state.event import Recorded, Removed
from reconciler.state.lock import Lock

_Place = tuple[str, str, Scope]


def plan_transfers(
    matching: Matching, desired: Iterable[Desired], lock: Lock, capabilities_of: Mapping[str, Capabilities]
) -> Matching:
    """The matching in which each webhook knows what it inherits, and what it passes on to which other."""
    wanted = [webhook for webhook in desired if _keeps_objects(capabilities_of.get(webhook.provider))]
    if not wanted:
        return matching
    owners = {matching.matched[webhook.name].entry_name: webhook for webhook in wanted}
    spare: dict[_Place, dict[str, tuple[str, Part]]] = defaultdict(dict)
    for name, entry in sorted(lock.entries.items()):
        abandoned = name not in owners
        if _keeps_objects(capabilities_of.get(entry.provider)) and not (abandoned and entry.protect):
            given_up = (part for part in _all(entry) if not _keeps(owners.get(name), part))
            spare[_place(entry)].update((part.key, (name, part)) for part in given_up)
    matched = dict(matching.matched)
    for webhook in sorted(wanted, key=lambda webhook: webhook.name):
        found, there = matched[webhook.name], spare[_place(webhook)]
        own = {part.key for part in _all(found.entry)} if found.entry else set()
        taken = [there.pop(event) for event in sorted(webhook.fields.events - own) if event in there]
        matched[webhook.name] = found._replace(inherited=tuple(part for _, part in taken))
        for holder, part in taken:
            if holder in owners:
                old = matched[owners[holder].name]
                matched[owners[holder].name] = old._replace(passed_on=(*old.passed_on, (part.key, webhook.name)))
    return matching._replace(matched=matched)


def released(
    desired: Iterable[Desired], lock: Lock, capabilities_of: Mapping[str, Capabilities], at: str
) -> Iterator[Recorded | Removed]:
    """What the lock has to forget: objects that another webhook wants and has by now."""
    wanted = {webhook.name: webhook for webhook in desired if _keeps_objects(capabilities_of.get(webhook.provider))}
    heirs = {
        (_place(webhook), part.key): name
        for name, webhook in wanted.items()
        for part in (lock.entries[name].parts if name in lock.entries else ())
        if _keeps(webhook, part)
    }
    for name, entry in lock.entries.items() if heirs else ():
        gone = {
            part.key
            for part in _all(entry)
            if not _keeps(wanted.get(name), part) and heirs.get((_place(entry), part.key), name) != name
        }
        if gone and name not in wanted and not {part.key for part in _all(entry)} - gone:
            yield Removed(name, Action.FORGET, at)
        elif gone:
            yield Recorded(name, _without(entry, gone))


def _keeps_objects(capabilities: Capabilities | None) -> bool:
    return capabilities is not None and capabilities.fan_out and capabilities.retire != "delete"


def _keeps(webhook: Desired | None, part: Part) -> bool:
    """Whether the webhook still wants this object; one that does not manage its events keeps what it has."""
    return webhook is not None and (EVENTS not in webhook.fields or part.key in webhook.fields.events)


def _all(entry: Entry) -> tuple[Part, ...]:
    return (*entry.parts, *entry.orphan_parts)


def _place(of: Desired | Entry) -> _Place:
    return of.provider, of.account, of.scope


def _without(entry: Entry, gone: set[str]) -> Entry:
    parts = tuple(part for part in entry.parts if part.key not in gone)
    return entry._replace(
        remote_id=",".join(part.key for part in parts) or entry.remote_id,
        applied=Fields({**entry.applied, EVENTS: entry.applied.events - gone})
        if entry.applied.events
        else entry.applied,
        parts=parts,
        orphan_parts=tuple(part for part in entry.orphan_parts if part.key not in gone),
    )
