"""Which file a path means, however it is spelled. Called by `config`, `secrets`, `trust`, `run` and `cli`.

Everything that is read or written here and could meet something else's file asks this, so that all give one answer.
"""

import os
import stat
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from reconciler.codes import Code
from reconciler.errors import SecretError

T = TypeVar("T")


def placed(target: str, folder: Path) -> Path:
    """The path that a reference means: `~` is the home folder, relative paths start at `folder`.

    Raises:
        SecretError: there is no such home folder.
    """
    try:
        return folder / Path(target).expanduser()
    except RuntimeError:
        raise SecretError(
            f"the home folder in {target} is not known", "write the path out", code=Code.WRONG_REFERENCE
        ) from None


def state_folder(environment: Mapping[str, str]) -> Path:
    """Where whsync keeps what is about this machine and its user, and no configuration's."""
    home = environment.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return Path(home, "whsync")


def is_in_checkout(path: Path, folder: Path) -> bool:
    """Whether a path lies where changes of what stands in `folder` reach, as a container's home may."""
    here, there = Path(os.path.realpath(folder)), Path(os.path.realpath(path))
    checkout = next((each for each in (here, *here.parents) if (each / ".git").exists()), here)
    return there.is_relative_to(checkout)


class File(NamedTuple):
    """A file: its path without links and detours and, where it is there, its number on its disk.

    Equal paths or equal numbers mean one file.
    """

    path: str
    number: tuple[int, int] | None = None


class Disk:
    """Tells which file a path means; looks at each folder once, so it is made anew for each run.

    On a disk that takes two names for one where only their case, or the form of their letters, differs, so do we.
    """

    def __init__(self) -> None:
        self._folders: dict[str, str] = {}
        self._caseless: dict[str, bool] = {}

    def file(self, path: str | Path) -> File:
        """The file that `path` means, whether or not it is there."""
        folder, name = os.path.split(path)
        direct = os.path.join(self._real(folder), name)
        try:
            there = os.lstat(direct)
            if stat.S_ISLNK(there.st_mode) or name in ("", os.curdir, os.pardir):
                direct = os.path.realpath(direct)
                there = os.stat(direct)
        except (OSError, ValueError):
            return File(self._spelled(direct))
        number = (there.st_dev, there.st_ino) if stat.S_ISREG(there.st_mode) else None
        return File(self._spelled(direct), number)

    def place(self, path: Path) -> str:
        """The path of what stands there itself, be it a link."""
        return self._spelled(os.path.join(self._real(str(path.parent)), path.name))

    def _real(self, folder: str) -> str:
        if folder not in self._folders:
            self._folders[folder] = os.path.realpath(folder)
        return self._folders[folder]

    def _spelled(self, direct: str) -> str:
        folder = os.path.dirname(direct)
        if folder not in self._caseless:
            self._caseless[folder] = _ignores_case(folder)
        spelled = os.path.normcase(direct)
        return unicodedata.normalize("NFC", spelled).casefold() if self._caseless[folder] else spelled


def _ignores_case(folder: str) -> bool:
    """Whether a folder takes names that differ in case for one; asked of a name in it, or in those above it.

    Nothing is written for that. A folder that is not there will be as the one above it is; where no name tells, it is
    taken to distinguish them, as most do.
    """
    try:
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if (other := entry.name.swapcase()) != entry.name:
                    return _is_one(entry.path, os.path.join(folder, other))
        above, name = os.path.split(folder)
        if not name or (os.path.exists(folder) and os.stat(folder).st_dev != os.stat(above).st_dev):
            return False
        if os.path.exists(folder) and (other := name.swapcase()) != name:
            return _is_one(folder, os.path.join(above, other))
    except (OSError, ValueError):
        return False
    return _ignores_case(above)


def _is_one(path: str, other: str) -> bool:
    try:
        return os.path.samestat(os.lstat(path), os.lstat(other))
    except FileNotFoundError:
        return False


class ByFile(Generic[T]):
    """One value for each file."""

    def __init__(self) -> None:
        self._values: dict[object, T] = {}

    def get(self, file: File) -> T | None:
        """The file's value, or None."""
        found = self._values.get(file.path)
        return self._values.get(file.number) if found is None and file.number is not None else found

    def setdefault(self, file: File, value: T) -> T:
        """The file's value; where it has none, `value` from now on."""
        found = self.get(file)
        kept = value if found is None else found
        for key in filter(None, file):
            self._values.setdefault(key, kept)
        return kept
