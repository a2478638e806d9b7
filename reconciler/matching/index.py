"""What every match looks at: places as read, indexed; and who owns what by the lock. [pure]

Made by `matching.match`. Its word for what one read covers, `Place`, is used by `run` and `apply` too.
"""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from typing import NamedTuple

from reconciler.model.action import Action
from reconciler.model.capabilities import Capabilities
from reconciler.model.equality import canonical_scope, hides
from reconciler.model.identity import Declared, Key, key_of, key_of_remote
from reconciler.model.urls import canonical_url
from reconciler.model.webhook import Address, Desired, Entry, Ground, Observation, Remote, Scope
from reconciler.state.lock import Lock

Place = tuple[str, Scope]
"""What one read covers: a provider entry and a scope."""
PlaceKey = tuple[str, str, Scope]
"""A place however it is spelled: its vendor, account, and canonical scope; see `key_of_place`."""


class Reading(NamedTuple):
    """One place as read, indexed.

    Args:
        address: of every webhook there.
        owners: the lock's names by the remote ids that they own there.
        leaving: the remote ids there whose deletion was asked for.
        veiled: those that nobody owns and that show a part of their key behind a mask, by the key that is declared and
            by what they show of it, in the order of their ids; see `veiled.may_be`.
        declared: the keys that webhooks of the files declare there, besides the natural one; `by_key` has each.
    """

    address: Address
    capabilities: Capabilities
    observation: Observation
    by_id: Mapping[str, Remote]
    by_mark: Mapping[str, Sequence[Remote]]
    by_key: Mapping[Key, Sequence[Remote]]
    owners: Mapping[str, str]
    leaving: frozenset[str] = frozenset()
    veiled: Mapping[Declared, Mapping[Key, Sequence[Remote]]] = {}
    declared: tuple[Declared, ...] = ()


class Index(NamedTuple):
    """What every single match looks at.

    Args:
        desired: the webhooks of the file by name, in the order of their names.
        lock: without the intents that are matched by themselves; see `lost_creates.strays`.
        accounts: each provider entry's base URL.
        readings: every place that was read, of a provider that the file has.
        known: names of ours that an owner mark may say: of the file, of the lock, and former ones.
        abandoned: entries that the file no longer has, by place and key as the lock shows it.
        sent: the webhooks of the file whose creates were lost, by place and URL as sent and shown.
        identities: what the vendor says that a place is, where it was asked.
    """

    desired: Mapping[str, Desired]
    lock: Lock
    capabilities_of: Mapping[str, Capabilities]
    accounts: Mapping[str, str]
    readings: Mapping[Place, Reading]
    known: frozenset[str]
    abandoned: Mapping[tuple[Place, Key], str]
    sent: Mapping[tuple[Place, str], tuple[str, ...]]
    identities: Mapping[PlaceKey, str] = {}

    def reading_at(self, address: Address) -> Reading | None:
        """The reading that would show a webhook with this address; None where its place was not read."""
        return self.readings.get(place_of(address))


def build_index(
    desired: Sequence[Desired],
    observed: Mapping[Place, Observation],
    lock: Lock,
    capabilities_of: Mapping[str, Capabilities],
    accounts: Mapping[str, str],
) -> Index:
    """Index everything once, so that a match costs the same however many webhooks there are.

    Args:
        desired: the webhooks of the file.
        observed: what was read, by place.
        lock: what was applied, and the intents that are matched with their webhooks.
        capabilities_of: by provider entry.
        accounts: each provider entry's base URL.
    """
    wanted = {webhook.name: webhook for webhook in sorted(desired, key=lambda webhook: webhook.name)}
    living = {name: entry for name, entry in sorted(lock.entries.items()) if not entry.retired}
    names = {*wanted, *(name for webhook in wanted.values() for name in webhook.was)}
    left = {name: entry for name, entry in living.items() if name not in names}
    owners, leaving, keys = _owners(living, wanted), _leaving(living, wanted), _declared(desired)
    readings: dict[Place, Reading] = {}
    for place, observation in sorted(observed.items(), key=lambda item: item[0]):
        provider, scope = place
        if provider in capabilities_of:
            address = Address(provider, capabilities_of[provider].type, accounts.get(provider, ""), scope)
            kept = owners.get(place, {}), frozenset(leaving.get(place, ()))
            readings[place] = _reading(
                address, capabilities_of[provider], observation, *kept, keys.get(address.ground, ())
            )
    known, abandoned = frozenset(names.union(living)), _abandoned(left, capabilities_of, keys)
    return Index(wanted, lock, capabilities_of, accounts, readings, known, abandoned, _sent(lock, wanted))


def _owners(living: Mapping[str, Entry], wanted: Mapping[str, Desired]) -> dict[Place, dict[str, str]]:
    """The lock's names by place and remote id; a provider entry that only got a new name still owns what it owned."""
    owners: dict[Place, dict[str, str]] = defaultdict(dict)
    for name, entry in living.items():
        provider = _provider_of(name, entry, wanted)
        ids = (entry.remote_id, *entry.leaving, *(part.remote_id for part in (*entry.parts, *entry.orphan_parts)))
        owners[provider, entry.scope].update((remote_id, name) for remote_id in ids if remote_id is not None)
    return owners


