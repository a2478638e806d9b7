"""Runs a command for many tenants, a bounded number at once, and keeps what comes of it. Used by `cli.fleet`.

A tenant's whole job is a method of `Runner`, which needs nothing of other tenants: whoever hands out the work in
another way, from a queue say, calls the same.
"""

import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from reconciler.codes import Code
from reconciler.errors import EXIT_DIFFERENCES, EXIT_ERROR, EXIT_FINE, EXIT_INTERRUPTED, ConfigError, WhsyncError
from reconciler.fleet.children import Children, Ended
from reconciler.fleet.documents import drifted_names, pending_of, repairable
from reconciler.fleet.outcome import problem, result_of
from reconciler.fleet.results import Results
from reconciler.fleet.standing import worst
from reconciler.fleet.surroundings import machine_of, own_of, refuse_guarded
from reconciler.fleet.types import Command, Result, Tenant
from reconciler.secrets import envfile
from reconciler.support import intake

AT_ONCE = 4
"""How many tenants are at work at once, unless somebody says otherwise."""


_EPOCH = "1970-01-01T00:00:00Z"


class Run(NamedTuple):
    """What is the same for all tenants of a run.

    Args:
        environment: our own variables.
        flags: global options that each process gets.
        prefixes: of all tenants of the fleet, also of those that are left out.
        granted: where the fleet file is not believed, the variables that may be handed on under another name.
        now: tells the time (UTC, ISO 8601).
        heard: takes a tenant's name, the command of a process and what that said beside its document.
    """

    environment: Mapping[str, str]
    flags: tuple[str, ...]
    prefixes: frozenset[str]
    granted: frozenset[str] | None
    now: Callable[[], str]
    heard: Callable[[str, str, str], None]


class Runner:
    """Runs single tenants; threads share it."""

    def __init__(self, run: Run, children: Children, results: Results) -> None:
        self._run, self._children, self._results = run, children, results

    def plan(self, tenant: Tenant, asked: Sequence[str] = (), out: Path | None = None) -> Result | None:
        """What an apply would do. None: not begun, for the run was interrupted.

        Args:
            asked: further flags of `whsync plan`.
            out: where the plan is saved to be applied.
        """
        saving = (f"--out={out}",) if out is not None else ()
        return self._kept(self._once(tenant, "plan", ["plan", "--format", "json", *asked, *saving]))

    def drift(self, tenant: Tenant, repair: bool = False) -> Result | None:
        """What somebody changed at the vendors; with `repair`, where its tenant allows it, it is put back first."""
        result = self._once(tenant, "drift", ["drift", "--format", "json"])
        if repair and tenant.repairs and result is not None and result.exit_code == EXIT_DIFFERENCES:
            result = self._repaired(tenant, result)
        return self._kept(result)

    def apply(self, tenant: Tenant, saved: Path | None = None) -> Result | None:
        """Make the vendors agree with the tenant's files, or carry out a saved plan."""
        return self._kept(self._apply(tenant, saved))

    def saved_plan(self, tenant: Tenant) -> Path:
        """Where a plan of this run may be saved to be applied; whoever asks removes it."""
        return self._results.scratch(tenant.name, "saved")

    def _apply(self, tenant: Tenant, saved: Path | None) -> Result | None:
        what = [str(saved)] if saved is not None else ["--yes"]
        with _passing(self._results.scratch(tenant.name, "report")) as report:
            return self._once(tenant, "apply", ["apply", "--format", "json", f"--report=json={report}", *what], report)

    def _repaired(self, tenant: Tenant, found: Result) -> Result | None:
        """Put back what somebody changed, and nothing else; then look again, so that what is told is true."""
        with _passing(self.saved_plan(tenant)) as saved:
            chosen, told = self._chosen(tenant, frozenset(drifted_names(found)), saved)
            applied = self._apply(tenant, saved) if chosen and not told else None
        if applied is not None and applied.exit_code == EXIT_INTERRUPTED:
            return applied
        if applied is None:
            return found._replace(
                exit_code=worst([found.exit_code, *_code(told)]), problems=(*found.problems, *_problems(told))
            )
        again = self._once(tenant, "drift", ["drift", "--format", "json"]) or found
        events = (applied.document or {}).get("events", ())
        done = tuple(sorted(each["name"] for each in events if each.get("event") == "applied"))
        code = worst([again.exit_code, applied.exit_code])
        return again._replace(exit_code=code, at=found.at, problems=(*again.problems, *applied.problems), repaired=done)

    def _chosen(self, tenant: Tenant, names: frozenset[str], saved: Path) -> tuple[frozenset[str], Result | None]:
        """Save a plan that only puts back; gives what is in it, and the plan that failed where one did.

        What else would be done with a webhook that drifted leaves it out; then the rest is planned alone.
        """
        for _ in range(2):
            if not names:
                break
            targets = (f"--target={name}" for name in sorted(names))
            plan = self._once(tenant, "plan", ["plan", "--format", "json", f"--out={saved}", *targets])
            if plan is None or plan.exit_code != EXIT_FINE or plan.document is None:
                return frozenset(), plan
            pending = frozenset(pending_of(plan.document))
            mendable = repairable(plan.document) & names
            if pending <= mendable:
                return pending, None
            names = mendable
        return frozenset(), None

    def _once(self, tenant: Tenant, command: Command, argv: Sequence[str], report: Path | None = None) -> Result | None:
        """Run one process to its end."""
        at, begun = self._run.now(), time.monotonic()
        try:
            environment = environment_of(tenant, self._run)
            ended = self._children.run([*argv, *self._flags(tenant)], tenant.folder, environment)
        except WhsyncError as error:
            told = {**problem(error.summary, error.hint, error.kind), "code": str(error.code)}
            return Result(tenant.name, command, at, 0.0, error.exit_code, problems=(told,))
        except OSError as error:
            told = dict(problem(f"it cannot be run: {error.strerror or error}", "mend what the system complains of"))
            return Result(tenant.name, command, at, 0.0, EXIT_ERROR, problems=(told,))
        if ended is None:
            return None
        self._run.heard(tenant.name, command, ended.stderr)
        return self._told(tenant, command, ended, _text(report), at, round(time.monotonic() - begun, 3))

    def _told(self, tenant: Tenant, command: Command, ended: Ended, report: str, at: str, seconds: float) -> Result:
        result = result_of(tenant.name, command, ended.code, ended.stdout, report, at=at, seconds=seconds)
        stopped = self._children.stopping and result.signal is not None
        return result._replace(exit_code=EXIT_INTERRUPTED) if stopped else result

    def _flags(self, tenant: Tenant) -> Iterator[str]:
        yield from self._run.flags
        yield from (f"--config={os.path.relpath(each, tenant.folder)}" for each in tenant.files)
        yield from (f"--var={name}={value}" for name, value in tenant.variables)
        yield from (f"--var-file={each}" for each in tenant.var_files)
        if tenant.lock is not None:
            yield f"--lock={tenant.lock}"

    def _kept(self, result: Result | None) -> Result | None:
        """Keep a result; one of a run that was interrupted while it only read says less than the last one does."""
        if result is not None and (result.exit_code != EXIT_INTERRUPTED or result.command == "apply"):
            try:
                self._results.write(result)
            except OSError as error:
                told = problem(f"its result cannot be kept: {error.strerror or error}", "make room, or mend its folder")
                code = worst([result.exit_code, EXIT_ERROR])
                return result._replace(exit_code=code, problems=(*result.problems, told))
        return result


