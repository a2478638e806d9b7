"""The event names of a vendor, and which sets of them mean the same. [pure]

Made by `providers.engine.abilities`; used by `model.webhook` (in what a vendor can do) and `providers.engine.codec`.
"""

from typing import NamedTuple


class EventCatalogue(NamedTuple):
    """The event names a vendor knows.

    Args:
        closed: others are an error.
        wildcard: the name that means all.
        synonyms: other spellings of a name, each with the one that reads give.
    """

    names: frozenset[str] = frozenset()
    closed: bool = False
    wildcard: str | None = None
    synonyms: tuple[tuple[str, str], ...] = ()

    def canonical(self, events: frozenset[str]) -> frozenset[str]:
        """One spelling for sets that mean the same: the wildcard absorbs, and the full closed list is the wildcard."""
        if self.synonyms:
            meanings = dict(self.synonyms)
            events = frozenset(meanings.get(name, name) for name in events)
        if self.wildcard is None:
            return events
        known = self.names - {self.wildcard}
        everything = self.closed and known and known <= events
        return frozenset({self.wildcard}) if self.wildcard in events or everything else events
