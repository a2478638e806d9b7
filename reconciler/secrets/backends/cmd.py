"""`cmd:COMMAND`: a shell command of the user's that prints the secret, or takes it on its standard input.

One newline at the end of what it prints is no part of the secret.
"""

import functools
import os
import re
import shlex
from pathlib import Path

from reconciler.codes import Code
from reconciler.errors import SecretError
from reconciler.model.secret import SecretRef
from reconciler.secrets.scheme import MOST_BYTES, SchemeKind, SecretScheme, SecretSink, Surroundings, without_newline

TIMEOUT = 30.0
"""How long a command may take to store a secret, in seconds."""


def read(ref: SecretRef, around: Surroundings) -> bytes:
    """See `scheme.SecretScheme`."""
    from reconciler.secrets import command

    said = command.run(
        ref.target,
        around.folder,
        timeout=around.timeout,
        limit=MOST_BYTES + 2,
        environment=around.environment,
        stopping=around.stopping,
    )
    return without_newline(said)


def probe(ref: SecretRef, folder: Path) -> None:
    """See `scheme.SecretSink`. Nothing is run but the shell, which is asked whether it knows the first word."""
    from reconciler.secrets import command  # noqa: F401 - what `store` needs is loaded by then: that takes a handle, too

    try:
        words = shlex.split(ref.target)
    except ValueError:
        raise SecretError(
            f"the sink {ref} has a quotation mark that is not closed", code=Code.WRONG_REFERENCE
        ) from None
    words = [word for word in words if not re.match(r"[A-Za-z_]\w*=", word)]
    if not words:
        raise SecretError(f"the sink {ref} holds no command", code=Code.WRONG_REFERENCE)
    if os.name != "nt" and not _knows(words[0], folder, os.environ.get("PATH", "")):
        raise SecretError(
            f"the sink {ref} is unusable: there is no command {words[0]}",
            "is it installed and on PATH?",
            code=Code.SINK_UNUSABLE,
        )


def store(ref: SecretRef, text: str, folder: Path) -> None:
    """See `scheme.SecretSink`."""
    from reconciler.secrets import command

    command.run(ref.target, folder, timeout=TIMEOUT, given=text.encode())


@functools.cache
def _knows(word: str, folder: Path, path: str) -> bool:
    """Whether the shell knows a command, builtin or keyword `word`; the shell itself is asked, nothing is run."""
    import subprocess

    if not re.fullmatch(r"[\w./+:@%,-]+", word):
        return True  # an expansion or a grouping, which only running it would judge
    asked = ["/bin/sh", "-c", 'command -v "$1"', "sh", word]
    return subprocess.run(asked, cwd=folder, capture_output=True, check=False, env={"PATH": path}).returncode == 0


SCHEME = SecretScheme(
    "cmd",
    shape=r".+",
    usage="cmd:COMMAND",
    read=read,
    sink=SecretSink(probe, store),
    kind=SchemeKind.COMMAND,
    rank=3,
)
