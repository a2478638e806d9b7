"""Files that secrets are in: read, tried and written, with the complaints of the system in words of ours.

Used by `secrets.backends.file` and `secrets.backends.env_file`. Files are written whole or not at all. A sink that is a
symbolic link of the user's own is written through and stays a link; a link that someone else made is refused.
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
from reconciler.support import atomic, handles


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


def claim(path: Path, ref: SecretRef) -> DiskClaim:
    """What one small file more, or one that a link or `path` means, will take of a disk; nothing is written.

    Raises:
        SecretError: it could not be written; says why and what would help.
    """
    if path.is_dir() or ref.target.endswith("/") or not ref.target.strip():
        raise SecretError(f"the sink {ref} is a folder", "name a file", code=Code.SINK_UNUSABLE)
    _refuse_foreign_link(path, ref)
    _refuse_link_into_nowhere(path, ref)
    path = Path(os.path.realpath(path))
    if path.exists() and not path.is_file():
        raise SecretError(f"the sink {ref} is not an ordinary file", "name a file", code=Code.SINK_UNUSABLE)
    folder = path.parent
    while not folder.exists():
        folder = folder.parent
    if not folder.is_dir():
        raise SecretError(f"the sink {ref} is unusable: {folder} is not a folder", code=Code.SINK_UNUSABLE)
    if not os.access(folder, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
        raise SecretError(f"the sink {ref} is unusable: the folder {folder} cannot be written", code=Code.SINK_UNUSABLE)
    return DiskClaim(folder, path, disk_reserve.BLOCK)


def write(path: Path, data: bytes, ref: SecretRef, *, keep_mode: bool) -> None:
    """Make `data` the content of `path`, durably; missing folders are made for the user alone.

    Args:
        ref: the sink, for messages.
        keep_mode: a file that is there keeps its permissions; all others get 0600.

    Raises:
        OSError: nothing was changed.
        SecretError: it is a link that another user made.
    """
    _refuse_foreign_link(path, ref)
    atomic.make_private_folders(path.parent)
    atomic.replace(path, data, mode=0o600, keep_mode=keep_mode)


@contextmanager
def telling(ref: SecretRef) -> Iterator[None]:
    """Make the system's and the env-file's complaints into a SecretError that names the sink."""
    try:
        yield
    except OSError as error:
        raise SecretError(f"the sink {ref} is unusable: {handles.words(error)}", code=Code.SINK_UNUSABLE) from None
    except envfile.Unwritable as error:
        raise SecretError(f"the secret cannot be stored in {ref}: {error}", code=Code.SECRET_UNFIT) from None


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
