"""Secret references as users write them: a scheme, a colon, and what the scheme needs. [pure]

Used by `config.schema` for validation and for editors. Which kinds of references there are is handed in as a grammar:
each kind says how it is written, and nothing but that is asked of it here. What is refused may be the secret itself, so
no message repeats any of it.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from reconciler.codes import Code
from reconciler.config.fault import Wrong
from reconciler.errors import SecretError
from reconciler.model.secret import SecretRef
from reconciler.secrets.scheme import Grammar, SchemeKind, SecretScheme, usages

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_UNSUPPORTED = ("gcp-sm", "azure-kv")


class Role(NamedTuple):
    """What a reference is for.

    Args:
        serves: whether a kind of reference can be used for it.
        refusal: what is said of anything else.
        advice: behind how the usual ones are written.
    """

    serves: Callable[[SecretScheme], bool]
    refusal: str
    advice: str = ""

    def hint(self, grammar: Grammar) -> str:
        """How to write one."""
        schemes = grammar.serving(self.serves)
        managers = ", ".join(f"{scheme.name}:" for scheme in schemes if scheme.kind is SchemeKind.MANAGER)
        return f"write {usages(schemes)}{self.advice}; secret managers are {managers}"

    def pattern(self, grammar: Grammar) -> str:
        """The regular expression of JSON Schema for all of them, and for what a row makes one."""
        written = "|".join(f"{scheme.name}:{scheme.shape}" for scheme in grammar.serving(self.serves))
        return rf"^({written})$|\$\{{each\."


SOURCE = Role(
    SecretScheme.is_source,
    "is not a secret reference",
    ", never the secret itself (a variable is env:NAME, not ${NAME})",
)
SINK = Role(SecretScheme.is_sink, "is not a place for a secret")


ROLES = {"source": SOURCE, "sink": SINK}
MARK = "reference"
"""Where a JSON Schema has it, the reference's pattern belongs; see `with_patterns`."""


def with_patterns(node: Any, grammar: Grammar) -> Any:
    """A JSON Schema in which every mark has become the pattern of the references that serve there."""
    if isinstance(node, list):
        return [with_patterns(item, grammar) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        **{("pattern" if key == MARK else key): _with_pattern(key, value, grammar) for key, value in node.items()},
    }


def _with_pattern(key: str, value: Any, grammar: Grammar) -> Any:
    return ROLES[value].pattern(grammar) if key == MARK else with_patterns(value, grammar)


def source(value: object, grammar: Grammar) -> SecretRef:
    """The reference to where a secret is found.

    Raises:
        Wrong: it is a literal, or not a source.
    """
    return _reference(value, SOURCE, grammar)


def sink(value: object, grammar: Grammar) -> SecretRef:
    """The reference to where a secret is put.

    Raises:
        Wrong: it is not a sink.
    """
    return _reference(value, SINK, grammar)


def _reference(value: object, role: Role, grammar: Grammar) -> SecretRef:
    name, colon, target = value.partition(":") if isinstance(value, str) else ("", "", "")
    scheme = _serving(name, role, grammar) if colon else None
    if scheme is None and colon and name in _UNSUPPORTED:
        raise Wrong(
            Code.WRONG_REFERENCE,
            f"uses `{name}:`, which this version does not support",
            "let cmd:COMMAND run that service's tool",
        )
    if scheme is None or not target.strip():
        raise Wrong(Code.WRONG_REFERENCE, role.refusal, role.hint(grammar))
    if scheme.kind is not SchemeKind.COMMAND and _CONTROL.search(target):
        raise Wrong(Code.WRONG_REFERENCE, "holds a control character", role.hint(grammar))
    if not re.fullmatch(scheme.shape, target, re.DOTALL):
        note = f", {scheme.note}" if scheme.note else ""
        raise Wrong(Code.WRONG_REFERENCE, f"is not a whole `{name}:` reference", f"write {scheme.usage}{note}")
    return SecretRef(name, target)


def _serving(name: str, role: Role, grammar: Grammar) -> SecretScheme | None:
    """The kind of that name, where it serves."""
    try:
        scheme = grammar.find(name)
    except SecretError as error:
        raise Wrong(
            error.code, f"cannot be used: {error.summary}", "install that package anew, or ask its maker"
        ) from None
    return scheme if scheme is not None and role.serves(scheme) else None
