"""Which files nothing may be written over, and the secrets that would be. Called by `config.load` and `cli.reports`.

It asks the disk, for two paths may mean one file.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from reconciler.codes import Code
from reconciler.config.checked import Checked
from reconciler.config.fault import FileFault
from reconciler.config.loaded import Loaded
from reconciler.config.webhook import WrittenWebhook, hidden_references
from reconciler.errors import SecretError
from reconciler.model.further import called, specs_of
from reconciler.model.secret import SecretRef
from reconciler.model.webhook import Desired, Source
from reconciler.secrets import registry
from reconciler.secrets.scheme import FilePart
from reconciler.support.paths import ByFile, Disk, File, placed

OWN = "a file of whsync's own"


class Taken:
    """The files that one configuration lives on, each with what it is, in words.

    What stands beside a lock and begins with its name belongs to that lock.
    """

    def __init__(self, loaded: Loaded) -> None:
        self.disk = Disk()
        self._folder = loaded.folder
        self._files = ByFile[str]()
        self._beside: list[str] = []
        read: list[str | Path] = [*loaded.files, *_list_files(loaded)]
        for path in read:
            self._files.setdefault(self.disk.file(path), OWN)
        for lock in map(loaded.local, (loaded.lock, loaded.usual_lock)):
            self._files.setdefault(self.disk.file(lock), OWN)
            self._beside += (f"{path}." for path in (self.disk.place(lock), self.disk.file(lock).path))
        for provider in loaded.providers.values():
            if provider.origin.file is not None:
                self._files.setdefault(self.disk.file(provider.origin.file), f"the manifest of `{provider.name}`")
            for name, ref in provider.auth.items():
                self._refer(ref, f"the file that `{name}` of `{provider.name}` is read from")
        for webhook in loaded.desired:
            for ref in hidden_references(webhook) if webhook.hidden else ():
                self._refer(ref, f"the file that a hidden value of `{webhook.name}` is read from")
            for which, spec in specs_of(webhook).items():
                if spec.source is not None:
                    self._refer(spec.source, f"the file that the {called(which)} of `{webhook.name}` is read from")

    def add_sinks(self, desired: Iterable[Desired]) -> None:
        """Count the files, too, that secrets are stored in."""
        for webhook in desired:
            for which, spec in specs_of(webhook).items():
                if spec.sink is not None:
                    self._refer(spec.sink, f"the file that the {called(which)} of `{webhook.name}` is stored in")

    def what(self, file: File) -> str | None:
        """What would be lost if something else were written to `file`, in words, or None."""
        return OWN if file.path.startswith(tuple(self._beside)) else self._files.get(file)

    def _refer(self, ref: SecretRef, what: str) -> None:
        path = file_of(ref, self._folder)
        if path is not None:
            self._files.setdefault(self.disk.file(path), what)


def _list_files(loaded: Loaded) -> Iterator[Path]:
    """The files that lists come from."""
    for each in loaded.lists:
        scheme, _, target = each.reference.partition(":")
        path = file_of(SecretRef(scheme, target), loaded.folder) if scheme == "file" else None
        if path is not None:
            yield path


def file_of(ref: SecretRef, folder: Path) -> Path | None:
    """The file that a reference means, or None where it means none, or one in a home folder that nobody has."""
    part = registry.file_part(ref)
    with suppress(SecretError):  # told where it is needed
        return placed(part.path, folder) if part is not None else None
    return None


def sink_faults(checked: Sequence[Checked], loaded: Loaded) -> Iterator[FileFault]:
    """Webhooks whose secret would be stored over something else, or over another's."""
    taken, files = Taken(loaded), ByFile[_Stored]()
    others: dict[Hashable, _Storing] = {}
    meant = _meant(checked)
    for each, sink in _stored_by(checked):
        if not registry.names_a_place(sink):
            continue
        path = file_of(sink, loaded.folder)
        file = taken.disk.file(path) if path else None
        if file and (what := taken.what(file)):
            summary = f"`{each.name}` would store its {called(each.which)} over {what}"
            yield FileFault(each.place, Code.SINK_TAKEN, summary, "name another file", name=each.name)
        part = registry.file_part(sink)
        place = meant.get(sink, sink)
        first = _first(files.setdefault(file, {}), part, each) if file and part else others.setdefault(place, each)
        if first is not each:
            yield _shared(each, first, "" if place is sink else "; what keeps them there takes both names for one")


class _Storing(NamedTuple):
    """One secret that goes to a sink: whose, and which."""

    entry: WrittenWebhook
    which: str

    @property
    def name(self) -> str:
        """The webhook's name."""
        return self.entry.name

    @property
    def place(self) -> Source:
        """Where its sink is written."""
        return self.entry.place(*(("secrets", self.which) if self.which else ("secret",)), "to")


def _stored_by(checked: Iterable[Checked]) -> Iterator[tuple[_Storing, SecretRef]]:
    for entry, desired, *_ in checked:
        for which, spec in specs_of(desired).items():
            if spec.sink is not None:
                yield _Storing(entry, which), spec.sink


def _shared(each: _Storing, first: _Storing, why: str) -> FileFault:
    who = f"`{each.name}` and `{first.name}` store their secrets"
    if each.name == first.name:
        who = f"`{each.name}` stores two of its secrets"
    summary = f"{who} in the same place; the other at {{also}}{why}"
    hint = "give each its own; in a for_each, ${each.KEY} may stand in it"
    return FileFault(each.place, Code.SINK_SHARED, summary, hint, also=first.place, name=each.name)


def _meant(checked: Iterable[Checked]) -> Mapping[SecretRef, Hashable]:
    """The places of sinks that only letters tell apart, by the rules of what keeps them; every other is its own."""
    known = {sink for _, sink in _stored_by(checked)}
    alike = Counter(map(registry.letters, known))
    return {ref: registry.place(ref) for ref in known if alike[registry.letters(ref)] > 1}


_Stored = dict[str | None, _Storing]
"""Whose secrets are in one file: by the variable, or None for who has it whole."""


def _first(stored: _Stored, part: FilePart, entry: _Storing) -> _Storing:
    """Who stores something there already that `entry` would overwrite; `entry` itself where nobody does."""
    if part.name is None:
        return stored.setdefault(None, next(iter(stored.values()), entry))
    return stored.get(None) or stored.setdefault(part.name, entry)
