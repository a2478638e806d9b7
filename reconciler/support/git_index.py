"""Whether git knows a file: read from the index of the repository around it, without running git.

Used by `run.missing_lock`. To run git in a checkout of somebody else's would run what its configuration names.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_FIXED = 40  # bytes in front of an entry's digest: times, numbers, sizes
_DIGESTS = (20, 32)  # SHA-1 and SHA-256
_EXTENDED = 0x4000  # two more bytes of flags follow


def knows(path: Path) -> bool:
    """Whether the index of the repository around `path` has it, there or not. Whatever cannot be read has nothing."""
    with suppress(OSError):
        folder = path.parent.resolve()
        for root in (folder, *folder.parents):
            index = _git_folder(root / ".git") / "index"
            if index.is_file():
                name = (folder / path.name).relative_to(root).as_posix().encode(errors="surrogateescape")
                return _lists(index.read_bytes(), name)
    return False


def _git_folder(git: Path) -> Path:
    """The folder `.git`, or the one that a file in its place names, as in work trees and submodules."""
    if git.is_file():
        return git.parent / git.read_text(errors="surrogateescape").removeprefix("gitdir:").strip()
    return git


def _lists(index: bytes, name: bytes) -> bool:
    return any(name in _names(index, digest) for digest in _DIGESTS)


def _names(index: bytes, digest: int) -> Iterator[bytes]:
    """The paths in an index of version 2, 3 or 4; as far as it is one, and its digests have so many bytes."""
    if index[:4] != b"DIRC":
        return
    version, count = (int.from_bytes(index[at : at + 4], "big") for at in (4, 8))
    at, name = 12, b""
    for _ in range(count):
        start, at = at, at + _FIXED + digest + 2
        flags = int.from_bytes(index[at - 2 : at], "big")
        at += 2 if version > 2 and flags & _EXTENDED else 0
        if version > 3:  # a name is told by what it has in common with the one before
            dropped, at = _number(index, at)
            name = name[: max(0, len(name) - dropped)]
        end = index.find(b"\0", at)
        if end < 0:
            return
        name = (name if version > 3 else b"") + index[at:end]
        yield name
        at = end + 1 if version > 3 else start + (end - start) // 8 * 8 + 8


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of variable length, seven bits in a byte, and where it ends."""
    found = data[at] & 0x7F if at < len(data) else 0
    while at < len(data) and data[at] & 0x80:
        at += 1
        found = (found + 1) << 7 | (data[at] & 0x7F if at < len(data) else 0)
    return found, at + 1
