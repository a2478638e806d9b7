"""Writing a file whole or not at all, and durably. Called by `secrets`, `state.stores` and `cli.outputs`.

A reader sees the old bytes or the new ones, whenever the machine stops. No link is followed here, and nothing but an
ordinary file is replaced. Errors are plain `OSError`s; callers say what they mean.
"""

import errno
import os
import re
import stat
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")

# What `mkstemp` makes of a prefix.
_TEMPORARY = re.compile(r"(\..{1,64}\.)[a-z0-9_]{8}\.tmp", re.DOTALL)


def replace(path: Path, data: bytes, *, mode: int = 0o600, keep_mode: bool = True) -> None:
    """Make `data` the content of `path`: temporary file in the same folder, fsync, rename, fsync of the folder.

    A symbolic link is replaced as what it is; who wants its target written names that.

    Args:
        mode: of a new file, and of an existing one unless `keep_mode`.
        keep_mode: an existing file keeps its permissions.

    Raises:
        OSError: nothing was changed; it names `path`.
    """
    try:
        with suppress(FileNotFoundError):
            there = path.lstat().st_mode
            if not (stat.S_ISREG(there) or stat.S_ISLNK(there)):
                raise OSError(errno.EINVAL, "it is not an ordinary file")
            mode = stat.S_IMODE(there) if keep_mode and stat.S_ISREG(there) else mode
        _replace(path, data, mode)
    except OSError as error:  # of the temporary file, which nobody knows
        raise OSError(error.errno, error.strerror, str(path)) from None


def put(path: Path, data: bytes, *, mode: int = 0o600, keep_mode: bool = True) -> None:
    """As `replace`, but a file that is mounted by itself, which nothing can take the place of, is written in place.

    Args:
        mode: as for `replace`.
        keep_mode: as for `replace`.

    Raises:
        OSError: nothing was changed, as far as the disk allowed; it names `path`.
    """
    if not is_mounted(path):
        try:
            return replace(path, data, mode=mode, keep_mode=keep_mode)
        except OSError as error:
            if error.errno != errno.EBUSY:  # what the system answers for a mount that nobody could tell
                raise
    try:
        _write_in_place(path, data, None if keep_mode else mode)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None


def is_mounted(path: Path) -> bool:
    """Whether a file is mounted by itself, as containers do, and not with its folder; False where nobody can tell.

    Linux lists its mounts. Their disks' numbers would not do there: one disk may show as many, and many mounts as one.
    """
    try:
        there, folder = os.lstat(path), os.stat(path.parent)
        listed = _MOUNTS.read_bytes() if _MOUNTS.exists() else None
    except (OSError, ValueError):
        return False
    if not stat.S_ISREG(there.st_mode):
        return False
    return there.st_dev != folder.st_dev if listed is None else _real(path) in _mount_points(listed)


def _mount_points(listed: bytes) -> Iterator[bytes]:
    for words in map(bytes.split, listed.splitlines()):
        yield from (re.sub(rb"\\([0-7]{3})", lambda octal: bytes([int(octal[1], 8)]), each) for each in words[4:5])


def _real(path: Path) -> bytes:
    return os.fsencode(os.path.join(os.path.realpath(path.parent), path.name))


def _write_in_place(path: Path, data: bytes, mode: int | None) -> None:
    """Overwrite an ordinary file: what is new at its end first, so that a full disk shows before anything is lost."""
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is not an ordinary file")
        if mode is not None:
            with suppress(OSError):  # another user's, who lets us write it
                os.chmod(path, mode)
        before = path.read_bytes()
        try:
            _overwrite(descriptor, data, len(before))
        except OSError:
            with suppress(OSError):
                _overwrite(descriptor, before, 0)
            raise
    finally:
        os.close(descriptor)


def _overwrite(descriptor: int, data: bytes, kept: int) -> None:
    for start, part in ((kept, data[kept:]), (0, data[:kept])):
        os.lseek(descriptor, start, os.SEEK_SET)
        left = part
        while left:
            left = left[os.write(descriptor, left) :]
    os.ftruncate(descriptor, len(data))
    os.fsync(descriptor)


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
        prefixes[path.parent].add(_prefix(path))
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
