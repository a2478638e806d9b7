"""Events that pass from one webhook to another, where a vendor has one object an event and cannot delete it. [pure]

The object is then pointed to its new webhook instead of being made twice. Called by `run.survey` before planning
(`plan_transfers`), and by `apply.scheduler` at its end (`released`), when the new webhook has what the old one gave up.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from reconciler.matching.types import Matching
from reconciler.model.action import Action
from reconciler.model.capabilities import Capabilities
from reconciler.model.webhook import EVENTS, Address, Desired, Entry, Fields, Part
from reconciler.state.event import Recorded, Removed
from reconciler.state.lock import Lock


class _Spare(NamedTuple):
    """An object that its webhook gives up; `holder` is the lock's name for that one."""

    holder: str
    part: Part


def plan_transfers(
    matching: Matching, desired: Iterable[Desired], lock: Lock, capabilities_of: Mapping[str, Capabilities]
) -> Matching:
    """The matching in which each webhook knows what it inherits, and what it passes on to which other."""
    wanted = _keepers(desired, capabilities_of)
    if not wanted:
        return matching
    owners = {matching.matched[name].entry_name: webhook for name, webhook in wanted.items()}
    spare = _spare(owners, lock, capabilities_of)
    matched = dict(matching.matched)
    for name, webhook in sorted(wanted.items()):
        taken = _taken(webhook, matched[name].entry, spare[_home(webhook.address)])
        matched[name] = matched[name]._replace(inherited=tuple(part for _, part in taken))
        for holder, part in taken:
            if holder in owners:
                giver = owners[holder].name
                passed_on = (*matched[giver].passed_on, (part.key, name))
                matched[giver] = matched[giver]._replace(passed_on=passed_on)
    return matching._replace(matched=matched)


def _spare(
    owners: Mapping[str | None, Desired], lock: Lock, capabilities_of: Mapping[str, Capabilities]
) -> dict[Address, dict[str, _Spare]]:
    """What every home has to spare, by event; a protected webhook that the file no longer has gives nothing up."""
    spare: dict[Address, dict[str, _Spare]] = defaultdict(dict)
    for name, entry in sorted(lock.entries.items()):
        owner = owners.get(name)
        if _keeps_objects(capabilities_of.get(entry.provider)) and (owner is not None or not entry.protect):
            given_up = (part for part in _all(entry) if not _keeps(owner, part))
            spare[_home(entry.address)].update((part.key, _Spare(name, part)) for part in given_up)
    return spare


def _taken(webhook: Desired, entry: Entry | None, spare: dict[str, _Spare]) -> list[_Spare]:
    """What the webhook wants and has not, out of `spare`, so that nobody else takes it as well."""
    own = {part.key for part in _all(entry)} if entry else set()
    return [spare.pop(event) for event in sorted(webhook.fields.events - own) if event in spare]


def released(
    desired: Iterable[Desired], lock: Lock, capabilities_of: Mapping[str, Capabilities], at: str
) -> Iterator[Recorded | Removed]:
    """What the lock has to forget: objects that another webhook wants and has by now."""
    wanted = _keepers(desired, capabilities_of)
    heirs = _heirs(wanted, lock)
    for name, entry in lock.entries.items() if heirs else ():
        home = _home(entry.address)
        given_up = {part.key for part in _all(entry) if not _keeps(wanted.get(name), part)}
        gone = {key for key in given_up if heirs.get((home, key), name) != name}
        if gone and name not in wanted and not {part.key for part in _all(entry)} - gone:
            yield Removed(name, Action.FORGET, at)
        elif gone:
            yield Recorded(name, _without(entry, gone))


def _heirs(wanted: Mapping[str, Desired], lock: Lock) -> dict[tuple[Address, str], str]:
    """The webhook that wants an object and has it, by home and event."""
    return {
        (_home(webhook.address), part.key): name
        for name, webhook in wanted.items()
        if name in lock.entries
        for part in lock.entries[name].parts
        if _keeps(webhook, part)
    }


def _without(entry: Entry, gone: set[str]) -> Entry:
    parts = tuple(part for part in entry.parts if part.key not in gone)
    events = entry.applied.events
    return entry._replace(
        remote_id=",".join(part.key for part in parts) or entry.remote_id,
        applied=Fields({**entry.applied, EVENTS: events - gone}) if events else entry.applied,
        parts=parts,
        orphan_parts=tuple(part for part in entry.orphan_parts if part.key not in gone),
    )


def _keepers(desired: Iterable[Desired], capabilities_of: Mapping[str, Capabilities]) -> dict[str, Desired]:
    """The webhooks of vendors where objects stay for ever, by name."""
    return {webhook.name: webhook for webhook in desired if _keeps_objects(capabilities_of.get(webhook.provider))}


def _keeps_objects(capabilities: Capabilities | None) -> bool:
    return capabilities is not None and capabilities.fan_out and capabilities.retire != "delete"


def _keeps(webhook: Desired | None, part: Part) -> bool:
    """Whether the webhook still wants this object; one that does not manage its events keeps what it has."""
    return webhook is not None and (EVENTS not in webhook.fields or part.key in webhook.fields.events)


def _all(entry: Entry) -> tuple[Part, ...]:
    return (*entry.parts, *entry.orphan_parts)


def _home(address: Address) -> Address:
    """Where objects may pass from one webhook to another, whatever the vendor was called when they were made."""
    return address._replace(type="")
