"""`whsync validate`: every problem of the files at once, without network or credentials."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

import click

from reconciler.cli import reports
from reconciler.cli.context import Context
from reconciler.cli.options import command as declare
from reconciler.cli.options import format_option, report_option
from reconciler.codes import Code
from reconciler.config.discovered import open_blocks
from reconciler.config.loaded import Loaded
from reconciler.errors import EXIT_ERROR, EXIT_FINE, ConfigError, Problem, UsageError
from reconciler.planning.causes import one_for_each_cause
from reconciler.render.base import counted, plain
from reconciler.render.formats import PROBLEMS, TEXT, offered, renderer
from reconciler.support.hints import first_of


@declare(
    "validate",
    examples=[
        "whsync validate",
        "whsync validate live.yaml test.yaml --format json",
        "whsync validate --report sarif=whsync.sarif",
        "whsync validate --allow-unset",
    ],
)
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path())
@click.option(
    "--allow-unset",
    is_flag=True,
    help="Take `${VAR}` for right where the variable is not set: before a commit, or in a fork.",
)
@format_option(*offered(PROBLEMS))
@report_option
def command(whsync: Context, files: tuple[str, ...], allow_unset: bool, form: str, report: tuple[str, ...]) -> int:
    """Check the files, also against their own policy. Needs neither network nor credentials.

    Each FILE is a configuration of its own, with what it includes; those of `-c` are joined to one.
    """
    if files and whsync.names_config:
        raise UsageError("files are named behind `validate` and with -c", "keep one of the two")
    asked_reports = reports.read_reports(report, PROBLEMS)
    apart = [[Path(file)] for file in dict.fromkeys(files)] or [whsync.config_paths]
    reports.refuse_over([each.path for each in asked_reports], [path for paths in apart for path in paths])
    found = [_problems(whsync, paths, form, asked_reports, allow_unset) for paths in apart]
    every = [problem for problems in found for problem in problems]
    reports.write_all(asked_reports, PROBLEMS, whsync, every)
    if form != TEXT:
        whsync.deliver(renderer(PROBLEMS, form)(every, whsync.style()))
    return EXIT_ERROR if any(found) else EXIT_FINE


def _problems(
    whsync: Context, paths: list[Path], form: str, asked: Sequence[reports.Report], allow_unset: bool
) -> tuple[Problem, ...]:
    """What is wrong with one configuration; people are told at once, programs get one document of all.

    Args:
        allow_unset: a variable that is not set is nothing wrong. What is said of the same place only follows from it,
            and is told by nobody.
    """
    loaded: Loaded | None = None
    try:
        loaded = whsync.load(paths, runs=False)
        reports.refuse_taken([each.path for each in asked], loaded)
        problems = loaded.refused()
    except ConfigError as error:
        problems = tuple(error.problems)
        if allow_unset:
            problems = tuple(each for each in problems if each.code is not Code.VARIABLE_UNSET)
    if problems and form == TEXT:
        apart = groupby(problems, key=lambda problem: problem.at)
        told = [one for _, alike in apart for one in one_for_each_cause(alike)]
        whsync.deliver(renderer(PROBLEMS, form)(told, whsync.style()), whsync.err)
        whsync.err(f"{_named(paths)}: {counted(len(told), 'problem')}")
    elif form == TEXT:
        _tell_valid(whsync, paths, loaded)
    return problems


def _tell_valid(whsync: Context, paths: list[Path], loaded: Loaded | None) -> None:
    """Say that a configuration is right, and of which of its blocks nothing is known yet."""
    if loaded is None:
        whsync.out(f"{_named(paths)}: valid, as far as that can be said while variables are not set")
        return
    webhooks, providers = counted(len(loaded.desired), "webhook"), counted(len(loaded.providers), "provider")
    whsync.out(f"{_named(loaded.files)}: {webhooks}, {providers}: valid{_later(loaded)}")
    for template in (each for each in loaded.templates if each.unread):
        whsync.note(plain(f"The rows of {template.name} come from {template.unread}, which validate does not run."))


def _later(loaded: Loaded) -> str:
    """Which blocks make webhooks only once their vendors have listed what these hang on."""
    names = [template.name for template in open_blocks(loaded)]
    return plain(f"; discovered by plan and apply: {first_of(names)}") if names else ""


def _named(files: Iterable[str | Path]) -> str:
    return plain(first_of(map(str, files)))
