"""`whsync audit`: every webhook that stands at the vendors, managed or not, and what is worth a look about it."""

import click

from reconciler.audit.types import AuditReport, Severity
from reconciler.cli import reports, session
from reconciler.cli.context import Context
from reconciler.cli.options import RECORD_READ, format_option, plan_options, report_option, target_option
from reconciler.cli.options import command as declare
from reconciler.cli.recording import Recording
from reconciler.errors import EXIT_DIFFERENCES, EXIT_ERROR, EXIT_FINE, UsageError
from reconciler.render.formats import AUDIT, offered, renderer
from reconciler.run.audit import audited


@declare(
    "audit",
    examples=[
        "whsync audit",
        "whsync audit --fail-on high --report html=audit.html",
        "whsync audit --format csv",
        "whsync audit --discover",
    ],
)
@format_option(*offered(AUDIT))
@report_option
@target_option
@click.option("--discover", "everywhere", is_flag=True, help="Look into every place that the vendors can list, too.")
@click.option("--record", **RECORD_READ)
@click.option(
    "--fail-on",
    type=click.Choice([str(severity) for severity in Severity]),
    help="Exit with 2 where a finding is as severe as this, or more.",
)
def command(
    whsync: Context,
    form: str,
    report: tuple[str, ...],
    target: tuple[str, ...],
    everywhere: bool,
    record: str | None,
    fail_on: str | None,
) -> int:
    """List every webhook of every provider, managed or not, with findings. Writes nothing.

    Reads what a plan reads; with --discover also each repository, project, team that the providers' vendors can list.
    """
    if everywhere and target:
        raise UsageError("--discover looks everywhere, and --target does not", "keep one of the two")
    asked, asked_reports = plan_options(False, False, False, target), reports.read_reports(report, AUDIT)
    watch = session.Stopwatch()
    with reports.told_of_failure(asked_reports, whsync) as free, session.running(whsync) as runtime:
        free.extend(reports.allowed(asked_reports, runtime.loaded))
        snapshot = runtime.store.read()
        session.held_to_lock(whsync, runtime, snapshot.lock)
        with session.looking(whsync, runtime):
            worst = Severity(fail_on) if fail_on is not None else None
            found = audited(runtime, snapshot, asked, worst, everywhere)
        told = Recording(record, "audit").read(reports.shows_record(form, asked_reports))
        header = reports.plan_header(runtime, watch.seconds, snapshot.lock)._replace(record=told)
    reports.write_all(asked_reports, AUDIT, whsync, found, header)
    whsync.deliver(renderer(AUDIT, form)(found, header, whsync.style()))
    return exit_code(found)


def exit_code(found: AuditReport) -> int:
    """Failed before found: what could not be seen may have findings, too."""
    if not found.is_whole:
        return EXIT_ERROR
    return EXIT_DIFFERENCES if found.fails else EXIT_FINE
