"""Where a secret goes whose sink failed and which its vendor will not show again: a file in a folder for rescues.

Called by `apply.preflight`, which holds the room for it around all calls, and by `secrets.custody.shelf`, which has one
written, whole or not at all.
"""

import errno
import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reconciler.codes import Code
from reconciler.errors import SecretError
from reconciler.model.secret import Secret
from reconciler.secrets import disk_reserve, handle_reserve
from reconciler.support import atomic, handles

_one_at_a_time = threading.Lock()


@contextmanager
def rescuable(secrets: int, folder: Path) -> Iterator[None]:
    """While inside, so many secrets can be rescued to `folder`, even if the disk is full by then.

    Raises:
        SecretError: they could not be.
    """
    try:
        if secrets:
            _refuse_link(folder)
            atomic.make_private_folders(folder)
            disk_reserve.hold(folder, secrets * disk_reserve.BLOCK)
    except OSError as error:
        disk_reserve.release(folder)
        summary = f"if its sink failed, the secret could not be rescued to {folder}: {handles.words(error)}"
        raise SecretError(
            summary, "make that possible first: a vendor may show a secret only once", code=Code.RESCUE_UNUSABLE
        ) from None
    try:
        yield
    finally:
        disk_reserve.release(folder)


def rescue(secret: Secret, name: str, folder: Path) -> Path:
    """Keep a secret whose sink failed: a file of its own (0600) in `folder` (0700); returns which.

    Args:
        name: the webhook's name, for the file's name.
        folder: where rescued secrets are; made where it is missing.

    Raises:
        SecretError: not even that could be written.
    """
    with handle_reserve.lent():
        return _rescued(secret.reveal().encode(errors="surrogatepass"), name, folder)


def _rescued(data: bytes, name: str, folder: Path) -> Path:
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._")[:80] or "webhook"
    try:
        _refuse_link(folder)
        with _one_at_a_time:
            disk_reserve.give_back(folder, -(-len(data) // disk_reserve.BLOCK) * disk_reserve.BLOCK)
        atomic.make_private_folders(folder)
        descriptor, path = tempfile.mkstemp(prefix=f"{plain}-", dir=folder)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        atomic.sync_folder(folder)
    except OSError as error:
        raise SecretError(
            f"the secret of {name} could not be kept in {folder}: {handles.words(error)}", code=Code.SECRET_NOT_STORED
        ) from None
    return Path(path)


def _refuse_link(folder: Path) -> None:
    """Secrets are put where we say, and not where a repository's link leads.

    Raises:
        OSError: the folder is a link.
    """
    if folder.is_symlink():
        raise OSError(errno.ELOOP, "it is a symbolic link, and none is followed there")
