"""`whsync show PLAN`: a saved plan in any format."""

import click

from reconciler.cli.context import Context
from reconciler.cli.options import command as declare
from reconciler.cli.saved import read_plan
from reconciler.render.base import FORMATS, PlanHeader, plan_format


@declare("show")
@click.argument("plan", type=click.Path())
@click.option("--format", "form", default="text", show_default=True, metavar="F", help=f"{', '.join(FORMATS)}.")
def command(whsync: Context, plan: str, form: str) -> None:
    """Show the saved plan PLAN."""
    write = plan_format(form)
    saved = read_plan(plan)
    header = PlanHeader(title=f"{plan}, made {saved.created_at} by whsync {saved.whsync}")
    whsync.out(write(saved, header, whsync.style()))
