"""Reading what a configuration or a command line names, so that nothing which never ends fills the memory.

Called by `providers.registry`, `trust.file`, `cli.saved`, `state.stores.writer` and `state.stores.file`. What a path
leads to may be a device, by a link that a repository carries.
"""

import errno
import os
import stat
from pathlib import Path

from reconciler.support.bounds import MEBIBYTE

WRITTEN = 16 * MEBIBYTE
"""More than anybody writes by hand: a manifest, a trust file."""
MADE = 1024 * MEBIBYTE
"""More than whsync writes for as many webhooks as there may be: a lock, its journal, a plan."""


def read(path: str | Path, most: int, *, ordinary: bool = False) -> bytes:
    """The whole content.

    Args:
        most: so many bytes are read at most.
        ordinary: nothing but an ordinary file is read; else a pipe and a device are, too.

    Raises:
        OSError: it cannot be read, is larger, or is no ordinary file where it should be one; it names `path`.
    """
    waiting = 0 if not ordinary else getattr(os, "O_NONBLOCK", 0)  # opening a pipe that nobody writes into waits
    try:
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | waiting)) as opened:
            if ordinary and not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                raise OSError(errno.EINVAL, "it is not an ordinary file")
            data = opened.read(most + 1)
        if len(data) > most:
            raise OSError(errno.EFBIG, f"it is larger than {most // MEBIBYTE:,} MiB")
    except OSError as error:
        error.filename = str(path)  # which a failing read does not know
        raise
    return data
