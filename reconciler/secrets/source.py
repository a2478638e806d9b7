"""Where secrets come from: `env:NAME`, `file:PATH`, `cmd:COMMAND`, secret managers, and what packages add.

Made by `run.runtime`; asked by `secrets.custody` and by whoever holds a run.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from reconciler.codes import Code
from reconciler.errors import SecretError
from reconciler.model.secret import Secret, SecretRef
from reconciler.secrets import registry
from reconciler.secrets.ahead import Asking, ask
from reconciler.secrets.once import Once
from reconciler.secrets.scheme import (
    MOST_BYTES,
    FilePart,
    SchemeKind,
    SecretBatch,
    SecretScheme,
    Surroundings,
    guarded,
    usages,
)
from reconciler.support.activity import Activity
from reconciler.support.paths import placed
from reconciler.support.reach import EVERYWHERE, Reach


class Resolver:
    """Finds secrets, each reference once in a run; threads may share it.

    Args:
        folder: where relative paths start and commands run.
        environment: for `env:` and for the commands.
        timeout: for one command, in seconds.
        learned: is told every secret before anybody else, and whether it is a public one.
        stopping: whether the user wants the run to end; a command is not waited for then.
        reach: which files may be read, whoever names them: the lock names some, too.
        activity: is told of each reference that is asked, since that may take long.
    """

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        timeout: float = 30,
        learned: Callable[[Secret, bool], None] | None = None,
        stopping: Callable[[], bool] = lambda: False,
        reach: Reach = EVERYWHERE,
        activity: Activity | None = None,
    ) -> None:
        self._reach = reach
        self.activity = activity or Activity()
        self._around = Surroundings(folder, environment, timeout, stopping)
        self._learned = learned
        self._batched: dict[SecretRef, str] = {}
        self._unbatched: set[str] = set()  # kinds of references that would not tell several at once
        self._once = Once(self._read)
        self._values = Once(self._read_values)

    def another(self) -> "Resolver":
        """Another one that has not asked for anything yet."""
        folder, environment, timeout, stopping = self._around
        return Resolver(folder, environment, timeout, self._learned, stopping, self._reach, self.activity)

    def resolve(self, ref: SecretRef, public: bool = False) -> Secret:
        """The secret at `ref`; `public` where it names somebody and proves nothing (a client's id).

        Raises:
            SecretError: it is not there, empty, not text, or larger than 64 KiB; names the reference, never the value.
            Interrupted: the user stopped the run while a command was asked.
        """
        secret = self._once(ref)
        if self._learned is not None:
            self._learned(secret, public)
        return secret

    def prepare(self, refs: Iterable[SecretRef], at_once: int) -> None:
        """Ask for what `resolve` will be asked for and takes a while: several at once, each still once in the run.

        What cannot be had is told by `resolve`, and a run that was stopped as well.

        Args:
            at_once: as many may be asked beside each other.
        """
        ask((ref for ref in refs if ref not in self._once), Asking(self._ask, self._ask_several), at_once)

    def resolved(self, ref: SecretRef) -> Secret | None:
        """What `resolve` has found there in this run; None where nobody has asked, or it cannot be had."""
        with suppress(Exception):
            return self._once(ref) if ref in self._once else None
        return None

    def anew(self, ref: SecretRef, public: bool = False) -> Secret:
        """The secret at `ref` as it is now; `resolve` still gives the former one, and raises the same."""
        secret = self._read(ref)
        if self._learned is not None:
            self._learned(secret, public)
        return secret

    def learn_what_is_at_hand(self, refs: Iterable[SecretRef]) -> None:
        """Resolve what costs nothing, so that it is known where others echo it; what cannot be had is passed over."""
        for ref in refs:
            for secret in self.at_hand(ref):
                if self._learned is not None:
                    self._learned(secret, False)

    def at_hand(self, ref: SecretRef) -> tuple[Secret, ...]:
        """What is behind a reference, as far as that costs nothing; no command is run and no manager asked."""
        with suppress(SecretError):
            return (self._found(ref) or ()) if self._is_at_hand(ref) else ()
        return ()

    def held(self, sink: SecretRef) -> tuple[Secret, ...] | None:
        """What a sink holds, nothing where it is not there; None where that is no file, or nobody can tell."""
        if registry.file_part(sink) is None:
            return None
        with suppress(SecretError):
            return self._found(sink)
        return ()

    def seen(self, sink: SecretRef) -> tuple[Secret, ...] | None:
        """What a sink holds for sure, a manager asked as well; None where nobody can tell, or it cannot be read now.

        Raises:
            Interrupted: see `resolve`.
        """
        if not registry.names_a_place(sink):
            return None
        try:
            return self._found(sink)
        except SecretError as error:
            return () if error.code in (Code.SECRET_MISSING, Code.SECRET_UNFIT) else None

    def is_full(self, sink: SecretRef) -> bool:
        """Whether a sink is a file of its own with anything in it, a secret or not; False where nobody can tell."""
        part = registry.file_part(sink)
        if part is None or part.name is not None or not self._reaches(part):
            return False
        with suppress(OSError, SecretError):
            path = placed(part.path, self._around.folder)
            return path.is_file() and path.stat().st_size > len("\r\n")
        return False

    def _is_at_hand(self, ref: SecretRef) -> bool:
        scheme, part = registry.find(ref.scheme), registry.file_part(ref)
        if scheme is None or scheme.kind is not SchemeKind.AT_HAND:
            return False
        return part is None or (self._reaches(part) and placed(part.path, self._around.folder).is_file())

    def _reaches(self, part: FilePart) -> bool:
        return self._reach.covers(placed(part.path, self._around.folder))

    def _found(self, ref: SecretRef) -> tuple[Secret, ...] | None:
        """All that some reader may take for the secret at `ref`; None where that is a sink which nobody reads."""
        scheme = registry.find(ref.scheme)
        return self._values(ref) if scheme is not None and scheme.read is None else (self.resolve(ref),)

    def _hold_back(self, ref: SecretRef) -> None:
        """Stop before a file that nobody trusts: what the files name was refused before, what the lock names was not.

        Raises:
            SecretError: it is one.
        """
        if (part := registry.file_part(ref)) is not None and not self._reaches(part):
            raise SecretError(f"{ref} leads to a place that nobody trusts", code=Code.FILE_UNTRUSTED)

    def _ask(self, ref: SecretRef) -> None:
        with suppress(Exception):  # `resolve` raises it again, for it is the result
            self._once(ref)

    def _ask_several(self, batch: SecretBatch, refs: Sequence[SecretRef]) -> None:
        """One call for all of them; what it does not tell is asked one by one."""
        scheme = refs[0].scheme
        if scheme not in self._unbatched and not self._around.stopping():
            try:
                with self.activity.waiting(scheme, f"reading {len(refs)} secrets of {scheme}:"):
                    self._batched.update(batch.read(refs, self._around))
            except Exception:  # noqa: BLE001 - whatever it is, each is asked by itself then, and that is told
                self._unbatched.add(scheme)
        for ref in refs:
            self._ask(ref)
            self._batched.pop(ref, None)

    def _read(self, ref: SecretRef) -> Secret:
        self._hold_back(ref)
        if (text := self._batched.pop(ref, None)) is not None:
            return _secret(text.encode(errors="surrogatepass"), ref)
        if not ref.target.strip():
            raise SecretError(
                f"the secret reference {ref} is incomplete",
                f"write something after `{ref.scheme}:`",
                code=Code.WRONG_REFERENCE,
            )
        scheme = registry.find(ref.scheme)
        if scheme is None or scheme.read is None:
            hint = f"use {usages(registry.serving(SecretScheme.is_source))} as the source"
            raise SecretError(f"a secret cannot be read from {ref}", hint, code=Code.WRONG_REFERENCE)
        with self.activity.waiting(str(ref), f"reading {registry.in_short(ref)}"):
            found = guarded(ref, partial(scheme.read, ref, self._around))
        return _secret(found.encode(errors="surrogatepass") if isinstance(found, str) else found, ref)

    def _read_values(self, ref: SecretRef) -> tuple[Secret, ...] | None:
        self._hold_back(ref)
        scheme = registry.find(ref.scheme)
        values = scheme.sink.values if scheme is not None and scheme.sink is not None else None
        if values is None:
            return None
        with self.activity.waiting(str(ref), f"reading {registry.in_short(ref)}"):
            return guarded(ref, lambda: tuple(map(Secret, values(ref, self._around.folder))))


def _secret(data: bytes, ref: SecretRef) -> Secret:
    """The secret in `data`. Nothing is raised inside an `except`: the decoder's own error would carry the bytes."""
    if not data:
        raise SecretError(f"the secret {ref} is empty", code=Code.SECRET_UNFIT)
    if len(data) > MOST_BYTES:
        raise SecretError(
            f"the secret {ref} is larger than {MOST_BYTES // 1024} KiB", "is it the right one?", code=Code.SECRET_UNFIT
        )
    if b"\0" in data:
        raise SecretError(
            f"the secret {ref} holds a NUL byte, so it is not text",
            "encode it, for example as Base64",
            code=Code.SECRET_UNFIT,
        )
    text = _decoded(data)
    if text is None:
        raise SecretError(
            f"the secret {ref} is not UTF-8 text", "encode it, for example as Base64", code=Code.SECRET_UNFIT
        )
    return Secret(text)


def _decoded(data: bytes) -> str | None:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None
