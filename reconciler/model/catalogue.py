"""The event names that a vendor knows, and which sets of them mean the same. [pure]

Used by `model.webhook`, whose `Capabilities` hold one, and by `providers.engine`, which makes them and writes by them.
"""

from typing import NamedTuple


class EventCatalogue(NamedTuple):
    """The event names a vendor knows. `closed`: others are an error. `wildcard`: the name that means all."""

    names: frozenset[str] = frozenset()
    closed: bool = False
    wildcard: str | None = None

    def canonical(self, events: frozenset[str]) -> frozenset[str]:
        """One spelling for sets that mean the same: the wildcard absorbs, and the full closed list is the wildcard."""
        if self.wildcard is None:
            return events
        known = self.names - {self.wildcard}
        everything = self.closed and known and known <= events
        return frozenset({self.wildcard}) if self.wildcard in events or everything else events
