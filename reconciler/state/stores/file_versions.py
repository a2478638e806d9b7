"""Earlier versions of a lock that is a file: a folder beside it, a file for each, and an index of them.

Used by `state.stores.file`. Git, where it has the lock, knows what was committed; this knows what each run left.

    .webhooks.lock.json.versions/index.json    who left which, and when
    .webhooks.lock.json.versions/000012.json   the lock as it was, byte for byte
"""

import json
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from reconciler.codes import Code
from reconciler.errors import StateError
from reconciler.state.lock import Lock, from_json
from reconciler.state.stores.base import Holder, Version, digest_of_text, not_kept
from reconciler.support import atomic, intake, json_types

KEEP = 30
"""How many versions are kept."""

_NOBODY = Holder("", "", 0, "", "")


class VersionsFolder:
    """The folder.

    Args:
        folder: its path; it is made with the first version.
        shown: the lock's path, for messages.
    """

    def __init__(self, folder: Path, shown: str) -> None:
        self._folder, self._shown = folder, shown

    def all(self) -> tuple[Version, ...]:
        """Every version that is kept, the oldest first.

        Raises:
            StateError: the index cannot be read.
        """
        try:
            listed = json.loads(intake.read(self._index, intake.MADE, ordinary=True))
            return tuple(Version.from_json(each) for each in json_types.items(listed))
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, TypeError, KeyError, RecursionError, AttributeError):
            hint = f"the versions themselves are the files beside it; remove {self._index} to begin anew"
            raise StateError(
                f"{self._index}, which tells of earlier locks, cannot be read", hint, code=Code.STATE_UNUSABLE
            ) from None

    def lock(self, number: int) -> Lock:
        """One version.

        Raises:
            StateError: it is not kept, or cannot be read.
        """
        versions = self.all()
        if number in {version.number for version in versions}:
            path = self._file(number)
            with suppress(FileNotFoundError, UnicodeDecodeError):
                try:
                    return from_json(intake.read(path, intake.MADE, ordinary=True).decode(), str(path))
                except OSError as error:
                    if isinstance(error, FileNotFoundError):
                        raise
                    what = f"{path} cannot be read: {error.strerror or 'it is no ordinary file'}"
                    raise StateError(what, "check its permissions", code=Code.STATE_UNUSABLE) from None
        raise not_kept(self._shown, number, [each for each in versions if self._file(each.number).exists()])

    def sweep(self) -> None:
        """Remove what a killed run left half written; nobody may be keeping a version meanwhile."""
        with suppress(StateError):
            atomic.sweep((self._index, *(self._file(number) for number in self._next(self.all()))))

    def keep(self, before: tuple[str, int] | None, after: tuple[str, int], holder: Holder) -> None:
        """Keep what a run left; and what it found, where no run before it left that.

        Not keeping it costs nobody anything that is true now, so what the disk refuses is left.

        Args:
            before: the lock's text as the run found it, and how many webhooks it holds; None where there was none.
            after: the same of what it left.
            holder: who ran.
        """
        with suppress(OSError, StateError):
            versions = list(self.all())
            known = {version.digest for version in versions}
            self._make()
            for found, who in ((before, _NOBODY), (after, holder)):
                if found is None or (who is _NOBODY and digest_of_text(found[0]) in known):
                    continue
                number = self._next(versions)[0]
                version = Version.of(number, found[1], digest_of_text(found[0]), who, _now())
                atomic.replace(self._file(number), found[0].encode(errors="surrogatepass"))
                versions.append(version)
            text = json.dumps([version._asdict() for version in versions[-KEEP:]], indent=1)
            atomic.replace(self._index, text.encode())
            for old in versions[:-KEEP]:
                os.unlink(self._file(old.number))

    def _make(self) -> None:
        """Make the folder, which git leaves alone: each clone has versions of its own, and those would only clash."""
        with suppress(FileExistsError):
            self._folder.mkdir()
            (self._folder / ".gitignore").write_bytes(b"*\n")

    def _next(self, versions: Sequence[Version]) -> range:
        """The numbers of what a run may leave: what it found, and what it made of that."""
        first = versions[-1].number + 1 if versions else 1
        return range(first, first + 2)

    @property
    def _index(self) -> Path:
        return self._folder / "index.json"

    def _file(self, number: int) -> Path:
        return self._folder / f"{number:06}.json"


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
