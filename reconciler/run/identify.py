"""Asks vendors which place a scope means, where a place may have two names. Called by `run.search`."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from reconciler.errors import Interrupted, WhsyncError
from reconciler.matching.index import PlaceKey, key_of_place
from reconciler.matching.types import Matching
from reconciler.model.capabilities import Capabilities
from reconciler.model.webhook import Address, Desired
from reconciler.providers.protocol import Identifies
from reconciler.run.runtime import Runtime
from reconciler.state.lock import Lock


def doubtful_places(
    matching: Matching,
    desired: Sequence[Desired],
    lock: Lock,
    capabilities_of: Mapping[str, Capabilities],
    accounts: Mapping[str, str],
) -> frozenset[Address]:
    """Where look-alikes are kept, and what is not found where the file has it by now, as far as vendors can tell.

    Args:
        matching: who was found, and who may have the same.
        desired: the webhooks of the file.
        lock: where it has them.
        capabilities_of: by provider entry.
        accounts: each provider entry's base URL.
    """
    addresses = {name: found.entry.address for name, found in matching.orphans.items() if found.entry is not None}
    addresses |= {webhook.name: webhook.address for webhook in desired}
    found = {**matching.matched, **matching.orphans}
    blocks = {id(block): block for each in found.values() for block in each.alike}
    names = {name for block in blocks.values() for name in block}.union(n for n, each in found.items() if each.alike)
    alike = (addresses[name] for name in names & addresses.keys())
    elsewhere = (at for each in desired if found[each.name].remote is None for at in _elsewhere(each, lock))
    return frozenset(_askable((*alike, *elsewhere), capabilities_of, accounts))


def _elsewhere(webhook: Desired, lock: Lock) -> Iterator[Address]:
    """Where a webhook is kept by file and by lock, if these name two places of one account."""
    now = webhook.address
    for name in (webhook.name, *webhook.was):
        entry, intent = lock.entries.get(name), lock.intents.get(name)
        for before in (kept.address for kept in (entry, intent) if kept is not None):
            if (before.type, before.account) == (now.type, now.account) and before.scope != now.scope:
                yield from (before, now)


def _askable(
    addresses: Iterable[Address], capabilities_of: Mapping[str, Capabilities], accounts: Mapping[str, str]
) -> Iterable[Address]:
    for address in addresses:
        capabilities = capabilities_of.get(address.provider)
        if capabilities is not None and capabilities.identifies and accounts.get(address.provider) == address.account:
            yield address


def identify(addresses: Collection[Address], runtime: Runtime) -> dict[PlaceKey, str]:
    """The identity of each place, read once; without those that could not be read, which then stay in doubt.

    Raises:
        Interrupted: the user stopped the run.
    """
    identities: dict[PlaceKey, str] = {}
    for address in sorted(addresses):
        provider = runtime.provider(address.provider)
        key = key_of_place(address, provider.capabilities)
        if key in identities or not isinstance(provider, Identifies):
            continue
        try:
            identity = runtime.drive(address.provider, provider.place(address.scope))
        except Interrupted:
            raise
        except WhsyncError:
            continue
        if identity is not None:
            identities[key] = identity
    return identities
