"""Which remote webhooks one change has asked to go, and what reading has shown of them since. [pure]

Used by `apply.recorder`.
"""

from collections.abc import Iterable

from reconciler.matching.types import Matched
from reconciler.model.webhook import Entry


class Leavers:
    """The ids that the lock calls leaving.

    Attributes:
        asked: those that this change asked to go, and the vendor said they did.
        undone: those of them that reading shows all the same.
    """

    def __init__(self, matched: Matched) -> None:
        before = matched.entry.leaving if matched.entry else ()
        self.asked: tuple[str, ...] = ()
        self.undone: tuple[str, ...] = ()
        self._leaving = tuple(each for each in before if each not in matched.departed)

    def ask(self, ids: Iterable[str]) -> None:
        """The vendor answered that these are gone; they are leaving until reading shows it."""
        asked = tuple(ids)
        self.asked += asked
        self._leaving += tuple(each for each in asked if each not in self._leaving)

    def settle(self, gone: Iterable[str], there: Iterable[str]) -> None:
        """Reading shows which of them are gone, and which are there all the same."""
        proven = set(gone)
        self.undone = tuple(there)
        self._leaving = tuple(each for each in self._leaving if each not in proven)

    def in_entry(self, entry: Entry, wanted: bool) -> Entry:
        """The entry with the ids that are to go; where the file has the webhook, it is none of them itself."""
        stays = entry.remote_id if wanted else None
        return entry._replace(leaving=tuple(each for each in self._leaving if each != stays))
