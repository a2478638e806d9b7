"""The event names of a vendor, and which sets of them mean the same. [pure]

Made by `providers.engine.abilities`; used by `model.capabilities` and `providers.engine.codec`.
"""

from collections.abc import Container, Mapping
from typing import NamedTuple


class EventCatalogue(NamedTuple):
    """The event names a vendor knows.

    Args:
        closed: others are an error.
        wildcard: the name that means all.
        synonyms: other spellings of a name, each with the one that reads give.
        only: names that there are only in scopes with a parameter, by that parameter.
        implied: names that the vendor adds by itself, by the name that they come with; by an empty one, those that come
            with any.
        lists: what tells the names by a call: the parameter of a scope that each is for (empty: any), and those on
            which its answer hangs.
        insisted: the settings say that there are others, so that whoever names one knows it.
    """

    names: frozenset[str] = frozenset()
    closed: bool = False
    wildcard: str | None = None
    synonyms: tuple[tuple[str, str], ...] = ()
    only: tuple[tuple[str, frozenset[str]], ...] = ()
    implied: tuple[tuple[str, frozenset[str]], ...] = ()
    lists: tuple[tuple[str, tuple[str, ...]], ...] = ()
    insisted: bool = False

    def names_in(self, scope: Container[str]) -> frozenset[str]:
        """The names that there are in a scope with these parameters."""
        there = frozenset[str]().union(*(names for parameter, names in self.only if parameter in scope))
        return self.names - frozenset[str]().union(*(names for _, names in self.only)) | there

    def list_for(self, scope: Mapping[str, str]) -> tuple[str, ...] | None:
        """What is equal for two scopes of which one list tells the names; None where no call does."""
        for parameter, hangs_on in self.lists:
            if not parameter or parameter in scope:
                return (parameter, *(scope.get(name, "") for name in hangs_on))
        return None

    def unknown(self, events: frozenset[str], scope: Container[str]) -> frozenset[str]:
        """Those of the events that are none of the names, as they are written."""
        known = {*self.names_in(scope), self.wildcard}
        return frozenset(name for name in events if not self.canonical(frozenset({name})) & known)

    def spelled(self, events: frozenset[str]) -> frozenset[str]:
        """The events, each in the spelling that reads give."""
        meanings = dict(self.synonyms)
        return frozenset(meanings.get(name, name) for name in events)

    def canonical(self, events: frozenset[str]) -> frozenset[str]:
        """One spelling for sets that mean the same: the wildcard absorbs, and the full closed list is the wildcard."""
        if self.synonyms:
            events = self.spelled(events)
        if self.implied and events:
            events = self._with_implied(events)
        if self.wildcard is None:
            return events
        known = self.names - {self.wildcard}
        everything = self.closed and known and known <= events
        return frozenset({self.wildcard}) if self.wildcard in events or everything else events

    def _with_implied(self, events: frozenset[str]) -> frozenset[str]:
        """The events with all that the vendor adds to them, and to those."""
        while True:
            more = events.union(*(added for name, added in self.implied if not name or name in events))
            if more == events:
                return events
            events = more