def environment_of(tenant: Tenant, run: Run) -> dict[str, str]:
    """All variables of a tenant's process.

    Raises:
        ConfigError: an env-file cannot be read, or sets what is not a tenant's to set.
    """
    own = own_of(tenant, run.environment, run.prefixes, run.granted)
    for path in tenant.environment.files:
        read = _env_file(tenant, path)
        refuse_guarded(tenant, read, path)
        own |= read
    return {**machine_of(run.environment), **own}


def sweep(
    tenants: Iterable[Tenant], job: Callable[[Tenant], Result | None], command: Command, at_once: int
) -> Iterator[tuple[Tenant, Result | None]]:
    """Run a job for each tenant, and give each as it ends; None: it was not begun.

    Whatever goes wrong with one is its own failure, and ends no other.

    Args:
        tenants: those that are meant.
        job: what is done for one, in a thread of its own.
        command: what that runs.
        at_once: how many are at work at once.
    """

    def fate(tenant: Tenant) -> Result | None:
        try:
            return job(tenant)
        except Exception as error:  # noqa: BLE001  # its text may hold anything, so only its kind is told
            told = problem(
                f"internal error: {type(error).__name__}", "this is a bug; run whsync in its folder, with -vv"
            )
            return Result(tenant.name, command, _EPOCH, 0.0, EXIT_ERROR, problems=(told,))

    with ThreadPoolExecutor(at_once, "tenant") as pool:
        begun = {pool.submit(fate, tenant): tenant for tenant in tenants}
        for future in as_completed(begun):
            yield begun.pop(future), future.result()


def prefixes_of(tenants: Collection[Tenant]) -> frozenset[str]:
    """What the variables of all tenants begin with."""
    return frozenset(tenant.environment.prefix for tenant in tenants) - {""}


@contextmanager
def _passing(path: Path) -> Iterator[Path]:
    """A file that is gone at the end."""
    try:
        yield path
    finally:
        with suppress(OSError):
            path.unlink()


def _env_file(tenant: Tenant, path: str) -> dict[str, str]:
    try:
        content = intake.read(path, intake.WRITTEN)
    except OSError as error:
        summary = f"{tenant.name}: its env-file {path} cannot be read: {error.strerror or error}"
        raise ConfigError(summary, "correct `environment: {file: …}`", code=Code.FILE_UNREADABLE) from None
    found: dict[str, str] = {}
    wrong = list(envfile.strays(content))
    for line, name, value in envfile.assignments(content):
        if value is None:
            wrong.append(line)
        else:
            found[name] = value
    if wrong:
        where = f"{path}:{min(wrong)}:1"
        hint = "write NAME=VALUE, NAME='VALUE' or NAME=\"VALUE\", without backslashes, on one line"
        summary = f"{tenant.name}: {where}: readers of env-files would not agree on this line"
        raise ConfigError(summary, hint, code=Code.NOT_YAML)
    return found


def _text(path: Path | None) -> str:
    if path is None:
        return ""
    with suppress(OSError):
        return intake.read(path, intake.MADE, ordinary=True).decode("utf-8", "replace")
    return ""


def _code(plan: Result | None) -> tuple[int, ...]:
    return (plan.exit_code,) if plan is not None else ()


def _problems(plan: Result | None) -> tuple[Mapping[str, object], ...]:
    return plan.problems if plan is not None else ()
