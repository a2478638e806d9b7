"""`whsync apply [PLAN]`: make the vendors agree with the files, or carry out exactly a saved plan."""

import shlex
from collections.abc import Sequence

import click

from reconciler.apply.recorded import drift_of_plan, of_plan
from reconciler.apply.scheduler import apply
from reconciler.cli import reports, session
from reconciler.cli.context import Context
from reconciler.cli.options import (
    RECORD,
    format_option,
    full_option,
    plan_options,
    prune_all_option,
    report_option,
    target_option,
    yes_option,
)
from reconciler.cli.options import command as declare
from reconciler.cli.recording import Recording, recording
from reconciler.cli.saved import read_plan
from reconciler.errors import EXIT_ERROR, EXIT_FINE, EXIT_INTERRUPTED, RefusedError, UsageError
from reconciler.model.further import specs_of
from reconciler.planning.staleness import check_fresh
from reconciler.planning.types import Plan, PlanOptions
from reconciler.render.base import PlanHeader, plain
from reconciler.render.formats import EVENT, PLAN, RESULT, TEXT, offered, renderer
from reconciler.render.records import plan_digest
from reconciler.run.apply_input import ApplyInput
from reconciler.run.runtime import Runtime, utc_now
from reconciler.run.survey import survey
from reconciler.secrets.sink import readable_by_others
from reconciler.state.event import Event, Finished, SecretStored, Upgraded
from reconciler.state.stores.base import Lease


@declare("apply", examples=["whsync apply", "whsync apply plan.json", "whsync apply --yes --max-wait 10m"])
@click.argument("saved", metavar="[PLAN]", required=False, type=click.Path())
@yes_option
@format_option(*dict.fromkeys((*offered(EVENT), *offered(RESULT))))
@report_option
@full_option
@click.option("--record", **RECORD)
@target_option
@click.option("--prune", is_flag=True, help="Also retire what the lock knows and the files no longer have.")
@prune_all_option
@click.option("--reassert", is_flag=True, help="Send again what cannot be verified.")
@click.option("--own-secrets", is_flag=True, help="Send the file's secrets where the vendor may have others.")
@click.option("--max-changed", metavar="N", help="Another threshold for this run: a count, or a percentage (30%).")
def command(
    whsync: Context,
    saved: str | None,
    yes: bool,
    form: str,
    report: tuple[str, ...],
    record: str | None,
    target: tuple[str, ...],
    prune: bool,
    prune_all: bool,
    reassert: bool,
    own_secrets: bool,
    max_changed: str | None,
) -> int:
    """Make the vendors agree with the files: plan, show, ask for `yes`, write. With PLAN: exactly that, unasked."""
    if saved is not None and (target or prune or prune_all or reassert or own_secrets or max_changed):
        raise UsageError("a saved plan is applied as it is", "give --target, --prune and the like to `whsync plan`")
    reviewed = read_plan(saved) if saved is not None else None
    if reviewed is not None:
        asked = reviewed.options
    else:
        asked = plan_options(prune, reassert, False, target, max_changed, prune_all, own_secrets)
    with recording(record, "apply") as book:
        return plan_and_apply(whsync, reviewed, asked, reports.read_reports(report), yes, form, book)


def plan_and_apply(
    whsync: Context,
    reviewed: Plan | None,
    asked: PlanOptions,
    asked_reports: Sequence[reports.Report],
    yes: bool,
    form: str,
    book: Recording,
) -> int:
    """Plan, show, ask, and apply; returns the exit code.

    Args:
        reviewed: the saved plan that must still hold, and about which nobody is asked again.
        asked: what is asked of the plan; of a reviewed one, what was asked then.
        asked_reports: where else the plan is written to, and then, as far as the format can, what became of it.
        yes: apply without asking.
        form: how events are told, or the result. Only in text the plan is part of stdout.
        book: the run's record.

    Raises:
        StalePlanError: the reviewed plan does not hold any more.
        RefusedError: a guard said no.
        WhsyncError: the user did not agree; and whatever reading, planning and the lock raise.
    """
    watch, shown = session.Stopwatch(), reports.shows_record(form, asked_reports)
    with (
        reports.told_of_failure(asked_reports, whsync) as free,
        session.running(whsync) as runtime,
        session.leased(whsync, runtime, "apply") as lease,
    ):
        free.extend(reports.allowed(asked_reports, runtime.loaded, *book.files))
        plan, apply_input = _planned(whsync, runtime, reviewed, asked, book)
        header = reports.plan_header(runtime, watch.seconds, apply_input.lock)._replace(record=book.read(shown))
        reports.warn(plan, whsync)
        reports.write_reports(asked_reports, plan, header, whsync)
        free.clear()  # from here on the reports have the plan, whatever ends the command
        _show(whsync, plan, header, form, yes or reviewed is not None)
        events = _carry_out(whsync, runtime, plan, apply_input, lease, form, book)
        _tell(whsync, (plan, events, header._replace(record=book.read(shown))), asked_reports, form)
        return _exit_code(plan, events)


