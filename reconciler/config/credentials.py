"""Which variables are credentials: those that references in the files name, and the usual ones of their manifests.

Used by `config.files`, `config.load` and `cli.complete`, before anything is filled in: a credential goes nowhere but
where it belongs.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from typing import Any, NamedTuple

from reconciler.config.fault import Wrong
from reconciler.config.forms import as_written, for_each
from reconciler.config.interpolate import Interpolation, references_in
from reconciler.errors import ConfigError, SecretError
from reconciler.model.secret import Secret
from reconciler.model.webhook import Source
from reconciler.providers.vendor import Vendors
from reconciler.secrets.scheme import Grammar, is_public

FINGERPRINT_KEY = "WHSYNC_FINGERPRINT_KEY"
_NOWHERE = Source("", ())
_EACH = re.compile(r"\$\{each\.([^{}]*)\}")
_FOLDS = os.name == "nt"
"""Whether `token` and `TOKEN` are one variable."""


class Surrounding(NamedTuple):
    """What credentials are looked for with: the variables, the manifests and the kinds of references that there are."""

    environment: Mapping[str, str]
    vendors: Vendors
    grammar: Grammar


class _Reference(NamedTuple):
    """A reference as it is written, what is behind it in words, and the webhook whose rows it may be filled in with."""

    text: str
    what: str
    entry: Mapping[str, Any]


class Credentials:
    """Says of a variable whose credential it is. Looks for them once the first variable is to be filled in.

    Args:
        trees: what is written in all files, by name.
        around: see there.
    """

    def __init__(self, trees: Mapping[str, Mapping[str, Any]], around: Surrounding) -> None:
        self._trees, self._around = trees, around

    def behind(self, reference: str) -> str | None:
        """What the variable is that a reference names, in words; None where it is no credential, or names none."""
        return self.whose(reference.removeprefix("env:")) if reference.startswith("env:") else None

    def whose(self, variable: str) -> str | None:
        """What the variable is, in words; None where it is no credential."""
        name = variable.upper() if _FOLDS else variable
        patterns = (what for pattern, what in self._by_rows if pattern.fullmatch(name))
        return self._by_name.get(name) or next(patterns, None)

    def among(self, used: Mapping[str, str]) -> frozenset[Secret]:
        """The secrets among variables that were filled in, by their names."""
        return frozenset(Secret(text) for name, text in used.items() if text and self.whose(name) is not None)

    @cached_property
    def _references(self) -> list[_Reference]:
        return [found for tree in self._trees.values() for found in (*_secrets_of(tree), *_given(tree))]

    @cached_property
    def _by_name(self) -> Mapping[str, str]:
        known = {FINGERPRINT_KEY: "the key of whsync's fingerprints", **dict(self._managers())}
        for text, what, _ in self._references:
            if text.startswith("env:") and not _EACH.search(text):
                known[text.removeprefix("env:")] = what
        literal = dict(self._usual({}))
        whole = {**dict(self._usual({**literal, **known})), **literal, **known}
        return {name.upper() if _FOLDS else name: what for name, what in whole.items()}

    @cached_property
    def _by_rows(self) -> list[tuple[re.Pattern[str], str]]:
        """What references with `${each.KEY}` name; found without making each row, of which there may be very many."""
        found = [each for each in self._references if each.text.startswith("env:") and _EACH.search(each.text)]
        return [(self._pattern(each), each.what) for each in found]

    def _pattern(self, reference: _Reference) -> re.Pattern[str]:
        try:
            rows = for_each(Interpolation(self._around.environment).fill(reference.entry.get("for_each"), _NOWHERE))
        except Wrong:
            rows = {}  # told where the block is read
        parts = _EACH.split(reference.text.removeprefix("env:"))
        keys = ("|".join(map(re.escape, rows.get(key, ()))) or "(?!)" for key in parts[1::2])
        parts[::2] = map(re.escape, parts[::2])
        parts[1::2] = (f"(?:{texts})" for texts in keys)
        return re.compile("".join(parts), re.IGNORECASE if _FOLDS else 0)

    def _usual(self, known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """The usual variables of the manifests in use; of those that a variable names, only where `known` is given."""
        variables = Interpolation(self._around.environment, known.get)
        for file, tree in self._trees.items():
            for name, entry in _mapping(tree.get("providers")).items():
                written = _mapping(entry).get("type") or name
                told = len(variables.faults)
                type = as_written(variables.fill(written, _NOWHERE) if known else written)
                if isinstance(type, str) and (known or "$" not in type) and len(variables.faults) == told:
                    yield from ((variable, f"a credential of `{name}`") for variable in self._variables(type, file))

    def _variables(self, type: str, file: str) -> list[str]:
        try:
            variables = self._around.vendors.vendor(type, {}, os.path.dirname(file)).variables
        except ConfigError:
            return []  # told where the entry is read
        return [variable for credential, variable in variables.items() if not is_public(credential)]

    def _managers(self) -> Iterator[tuple[str, str]]:
        """What the secret managers in use are asked with."""
        for name in sorted({text.partition(":")[0] for text, _, _ in self._references}):
            with suppress(SecretError):  # told where the reference is read
                scheme = self._around.grammar.find(name)
                yield from ((each, f"a credential of `{name}:`") for each in (scheme.variables if scheme else ()))


def _given(tree: Mapping[str, Any]) -> Iterator[_Reference]:
    """`auth` of the file's providers, without what only says who somebody is."""
    for name, entry in _mapping(tree.get("providers")).items():
        for credential, written in _mapping(_mapping(entry).get("auth")).items():
            if not is_public(credential):
                yield from (_Reference(text, f"a credential of `{name}`", {}) for text in references_in(written))


_SECRETS = ("secret", "secrets")


def _secrets_of(tree: Mapping[str, Any]) -> Iterator[_Reference]:
    usual = _mapping(tree.get("defaults"))
    for key in _SECRETS:
        yield from (_Reference(text, "the secret of webhooks", {}) for text in references_in(usual.get(key)))
    for name, entry in _mapping(tree.get("webhooks")).items():
        written = [text for key in _SECRETS for text in references_in(_mapping(entry).get(key))]
        yield from (_Reference(text, f"the secret of `{name}`", _mapping(entry)) for text in written)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
