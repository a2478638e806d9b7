"""`whsync drift`: what changed at the vendors since the last apply, whatever the files say by now."""

import click

from reconciler.cli import engine
from reconciler.cli.context import Context
from reconciler.cli.options import command as declare
from reconciler.cli.options import format_option
from reconciler.errors import EXIT_DIFFERENCES, EXIT_ERROR, EXIT_FINE
from reconciler.render.drift import drift_json, drift_text
from reconciler.run.drift import drifted


@declare("drift")
@format_option("text", "json")
@click.option("--target", multiple=True, metavar="NAME", help="Only this webhook; repeatable.")
def command(whsync: Context, form: str, target: tuple[str, ...]) -> int:
    """Compare the vendors with the lock only. Exit code 0: nobody changed anything; 2: drift."""
    asked = engine.options(False, False, False, target)
    with engine.running(whsync) as runtime:
        with engine.looking(runtime, whsync, engine.reading(runtime)):
            report = drifted(runtime, runtime.store.read(), asked)
        above = engine.header(runtime)
    whsync.out(drift_json(report) if form == "json" else drift_text(report, above, whsync.style()))
    if report.problems:
        return EXIT_ERROR
    return EXIT_DIFFERENCES if report.differs else EXIT_FINE
