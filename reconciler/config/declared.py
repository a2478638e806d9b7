"""Variables that the files declare under `variables:`, and what the command line says of them. [pure]

Made by `config.given`; used by `config.interpolate`, whose runs over the files tell it what those declare. What was
typed on the command line goes before the environment, and a declared default behind it.
"""

import re
from collections.abc import Container, Iterator, Mapping
from typing import Any, NamedTuple

from reconciler.codes import Code
from reconciler.config.fault import FileFault, below, did_you_mean
from reconciler.config.forms import as_written
from reconciler.errors import UsageError
from reconciler.model.webhook import Source

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Typed(NamedTuple):
    """A value from the command line: of `--var`, or at a place in a file that `--var-file` names."""

    text: str
    source: Source | None = None


class Declaration(NamedTuple):
    """One entry of `variables:`."""

    source: Source
    default: str | None
    allowed: tuple[str, ...]


class Declared:
    """All variables that are declared or typed; grows while files are read, for what they include may need it.

    Args:
        typed: by name, what the command line says.
    """

    def __init__(self, typed: Mapping[str, Typed] | None = None) -> None:
        self._typed = typed or {}
        self._declarations: dict[str, Declaration] = {}
        self.faults: list[FileFault] = []

    def declare(self, tree: object, at: Source) -> None:
        """Take in what a file has under `variables:`; of what has a wrong shape only the name, for that is told later.

        Args:
            at: where it stands.
        """
        for name, block in tree.items() if isinstance(tree, dict) else ():
            written, source = block if isinstance(block, dict) else {}, below(at, name)
            default, allowed = as_written(written.get("default")), written.get("allowed")
            here = Declaration(
                source,
                default if isinstance(default, str) else None,
                tuple(str(as_written(each)) for each in allowed) if isinstance(allowed, list) else (),
            )
            if not _NAME.fullmatch(name):
                hint = "use letters, digits and _, and no digit first"
                self.faults.append(
                    FileFault(source, Code.WRONG_NAME, f"`{name[:40]}` cannot be a variable", hint, True)
                )
            first = self._declarations.setdefault(name, here)
            if first is not here:
                what = f"`{name}` is written twice under `variables`; first at {{also}}"
                self.faults.append(
                    FileFault(source, Code.WRITTEN_TWICE, what, "keep one of the two", True, first.source)
                )
            self.faults += _wrong_defaults(here)

    def typed(self, name: str) -> str | None:
        """What the command line says; None where it says nothing."""
        found = self._typed.get(name)
        return None if found is None else found.text

    def default(self, name: str) -> str | None:
        """What the files say where nobody else does."""
        found = self._declarations.get(name)
        return None if found is None else found.default

    def wrong(
        self, environment: Mapping[str, str], granted: Container[str] | None, *, whole: bool
    ) -> Iterator[FileFault]:
        """Everything that is wrong with variables.

        Args:
            environment, granted: see `forbidden`.
            whole: all files were read; else a missing one may declare what nobody has.

        Raises:
            UsageError: see `refuse_undeclared`.
        """
        yield from self.faults
        yield from self.forbidden(environment, granted)
        if whole:
            yield from self.refuse_undeclared()

    def forbidden(self, environment: Mapping[str, str], granted: Container[str] | None) -> Iterator[FileFault]:
        """Each value that is not among those that its declaration allows.

        Args:
            environment: what a variable is that nobody typed. Its text is not told: it may be anything.
            granted: the variables of it that may be looked at; None: any.
        """
        for name, declaration in self._declarations.items():
            typed = self._typed.get(name)
            text = typed.text if typed else environment.get(name)
            seen = typed is not None or granted is None or name in granted
            if not declaration.allowed or text is None or not seen or text in declaration.allowed:
                continue
            if not text and typed is None and declaration.default is not None:
                continue  # as if it were not set
            yield _forbidden(name, text, typed, declaration)

    def refuse_undeclared(self) -> Iterator[FileFault]:
        """Each value of a file that belongs to no declaration.

        Raises:
            UsageError: one of `--var` belongs to none.
        """
        for name, typed in self._typed.items():
            if name in self._declarations:
                continue
            there = "the files declare no variables" if not self._declarations else ""
            hint = did_you_mean(name, self._declarations, there or f"declared are {', '.join(self._declarations)}")
            if typed.source is None:
                raise UsageError(f"--var {name}: the files declare no such variable", hint, code=Code.UNKNOWN_NAME)
            what = f"`{name}` is no variable that the files declare"
            yield FileFault(typed.source, Code.UNKNOWN_NAME, what, hint, key=True)


def _wrong_defaults(declaration: Declaration) -> Iterator[FileFault]:
    """A default that is not allowed, or looks as if it were filled in."""
    default, allowed, at = declaration.default, declaration.allowed, below(declaration.source, "default")
    if default is not None and "${" in default:
        hint = "write the text itself; only --var, --var-file and the environment change it"
        yield FileFault(at, Code.WRONG_VARIABLE, "a declared default is not filled in", hint)
    elif default is not None and allowed and default not in allowed:
        yield FileFault(
            at, Code.WRONG_VALUE, f"`default` is {default!r}, which is not allowed", _allowed(default, allowed)
        )


def _forbidden(name: str, text: str, typed: Typed | None, declaration: Declaration) -> FileFault:
    at, hint = declaration.source, _allowed(text, declaration.allowed)
    if typed is None:
        what, at = f"the environment's `{name}` is not one of the allowed values", below(at, "allowed")
        return FileFault(at, Code.WRONG_VALUE, what, hint, key=True)
    if typed.source is None:
        return FileFault(below(at, "allowed"), Code.WRONG_VALUE, f"--var {name}={text} is not allowed", hint, key=True)
    return FileFault(typed.source, Code.WRONG_VALUE, f"`{name}` cannot be {text!r}; allowed at {{also}}", hint, also=at)


def _allowed(text: str, allowed: tuple[str, ...]) -> str:
    return did_you_mean(text, allowed, f"allowed are {', '.join(allowed)}")


def values_of(tree: Mapping[str, Any], file: str) -> Iterator[tuple[str, Typed | FileFault]]:
    """What a variable file says: texts by name, or why one is none."""
    for name, value in tree.items():
        text, at = as_written(value), Source(file, (name,))
        if isinstance(text, str):
            yield name, Typed(text, at)
        elif value is not None:  # the reader has told
            yield (
                name,
                FileFault(at, Code.WRONG_VALUE, f"`{name}` must be a text", "a variable file is NAME: VALUE lines"),
            )
