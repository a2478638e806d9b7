"""Which file a path means, however it is spelled. Called by `config`, `secrets` and `cli`.

Everything that is read or written here and could meet something else's file asks this, so that all give one answer.
"""

import os
import stat
from collections.abc import Hashable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

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
        raise SecretError(f"the home folder in {target} is not known", "write the path out") from None


class ByFile(Generic[T]):
    """One value for each file: `..`, symbolic links and hard links make other paths, but no other file.

    Looks at each folder once, so it is made anew for each run.
    """

    def __init__(self) -> None:
        self._values: dict[Hashable, T] = {}
        self._folders: dict[str, str] = {}

    def get(self, path: str | Path) -> T | None:
        """The file's value, or None."""
        return next((self._values[key] for key in self._keys(path) if key in self._values), None)

    def setdefault(self, path: str | Path, value: T) -> T:
        """The file's value; where it has none, `value` from now on."""
        keys = [*self._keys(path)]
        found = next((self._values[key] for key in keys if key in self._values), value)
        for key in keys:
            self._values.setdefault(key, found)
        return found

    def real(self, path: str | Path) -> str:
        """The path without links and detours."""
        folder, name = os.path.split(path)
        if folder not in self._folders:
            self._folders[folder] = os.path.realpath(folder)
        direct = os.path.join(self._folders[folder], name)
        is_detour = name in ("", os.curdir, os.pardir) or os.path.islink(direct)
        return os.path.normcase(os.path.realpath(direct) if is_detour else direct)

    def _keys(self, path: str | Path) -> Iterator[Hashable]:
        real = self.real(path)
        yield real
        with suppress(OSError, ValueError):
            there = os.stat(real)
            if stat.S_ISREG(there.st_mode):
                yield there.st_dev, there.st_ino
