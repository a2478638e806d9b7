"""Where secrets go: `file:PATH`, `env-file:PATH#NAME`, `cmd:COMMAND`, and secret managers. Called by `apply`.

`probe` and `room_for` before the first call, `store` as soon as there is a secret; where that fails, see `rescue`.
Files are written whole or not at all. A sink that is a symbolic link of the user's own is written through and stays a
link; a link that someone else made is refused.
"""

import errno
import functools
import os
import re
import shlex
import subprocess
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from reconciler.errors import SecretError
from reconciler.model.secret import Secret, SecretRef
from reconciler.secrets import disk_reserve, envfile, managers
from reconciler.secrets.command import run
from reconciler.support import atomic
from reconciler.support.paths import placed

TIMEOUT = 30.0
# Two webhooks may put their secrets into one env-file; each reads it, changes a line and writes it back.
_one_at_a_time = threading.Lock()


class DiskClaim(NamedTuple):
    """What a sink will take of a disk: `size` bytes for the file `path`, on the disk of the `folder` that is there."""

    folder: Path
    path: Path
    size: int


def probe(ref: SecretRef, folder: Path) -> DiskClaim | None:
    """Check that `store` will work, without writing anything; what it will take of a disk, if anything: see `room_for`.

    Raises:
        SecretError: the sink is unusable; says why and what would help.
    """
    match ref.scheme:
        case "file":
            with _telling(ref):
                return DiskClaim(*_probe_file(placed(ref.target, folder), ref), disk_reserve.BLOCK)
        case "env-file":
            path, _ = _variable(ref, folder)
            with _telling(ref):
                return DiskClaim(*_probe_file(path, ref), disk_reserve.BLOCK + len(_content(path)))
        case "cmd":
            _probe_command(ref, folder)
        case scheme if scheme in managers.MODULES:
            managers.probe(ref)
        case _:
            raise _no_sink(ref)
    return None


def room_for(claims: Mapping[SecretRef, DiskClaim]) -> Iterator[tuple[SecretRef, SecretError]]:
    """The sinks that are on a disk without room for all that will be written to it, and why; leaves no trace."""
    disks: dict[int, dict[SecretRef, DiskClaim]] = defaultdict(dict)
    for ref, claim in claims.items():
        disks[claim.folder.stat().st_dev][ref] = claim
    for there in disks.values():
        folder = next(iter(there.values())).folder
        try:
            disk_reserve.try_out(folder, sum({claim.path: claim.size for claim in there.values()}.values()))
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
            hint = f"make room in {folder}" if full else f"see why no file can be written in {folder}"
            for ref in there:
                yield ref, SecretError(f"the sink {ref} is unusable: {error.strerror}", hint)


def store(ref: SecretRef, secret: Secret, folder: Path) -> None:
    """Put the secret where `ref` says, durably: it survives a crash once this returns.

    Raises:
        SecretError: it is not stored; names the sink, never the value.
    """
    data = _bytes(secret, ref)
    match ref.scheme:
        case "file":
            with _telling(ref):
                _write(placed(ref.target, folder), data, ref, keep_mode=False)
        case "env-file":
            path, name = _variable(ref, folder)
            with _one_at_a_time, _telling(ref):
                _write(path, envfile.with_line(_content(path), name, data.decode()), ref, keep_mode=True)
        case "cmd":
            run(ref.target, folder, timeout=TIMEOUT, given=data)
        case scheme if scheme in managers.MODULES:
            managers.write(ref, secret)
        case _:
            raise _no_sink(ref)


def sweep(refs: Iterable[SecretRef], folder: Path) -> None:
    """Remove what runs that were killed while storing left beside these sinks: it may hold a secret."""
    files = []
    for ref in refs:
        with suppress(SecretError):  # such a sink is told of where it is needed
            if ref.scheme == "file":
                files.append(placed(ref.target, folder))
            elif ref.scheme == "env-file":
                files.append(_variable(ref, folder)[0])
    atomic.sweep(files)


def readable_by_others(ref: SecretRef, folder: Path) -> Path | None:
    """The file that a secret was stored in, where other users of the machine may read it: whsync leaves modes alone."""
    path = _variable(ref, folder)[0] if ref.scheme == "env-file" else None
    shared = path is not None and os.name != "nt" and path.exists() and path.stat().st_mode & 0o044
    return path if shared else None


