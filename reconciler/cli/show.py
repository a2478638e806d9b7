"""`whsync show PLAN`: a saved plan in any format."""

import shlex

import click

from reconciler.cli.context import Context
from reconciler.cli.options import command as declare
from reconciler.cli.options import plan_format_option
from reconciler.cli.saved import read_plan
from reconciler.render.base import PlanHeader
from reconciler.render.formats import PLAN, renderer


@declare("show", examples=["whsync show plan.json", "whsync show plan.json --format json"])
@click.argument("plan", type=click.Path())
@plan_format_option
def command(whsync: Context, plan: str, form: str) -> None:
    """Show the saved plan PLAN."""
    render = renderer(PLAN, form)
    saved = read_plan(plan)
    flags = f"; flags: {shlex.join(saved.options.flags)}" if saved.options.flags else ""
    header = PlanHeader(title=f"{plan}, made {saved.created_at} by whsync {saved.whsync}{flags}")
    whsync.deliver(render(saved, header, whsync.style()))
