"""What the lock knows of webhooks' past, with secrets hidden once somebody asks. Used by `run.drift`, `cli.reports`.

Most formats never ask, and ten thousand histories take a while to look through.
"""

from collections.abc import Iterator, Mapping

from reconciler.model.provenance import History
from reconciler.model.webhook import Entry
from reconciler.secrets.redact import Redactor


class Histories(Mapping[str, History]):
    """The histories of these entries, by webhook name."""

    def __init__(self, entries: Mapping[str, Entry], redactor: Redactor) -> None:
        self._entries, self._redactor = entries, redactor

    def __getitem__(self, name: str) -> History:
        return self._redactor.over(self._entries[name].history)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
