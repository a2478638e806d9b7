"""Which variables are credentials: those that references in the files name, and the usual ones of their manifests.

Used by `config.files` and `cli.complete`, before anything is filled in: a credential goes nowhere but where it belongs.
"""

import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import product
from typing import Any

from reconciler.config.fault import Wrong
from reconciler.config.forms import as_written, for_each
from reconciler.config.interpolate import Interpolation, named_by
from reconciler.errors import ConfigError
from reconciler.model.secret import Secret
from reconciler.model.webhook import Source
from reconciler.providers.vendor import Vendors
from reconciler.secrets.scheme import is_public

FINGERPRINT_KEY = "WHSYNC_FINGERPRINT_KEY"
_NOWHERE = Source("", ())


class Credentials:
    """Says of a variable whose credential it is. Looks for them once the first variable is to be filled in.

    Args:
        trees: what is written in all files, by name.
        environment: what `type:` and `for_each:` may be filled in with.
        vendors: where manifests are found.
    """

    def __init__(
        self, trees: Mapping[str, Mapping[str, Any]], environment: Mapping[str, str], vendors: Vendors
    ) -> None:
        self._trees, self._environment, self._vendors = trees, environment, vendors

    def whose(self, variable: str) -> str | None:
        """What the variable is, in words; None where it is no credential."""
        return self.known.get(variable)

    def among(self, used: Mapping[str, str]) -> frozenset[Secret]:
        """The secrets among variables that were filled in, by their names."""
        return frozenset(Secret(text) for name, text in used.items() if text and self.whose(name) is not None)

    @cached_property
    def known(self) -> Mapping[str, str]:
        """All of them, each with what it is."""
        known = {FINGERPRINT_KEY: "the key of whsync's fingerprints"}
        for tree in self._trees.values():
            known.update(_secrets_of(tree, self._environment))
        given = [found for tree in self._trees.values() for found in _given(tree)]
        usual = [*self._usual({}), *given]
        return {**known, **dict(usual), **dict(self._usual({**known, **dict(usual)})), **dict(given)}

    def _usual(self, known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """The usual variables of the manifests in use; of those that a variable names, only where `known` is given."""
        variables = Interpolation(self._environment, known.get)
        for file, tree in self._trees.items():
            for name, entry in _mapping(tree.get("providers")).items():
                written = _mapping(entry).get("type") or name
                told = len(variables.faults)
                type = as_written(variables.fill(written, _NOWHERE) if known else written)
                if isinstance(type, str) and "$" not in type and len(variables.faults) == told:
                    yield from ((variable, f"a credential of `{name}`") for variable in self._variables(type, file))

    def _variables(self, type: str, file: str) -> list[str]:
        try:
            variables = self._vendors.vendor(type, {}, os.path.dirname(file)).variables
        except ConfigError:
            return []  # told where the entry is read
        return [variable for credential, variable in variables.items() if not is_public(credential)]


def _given(tree: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The variables that `auth` of the file's providers names, without those that only say who somebody is."""
    for name, entry in _mapping(tree.get("providers")).items():
        for credential, reference in _mapping(_mapping(entry).get("auth")).items():
            if not is_public(credential):
                yield from ((variable, f"a credential of `{name}`") for variable in named_by(reference))


def _secrets_of(tree: Mapping[str, Any], environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The variables that secrets of the file's webhooks name."""
    yield from ((name, "the secret of webhooks") for name in named_by(_mapping(tree.get("defaults")).get("secret")))
    for name, entry in _mapping(tree.get("webhooks")).items():
        for variable in named_by(_mapping(entry).get("secret")):
            for each in _each(variable, _mapping(entry), environment):
                yield each, f"the secret of `{name}`"


def _each(variable: str, entry: Mapping[str, Any], environment: Mapping[str, str]) -> Iterator[str]:
    """The names that a reference gets by the rows of its webhook; a variable of the rows is filled in, too."""
    if "${each." not in variable:
        yield variable
        return
    try:
        values = for_each(Interpolation(environment).fill(entry.get("for_each"), _NOWHERE))
    except Wrong:
        return  # told where the block is read
    used = {key: texts for key, texts in values.items() if f"${{each.{key}}}" in variable}
    for row in product(*used.values()):
        name = variable
        for key, text in zip(used, row, strict=True):
            name = name.replace(f"${{each.{key}}}", text)
        yield name


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
