"""`env-file:PATH#NAME`: one line `NAME=…` of a file that programs read their variables from. A sink only.

Other lines stay as they are, and so does the mode of a file that is there: a program may need it.
"""

import threading
from collections.abc import Iterator
from pathlib import Path

from reconciler.codes import Code
from reconciler.errors import SecretError
from reconciler.model.secret import SecretRef
from reconciler.secrets import envfile, secret_file
from reconciler.secrets.scheme import DiskClaim, FilePart, SchemeKind, SecretScheme, SecretSink
from reconciler.support.paths import placed

# Two webhooks may put their secrets into one file, spelled in two ways; each reads it, changes a line and writes it.
_one_at_a_time = threading.Lock()


def probe(ref: SecretRef, folder: Path) -> DiskClaim | None:
    """See `scheme.SecretSink`. The whole file is written anew."""
    path, _ = _variable(ref, folder)
    with secret_file.telling(ref):
        claim = secret_file.claim(path, ref, folder)
        return claim._replace(size=claim.size + len(_content(path))) if claim is not None else None


def store(ref: SecretRef, text: str, folder: Path) -> None:
    """See `scheme.SecretSink`."""
    path, name = _variable(ref, folder)
    with _one_at_a_time, secret_file.telling(ref):
        path = secret_file.meant(path, ref, folder)
        secret_file.write(path, envfile.with_line(_content(path), name, text), keep_mode=True)


def values(ref: SecretRef, folder: Path) -> Iterator[str]:
    """See `scheme.SecretSink`."""
    part = _part(ref.target)
    path = placed(part.path, folder)
    if part.name is not None and path.is_file():
        yield from envfile.values_of(secret_file.read(path, ref), part.name)


def _part(target: str) -> FilePart:
    path, _, name = target.rpartition("#")
    return FilePart(path, name)


def _variable(ref: SecretRef, folder: Path) -> tuple[Path, str]:
    """The file and the variable of a sink.

    Raises:
        SecretError: it names none.
    """
    path, name = _part(ref.target)
    if not path or name is None or not envfile.is_name(name):
        hint = "write env-file:PATH#NAME; a name has letters, digits and underscores"
        raise SecretError(f"the sink {ref} names no variable", hint, code=Code.WRONG_REFERENCE)
    return placed(path, folder), name


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


SCHEME = SecretScheme(
    "env-file",
    shape=rf".+#{envfile.NAME}",
    usage="env-file:PATH#NAME",
    sink=SecretSink(probe, store, values),
    file=_part,
    kind=SchemeKind.AT_HAND,
    rank=2,
)
