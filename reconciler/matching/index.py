"""What every match looks at: places as read, indexed; and who owns what by the lock. [pure]

Used by `match`, and for lost answers by `survey` and `apply`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from reconciler.model.action import Action
from reconciler.model.equality import canonical
from reconciler.model.urls import canonical_url
from reconciler.model.webhook import (
    Capabilities,
    Certainty,
    Desired,
    Entry,
    Fields,
    Observation,
    Remote,
    Scope,
    SecretRecord,
)
from reconciler.state.lock import Lock

Place = tuple[str, Scope]
"""A provider entry and a scope."""
Key = tuple[object, ...]


class Seen(NamedTuple):
    """One place as read, indexed; `owners` are the lock's names by the remote ids they own there."""

    capabilities: Capabilities
    observation: Observation
    by_id: Mapping[str, Remote]
    by_mark: Mapping[str, Sequence[Remote]]
    by_key: Mapping[Key, Sequence[Remote]]
    owners: Mapping[str, str]


def account_key(provider: str, account: str, scope: Scope) -> Place:
    """What a webhook hangs on: a scope, one for all entries at a base URL; without it, each entry's own account."""
    return (account, scope) if scope else (provider, scope)


class World(NamedTuple):
    """What every single match looks at.

    Args:
        accounts: each provider entry's base URL.
        known: names of ours that an owner mark may say: of the file, of the lock, and former ones.
        sent: the webhook of the file whose create was lost, by place and URL as sent and shown.
        abandoned: entries that the file no longer has, by place and natural key as the lock shows it.
    """

    desired: Mapping[str, Desired]
    lock: Lock
    capabilities_of: Mapping[str, Capabilities]
    seen: Mapping[Place, Seen]
    known: frozenset[str]
    abandoned: Mapping[tuple[Place, Key], str]
    sent: Mapping[tuple[Place, str], str]
    accounts: Mapping[str, str]


def build_index(
    desired: Sequence[Desired],
    observed: Mapping[Place, Observation],
    lock: Lock,
    capabilities_of: Mapping[str, Capabilities],
    accounts: Mapping[str, str],
) -> World:
    """Index everything once, so that a match costs the same however many webhooks there are."""
    wanted = {webhook.name: webhook for webhook in sorted(desired, key=lambda webhook: webhook.name)}
    former = {name for webhook in wanted.values() for name in webhook.was}
    living = {name: entry for name, entry in sorted(lock.entries.items()) if not entry.retired}
    owners: dict[Place, dict[str, str]] = defaultdict(dict)
    abandoned: dict[tuple[Place, Key], str] = {}
    for name, entry in living.items():
        # A provider entry that only got a new name still owns what it owned.
        provider = wanted[name].provider if name in wanted else entry.provider
        owned = owners[provider, entry.scope]
        if entry.remote_id is not None:
            owned[entry.remote_id] = name
        for part in (*entry.parts, *entry.orphan_parts):
            if part.remote_id is not None:
                owned[part.remote_id] = name
        if name not in wanted and name not in former and entry.provider in capabilities_of:
            key = key_of(entry.applied, capabilities_of[entry.provider])
            if key is not None:
                abandoned[(entry.provider, entry.scope), key] = name
    seen = {
        place: _index(observation, capabilities_of[place[0]], owners.get(place, {}))
        for place, observation in sorted(observed.items(), key=lambda item: item[0])
        if place[0] in capabilities_of
    }
    sent = {
        ((intent.provider, intent.scope), canonical_url(intent.url)): name
        for name, intent in lock.intents.items()
        if name in wanted and intent.action is Action.CREATE and intent.remote_id is None
    }
    return World(
        wanted, lock, capabilities_of, seen, frozenset(wanted).union(former, living), abandoned, sent, accounts
    )


def _index(observation: Observation, capabilities: Capabilities, owners: Mapping[str, str]) -> Seen:
    by_mark: dict[str, list[Remote]] = defaultdict(list)
    by_key: dict[Key, list[Remote]] = defaultdict(list)
    for remote in observation.remotes:
        if remote.mark is not None:
            by_mark[remote.mark].append(remote)
        key = key_of(remote.fields, capabilities)
        if key is not None:
            by_key[key].append(remote)
    by_id = {remote.remote_id: remote for remote in observation.remotes}
    return Seen(capabilities, observation, by_id, by_mark, by_key, owners)


def key_of(fields: Fields, capabilities: Capabilities) -> Key | None:
    """What names a webhook within its place, or None where a part of it is not known."""
    key: list[object] = []
    for pointer in capabilities.natural_key:
        if pointer not in fields:
            return None
        key.append(canonical(pointer, fields[pointer], capabilities))
    return tuple(key) or None


def entry_names(webhook: Desired, world: World) -> tuple[str, ...]:
    """The lock's names for it: its own, else those former ones that no webhook of the file bears."""
    entries = world.lock.entries
    if webhook.name in entries:
        return (webhook.name,)
    return tuple(name for name in dict.fromkeys(webhook.was) if name in entries and name not in world.desired)


def of_another(entry: Entry, remote: Remote) -> Entry:
    """The entry; where it is about another remote webhook, only with what `remote` shows as well, and no secret."""
    if entry.remote_id == remote.remote_id:
        return entry
    secret = SecretRecord() if entry.secret is not None else None
    return entry._replace(applied=entry.applied.only(remote.fields), secret=secret)


# What may be believed


def doubtful(entry: Entry, seen: Seen) -> bool:
    """Whether the read of the remote webhook, or of one of its parts, cannot be trusted."""
    unknown = seen.observation.unknown
    return bool(unknown) and (entry.remote_id in unknown or any(part.remote_id in unknown for part in entry.parts))


def absence(entry: Entry | None, seen: Seen) -> Certainty:
    """What may be believed of a webhook that no step found."""
    observation, remote_id = seen.observation, entry.remote_id if entry else None
    if not observation.readable or seen.capabilities.read == "none":
        return Certainty.UNREADABLE
    if observation.complete or remote_id in observation.absent:
        return Certainty.ABSENT
    return Certainty.UNREADABLE if seen.capabilities.read == "by_id" and remote_id is None else Certainty.UNKNOWN


def owner_of(remote: Remote, entries: Mapping[str, Entry], seen: Seen) -> str | None:
    """The entry that goes with a remote that was found: the one that owns it, else the only one if its own is gone."""
    for name, entry in entries.items():
        if entry.remote_id == remote.remote_id:
            return name
    lost = [name for name, entry in entries.items() if entry.remote_id not in seen.by_id]
    return lost[0] if len(entries) == 1 and lost else None


# Writes whose answers were lost
