"""`whsync fleet …`: many tenants, each run as a whsync of its own, and how all of them stand."""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import click

from reconciler.cli.context import Context
from reconciler.cli.fleet_asked import Asked, Here, asking
from reconciler.cli.fleet_shown import Shown
from reconciler.cli.options import Group, subcommand, yes_option
from reconciler.cli.signals import handling
from reconciler.errors import EXIT_FINE, EXIT_INTERRUPTED, UsageError
from reconciler.fleet.children import Children
from reconciler.fleet.documents import pending_of
from reconciler.fleet.standing import exit_code, is_due, standing, standings, worst
from reconciler.fleet.sweep import AT_ONCE, Run, Runner, prefixes_of, sweep
from reconciler.fleet.types import Command, Fleet, Result, Tenant
from reconciler.render.base import counted, plain
from reconciler.run.runtime import utc_now
from reconciler.trust.file import VARIABLE, is_whole
from reconciler.trust.grants import Trust
from reconciler.trust.level import OPEN_WORD, Level


@click.command("fleet", cls=Group, examples=["whsync fleet plan", "whsync fleet drift --due", "whsync fleet status"])
def command() -> None:
    """Run many tenants, each as a whsync of its own, and tell how all of them stand.

    fleet.yaml says which there are. `--parallelism N` is how many are at work at once; 4 where nobody says.
    """


_DUE: dict[str, Any] = {
    "is_flag": True,
    "help": "Only tenants whose last result of this command is older than their schedule.",
}


@subcommand(command, "plan", examples=["whsync fleet plan", "whsync fleet plan 'shop-*' --parallelism 8"])
@asking
@click.option("--due", **_DUE)
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 where something differs.")
def plan(whsync: Context, asked: Asked, due: bool, detailed_exitcode: bool) -> int:
    """Show what an apply would do, tenant by tenant: all, or each TENANT, which may be a pattern with `*` and `?`."""
    further = ("--detailed-exitcode",) if detailed_exitcode else ()
    return _Fleet(whsync, asked, "plan", due).told(lambda runner, tenant: runner.plan(tenant, further))


@subcommand(command, "drift", examples=["whsync fleet drift --due", "whsync fleet drift --repair"])
@asking
@click.option("--due", **_DUE)
@click.option("--repair", is_flag=True, help="Put back what was changed, where fleet.yaml says `repair: drift`.")
def drift(whsync: Context, asked: Asked, due: bool, repair: bool) -> int:
    """Show what changed at the vendors since the last apply, tenant by tenant. Exit code 2: something did."""
    return _Fleet(whsync, asked, "drift", due).told(lambda runner, tenant: runner.drift(tenant, repair))


@subcommand(command, "apply", examples=["whsync fleet apply", "whsync fleet apply 'shop-*' --yes"])
@asking
@click.option("--due", **_DUE)
@yes_option
def apply(whsync: Context, asked: Asked, due: bool, yes: bool) -> int:
    """Make the vendors agree with each tenant's files: plan all, show, ask for `yes`, and apply just these plans."""
    if not yes and not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask on", "pass --yes to go ahead without being asked")
    fleet = _Fleet(whsync, asked, "apply", due)
    return fleet.told(lambda runner, tenant: runner.apply(tenant)) if yes else fleet.reviewed()


@subcommand(command, "status", examples=["whsync fleet status", "whsync fleet status --report prometheus=whsync.prom"])
@asking
def status(whsync: Context, asked: Asked) -> int:
    """Tell from what was kept how the tenants stand, without any network.

    Exit code 2: there is drift; 1: a tenant failed, is overdue or was never run; 3: one was refused.
    """
    here = Here(whsync, asked)
    kept, now = here.results.read_all(here.chosen), utc_now()
    found = standings(here.fleet._replace(tenants=here.chosen), kept, now)
    last = {each.tenant.name: each.last for each in found if each.last is not None}
    place = {name: here.place(result) for name, result in last.items()}
    code = exit_code(found)
    here.show(Shown("status", now, here.fleet.file, code, found, place))
    return code