def _leaving(living: Mapping[str, Entry], wanted: Mapping[str, Desired]) -> dict[Place, set[str]]:
    """The remote ids by place whose deletion was asked for."""
    leaving: dict[Place, set[str]] = defaultdict(set)
    for name, entry in living.items():
        leaving[_provider_of(name, entry, wanted), entry.scope].update(entry.leaving)
    return leaving


def _provider_of(name: str, entry: Entry, wanted: Mapping[str, Desired]) -> str:
    return wanted[name].provider if name in wanted else entry.provider


def _reading(
    address: Address,
    capabilities: Capabilities,
    observation: Observation,
    owners: Mapping[str, str],
    leaving: frozenset[str],
    declared: tuple[Declared, ...],
) -> Reading:
    by_mark: dict[str, list[Remote]] = defaultdict(list)
    by_key: dict[Key, list[Remote]] = defaultdict(list)
    for remote in observation.remotes:
        if remote.mark is not None:
            by_mark[remote.mark].append(remote)
        for key in (key_of_remote(remote, capabilities, pointers) for pointers in ((), *declared)):
            if key is not None:
                by_key[key].append(remote)
    by_id = {remote.remote_id: remote for remote in observation.remotes}
    free = [each for _, each in sorted(by_id.items()) if each.remote_id not in owners]
    veiled = {pointers: _veiled(free, pointers or capabilities.natural_key) for pointers in ((), *declared)}
    return Reading(address, capabilities, observation, by_id, by_mark, by_key, owners, leaving, veiled, declared)


def _veiled(remotes: Sequence[Remote], pointers: tuple[str, ...]) -> dict[Key, list[Remote]]:
    """Those that show a value at one of these pointers behind a mask, by what they show there."""
    veiled: dict[Key, list[Remote]] = defaultdict(list)
    for fields, remote in ((each.fields, each) for each in remotes):
        if any(pointer in fields and hides(pointer, fields[pointer], None) for pointer in pointers):
            veiled[tuple(fields.get(pointer) for pointer in pointers)].append(remote)
    return veiled


def _declared(desired: Sequence[Desired]) -> dict[Ground, tuple[Declared, ...]]:
    """The keys that webhooks of the file declare, by where one remote id is one webhook."""
    found: dict[Ground, set[Declared]] = defaultdict(set)
    for webhook in desired:
        if webhook.key:
            found[webhook.address.ground].add(webhook.key)
    return {ground: tuple(sorted(keys)) for ground, keys in found.items()}


def _abandoned(
    left: Mapping[str, Entry],
    capabilities_of: Mapping[str, Capabilities],
    declared: Mapping[Ground, tuple[Declared, ...]],
) -> dict[tuple[Place, Key], str]:
    """Names of entries that the file no longer has, by what names such a webhook."""
    abandoned: dict[tuple[Place, Key], str] = {}
    for name, entry in left.items():
        capabilities = capabilities_of.get(entry.provider)
        for pointers in ((), *declared.get(entry.address.ground, ())):
            key = key_of(entry.applied, capabilities, pointers) if capabilities is not None else None
            if key is not None:
                abandoned[place_of(entry.address), key] = name
    return abandoned


def _sent(lock: Lock, wanted: Container[str]) -> dict[tuple[Place, str], tuple[str, ...]]:
    """Names of webhooks whose create got no answer, by place and URL."""
    sent: dict[tuple[Place, str], tuple[str, ...]] = {}
    for name, intent in sorted(lock.intents.items()):
        if name in wanted and intent.action is Action.CREATE and intent.remote_id is None:
            at = place_of(intent.address), canonical_url(intent.url)
            sent[at] = (*sent.get(at, ()), name)
    return sent


def place_of(address: Address) -> Place:
    """The place whose read shows what is kept at an address."""
    return address.provider, address.scope


def key_of_place(address: Address, capabilities: Capabilities) -> PlaceKey:
    """What is equal for two spellings that are one place by the vendor's rules."""
    return address.type, address.account, canonical_scope(address.scope, capabilities)


def told_apart(webhook: Desired, capabilities: Capabilities) -> bool:
    """Whether reading shows a webhook of the file without its id: by its place, its mark, or a key that is known."""
    known = key_of(webhook.fields, capabilities, webhook.key) is not None
    return known or capabilities.marks or capabilities.read == "singleton"


def entries_of(webhook: Desired, index: Index) -> dict[str, Entry]:
    """The lock's entries for it, by their names: its own, else those under its former names."""
    entries = index.lock.entries
    names = (webhook.name,) if webhook.name in entries else former_names(webhook, index)
    return {name: entries[name] for name in names if name in entries}


def former_names(webhook: Desired, index: Index) -> tuple[str, ...]:
    """The former names of a webhook that no webhook of the file bears now."""
    return tuple(name for name in dict.fromkeys(webhook.was) if name not in index.desired)
