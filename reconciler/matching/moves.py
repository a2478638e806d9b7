"""Webhooks whose place was renamed or moved: the lock's id is looked up at the place that the file names. [pure]

Used by `run.search`. A webhook is the same one only if its id and its natural key are there, and the old place does not
show it any more: many vendors count ids by account, and some by place.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from reconciler.matching.index import Place, place_of
from reconciler.model.capabilities import Capabilities
from reconciler.model.diff import drift, record
from reconciler.model.identity import key_of
from reconciler.model.webhook import Address, Desired, Entry, Observation, Remote
from reconciler.state.lock import Lock


class Seen(NamedTuple):
    """What was read, and through which entries of the file.

    Args:
        places: what each place shows.
        capabilities_of: what each provider entry's vendor can do.
        accounts: each provider entry's base URL.
    """

    places: Mapping[Place, Observation]
    capabilities_of: Mapping[str, Capabilities]
    accounts: Mapping[str, str]

    def at(self, address: Address) -> Observation | None:
        """What was read where something is kept; None where the file leads to another account, or nobody looked."""
        within_reach = self.accounts.get(address.provider) == address.account
        return self.places.get(place_of(address)) if within_reach else None


class _Ids:
    """The remote webhooks of every observation by id, indexed once: a whole place may have moved."""

    def __init__(self) -> None:
        self._indexed: dict[int, dict[str, Remote]] = {}

    def find(self, observation: Observation | None, remote_id: str | None) -> Remote | None:
        if observation is None or remote_id is None:
            return None
        if id(observation) not in self._indexed:
            self._indexed[id(observation)] = {remote.remote_id: remote for remote in reversed(observation.remotes)}
        return self._indexed[id(observation)].get(remote_id)


def followed(desired: Iterable[Desired], lock: Lock, seen: Seen) -> Lock:
    """The lock in which every webhook that is found at its new place has its new address."""
    wanted = {webhook.name: webhook for webhook in desired}
    entries, ids = dict(lock.entries), _Ids()
    for webhook in wanted.values():
        names = (webhook.name, *(was for was in webhook.was if was not in wanted))
        name = next((name for name in names if name in entries), None)
        if name is not None and _has_moved(webhook, entries[name], seen, ids):
            provider, type_, account, scope = webhook.address
            entries[name] = entries[name]._replace(provider=provider, type=type_, account=account, scope=scope)
    return lock._replace(entries=entries)


def _has_moved(webhook: Desired, entry: Entry, seen: Seen, ids: _Ids) -> bool:
    before, now = entry.address, webhook.address
    if before.type != now.type or (before.account, before.scope) == (now.account, now.scope) or entry.retired:
        return False
    there = ids.find(seen.at(now), entry.remote_id)
    capabilities = seen.capabilities_of.get(now.provider)
    if there is None or capabilities is None or not _is_the_same(entry, there, capabilities):
        return False
    if before.account != now.account and drift(there.fields, entry.applied, capabilities):
        return False  # at another account, an equal id and URL are not enough
    return _has_left(entry, seen, ids)


def _is_the_same(entry: Entry, remote: Remote, capabilities: Capabilities) -> bool:
    key = key_of(entry.applied, capabilities)
    return key is not None and key == key_of(record(remote.fields), capabilities)


def _has_left(entry: Entry, seen: Seen, ids: _Ids) -> bool:
    """Whether the old place does not have it any more; an account that the file no longer reaches tells nothing."""
    if seen.accounts.get(entry.provider) != entry.account:
        return entry.account not in seen.accounts.values()
    old = seen.at(entry.address)
    if old is None:
        return False
    gone = old.complete and ids.find(old, entry.remote_id) is None
    return old.gone or gone or entry.remote_id in old.absent
