"""Writing a file whole or not at all, and durably. Called by `secrets`, `state.stores` and `cli.saved`.

A reader sees the old bytes or the new ones, whenever the machine stops. Errors are plain `OSError`s; callers say what
they mean.
"""

import os
import re
import stat
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

# What `mkstemp` makes of a prefix.
_TEMPORARY = re.compile(r"(\..{1,64}\.)[a-z0-9_]{8}\.tmp", re.DOTALL)


def replace(path: Path, data: bytes, *, mode: int = 0o600, keep_mode: bool = True) -> None:
    """Make `data` the content of `path`: temporary file in the same folder, fsync, rename, fsync of the folder.

    A symbolic link is written through and stays a link; asking whether that is wanted is the caller's part.

    Args:
        mode: of a new file, and of an existing one unless `keep_mode`.
        keep_mode: an existing file keeps its permissions.

    Raises:
        OSError: nothing was changed; it names `path`.
    """
    target = Path(os.path.realpath(path))
    try:
        if keep_mode:
            with suppress(FileNotFoundError):
                mode = stat.S_IMODE(target.stat().st_mode)
        _replace(target, data, mode)
    except OSError as error:  # of the temporary file, which nobody knows
        raise OSError(error.errno, error.strerror, str(path)) from None


def _replace(target: Path, data: bytes, mode: int) -> None:
    descriptor, name = tempfile.mkstemp(prefix=_prefix(target), suffix=".tmp", dir=target.parent)
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


def sweep(paths: Iterable[Path]) -> None:
    """Remove the temporary files that killed writers of `paths` left; nobody may be writing those paths meanwhile."""
    prefixes: dict[Path, set[str]] = defaultdict(set)
    for path in paths:
        target = Path(os.path.realpath(path))
        prefixes[target.parent].add(_prefix(target))
    for folder, known in prefixes.items():
        with suppress(OSError):  # it is in nobody's way, and the next run tries again
            for name in os.listdir(folder):
                if (left := _TEMPORARY.fullmatch(name)) and left[1] in known:
                    os.unlink(folder / name)


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


def _prefix(target: Path) -> str:
    return f".{target.name[:64]}."