@contextmanager
def _telling(ref: SecretRef) -> Iterator[None]:
    """Make the system's and the env-file's complaints into a SecretError that names the sink."""
    try:
        yield
    except OSError as error:
        raise SecretError(f"the sink {ref} is unusable: {error.strerror or type(error).__name__}") from None
    except envfile.Unwritable as error:
        raise SecretError(f"the secret cannot be stored in {ref}: {error}") from None


def _write(path: Path, data: bytes, ref: SecretRef, *, keep_mode: bool) -> None:
    _refuse_foreign_link(path, ref)
    atomic.make_private_folders(path.parent)
    atomic.replace(path, data, mode=0o600, keep_mode=keep_mode)


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _probe_file(path: Path, ref: SecretRef) -> tuple[Path, Path]:
    """The deepest folder on the way that is there already, and the file that a link or a path means."""
    if path.is_dir() or ref.target.endswith("/") or not ref.target.strip():
        raise SecretError(f"the sink {ref} is a folder", "name a file")
    _refuse_foreign_link(path, ref)
    _refuse_link_into_nowhere(path, ref)
    path = Path(os.path.realpath(path))
    if path.exists() and not path.is_file():
        raise SecretError(f"the sink {ref} is not an ordinary file", "name a file")
    folder = path.parent
    while not folder.exists():
        folder = folder.parent
    if not folder.is_dir():
        raise SecretError(f"the sink {ref} is unusable: {folder} is not a folder")
    if not os.access(folder, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
        raise SecretError(f"the sink {ref} is unusable: the folder {folder} cannot be written")
    return folder, path


def _refuse_foreign_link(path: Path, ref: SecretRef) -> None:
    if path.is_symlink() and os.name != "nt" and path.lstat().st_uid != os.geteuid():
        raise SecretError(f"the sink {ref} is a symbolic link that another user made", "name the file it points to")


def _refuse_link_into_nowhere(path: Path, ref: SecretRef) -> None:
    """Missing folders are made, but none that a link should lead to: something is not mounted, or the link is old."""
    for link in (path, *path.parents):
        end = Path(os.path.realpath(link))
        if link.is_symlink() and not (end.parent if link is path else end).exists():
            raise SecretError(f"the sink {ref} is unusable: {link} is a symbolic link to {end}, which is not there")


def _variable(ref: SecretRef, folder: Path) -> tuple[Path, str]:
    """The file and the variable of `env-file:PATH#NAME`."""
    path, _, name = ref.target.rpartition("#")
    if not path or not envfile.is_name(name):
        hint = "write env-file:PATH#NAME; a name has letters, digits and underscores"
        raise SecretError(f"the sink {ref} names no variable", hint)
    return placed(path, folder), name


def _probe_command(ref: SecretRef, folder: Path) -> None:
    try:
        words = shlex.split(ref.target)
    except ValueError:
        raise SecretError(f"the sink {ref} has a quotation mark that is not closed") from None
    words = [word for word in words if not re.match(r"[A-Za-z_]\w*=", word)]
    if not words:
        raise SecretError(f"the sink {ref} holds no command")
    if os.name != "nt" and not _knows(words[0], folder, os.environ.get("PATH", "")):
        raise SecretError(f"the sink {ref} is unusable: there is no command {words[0]}", "is it installed and on PATH?")


@functools.cache
def _knows(word: str, folder: Path, path: str) -> bool:
    """Whether the shell knows a command, builtin or keyword `word`; the shell itself is asked, nothing is run."""
    if not re.fullmatch(r"[\w./+:@%,-]+", word):
        return True  # an expansion or a grouping, which only running it would judge
    asked = ["/bin/sh", "-c", 'command -v "$1"', "sh", word]
    return subprocess.run(asked, cwd=folder, capture_output=True, check=False, env={"PATH": path}).returncode == 0


def _bytes(secret: Secret, ref: SecretRef) -> bytes:
    try:
        return secret.reveal().encode()
    except UnicodeEncodeError:
        pass  # raised below: the encoder's error would carry the secret along
    raise SecretError(f"the secret for {ref} is not text")


def _no_sink(ref: SecretRef) -> SecretError:
    return SecretError(f"a secret cannot be stored in {ref}", "use file:PATH, env-file:PATH#NAME or cmd:COMMAND")
