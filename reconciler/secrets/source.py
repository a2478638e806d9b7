"""Where secrets come from: `env:NAME`, `file:PATH`, `cmd:COMMAND`, and secret managers.

Called by `runtime`, `check` and `apply`.

One trailing newline (LF or CR LF) of a file or a command is no part of the secret: editors and `echo` add it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from reconciler.errors import SecretError
from reconciler.model.secret import Secret, SecretRef
from reconciler.secrets import envfile, managers
from reconciler.secrets.command import run
from reconciler.secrets.once import Once
from reconciler.support.paths import placed

MOST_BYTES = 64 * 1024


class Resolver:
    """Finds secrets, each reference once in a run; threads may share it.

    Args:
        folder: where relative paths start and commands run.
        environment: for `env:` and for the commands.
        timeout: for one command, in seconds.
        learned: is told every secret before anybody else, and whether it is a public one.
        stopping: whether the user wants the run to end; a command is not waited for then.
    """

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        timeout: float = 30,
        learned: Callable[[Secret, bool], None] | None = None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._folder = folder
        self._environment = environment
        self._timeout = timeout
        self._learned = learned
        self._stopping = stopping
        self._once = Once(self._read)
        self._in_env_files: Once[SecretRef, tuple[Secret, ...]] = Once(lambda ref: tuple(_in_env_file(ref, folder)))

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

    def learn_what_is_at_hand(self, refs: Iterable[SecretRef]) -> None:
        """Resolve what costs nothing, so that it is known where others echo it; what cannot be had is passed over."""
        for ref in refs:
            with suppress(SecretError):
                if ref.scheme == "env" or (ref.scheme == "file" and placed(ref.target, self._folder).is_file()):
                    self.resolve(ref)
                elif ref.scheme == "env-file" and self._learned is not None:
                    for secret in self._in_env_files(ref):
                        self._learned(secret, False)

    def held(self, sink: SecretRef) -> tuple[Secret, ...] | None:
        """What a sink holds, nothing where it is not there; None where that is no file, so that nobody can tell."""
        with suppress(SecretError):
            if sink.scheme == "file":
                return (self.resolve(sink),)
            if sink.scheme == "env-file":
                return self._in_env_files(sink)
            return None
        return ()

    def _read(self, ref: SecretRef) -> Secret:
        if not ref.target.strip():
            raise SecretError(f"the secret reference {ref} is incomplete", f"write something after `{ref.scheme}:`")
        match ref.scheme:
            case "env":
                return _secret(self._variable(ref), ref)
            case "file":
                return _secret(_without_newline(_file(ref, self._folder)), ref)
            case "cmd":
                return _secret(_without_newline(self._output(ref)), ref)
            case scheme if scheme in managers.MODULES:
                return _secret(managers.read(ref).encode(errors="surrogatepass"), ref)
            case _:
                raise SecretError(
                    f"a secret cannot be read from {ref}", "use env:NAME, file:PATH or cmd:COMMAND as the source"
                )

    def _variable(self, ref: SecretRef) -> bytes:
        value = self._environment.get(ref.target)
        if value is None:
            raise SecretError(f"the environment variable {ref.target} is not set", f"set it; a secret comes from {ref}")
        return value.encode(errors="surrogateescape")

    def _output(self, ref: SecretRef) -> bytes:
        return run(
            ref.target,
            self._folder,
            timeout=self._timeout,
            limit=MOST_BYTES + 2,
            environment=self._environment,
            stopping=self._stopping,
        )


def _file(ref: SecretRef, folder: Path) -> bytes:
    path = placed(ref.target, folder)
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 3)
    except FileNotFoundError:
        raise SecretError(f"there is no file for {ref}", f"it was looked for at {path}") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "the path is not one"
        raise SecretError(f"the secret {ref} cannot be read: {why}") from None


def _in_env_file(ref: SecretRef, folder: Path) -> Iterator[Secret]:
    """What `env-file:PATH#NAME` holds: a place for secrets to go, so this is what one was before."""
    path, _, name = ref.target.rpartition("#")
    if placed(path, folder).is_file():
        yield from map(Secret, envfile.values_of(_file(SecretRef("file", path), folder), name))


def _without_newline(data: bytes) -> bytes:
    return data[:-2] if data.endswith(b"\r\n") else data.removesuffix(b"\n")


def _secret(data: bytes, ref: SecretRef) -> Secret:
    """The secret in `data`. Nothing is raised inside an `except`: the decoder's own error would carry the bytes."""
    if not data:
        raise SecretError(f"the secret {ref} is empty")
    if len(data) > MOST_BYTES:
        raise SecretError(f"the secret {ref} is larger than {MOST_BYTES // 1024} KiB", "is it the right one?")
    if b"\0" in data:
        raise SecretError(f"the secret {ref} holds a NUL byte, so it is not text", "encode it, for example as Base64")
    text = _decoded(data)
    if text is None:
        raise SecretError(f"the secret {ref} is not UTF-8 text", "encode it, for example as Base64")
    return Secret(text)


def _decoded(data: bytes) -> str | None:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None
