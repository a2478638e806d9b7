"""A machine that is short of something: of file handles, or of files that can be replaced. Used by `world`."""

import errno
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from reconciler.support import atomic


class Handles:
    """The file handles of this process, of which there may suddenly be no more."""

    def __init__(self) -> None:
        self._before: tuple[int, int] | None = None

    def run_out(self) -> None:
        """Nothing more can be opened, unless something that is open now is closed for it."""
        lowest = os.open(os.devnull, os.O_RDONLY)
        os.close(lowest)
        self._before = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, self._before[1]))

    def come_back(self) -> None:
        """There are as many as before."""
        if self._before is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE, self._before)
        self._before = None


@contextmanager
def mounts(points: Callable[[Path], bool], listed: bool, effect: Callable[[str], None]) -> Iterator[None]:
    """Let the system treat some files as mounts: nothing takes their place, and they are written where they are.

    Args:
        points: whether a file is one of them.
        listed: the system tells that, too.
        effect: told of each moment at which a process may die meanwhile.
    """
    rename, overwrite = os.replace, atomic._overwrite

    def replace(source: str | Path, target: str | Path) -> None:
        if points(Path(target)):
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        rename(source, target)

    def mortal_overwrite(descriptor: int, data: bytes, kept: int) -> None:
        effect("before a mounted file is written")
        os.pwrite(descriptor, data[kept:] if kept else data[: len(data) // 2], kept)
        os.pwrite(descriptor, data[: kept // 2], 0)
        effect("within a mounted file")
        overwrite(descriptor, data, kept)
        effect("after a mounted file was written")

    with (
        patch.object(os, "replace", replace),
        patch.object(atomic, "_overwrite", mortal_overwrite),
        patch.object(atomic, "is_mounted", lambda path: listed and points(path)),
    ):
        yield
