"""What this machine remembers of comparisons: tags, see `secrets.compared`, and the key that they are made with.

Used by `secrets.fingerprint`; made by `run.remembering`. Two files of the user's that nobody else may read or write,
below `$XDG_STATE_HOME/whsync/compared`:

    key    32 random bytes and then 32 bytes of salt
    tags   up to `MOST` tags of 32 bytes, those that were of use last in front

Neither is needed: without them, or where they are not as they should be, everything is compared again. What is written
wrongly or by others is no tag of anything, for who writes one needs the key.
"""

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from reconciler.secrets.compared import MachineKey
from reconciler.support import atomic

MOST = 16_384
"""So many tags are kept: those of some 200,000 secrets."""
_SIZE = 32


class Remembered:
    """What was compared before on this machine.

    Args:
        folder: where that is kept; made where it is first needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self) -> tuple[MachineKey, frozenset[bytes]] | None:
        """The key, made here where there is none, and the tags; None where nothing can be kept here."""
        data = self._key() or self._new_key()
        return None if data is None else (MachineKey(data[:_SIZE], data[_SIZE:]), frozenset(self._tags()))

    def keep(self, tags: Iterable[bytes]) -> None:
        """Keep these tags, in front of what was kept before; what cannot be written is compared again, and no more."""
        kept = list(dict.fromkeys([*tags, *self._tags()]))[:MOST]
        with suppress(OSError):
            atomic.replace(self._folder / "tags", b"".join(kept), keep_mode=False)

    def _tags(self) -> list[bytes]:
        data = _private(self._folder / "tags", _SIZE * MOST) or b""
        return [data[at : at + _SIZE] for at in range(0, len(data) - len(data) % _SIZE, _SIZE)]

    def _key(self) -> bytes | None:
        data = _private(self._folder / "key", 2 * _SIZE)
        return data if data is not None and len(data) == 2 * _SIZE else None

    def _new_key(self) -> bytes | None:
        """A new key where it can be kept; of two that are made at once, the one that is there in the end."""
        path = self._folder / "key"
        with suppress(OSError):
            if not os.path.lexists(path) and _may_make(self._folder):
                atomic.make_private_folders(self._folder)
                atomic.replace(path, os.urandom(2 * _SIZE))
        return self._key()


def _private(path: Path, most: int) -> bytes | None:
    """A file's bytes, where it is an ordinary one that only its user, who is ours, may read and write."""
    with suppress(OSError):
        if not _is_ours(path.parent):
            return None
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if stat.S_ISREG(found.st_mode) and _is_private(found) and found.st_size <= most:
                return file.read(most)
    return None


def _is_ours(folder: Path) -> bool:
    """Whether it is a folder, and no link, in which nobody else may put anything."""
    found = os.lstat(folder)
    return stat.S_ISDIR(found.st_mode) and _is_private(found)


def _may_make(folder: Path) -> bool:
    """Whether it would be in a folder of this process's user, and not, under `sudo`, in another's home."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    return os.name == "nt" or there.stat().st_uid == os.geteuid()


def _is_private(found: os.stat_result) -> bool:
    """Whether it is this process's user's and nobody else's; Windows keeps what is below a user's folder for him."""
    return os.name == "nt" or (found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IRWXG | stat.S_IRWXO))
