"""Room on a disk for secrets that do not exist yet: tried where they will be kept, held for those to be rescued.

Called by `secrets.sink` and `secrets.rescue`. Errors are plain `OSError`s. What is written is random, for some disks
would store zeros as nothing. What is held is a file that we make, and none that a link leads to.
"""

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

BLOCK = 4096
"""What a small file takes of a disk, in bytes."""
_HELD = ".room"
_PIECE = 256 * BLOCK


def try_out(folder: Path, size: int) -> None:
    """See whether the disk of `folder` takes `size` more bytes; leaves no trace.

    Raises:
        OSError: it does not.
    """
    with tempfile.TemporaryFile(dir=folder) as file:
        _fill(file, size)


def hold(folder: Path, size: int) -> None:
    """Keep `size` bytes of the disk of `folder` from everybody else, until they are given back or released.

    Raises:
        OSError: there are not so many; release what was taken.
    """
    (folder / _HELD).unlink(missing_ok=True)  # of a killed run
    with open(folder / _HELD, "xb") as file:
        _fill(file, size)


def give_back(folder: Path, size: int) -> None:
    """Leave `size` of the held bytes to others; as many as are left, where there are fewer."""
    with suppress(OSError):
        descriptor = os.open(folder / _HELD, os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0))
        try:
            os.ftruncate(descriptor, max(os.fstat(descriptor).st_size - size, 0))
        finally:
            os.close(descriptor)


def release(folder: Path) -> None:
    """Leave all of them, and the folder where nothing else is in it; what a link leads to was never ours."""
    if folder.is_symlink():
        return
    with suppress(OSError):
        (folder / _HELD).unlink(missing_ok=True)
        folder.rmdir()


def _fill(file: BinaryIO, size: int) -> None:
    for start in range(0, size, _PIECE):
        file.write(os.urandom(min(_PIECE, size - start)))
    file.flush()
    os.fsync(file.fileno())
