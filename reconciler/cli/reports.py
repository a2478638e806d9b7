"""What stands above a plan, the files that a plan is also written to, and the exit code of a plan.

Used by `cli.plan` and `cli.apply`, and by `cli.drift` for the providers' addresses.
"""

import shlex
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from reconciler.cli import outputs
from reconciler.cli.context import Context
from reconciler.codes import Code
from reconciler.config.loaded import Loaded
from reconciler.config.taken import Taken
from reconciler.errors import EXIT_DIFFERENCES, EXIT_ERROR, EXIT_FINE, EXIT_REFUSED, UsageError
from reconciler.planning.types import Plan
from reconciler.render.base import PlanHeader, plain
from reconciler.render.formats import FORMATS, PLAN, offered, renderer
from reconciler.run.histories import Histories
from reconciler.run.runtime import Runtime
from reconciler.state.lock import Lock
from reconciler.support.paths import ByFile

_FORMATS_ELSEWHERE = ("yaml", "wide", "name", "table", "jsonpath")
"""What kubectl takes behind `-o`, beside the formats of ours."""


class Report(NamedTuple):
    """A file that a plan is to be written to, and in which format."""

    form: str
    path: Path


def plan_header(runtime: Runtime, seconds: float, lock: Lock) -> PlanHeader:
    """What stands above a plan of `runtime` that was made of this lock within so many seconds."""
    histories = Histories(lock.entries, runtime.redactor)
    return PlanHeader(tuple(map(str, runtime.loaded.files)), addresses(runtime), seconds, histories=histories)


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


def read_reports(pairs: Iterable[str]) -> list[Report]:
    """What each `--report F=FILE` asks for, checked before any work is done.

    Raises:
        UsageError: a pair is not one, or names an unknown format.
    """
    reports = []
    for pair in pairs:
        name, equals, file = pair.partition("=")
        if not equals or not file:
            raise UsageError(f"--report {pair!r} is not FORMAT=FILE", _report_meant(pair.strip("=")))
        renderer(PLAN, name)
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


def write_reports(reports: Iterable[Report], plan: Plan, header: PlanHeader, whsync: Context) -> None:
    """Write the plan to the file of every report, always without colour."""
    plain_style = whsync.style()._replace(colour=False, wraps=False)
    for report in reports:
        artifacts = renderer(PLAN, report.form)(plan, header, plain_style)
        whsync.deliver(artifacts, partial(outputs.write, report.path, private=False))
