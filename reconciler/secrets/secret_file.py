"""Files that secrets are in: read, tried and written, with the complaints of the system in words of ours.

Used by `secrets.backends.file` and `secrets.backends.env_file`. Files are written whole or not at all, but for those
that are mounted by themselves. A sink that is a symbolic link of the user's own is written through and stays a link; a
link that someone else made is refused, and so is one that leads out of the configuration's folder.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reconciler.codes import Code
from reconciler.errors import SecretError
from reconciler.model.secret import SecretRef
from reconciler.secrets import disk_reserve, envfile
from reconciler.secrets.scheme import MOST_BYTES, DiskClaim
from reconciler.support import atomic, handles, links


def read(path: Path, ref: SecretRef) -> bytes:
    """The file's first bytes, a few more than a secret may have.

    Raises:
        SecretError: it is not there, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 3)
    except FileNotFoundError:
        raise SecretError(
            f"there is no file for {ref}", f"it was looked for at {path}", code=Code.SECRET_MISSING
        ) from None
    except (OSError, ValueError) as error:
        why = handles.words(error) if isinstance(error, OSError) else "the path is not one"
        raise SecretError(f"the secret {ref} cannot be read: {why}", code=Code.SECRET_UNREADABLE) from None


def claim(path: Path, ref: SecretRef, folder: Path) -> DiskClaim | None:
    """What one small file more, or one that a link or `path` means, will take of a disk; nothing is written.

    None where that cannot be told: a file that is mounted by itself has a disk of its own.

    Raises:
        SecretError: it could not be written; says why and what would help.
    """
    if path.is_dir() or ref.target.endswith("/") or not ref.target.strip():
        raise SecretError(f"the sink {ref} is a folder", "name a file", code=Code.SINK_UNUSABLE)
    path = meant(path, ref, folder)
    if path.exists() and not path.is_file():
        raise SecretError(f"the sink {ref} is not an ordinary file", "name a file", code=Code.SINK_UNUSABLE)
    if atomic.is_mounted(path):
        _refuse_unwritable(path, ref, os.W_OK)
        return None
    there = path.parent
    while not there.exists():
        there = there.parent
    if not there.is_dir():
        raise SecretError(f"the sink {ref} is unusable: {there} is not a folder", code=Code.SINK_UNUSABLE)
    _refuse_unwritable(there, ref, os.W_OK | os.X_OK)
    return DiskClaim(there, path, disk_reserve.BLOCK)


def meant(path: Path, ref: SecretRef, folder: Path) -> Path:
    """The file that is written where `path` is to be, its links followed.

    Args:
        ref: the sink, for messages.
        folder: of the configuration.

    Raises:
        SecretError: another user made it a link, or a link leads into nowhere, or out of the folder.
    """
    _refuse_foreign_link(path, ref)
    _refuse_link_into_nowhere(path, ref)
    away = links.stray(path, folder)
    if away is not None:
        raise SecretError(
            f"the sink {ref} is unusable: {away.link} is a symbolic link that leads out of its folder, to {away.end}",
            "if you trust that place, name it itself in `to:`; or remove the link",
            code=Code.SINK_UNUSABLE,
        )
    return Path(os.path.realpath(path))


def write(path: Path, data: bytes, *, keep_mode: bool) -> None:
    """Make `data` the content of `path`, which has no links, durably; missing folders are made for the user alone.

    Args:
        keep_mode: a file that is there keeps its permissions; all others get 0600.

    Raises:
        OSError: nothing was changed.
    """
    atomic.make_private_folders(path.parent)
    atomic.put(path, data, mode=0o600, keep_mode=keep_mode)


@contextmanager
def telling(ref: SecretRef) -> Iterator[None]:
    """Make the system's and the env-file's complaints into a SecretError that names the sink."""
    try:
        yield
    except OSError as error:
        raise SecretError(f"the sink {ref} is unusable: {handles.words(error)}", code=Code.SINK_UNUSABLE) from None
    except envfile.Unwritable as error:
        raise SecretError(f"the secret cannot be stored in {ref}: {error}", code=Code.SECRET_UNFIT) from None


def _refuse_unwritable(path: Path, ref: SecretRef, how: int) -> None:
    if not os.access(path, how, effective_ids=os.access in os.supports_effective_ids):
        what = "folder" if path.is_dir() else "file"
        raise SecretError(f"the sink {ref} is unusable: the {what} {path} cannot be written", code=Code.SINK_UNUSABLE)


def _refuse_foreign_link(path: Path, ref: SecretRef) -> None:
    if path.is_symlink() and os.name != "nt" and path.lstat().st_uid != os.geteuid():
        raise SecretError(
            f"the sink {ref} is a symbolic link that another user made",
            "name the file it points to",
            code=Code.SINK_UNUSABLE,
        )


def _refuse_link_into_nowhere(path: Path, ref: SecretRef) -> None:
    """Missing folders are made, but none that a link should lead to: something is not mounted, or the link is old."""
    for link in (path, *path.parents):
        end = Path(os.path.realpath(link))
        if link.is_symlink() and not (end.parent if link is path else end).exists():
            raise SecretError(
                f"the sink {ref} is unusable: {link} is a symbolic link to {end}, which is not there",
                code=Code.SINK_UNUSABLE,
            )
