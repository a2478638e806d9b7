"""Where secrets go: `file:PATH`, `env-file:PATH#NAME`, `cmd:COMMAND`, secret managers, and what packages add.

Called by `apply.preflight` before the first call, by `secrets.custody.shelf` as soon as there is a secret, by
`secrets.custody.second_look` after all writes, and by `cli.apply`.
"""

import errno
import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext, suppress
from pathlib import Path

from reconciler.codes import Code
from reconciler.errors import SecretError
from reconciler.model.secret import Secret, SecretRef
from reconciler.secrets import disk_reserve, handle_reserve, registry, secret_file
from reconciler.secrets.scheme import MOST_BYTES, DiskClaim, SecretScheme, SecretSink, guarded, usages, without_newline
from reconciler.support import atomic, handles
from reconciler.support.paths import placed

_writers: dict[tuple[str, str], threading.Lock] = {}


def probe(ref: SecretRef, folder: Path) -> DiskClaim | None:
    """Check that `store` will work, without writing anything; what it will take of a disk, if anything: see `room_for`.

    Raises:
        SecretError: the sink is unusable; says why and what would help.
    """
    sink = _sink(ref)
    return guarded(ref, lambda: sink.probe(ref, folder))


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
            why = handles.words(error)
            for ref in there:
                yield ref, SecretError(f"the sink {ref} is unusable: {why}", hint, code=Code.SINK_UNUSABLE)


def store(ref: SecretRef, secret: Secret, folder: Path) -> None:
    """Put the secret where `ref` says, durably: it survives a crash once this returns.

    Two parts of one document (`aws-sm:NAME#KEY`) are written one after the other.

    Raises:
        SecretError: it is not stored; names the sink, never the value.
    """
    text, sink = _text(secret, ref), _sink(ref)
    document = (ref.scheme, ref.target.partition("#")[0])
    alone = _writers.setdefault(document, threading.Lock()) if registry.names_a_place(ref) else nullcontext()
    with alone, handle_reserve.lent():
        guarded(ref, lambda: _named(ref, lambda: sink.store(ref, text, folder)))


def _named(ref: SecretRef, act: Callable[[], None]) -> None:
    """Do it; where no handle was left for it, say so, whoever's code it was.

    Raises:
        SecretError: it is not done.
    """
    try:
        act()
        return
    except OSError as error:
        if not handles.exhausted(error):
            raise
    raise SecretError(f"{ref} cannot be used: {handles.none_left()}", code=Code.SINK_UNUSABLE)


def is_readable(secret: Secret) -> bool:
    """Whether a stored secret can be read back as one."""
    data = secret.reveal().encode(errors="surrogatepass")
    return b"\0" not in data and len(data) <= MOST_BYTES


def reads_as(stored: Secret, read: Secret) -> bool:
    """Whether a stored secret reads as this one; readers take a newline at its end for none of it."""
    return read == stored or read.reveal().encode() == without_newline(stored.reveal().encode(errors="surrogatepass"))


def sweep(refs: Iterable[SecretRef], folder: Path) -> None:
    """Remove what runs that were killed while storing left beside these sinks: it may hold a secret."""
    files = []
    for ref in refs:
        part = registry.file_part(ref)
        with suppress(SecretError):  # such a sink is told of where it is needed
            if part is not None:
                files.append(secret_file.meant(placed(part.path, folder), ref, folder))
    atomic.sweep(files)


def readable_by_others(ref: SecretRef, folder: Path) -> Path | None:
    """The file that a secret was stored in beside other things, where other users of the machine may read it.

    Such a file keeps its mode; one that holds the secret alone is the user's own, unless it is mounted by itself.

    Raises:
        SecretError: it is in a home folder that nobody has.
    """
    part = registry.file_part(ref)
    path = placed(part.path, folder) if part is not None else None
    kept = part is not None and path is not None and (part.name is not None or atomic.is_mounted(path))
    shared = kept and path is not None and os.name != "nt" and path.exists() and path.stat().st_mode & 0o044
    return path if shared else None


def _sink(ref: SecretRef) -> SecretSink:
    scheme = registry.find(ref.scheme)
    if scheme is None or scheme.sink is None:
        hint = f"use {usages(registry.serving(SecretScheme.is_sink))}"
        raise SecretError(f"a secret cannot be stored in {ref}", hint, code=Code.WRONG_REFERENCE)
    return scheme.sink


def _text(secret: Secret, ref: SecretRef) -> str:
    text = secret.reveal()
    try:
        text.encode()
    except UnicodeEncodeError:
        pass  # raised below: the encoder's error would carry the secret along
    else:
        return text
    raise SecretError(f"the secret for {ref} is not text", code=Code.SECRET_UNFIT)
