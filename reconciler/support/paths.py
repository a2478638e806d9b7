"""Which file a path means, however it is spelled. Called by `config`, `secrets` and `cli`.

Everything that is read or written here and could meet something else's file asks this, so that all give one answer.
"""

import os
import stat
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


class File(NamedTuple):
    """A file: its path without links and detours and, where it is there, its number on its disk.

    Equal paths or equal numbers mean one file.
    """

    path: str
    number: tuple[int, int] | None = None


class Disk:
    """Tells which file a path means; looks at each folder once, so it is made anew for each run."""

    def __init__(self) -> None:
        self._folders: dict[str, str] = {}

    def file(self, path: str | Path) -> File:
        """The file that `path` means, whether or not it is there."""
        folder, name = os.path.split(path)
        if folder not in self._folders:
            self._folders[folder] = os.path.realpath(folder)
        direct = os.path.join(self._folders[folder], name)
        try:
            there = os.lstat(direct)
            if stat.S_ISLNK(there.st_mode) or name in ("", os.curdir, os.pardir):
                direct = os.path.realpath(direct)
                there = os.stat(direct)
        except (OSError, ValueError):
            return File(os.path.normcase(direct))
        number = (there.st_dev, there.st_ino) if stat.S_ISREG(there.st_mode) else None
        return File(os.path.normcase(direct), number)


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
