"""Writing a file whole or not at all, and durably. Called by `secrets.sink`, `state.file` and whoever replaces a file.

A reader sees the old bytes or the new ones, whenever the machine stops. Errors are plain `OSError`s; callers say what
they mean.
"""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path


def replace(path: Path, data: bytes, *, mode: int = 0o600, keep_mode: bool = True) -> None:
    """Make `data` the content of `path`: temporary file in the same folder, fsync, rename, fsync of the folder.

    A symbolic link is written through and stays a link; asking whether that is wanted is the caller's part.

    Args:
        mode: of a new file, and of an existing one unless `keep_mode`.
        keep_mode: an existing file keeps its permissions.

    Raises:
        OSError: nothing was changed.
    """
    target = Path(os.path.realpath(path))
    if keep_mode:
        with suppress(FileNotFoundError):
            mode = stat.S_IMODE(target.stat().st_mode)
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:64]}.", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as temporary:
            temporary.write(data)
            temporary.flush()
            os.fsync(temporary.fileno())
        os.chmod(name, mode)
        os.replace(name, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make created, renamed and removed names of `folder` durable, where the system can."""
    if os.name == "nt":  # a folder cannot be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_private_folders(folder: Path) -> None:
    """Create `folder` and its missing parents with mode 0700; existing ones are left as they are."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        with suppress(FileExistsError):
            each.mkdir(mode=0o700)
            sync_folder(each.parent)
