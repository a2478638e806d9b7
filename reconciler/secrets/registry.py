"""Finds kinds of secret references: those that come with whsync, and those of installed packages.

Used by `config.load` as the grammar of references, by `config.taken`, `secrets.ahead`, `secrets.source` and
`secrets.sink`.

Each module of `secrets.backends` with a `SCHEME` is one, called like the module (`aws-sm` is `aws_sm`) and imported
when its name is first used. An installed package offers a `SecretScheme` under the entry point group `whsync.secrets`,
by its name; it cannot take the place of one that is built in.
"""

import re
import unicodedata
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from reconciler.codes import Code
from reconciler.errors import SecretError
from reconciler.model.secret import SecretRef
from reconciler.secrets import backends
from reconciler.secrets.scheme import FilePart, SchemeKind, SecretScheme, guarded

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "whsync.secrets"


def find(name: str) -> SecretScheme | None:
    """The kind of reference that begins with `name:`, or None where there is none.

    Raises:
        SecretError: a package offers it, but it cannot be loaded.
    """
    if (built_in := _built_in(name)) is not None:
        return built_in
    return _offered(name) if name in _entries() else None


def serving(serves: Callable[[SecretScheme], bool]) -> tuple[SecretScheme, ...]:
    """All kinds that serve (as `SecretScheme.is_source`, or as `is_sink`) and can be loaded, in the order of lists."""
    return tuple(sorted(filter(serves, _all()), key=lambda scheme: (scheme.rank, scheme.name)))


def file_part(ref: SecretRef) -> FilePart | None:
    """The file that a reference means, or None where it means none, as far as anybody knows."""
    with suppress(SecretError):  # told where it is needed
        scheme = find(ref.scheme)
        part = scheme.file(ref.target) if scheme is not None and scheme.file is not None else None
        return part if part is not None and part.path else None
    return None


def names_a_place(ref: SecretRef) -> bool:
    """Whether equal references mean one place, so that two secrets cannot both be there; a command is not known."""
    with suppress(SecretError):  # as above
        scheme = find(ref.scheme)
        return scheme is None or scheme.kind is not SchemeKind.COMMAND
    return True


def in_short(ref: SecretRef) -> str:
    """A reference as it is told before anybody knows what is secret: of a command its name, not what it is given."""
    if names_a_place(ref):
        return str(ref)
    words = _words(ref)
    return f"{ref.scheme}:{words[0]}" + (" …" if len(words) > 1 else "") if words else ref.scheme


def program(ref: SecretRef) -> str:
    """The program that a command begins with; of any other reference nothing."""
    return "" if names_a_place(ref) else next(iter(_words(ref)), "")


def _words(ref: SecretRef) -> list[str]:
    return [word for word in ref.target.split() if not re.match(r"\w+=", word)]


def letters(ref: SecretRef) -> tuple[str, str]:
    """A reference without what somebody may not tell apart: the case of letters, and their Unicode form."""
    return ref.scheme, unicodedata.normalize("NFKC", ref.target).casefold()


def place(ref: SecretRef) -> Hashable:
    """The place that a reference means, by the rules of what keeps it there: equal for all spellings of one.

    Where its kind has no such rules, or nobody can tell them here, it is the reference as written.
    """
    with suppress(SecretError):  # as above
        scheme = find(ref.scheme)
        rules = scheme.place if scheme is not None else None
        if rules is not None:
            return guarded(ref, lambda: (ref.scheme, *rules(ref.target)))
    return ref


def _all() -> Iterator[SecretScheme]:
    names = dict.fromkeys([*(module.replace("_", "-") for module in _modules()), *_entries()])
    for name in names:
        with suppress(SecretError):  # one that is broken is told to who uses it
            if (scheme := find(name)) is not None:
                yield scheme


@cache
def _modules() -> frozenset[str]:
    return frozenset(module.name for module in iter_modules(backends.__path__))


@cache
def _built_in(name: str) -> SecretScheme | None:
    """The one in the module of that name; some modules are only what several schemes share."""
    module = name.replace("-", "_")
    scheme = getattr(import_module(f"{backends.__name__}.{module}"), "SCHEME", None) if module in _modules() else None
    return scheme if isinstance(scheme, SecretScheme) and scheme.name == name else None


@cache
def _entries() -> Mapping[str, "EntryPoint"]:
    from importlib.metadata import entry_points

    return {entry.name: entry for entry in entry_points(group=GROUP)}


@cache
def _offered(name: str) -> SecretScheme:
    entry = _entries()[name]
    try:
        scheme = entry.load()
        if isinstance(scheme, SecretScheme) and scheme.name == name:
            re.compile(scheme.shape)
            return scheme
        wrong = f"it is no SecretScheme called {name!r}"
    except Exception as error:  # noqa: BLE001 - another package's code: whatever it raises is that package's fault
        wrong = type(error).__name__
    raise SecretError(
        f"the kind of reference `{name}:` of {entry.value} cannot be loaded: {wrong}", code=Code.PACKAGE_BROKEN
    )
