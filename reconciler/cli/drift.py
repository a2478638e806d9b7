"""`whsync drift`: what changed at the vendors since the last apply, whatever the files say by now."""

import click

from reconciler.apply.recorded import drift_of_report
from reconciler.cli import reports, session
from reconciler.cli.context import Context
from reconciler.cli.options import (
    RECORD,
    format_option,
    full_option,
    plan_options,
    report_option,
    target_option,
)
from reconciler.cli.options import command as declare
from reconciler.cli.recording import recording
from reconciler.errors import EXIT_DIFFERENCES, EXIT_ERROR, EXIT_FINE
from reconciler.render.formats import DRIFT, offered, renderer
from reconciler.run.drift import drifted


@declare("drift", examples=["whsync drift", "whsync drift --format json", "whsync drift --report markdown=drift.md"])
@format_option(*offered(DRIFT))
@report_option
@full_option
@click.option("--record", **RECORD)
@target_option
def command(whsync: Context, form: str, report: tuple[str, ...], record: str | None, target: tuple[str, ...]) -> int:
    """Compare the vendors with the lock only. Exit code 0: nobody changed anything; 2: drift."""
    asked, asked_reports = plan_options(False, False, False, target), reports.read_reports(report, DRIFT)
    with (
        recording(record, "drift") as book,
        reports.told_of_failure(asked_reports, whsync) as free,
        session.running(whsync) as runtime,
    ):
        free.extend(reports.allowed(asked_reports, runtime.loaded, *book.files))
        book.begin(runtime.redactor.over(runtime.run), runtime.redactor.hide)
        snapshot = runtime.store.read()
        session.held_to_lock(whsync, runtime, snapshot.lock)
        with session.looking(whsync, runtime):
            found = drifted(runtime, snapshot, asked)
        addresses = reports.addresses(runtime)
        code = EXIT_ERROR if found.problems else EXIT_DIFFERENCES if found.differs else EXIT_FINE
        book.done(code, drift=drift_of_report(found))
    found = found._replace(record=book.read(reports.shows_record(form, asked_reports)))
    reports.write_all(asked_reports, DRIFT, whsync, found, addresses)
    whsync.deliver(renderer(DRIFT, form)(found, addresses, whsync.style()))
    return code
