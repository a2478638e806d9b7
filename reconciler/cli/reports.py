"""What stands above a plan, the files that a document is also written to, and the exit code of a plan.

Used by `cli.plan`, `cli.apply`, `cli.drift`, `cli.validate` and `cli.show`.
"""

import os
import shlex
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from reconciler.cli import outputs, step_files
from reconciler.cli.context import Context
from reconciler.codes import Code
from reconciler.config.loaded import Loaded
from reconciler.config.taken import Taken
from reconciler.errors import EXIT_DIFFERENCES, EXIT_ERROR, EXIT_FINE, EXIT_REFUSED, UsageError, WhsyncError
from reconciler.planning.types import Plan
from reconciler.render.base import PlanHeader, plain
from reconciler.render.formats import FORMATS, PLAN, PROBLEMS, Document, offered, renderer
from reconciler.run.histories import Histories
from reconciler.run.runtime import Runtime
from reconciler.state.lock import Lock
from reconciler.support.paths import ByFile

_WITH_RECORD = {"html"}

_FORMATS_ELSEWHERE = ("yaml", "wide", "name", "table", "jsonpath")
"""What kubectl takes behind `-o`, beside the formats of ours."""


class Report(NamedTuple):
    """A file that a document is to be written to, and in which format."""

    form: str
    path: Path


def plan_header(runtime: Runtime, seconds: float, lock: Lock) -> PlanHeader:
    """What stands above a plan of `runtime` that was made of this lock within so many seconds."""
    histories = Histories(lock.entries, runtime.redactor)
    files = tuple(map(str, runtime.loaded.files))
    return PlanHeader(files, addresses(runtime), seconds, histories=histories, limited=runtime.limited)


def shows_record(form: str, reports: Iterable[Report]) -> bool:
    """Whether one of the formats that are asked for shows what was recorded: others need not wait for it."""
    return bool(_WITH_RECORD & {form, *(report.form for report in reports)})


def addresses(runtime: Runtime) -> dict[str, str]:
    """The base URL of each provider, by its name, with no secret in it."""
    return {name: runtime.redactor.hide(config.base_url) for name, config in runtime.loaded.providers.items()}


def warn(plan: Plan, whsync: Context) -> None:
    """Say on stderr what must not be missed in a long plan: that the lock is not there."""
    for finding in plan.findings:
        if finding.kind == "lock_missing":
            whsync.err(plain(f"Warning: {finding.summary}."))


def exit_code(plan: Plan, detailed: bool = False) -> int:
    """The exit code that `plan` ends with: refused before failed before different."""
    if plan.refusals:
        return EXIT_REFUSED
    if plan.problems:
        return EXIT_ERROR
    return EXIT_DIFFERENCES if detailed and plan.differs else EXIT_FINE


def read_reports(pairs: Iterable[str], document: Document[Any] = PLAN) -> list[Report]:
    """What each `--report F=FILE` asks for, checked before any work is done.

    Args:
        pairs: as typed.
        document: what is to be written.

    Raises:
        UsageError: a pair is not one, or names an unknown format.
    """
    reports = []
    for pair in pairs:
        name, equals, file = pair.partition("=")
        if not equals or not file:
            raise UsageError(f"--report {pair!r} is not FORMAT=FILE", _report_meant(pair.strip("=")))
        renderer(document, name)
        reports.append(Report(name, Path(file)))
    return reports


def _report_meant(word: str) -> str:
    """What a `--report` should say that has only one half, a format or a file."""
    if word.lower() in FORMATS:
        return f"`--report {word}=FILE` writes it to a file, `--format {word}` prints it"
    form = Path(word).suffix.lstrip(".").lower()
    form = form if form in offered(PLAN) else "json"
    return f"for example `{shlex.join(['--report', f'{form}={word}' if word else f'{form}=plan.{form}'])}`"


