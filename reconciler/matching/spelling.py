"""One name for every place, however file and lock spell it. [pure]

Used by `run.search`. Matching compares places as they are called, so while it does, each has one name, the file's. What
it finds is then told in the words of the lock again, so that a plan sees what was written there.

A vendor's own rules say which spellings are one place; where it tells the identity of a place, that decides instead.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from reconciler.matching.index import Place, PlaceKey, key_of_place, place_of
from reconciler.matching.types import Matched, Matching
from reconciler.model.capabilities import Capabilities
from reconciler.model.webhook import Address, Desired, Entry, Scope
from reconciler.state.event import Intended
from reconciler.state.lock import Lock

Kept = TypeVar("Kept", Desired, Entry, Intended)


class Spelling(NamedTuple):
    """What every place is called in one run.

    Args:
        scopes: by address, as anybody spells it.
    """

    scopes: Mapping[Address, Scope]

    def respelled(self, kept: Kept) -> Kept:
        """The same, kept at the same place under its one name."""
        scope = self.scopes.get(kept.address, kept.scope)
        return kept if scope == kept.scope else kept._replace(scope=scope)

    def lock(self, lock: Lock) -> Lock:
        """The lock with one name for every place."""
        entries = {name: self.respelled(entry) for name, entry in lock.entries.items()}
        return Lock(entries, {name: self.respelled(intent) for name, intent in lock.intents.items()})

    def places(
        self, places: Mapping[Place, frozenset[str]], accounts: Mapping[str, str]
    ) -> dict[Place, frozenset[str]]:
        """Every place once, with the ids that are known at any of its spellings.

        Args:
            accounts: each provider entry's base URL, to which its places belong.
        """
        names = self.names(accounts)
        found: dict[Place, frozenset[str]] = {}
        for written, ids in places.items():
            place = names.get(written, written)
            found[place] = found.get(place, frozenset()) | ids
        return found

    def names(self, accounts: Mapping[str, str]) -> dict[Place, Place]:
        """The one name of every place that is kept at one of these accounts; see `places`."""
        here = (address for address in self.scopes if accounts.get(address.provider) == address.account)
        return {place_of(address): (address.provider, self.scopes[address]) for address in here}


def spelling_of(
    desired: Iterable[Desired],
    lock: Lock,
    capabilities_of: Mapping[str, Capabilities],
    identities: Mapping[PlaceKey, str] | None = None,
) -> Spelling:
    """One name for every place of file and lock: the first that the file has for it, else the lock's.

    Args:
        identities: of the places whose vendor was asked.
    """
    known = identities or {}
    first: dict[tuple[str, str, object], Scope] = {}
    scopes: dict[Address, Scope] = {}
    for address in _addresses(desired, lock):
        capabilities = capabilities_of.get(address.provider)
        if capabilities is not None and address.scope:
            key = key_of_place(address, capabilities)
            scopes[address] = first.setdefault((key[0], key[1], known.get(key, key[2])), address.scope)
    return Spelling(scopes)


def _addresses(desired: Iterable[Desired], lock: Lock) -> list[Address]:
    """Where anything is kept, the file's words first."""
    kept: Sequence[Entry | Intended] = (
        *(entry for _, entry in sorted(lock.entries.items())),
        *(intent for _, intent in sorted(lock.intents.items())),
    )
    return list(dict.fromkeys([*(webhook.address for webhook in desired), *(each.address for each in kept)]))


def as_written(matching: Matching, lock: Lock) -> Matching:
    """What was matched, each entry with the address that stands in the lock."""
    return matching._replace(
        matched={name: _as_written(found, lock) for name, found in matching.matched.items()},
        orphans={name: _as_written(found, lock) for name, found in matching.orphans.items()},
    )


def _as_written(found: Matched, lock: Lock) -> Matched:
    written = lock.entries.get(found.entry_name or "")
    if found.entry is None or written is None or found.entry.address == written.address:
        return found
    provider, type_, account, scope = written.address
    return found._replace(entry=found.entry._replace(provider=provider, type=type_, account=account, scope=scope))
