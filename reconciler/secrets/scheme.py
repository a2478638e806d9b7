"""What a kind of secret reference is: `vault:` with how it is written, and how such a secret is read and stored.

Made by each file of `secrets.backends` and by installed packages; found by `secrets.registry`. Used by
`config.reference` for its grammar, by `secrets.source` and `secrets.sink` for the rest.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from reconciler.codes import Code
from reconciler.errors import SecretError, WhsyncError
from reconciler.model.secret import SecretRef

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T")

_PUBLIC = re.compile(r"(.*_)?(id|user|username|login|email)")
MOST_BYTES = 64 * 1024
"""What is larger is no secret."""


class SchemeKind(StrEnum):
    """What stands behind a reference."""

    AT_HAND = "at hand"
    """Something of this machine that can be looked at in no time."""
    COMMAND = "command"
    """A program text of the user's: it may hold any character, and two equal ones need not mean one place."""
    MANAGER = "manager"
    """A server, or a package of its own."""


class Surroundings(NamedTuple):
    """What a run gives to who reads a secret.

    Args:
        folder: where relative paths start and commands run.
        environment: the variables that `env:` means and commands get.
        timeout: for one command, in seconds.
        stopping: whether the user wants the run to end.
    """

    folder: "Path"
    environment: Mapping[str, str]
    timeout: float
    stopping: Callable[[], bool]


class DiskClaim(NamedTuple):
    """What a sink will take of a disk: `size` bytes for the file `path`, on the disk of the `folder` that is there."""

    folder: "Path"
    path: "Path"
    size: int


class FilePart(NamedTuple):
    """The file that a reference means, as written; with a `name`, one variable in it, beside what others keep there."""

    path: str
    name: str | None = None


class SecretSink(NamedTuple):
    """How secrets are put somewhere. All three get the reference, and the folder where relative paths start.

    Args:
        probe: raises SecretError where `store` cannot work, as far as that shows without leaving a trace; returns what
            `store` will take of a disk, if anything.
        store: puts the text there, durably, and keeps what stands beside it. Raises SecretError where it is not there.
        values: all that some reader may take for the secret in there; of a file that is no source. None: nobody knows.
    """

    probe: Callable[[SecretRef, "Path"], DiskClaim | None]
    store: Callable[[SecretRef, str, "Path"], None]
    values: Callable[[SecretRef, "Path"], Iterable[str]] | None = None


class SecretBatch(NamedTuple):
    """How several secrets are read by one call.

    Args:
        most: as many references at most.
        read: the texts of those that it could tell. Whatever is left out, or all where it raises, is asked one by one,
            and what is wrong is told then.
    """

    most: int
    read: Callable[[Sequence[SecretRef], Surroundings], Mapping[SecretRef, str]]


class SecretScheme(NamedTuple):
    """One kind of reference.

    Whatever the functions raise beside `WhsyncError` is told by its type alone. Errors name the reference, never the
    value. Packages that not everybody has, or that take time to load, are imported in the functions that use them.

    Args:
        name: what stands before the colon.
        shape: the regular expression of all that may follow it; JSON Schema takes it, too.
        usage: how one is written: `vault:MOUNT/PATH#FIELD`.
        read: the secret's text, or the bytes that should be its text. Raises SecretError where there is none, or it
            cannot be had. None: it is no source.
        sink: see `SecretSink`. None: it is no sink.
        file: the file that a target (what follows the colon) means. None: it means none.
        note: what else there is to know where one is written wrongly.
        kind: what stands behind it.
        rank: its place in lists; equal ones are sorted by name.
        place: what a target means to what keeps the secrets; equal for two that only letters tell apart (in case, or in
            their Unicode form) where it takes them for one. None: it tells all of them apart.
        variables: the environment variables that it takes for its own credentials.
        batch: how several are read at once; see `SecretBatch`. None: each by a call of its own.
    """

    name: str
    shape: str
    usage: str
    read: Callable[[SecretRef, Surroundings], str | bytes] | None = None
    sink: SecretSink | None = None
    file: Callable[[str], FilePart] | None = None
    note: str = ""
    kind: SchemeKind = SchemeKind.MANAGER
    rank: int = 100
    place: Callable[[str], tuple[str, ...]] | None = None
    variables: tuple[str, ...] = ()
    batch: SecretBatch | None = None

    def is_source(self) -> bool:
        """Whether secrets can be read from it."""
        return self.read is not None

    def is_sink(self) -> bool:
        """Whether secrets can be stored in it."""
        return self.sink is not None


class Grammar(Protocol):
    """Which kinds of references there are; `secrets.registry` is one."""

    def find(self, name: str) -> SecretScheme | None:
        """The kind that begins with `name:`, or None. Raises SecretError where a package offers it and is broken."""

    def serving(self, serves: Callable[[SecretScheme], bool]) -> tuple[SecretScheme, ...]:
        """All kinds that serve (as `SecretScheme.is_source`, or as `is_sink`), in the order of lists."""


def usages(schemes: Iterable[SecretScheme]) -> str:
    """How those that need no manager are written, in words: `env:NAME, file:PATH or cmd:COMMAND`."""
    *most, last = (scheme.usage for scheme in schemes if scheme.kind is not SchemeKind.MANAGER)
    return f"{', '.join(most)} or {last}" if most else last


def guarded(ref: SecretRef, act: Callable[[], T]) -> T:
    """What `act` gives; whatever a foreign package raises is told by its type alone: its text may hold what it got.

    Raises:
        SecretError: something was raised that nobody has foreseen.
    """
    try:
        return act()
    except WhsyncError:
        raise
    except Exception as error:  # noqa: BLE001 - an issued secret is rescued only after a SecretError
        unforeseen = type(error).__name__
    # Not raised above, for it would carry the foreign error along.
    raise SecretError(
        f"{ref} cannot be used: an unforeseen {unforeseen}",
        "does its own tool reach it from here?",
        code=Code.MANAGER_UNUSABLE,
    )


def is_public(credential: str) -> bool:
    """Whether a credential of that name says who somebody is and proves nothing; vendors use it in ids and URLs."""
    return _PUBLIC.fullmatch(credential) is not None


def without_newline(data: bytes) -> bytes:
    """Without one newline (LF or CR LF) at the end: editors and `echo` add it, and it is no part of the secret."""
    return data[:-2] if data.endswith(b"\r\n") else data.removesuffix(b"\n")