def refuse_format(out: str | None) -> None:
    """A format's name is no file to save a plan in: elsewhere `-o json` asks for JSON.

    Raises:
        UsageError: `out` is one.
    """
    if out is None or out.lower() not in (*FORMATS, *_FORMATS_ELSEWHERE):
        return
    form = out.lower() if out.lower() in offered(PLAN) else "json"
    summary = f"--out {out} would save the plan in a file called {out}"
    raise UsageError(summary, f"`--format {form}` prints it; for a file of that name, write `--out ./{out}`")


def allowed(reports: Sequence[Report], loaded: Loaded, *others: str | None) -> Sequence[Report]:
    """The reports, now that nothing needed stands where they, or other files that are asked for, are to be.

    Raises:
        UsageError: see `refuse_taken`.
    """
    refuse_taken([*others, *(report.path for report in reports)], loaded)
    return reports


def refuse_taken(paths: Iterable[str | Path | None], loaded: Loaded) -> None:
    """Nothing that is asked for may take the place of what the configuration lives on, or of another that is asked for.

    Raises:
        UsageError: one of the paths would, or it leads where nothing is written, see `cli.outputs`.
    """
    asked = [path for path in paths if path is not None]
    if not asked:
        return
    taken, written = Taken(loaded), ByFile[int]()
    taken.add_sinks(loaded.desired)
    for number, path in enumerate(asked):
        outputs.refuse(path, loaded.folder)
        file = taken.disk.file(path)
        if what := taken.what(file):
            raise UsageError(f"{path} is {what}", "write to another file", code=Code.FILE_TAKEN)
        if written.setdefault(file, number) != number:
            raise UsageError(
                f"{path} would be written twice in this run", "give each its own file", code=Code.FILE_TAKEN
            )


def refuse_over(paths: Sequence[Path], needed: Iterable[str | Path]) -> None:
    """As `refuse_taken`, where no configuration was read: nothing takes the place of the files that are.

    Raises:
        UsageError: one of the paths would, or is asked for twice, or leads where nothing is written.
    """
    kept = {os.path.realpath(file) for file in needed}
    written: set[str] = set()
    for path in paths:
        outputs.refuse(path, Path())
        file = os.path.realpath(path)
        if file in kept:
            raise UsageError(f"{path} is read in this run", "write to another file", code=Code.FILE_TAKEN)
        if file in written:
            raise UsageError(
                f"{path} would be written twice in this run", "give each its own file", code=Code.FILE_TAKEN
            )
        written.add(file)


def write_reports(reports: Iterable[Report], plan: Plan, header: PlanHeader, whsync: Context) -> None:
    """Write the plan to the file of every report."""
    write_all(reports, PLAN, whsync, plan, header)


def write_all(reports: Iterable[Report], document: Document[Any], whsync: Context, *told: Any) -> None:
    """Write a document to the file of every report, always without colour.

    Args:
        reports: where to, and how.
        document: what kind it is; formats that cannot write it are passed over.
        told: the document and what stands above it.
    """
    plain_style = whsync.style()._replace(colour=False, wraps=False)
    for report in reports:
        if report.form not in offered(document):
            continue
        artifacts = renderer(document, report.form)(*told, plain_style)
        if step_files.is_page(report.path):
            artifacts = artifacts._replace(page="")
        whsync.deliver(artifacts, partial(outputs.write, report.path, private=False))


@contextmanager
def told_of_failure(reports: Iterable[Report], whsync: Context) -> Iterator[list[Report]]:
    """While inside, an error that ends the command goes into reports for people and CI, too: no report, no comment.

    Yields a list: of the reports whose files may be written over, since nothing that is needed is there. Other files
    are written only where there is none yet.

    Raises:
        WhsyncError: the one that was raised inside.
    """
    free: list[Report] = []
    try:
        yield free
    except WhsyncError as error:
        if not isinstance(error, UsageError):
            chosen = [
                each for each in reports if FORMATS[each.form].failures and (each in free or not _is_there(each.path))
            ]
            with suppress(OSError):
                write_all(chosen, PROBLEMS, whsync, error.problems)
        raise


def _is_there(path: Path) -> bool:
    return os.path.lexists(path)
