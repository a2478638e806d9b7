"""`whsync drift`: what changed at the vendors since the last apply, whatever the files say by now."""

from reconciler.cli import reports, session
from reconciler.cli.context import Context
from reconciler.cli.options import command as declare
from reconciler.cli.options import format_option, plan_options, target_option
from reconciler.errors import EXIT_DIFFERENCES, EXIT_ERROR, EXIT_FINE
from reconciler.render.formats import DRIFT, offered, renderer
from reconciler.run.drift import drifted


@declare("drift", examples=["whsync drift", "whsync drift --format json"])
@format_option(*offered(DRIFT))
@target_option
def command(whsync: Context, form: str, target: tuple[str, ...]) -> int:
    """Compare the vendors with the lock only. Exit code 0: nobody changed anything; 2: drift."""
    asked = plan_options(False, False, False, target)
    with session.running(whsync) as runtime:
        snapshot = runtime.store.read()
        session.held_to_lock(whsync, runtime, snapshot.lock)
        with session.looking(whsync, runtime):
            report = drifted(runtime, snapshot, asked)
        addresses = reports.addresses(runtime)
    whsync.deliver(renderer(DRIFT, form)(report, addresses, whsync.style()))
    if report.problems:
        return EXIT_ERROR
    return EXIT_DIFFERENCES if report.differs else EXIT_FINE
