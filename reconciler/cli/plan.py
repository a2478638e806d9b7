"""`whsync plan`: what an apply would do, without doing it."""

import click

from reconciler.cli import reports, session
from reconciler.cli.context import Context
from reconciler.cli.options import (
    RECORD_READ,
    full_option,
    plan_format_option,
    plan_options,
    prune_all_option,
    report_option,
    target_option,
)
from reconciler.cli.options import command as declare
from reconciler.cli.recording import Recording
from reconciler.cli.saved import save_plan
from reconciler.errors import UsageError
from reconciler.render.formats import PLAN, TEXT, renderer
from reconciler.run.survey import survey


@declare(
    "plan",
    examples=[
        "whsync plan",
        "whsync plan --target ci --out plan.json",
        "whsync plan --detailed-exitcode --report json=plan.json",
    ],
)
@click.option("-o", "--out", type=click.Path(dir_okay=False), help="Save the plan, for `whsync apply PLAN`.")
@plan_format_option
@full_option
@report_option
@click.option("--record", **RECORD_READ)
@target_option
@click.option("--prune", is_flag=True, help="Also retire what the lock knows and the files no longer have.")
@prune_all_option
@click.option("--reassert", is_flag=True, help="Send again what cannot be verified.")
@click.option("--own-secrets", is_flag=True, help="Send the file's secrets where the vendor may have others.")
@click.option("--offline", is_flag=True, help="Compare the files with the lock; no network, no credentials.")
@click.option("--untrusted", is_flag=True, help="As --offline, for a stranger's files: resolves nothing they name.")
@click.option("--max-changed", metavar="N", help="Another threshold for this run: a count, or a percentage (30%).")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 where something differs.")
def command(
    whsync: Context,
    out: str | None,
    form: str,
    report: tuple[str, ...],
    record: str | None,
    target: tuple[str, ...],
    prune: bool,
    prune_all: bool,
    reassert: bool,
    own_secrets: bool,
    offline: bool,
    untrusted: bool,
    max_changed: str | None,
    detailed_exitcode: bool,
) -> int:
    """Show what an apply would do. Reads the vendors and writes nothing to them."""
    if untrusted and out is not None:
        raise UsageError(
            "an untrusted plan is no plan to be applied", "leave out --out; `--report json=FILE` is a report"
        )
    whsync.untrusted, offline = untrusted, offline or untrusted
    reports.refuse_format(out)
    render, asked_reports = renderer(PLAN, form), reports.read_reports(report)
    asked = plan_options(prune, reassert, offline, target, max_changed, prune_all, own_secrets)
    watch = session.Stopwatch()
    with reports.told_of_failure(asked_reports, whsync) as free, session.running(whsync) as runtime:
        free.extend(reports.allowed(asked_reports, runtime.loaded, out))
        snapshot = runtime.store.read()
        session.held_to_lock(whsync, runtime, snapshot.lock)
        with session.looking(whsync, runtime, "Comparing …" if offline else None):
            plan, _ = survey(runtime, snapshot, asked, makes=bool(out or asked_reports or form != TEXT))
        told = Recording(record, "plan").read(reports.shows_record(form, asked_reports))
        header = reports.plan_header(runtime, watch.seconds, snapshot.lock)._replace(record=told)
    reports.warn(plan, whsync)
    if out is not None:
        save_plan(out, plan)
    reports.write_reports(asked_reports, plan, header, whsync)
    whsync.deliver(render(plan, header, whsync.style()))
    return reports.exit_code(plan, detailed_exitcode)
