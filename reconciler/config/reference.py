"""Secret references as users write them: a scheme, a colon, and what the scheme needs. [pure]

Used by `config.schema` for validation. What is refused may be the secret itself, so no message repeats any of it.
"""

import re
from collections.abc import Mapping

from reconciler.config.fault import Wrong
from reconciler.model.secret import SecretRef

_MANAGERS = {
    "vault": (r"[^#/]+/[^#]*[^#/]#[^#]+", "vault:MOUNT/PATH#FIELD"),
    "aws-sm": (r"[^#]+(#[^#]+)?", "aws-sm:NAME or aws-sm:NAME#KEY"),
    "aws-ssm": (r"[^#]+", "aws-ssm:NAME"),
    "keyring": (r".+/[^/]+", "keyring:SERVICE/USER"),
}
"""Secret managers, as sources and as sinks: the shape of what follows the colon, and how to write it."""

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
SOURCES = {"env": (_NAME, "env:NAME, with letters, digits and _"), "file": (r".+", ""), "cmd": (r".+", "")}
SINKS = {"file": (r".+", ""), "env-file": (rf".+#{_NAME}", "env-file:PATH#NAME"), "cmd": (r".+", "")}

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_UNSUPPORTED = ("gcp-sm", "azure-kv")
_OTHERS = f"secret managers are {', '.join(f'{scheme}:' for scheme in _MANAGERS)}"
_SOURCE_HINT = (
    "write env:NAME, file:PATH or cmd:COMMAND, never the secret itself (a variable is env:NAME, not ${NAME}); "
    + _OTHERS
)
_SINK_HINT = f"write file:PATH, env-file:PATH#NAME or cmd:COMMAND; {_OTHERS}"


def _pattern(schemes: Mapping[str, tuple[str, str]]) -> str:
    """The regular expression of JSON Schema for references of `schemes` and of every secret manager."""
    shapes = {**schemes, **_MANAGERS}.items()
    return f"^({'|'.join(f'{scheme}:{shape}' for scheme, (shape, _) in shapes)})$"


SOURCE_PATTERN = _pattern(SOURCES)
SINK_PATTERN = _pattern(SINKS)


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


def _reference(value: object, schemes: Mapping[str, tuple[str, str]], summary: str, hint: str) -> SecretRef:
    scheme, colon, target = value.partition(":") if isinstance(value, str) else ("", "", "")
    if colon and scheme in _UNSUPPORTED:
        raise Wrong(f"uses `{scheme}:`, which this version does not support", "let cmd:COMMAND run that service's tool")
    shape, written = schemes.get(scheme) or _MANAGERS.get(scheme) or ("", "")
    if not target.strip() or not shape:
        raise Wrong(summary, hint)
    if scheme != "cmd" and _CONTROL.search(target):
        raise Wrong("holds a control character", hint)
    if not re.fullmatch(shape, target, re.DOTALL):
        raise Wrong(f"is not a whole `{scheme}:` reference", f"write {written}")
    return SecretRef(scheme, target)
