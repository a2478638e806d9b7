"""`whsync drift`: what changed at the vendors since the last apply, whatever the files say by now."""

from reconciler.cli import reports, session
from reconciler.cli.context import Context
from reconciler.cli.options import command as declare
from reconciler.cli.options import format_option, full_option, plan_options, report_option, target_option
from reconciler.errors import EXIT_DIFFERENCES, EXIT_ERROR, EXIT_FINE
from reconciler.render.formats import DRIFT, offered, renderer
from reconciler.run.drift import drifted


@declare("drift", examples=["whsync drift", "whsync drift --format json", "whsync drift --report markdown=drift.md"])
@format_option(*offered(DRIFT))
@report_option
@full_option
@target_option
def command(whsync: Context, form: str, report: tuple[str, ...], target: tuple[str, ...]) -> int:
    """Compare the vendors with the lock only. Exit code 0: nobody changed anything; 2: drift."""
    asked, asked_reports = plan_options(False, False, False, target), reports.read_reports(report, DRIFT)
    with reports.told_of_failure(asked_reports, whsync) as free, session.running(whsync) as runtime:
        free.extend(reports.allowed(asked_reports, runtime.loaded))
        snapshot = runtime.store.read()
        session.held_to_lock(whsync, runtime, snapshot.lock)
        with session.looking(whsync, runtime):
            found = drifted(runtime, snapshot, asked)
        addresses = reports.addresses(runtime)
    reports.write_all(asked_reports, DRIFT, whsync, found, addresses)
    whsync.deliver(renderer(DRIFT, form)(found, addresses, whsync.style()))
    if found.problems:
        return EXIT_ERROR
    return EXIT_DIFFERENCES if found.differs else EXIT_FINE