class _Fleet(Here):
    """A fleet at work: its tenants are run, told of as they end, and shown.

    Args:
        whsync, asked: of the command line.
        command: what is run.
        due: only what is due is run.
    """

    def __init__(self, whsync: Context, asked: Asked, command: Command, due: bool) -> None:
        super().__init__(whsync, asked)
        self._command, self._children = command, Children()
        self._heard: dict[str, list[str]] = {}
        self._runner = Runner(_run(whsync, self.fleet, self.trust, self._hear), self._children, self.results)
        if due:
            kept, now = self.results.read_all(self.chosen), utc_now()
            self.chosen = tuple(each for each in self.chosen if is_due(each, command, kept, now))

    def told(self, job: Callable[[Runner, Tenant], Result | None]) -> int:
        """Run a job for each tenant, show what came of all, and give the exit code."""
        return self._show(self._swept(self.chosen, job))

    def reviewed(self) -> int:
        """Plan all, show, ask, and apply the plans that were shown; gives the exit code.

        Raises:
            WhsyncError: the user did not agree.
        """
        plans = {tenant.name: self._runner.saved_plan(tenant) for tenant in self.chosen}
        try:
            planned = self._swept(self.chosen, lambda runner, tenant: runner.plan(tenant, out=plans[tenant.name]))
            ready = [each for each, result in planned if result and result.exit_code == EXIT_FINE and _differs(result)]
            code = self._show(planned)
            if not ready or self._children.stopping:
                return code
            self.whsync.require(f"Apply these changes of {counted(len(ready), 'tenant')}?")
            done = self._swept(ready, lambda runner, tenant: runner.apply(tenant, plans[tenant.name]))
            return worst([code, self._show(done)])
        finally:
            for path in plans.values():
                with suppress(OSError):
                    path.unlink()

    def _swept(self, tenants: Sequence[Tenant], job: Callable[[Runner, Tenant], Result | None]) -> "list[_Pair]":
        """What came of each tenant, in the order of the fleet file."""
        found: dict[str, Result | None] = {}
        at_once = self.whsync.parallelism if self.whsync.is_typed("parallelism") else None
        with self._stoppable():
            for tenant, result in sweep(tenants, partial(job, self._runner), self._command, at_once or AT_ONCE):
                found[tenant.name] = result
                self._tell(len(found), len(tenants), tenant, result)
        return [(tenant, found[tenant.name]) for tenant in tenants]

    def _show(self, done: "list[_Pair]") -> int:
        now, results = utc_now(), [result for _, result in done if result is not None]
        found = [standing(tenant, [result], now) for tenant, result in done if result is not None]
        stopped = (EXIT_INTERRUPTED,) if self._children.stopping else ()
        code = worst([*(result.exit_code for result in results), *stopped])
        place = {result.tenant: self.place(result) for result in results}
        self.show(Shown(self._command, now, self.fleet.file, code, found, place))
        return code

    def _hear(self, name: str, command: str, said: str) -> None:
        """Keep what a process told people until its turn; what ended one that only read, its result says."""
        if command == "apply" or self.whsync.verbose:
            self._heard.setdefault(name, []).append(said)

    def _tell(self, number: int, of: int, tenant: Tenant, result: Result | None) -> None:
        said = self._heard.pop(tenant.name, []) if self.whsync.verbose or _has_document(result) else []
        for line in "\n".join(said).splitlines():
            self.whsync.err(plain(f"{tenant.name}: {line}"))
        word = standing(tenant, [result], utc_now()).word if result is not None else "not begun"
        self.whsync.note(f"{number} of {of}: {plain(tenant.name)} {word}")

    @contextmanager
    def _stoppable(self) -> Iterator[None]:
        """While inside: a signal that asks for an end is passed on to all at work; nothing else is begun."""

        def stop(number: int, frame: object) -> None:
            if not self._children.stopping:
                words = (
                    "Interrupted: what is in flight is finished, no other tenant is begun. Once more to stop at once."
                )
                self.whsync.err(words)
            if not self._children.stopping or number in (signal.SIGINT, signal.SIGTERM):
                self._children.interrupt()  # a terminal that closes tells us twice, which stops nothing at once

        with handling(stop):
            yield


_Pair = tuple[Tenant, Result | None]


def _run(whsync: Context, fleet: Fleet, trust: Trust, hear: Callable[[str, str, str], None]) -> Run:
    """What each tenant's process is told of this one."""
    flags = ["--verbose"] * whsync.verbose or ["--quiet"]
    flags += [f"--max-wait={whsync.max_wait}"] if whsync.max_wait is not None else []
    flags += [f"--lock-timeout={whsync.lock_timeout}"] if whsync.lock_timeout is not None else []
    asked, environment = (whsync.trust or "").strip() and whsync.trust, dict(os.environ)
    if asked:
        is_path = asked != OPEN_WORD and not is_whole(asked)
        environment[VARIABLE] = os.path.abspath(asked) if is_path else asked
    granted = trust.grants.variables if trust.level is not Level.OPEN else None
    prefixes = prefixes_of(fleet.tenants)
    if granted is not None and prefixes:
        whsync.err("Strict: of variables with a tenant's prefix, only those that the trust file lists are handed on.")
    return Run(environment, tuple(flags), prefixes, granted, utc_now, hear)


def _has_document(result: Result | None) -> bool:
    """Whether there is more to a run than the problems that its result tells already."""
    return result is not None and result.document is not None


def _differs(result: Result) -> bool:
    return bool(result.document and pending_of(result.document))
