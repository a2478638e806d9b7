"""`file:PATH`: a file that holds the secret and nothing else; one newline at the end is no part of it."""

from pathlib import Path

from reconciler.model.secret import SecretRef
from reconciler.secrets import secret_file
from reconciler.secrets.scheme import (
    DiskClaim,
    FilePart,
    SchemeKind,
    SecretScheme,
    SecretSink,
    Surroundings,
    without_newline,
)
from reconciler.support.paths import placed


def read(ref: SecretRef, around: Surroundings) -> bytes:
    """See `scheme.SecretScheme`."""
    return without_newline(secret_file.read(placed(ref.target, around.folder), ref))


def probe(ref: SecretRef, folder: Path) -> DiskClaim | None:
    """See `scheme.SecretSink`."""
    with secret_file.telling(ref):
        return secret_file.claim(placed(ref.target, folder), ref, folder)


def store(ref: SecretRef, text: str, folder: Path) -> None:
    """See `scheme.SecretSink`."""
    with secret_file.telling(ref):
        path = secret_file.meant(placed(ref.target, folder), ref, folder)
        secret_file.write(path, text.encode(), keep_mode=False)


SCHEME = SecretScheme(
    "file",
    shape=r".+",
    usage="file:PATH",
    read=read,
    sink=SecretSink(probe, store),
    file=FilePart,
    kind=SchemeKind.AT_HAND,
    rank=1,
)
