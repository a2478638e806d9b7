"""`whsync plan`: what an apply would do, without doing it."""

from pathlib import Path

import click

from reconciler.cli import engine
from reconciler.cli.context import Context
from reconciler.cli.options import command as declare
from reconciler.render.base import FORMATS, plan_format
from reconciler.run.survey import survey
from reconciler.support.atomic import replace


@declare("plan")
@click.option("-o", "--out", type=click.Path(dir_okay=False), help="Save the plan, for `whsync apply PLAN`.")
@click.option("--format", "form", default="text", show_default=True, metavar="F", help=f"{', '.join(FORMATS)}.")
@click.option("--report", multiple=True, metavar="F=FILE", help="Also write the plan as F to FILE; repeatable.")
@click.option("--target", multiple=True, metavar="NAME", help="Only this webhook; repeatable.")
@click.option("--prune", is_flag=True, help="Also retire what the lock knows and the files no longer have.")
@click.option("--reassert", is_flag=True, help="Send again what cannot be verified.")
@click.option("--offline", is_flag=True, help="Compare the files with the lock; no network, no credentials.")
@click.option("--max-changed", metavar="N", help="Another threshold for this run: a count, or a percentage (30%).")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 where something differs.")
def command(
    whsync: Context,
    out: str | None,
    form: str,
    report: tuple[str, ...],
    target: tuple[str, ...],
    prune: bool,
    reassert: bool,
    offline: bool,
    max_changed: str | None,
    detailed_exitcode: bool,
) -> int:
    """Show what an apply would do. Reads the vendors and writes nothing to them."""
    write, reports = plan_format(form), engine.reports(report)
    asked = engine.options(prune, reassert, offline, target, max_changed)
    watch = engine.Stopwatch()
    with engine.running(whsync) as runtime:
        engine.refuse_taken([out, *(path for _, path in reports)], runtime.loaded)
        doing = "Comparing …" if offline else engine.reading(runtime)
        with engine.looking(runtime, whsync, doing):
            plan, _ = survey(runtime, runtime.store.read(), asked)
        above = engine.header(runtime, watch.seconds)
    if out is not None:
        replace(Path(out), plan_format("json")(plan, above, whsync.style()).encode())
    engine.write_reports(reports, plan, above, whsync)
    whsync.out(write(plan, above, whsync.style()))
    return engine.exit_code(plan, detailed_exitcode)