def _planned(
    whsync: Context, runtime: Runtime, reviewed: Plan | None, asked: PlanOptions, book: Recording
) -> tuple[Plan, ApplyInput]:
    """What is to be done; of a reviewed plan, exactly that. With it, the run is recorded."""
    book.check()
    snapshot = runtime.store.read()
    session.held_to_lock(whsync, runtime, snapshot.lock)
    with session.looking(whsync, runtime):
        plan, apply_input = survey(runtime, snapshot, asked)
    plan = plan if reviewed is None else check_fresh(reviewed, plan)
    hide = runtime.redactor.hide
    book.begin(runtime.redactor.over(runtime.run), hide, lambda: of_plan(plan, plan_digest(plan)))
    return plan, apply_input


def _show(whsync: Context, plan: Plan, header: PlanHeader, form: str, agreed: bool) -> None:
    """Let people read the plan, and stop before the first write where a guard, or whoever is asked, said no.

    Raises:
        RefusedError: with every refusal.
        WhsyncError: the user did not agree.
    """
    for_people = renderer(PLAN, TEXT)(plan, header, whsync.style())
    whsync.deliver(for_people, whsync.out if form == TEXT else whsync.note)
    if plan.refusals:
        if _tells_whole(form):  # there will be none, and the plan says why
            whsync.deliver(renderer(PLAN, form)(plan, header, whsync.style()))
        told = form == TEXT or not whsync.quiet
        problems = [no.problem for no in plan.refusals]
        raise RefusedError("refused, so nothing was written", problems=problems, told=told)
    if plan.pending:
        whsync.require("Apply these changes?", agreed)


def _warn_of_readers(whsync: Context, runtime: Runtime, apply_input: ApplyInput, stored: SecretStored) -> None:
    """Warn where a secret went into a user's file that others may read; the file's mode may be needed as it is."""
    spec = specs_of(apply_input.desired[stored.name]).get(stored.which)
    path = readable_by_others(spec.sink, runtime.folder) if spec is not None and spec.sink is not None else None
    if path is not None:
        only_ours = f"chmod 600 {shlex.quote(str(path))}"
        warning = f"Warning: {path} holds a secret, and other users may read it; if none needs to: {only_ours}"
        whsync.err(plain(warning))


def _carry_out(
    whsync: Context,
    runtime: Runtime,
    plan: Plan,
    apply_input: ApplyInput,
    lease: Lease,
    form: str,
    book: Recording,
) -> list[Event]:
    """Apply, telling and recording each event as it comes where the format can; gives all of them."""
    events: list[Event] = []
    planned = {change.name: change for change in plan.changes}
    render, busy = renderer(EVENT, form) if form in offered(EVENT) else None, bool(plan.pending)
    with session.writing(whsync, runtime) as saw:
        for event in apply(plan, apply_input, runtime, lease):
            events.append(event)
            book.change(event, planned)
            saw(event)
            told = form != TEXT or busy or isinstance(event, Upgraded)  # people need not hear of nothing done
            if render is not None and told:
                whsync.deliver(render(event, utc_now(), whsync.style()))
            if isinstance(event, SecretStored) and event.rescued is None:
                _warn_of_readers(whsync, runtime, apply_input, event)
    book.done(_exit_code(plan, events), events, drift_of_plan(plan))
    return events


def _tell(
    whsync: Context, result: tuple[Plan, list[Event], PlanHeader], asked: Sequence[reports.Report], form: str
) -> None:
    """The result into reports and on stdout, in formats that tell of the whole and not of each event."""
    reports.write_all(asked, RESULT, whsync, *result)
    if _tells_whole(form):
        whsync.deliver(renderer(RESULT, form)(*result, whsync.style()))


def _tells_whole(form: str) -> bool:
    """Whether stdout gets the result as a whole, and not each event as it comes."""
    return form in offered(RESULT) and form not in offered(EVENT)


def _exit_code(plan: Plan, events: Sequence[Event]) -> int:
    """Whether all of the plan was done."""
    done = next((event for event in reversed(events) if isinstance(event, Finished)), None)
    if done is None or done.interrupted:
        return EXIT_INTERRUPTED
    return EXIT_ERROR if done.failed or done.skipped or plan.problems else EXIT_FINE
