"""Which variables are credentials: those that references in the files name, and the usual ones of their manifests.

Used by `config.files`, `config.load` and `cli.complete`, before anything is filled in: a credential goes nowhere but
where it belongs.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple

from reconciler.config.fault import Faulty, below
from reconciler.config.forms import as_written
from reconciler.config.interpolate import Interpolation
from reconciler.config.rows import Settled, texts_named
from reconciler.config.values import in_name, references_in
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
    source: Source = _NOWHERE


Settle = Callable[[Any, Source], Settled]
"""What `for_each` says, with every list brought from where it stands; raises Faulty where it cannot be had."""


class Credentials:
    """Says of a variable whose credential it is. Looks for them once the first variable is to be filled in.

    Args:
        trees: what is written in all files, by name.
        around: see there.
        settle: tells the rows of a block; without it, those that stand in the file are known.
    """

    def __init__(
        self, trees: Mapping[str, Mapping[str, Any]], around: Surrounding, settle: Settle | None = None
    ) -> None:
        self._trees, self._around = trees, around
        self._settle = settle or self._as_written
        self._is_settling = False

    def behind(self, reference: str) -> str | None:
        """What the variable is that a reference names, in words; None where it is no credential, or names none."""
        return self.whose(reference.removeprefix("env:")) if reference.startswith("env:") else None

    def whose(self, variable: str) -> str | None:
        """What the variable is, in words; None where it is no credential."""
        name = variable.upper() if _FOLDS else variable
        named = self._by_name.get(name)
        if named is not None or self._is_settling:  # a list is looked for, of whose rows nothing is known yet
            return named
        one_by_one, patterns = self._by_rows
        fitting = (what for pattern, what in patterns if pattern.fullmatch(name))
        return one_by_one.get(name) or next(fitting, None)

    def are_named(self, reference: str) -> bool:
        """Whether a reference is one of a credential or a secret, as it is written."""
        return any(each.text == reference for each in self._references)

    def among(self, used: Mapping[str, str]) -> frozenset[Secret]:
        """The secrets among variables that were filled in, by their names."""
        return frozenset(Secret(text) for name, text in used.items() if text and self.whose(name) is not None)

    @cached_property
    def _references(self) -> list[_Reference]:
        every = self._trees.items()
        return [found for file, tree in every for found in (*_secrets_of(tree, file), *_given(tree))]

    @cached_property
    def _by_name(self) -> Mapping[str, str]:
        known = {FINGERPRINT_KEY: "the key of whsync's fingerprints", **dict(self._managers())}
        for text, what, *_ in self._references:
            if text.startswith("env:") and not _EACH.search(text):
                known[text.removeprefix("env:")] = what
        literal = dict(self._usual({}))
        whole = {**dict(self._usual({**literal, **known})), **literal, **known}
        return {name.upper() if _FOLDS else name: what for name, what in whole.items()}

    @cached_property
    def _by_rows(self) -> tuple[dict[str, str], list[tuple[re.Pattern[str], str]]]:
        """What references with `${each.KEY}` name: of rows by the names, of combinations by patterns.

        Combinations are not made for it: there may be very many.
        """
        named: dict[str, str] = {}
        schemes: set[str] = set()
        patterns: list[tuple[re.Pattern[str], str]] = []
        self._is_settling = True
        for reference in (each for each in self._references if _EACH.search(each.text)):
            for values in self._values(reference):
                single = all(len(texts) == 1 for texts in values.values())
                for text in _filled(reference.text, values) if single else ():
                    scheme, _, name = text.partition(":")
                    schemes.add(scheme)
                    if scheme == "env":
                        named.setdefault(name.upper() if _FOLDS else name, reference.what)
                if not single:
                    patterns.append((_pattern(reference.text, values), reference.what))
        self._is_settling = False
        return {**dict(self._asked_with(schemes)), **named}, patterns

    def _values(self, reference: _Reference) -> Iterator[Mapping[str, Sequence[Any]]]:
        """What each key of its block may be."""
        if "for_each" not in reference.entry:
            return
        try:
            settled = self._settle(reference.entry["for_each"], below(reference.source, "for_each"))
        except Faulty:
            return  # told where the block is read
        yield from texts_named(settled.lists)

    def _as_written(self, tree: Any, source: Source) -> Settled:
        return Settled(Interpolation(self._around.environment).fill(tree, source), source)

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
        return self._asked_with({each.text.partition(":")[0] for each in self._references})

    def _asked_with(self, schemes: Iterable[str]) -> Iterator[tuple[str, str]]:
        for name in sorted(schemes):
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


def _secrets_of(tree: Mapping[str, Any], file: str) -> Iterator[_Reference]:
    defaults = _mapping(tree.get("defaults"))
    usual = [text for key in _SECRETS for text in references_in(defaults.get(key))]
    yield from (_Reference(text, "the secret of webhooks", {}) for text in usual)
    varying = [text for text in usual if _EACH.search(text)]
    for name, written in _mapping(tree.get("webhooks")).items():
        entry, source = _mapping(written), Source(file, ("webhooks", name))
        blocks = (entry, *map(_mapping, _mapping(entry.get("override")).values()))
        texts = chain(varying, *(references_in(block.get(key)) for block in blocks for key in _SECRETS))
        yield from (_Reference(text, f"the secret of `{name}`", entry, source) for text in texts)


def _filled(text: str, values: Mapping[str, Sequence[Any]]) -> Iterator[str]:
    """The references that a text is in one row: one, or those of a whole block that the row has."""
    whole = _EACH.fullmatch(text)
    if whole:
        key, _, default = whole[1].partition(":-")
        yield from references_in(next(iter(values.get(key, ())), default))
        return
    rows = {key: str(as_written(texts[0])) for key, texts in values.items()}
    yield _EACH.sub(lambda each: in_name(_of(rows, each[1])), text)


def _of(row: Mapping[str, str], written: str) -> str:
    key, _, default = written.partition(":-")
    return row.get(key, default)


def _pattern(text: str, values: Mapping[str, Sequence[Any]]) -> re.Pattern[str]:
    """The names that a reference may be, of which the prefix is optional: one list may have whole references."""
    parts = _EACH.split(text.removeprefix("env:"))
    inside = text.startswith("env:")
    written = (values.get(key.partition(":-")[0], ()) for key in parts[1::2])
    texts = ([str(as_written(each)) for each in some] for some in written)
    keys = [
        "|".join(re.escape(in_name(each) if inside else each.removeprefix("env:")) for each in some) or "(?!)"
        for some in texts
    ]
    parts[::2] = map(re.escape, parts[::2])
    parts[1::2] = (f"(?:{each})" for each in keys)
    return re.compile("".join(parts), re.IGNORECASE if _FOLDS else 0)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
