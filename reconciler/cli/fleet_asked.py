"""What every command of `whsync fleet` is asked, and the fleet that it is about. Used by `cli.fleet`."""

import os
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

import click

from reconciler.cli import outputs
from reconciler.cli.context import Context
from reconciler.cli.fleet_shown import FORMATS, Shown, written
from reconciler.cli.options import format_option, unknown
from reconciler.cli.reports import Report, refuse_over
from reconciler.errors import UsageError
from reconciler.fleet.load import load
from reconciler.fleet.results import Results
from reconciler.fleet.types import Fleet, Result, Tenant
from reconciler.support.hints import did_you_mean
from reconciler.trust.file import trust_of

DEFAULT = "fleet.yaml"
_ELSEWHERE = {"config": "files", "lock": "lock", "var": "variables", "var_file": "var_file"}
"""Global options that mean one configuration, and the key by which a tenant says the same."""


class Asked(NamedTuple):
    """What every command of a fleet is asked: which tenants, of which file, written how."""

    tenants: tuple[str, ...]
    file: str
    form: str
    reports: tuple[str, ...]


def asking(function: Callable[..., Any]) -> Callable[..., Any]:
    """The argument and the options that all commands of a fleet share, as one `Asked`."""

    def called(
        whsync: Context, tenants: tuple[str, ...], fleet: str, form: str, report: tuple[str, ...], **own: Any
    ) -> int:
        code: int = function(whsync, Asked(tenants, fleet, form, report), **own)
        return code

    called.__doc__, called.__name__ = function.__doc__, function.__name__
    called.__dict__.update(function.__dict__)
    for option in (
        click.option("--report", multiple=True, metavar="F=FILE", help="Also write it as F to FILE; repeatable."),
        format_option(*FORMATS),
        click.option("--fleet", default=DEFAULT, show_default=True, type=click.Path(), help="The fleet file."),
        click.argument("tenants", nargs=-1, metavar="[TENANT]..."),
    ):
        called = option(called)
    return called


class Here:
    """The fleet of one command, and which of it is meant.

    Raises:
        ConfigError, UntrustedError, UsageError: what is asked cannot be done.
    """

    def __init__(self, whsync: Context, asked: Asked) -> None:
        self.whsync, self._form, path = whsync, asked.form, Path(asked.file)
        for name, key in _ELSEWHERE.items():
            if whsync.is_typed(name):
                flag = f"--{name.replace('_', '-')}"
                raise UsageError(
                    f"{flag} is about one configuration", f"a tenant says it with `{key}:` in {asked.file}"
                )
        self._reports = _read(asked.reports)
        self.trust = trust_of(whsync.trust, False, path.parent, os.environ)
        self.fleet: Fleet = load(path, self.trust.reach(path.parent))
        self.results = Results(self.fleet.results)
        self.chosen = _chosen(self.fleet, asked.tenants)
        refuse_over([each.path for each in self._reports], _needed(self.fleet))

    def place(self, result: Result) -> str:
        """The file in which a result is kept, from here."""
        return os.path.relpath(self.results.path(result.tenant, result.command))

    def show(self, shown: Shown) -> None:
        """Write it into every report, and to stdout."""
        bare = self.whsync.style()._replace(colour=False, wraps=False)
        for report in self._reports:
            outputs.write(report.path, written(report.form, shown, bare), private=False)
        self.whsync.delivered = True
        self.whsync.out(written(self._form, shown, self.whsync.style()))


def _chosen(fleet: Fleet, asked: Sequence[str]) -> tuple[Tenant, ...]:
    """The tenants that the words mean, all where there are none.

    Raises:
        UsageError: a word means none.
    """
    names = [each.name for each in fleet.tenants]
    for word in asked:
        if not any(fnmatchcase(name, word) for name in names):
            unknown("tenant", word, names)
    return tuple(each for each in fleet.tenants if not asked or any(fnmatchcase(each.name, word) for word in asked))


def _read(pairs: Sequence[str]) -> list[Report]:
    """What each `--report F=FILE` asks for.

    Raises:
        UsageError: one is no such pair, or names an unknown format.
    """
    found = []
    for pair in pairs:
        form, equals, file = pair.partition("=")
        if form not in FORMATS or not equals or not file:
            hint = did_you_mean(form, FORMATS) or f"there are: {', '.join(FORMATS)}"
            raise UsageError(f"--report {pair!r} is not FORMAT=FILE", hint)
        found.append(Report(form, Path(file)))
    return found


def _needed(fleet: Fleet) -> Iterator[str]:
    yield fleet.file
    for each in fleet.tenants:
        yield from (*each.files, *each.var_files, *each.environment.files)
        if each.lock is not None:
            yield each.lock
