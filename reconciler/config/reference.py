"""Secret references as users write them: `env:NAME`, `file:PATH`, `cmd:COMMAND`, `env-file:PATH#NAME`. [pure]

Used by `schema` for validation. What is refused may be the secret itself, so no message repeats any of it.
"""

import re

from reconciler.config.fault import Wrong
from reconciler.secret import SecretRef

SOURCES = ("env", "file", "cmd")
SINKS = ("file", "env-file", "cmd")
SOURCE_PATTERN = r"^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|cmd:.+)$"
SINK_PATTERN = r"^(file:.+|env-file:.+#[A-Za-z_][A-Za-z0-9_]*|cmd:.+)$"

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PLANNED = ("vault", "aws-sm", "gcp-sm", "azure-kv", "keyring")
_SOURCE_HINT = "write env:NAME, file:PATH or cmd:COMMAND, never the secret itself (a variable is env:NAME, not ${NAME})"
_SINK_HINT = "write file:PATH, env-file:PATH#NAME or cmd:COMMAND"


def source(value: object) -> SecretRef:
    """The reference to where a secret is found.

    Raises:
        Wrong: it is a literal, or not a source.
    """
    return _reference(value, SOURCES, "is not a secret reference", _SOURCE_HINT)


def sink(value: object) -> SecretRef:
    """The reference to where a secret is put.

    Raises:
        Wrong: it is not a sink.
    """
    return _reference(value, SINKS, "is not a place for a secret", _SINK_HINT)


def _reference(value: object, schemes: tuple[str, ...], summary: str, hint: str) -> SecretRef:
    scheme, colon, target = value.partition(":") if isinstance(value, str) else ("", "", "")
    if colon and scheme in _PLANNED:
        raise Wrong(f"uses `{scheme}:`, which this version does not have yet", hint)
    if not target.strip() or scheme not in schemes:
        raise Wrong(summary, hint)
    if scheme != "cmd" and _CONTROL.search(target):
        raise Wrong("holds a control character", hint)
    if scheme == "env" and not _VARIABLE.fullmatch(target):
        raise Wrong("is not the name of a variable", "write env:NAME, with letters, digits and _")
    if scheme == "env-file":
        path, hash_sign, name = target.rpartition("#")
        if not hash_sign or not path or not _VARIABLE.fullmatch(name):
            raise Wrong("needs a file and a name", "write env-file:PATH#NAME")
    return SecretRef(scheme, target)
