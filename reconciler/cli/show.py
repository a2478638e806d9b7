"""`whsync show PLAN`: a saved plan in any format."""

import shlex

import click

from reconciler.cli import reports
from reconciler.cli.context import Context
from reconciler.cli.options import command as declare
from reconciler.cli.options import full_option, plan_format_option, report_option
from reconciler.cli.saved import read_plan
from reconciler.render.base import PlanHeader
from reconciler.render.formats import PLAN, renderer


@declare("show", examples=["whsync show plan.json", "whsync show plan.json --format json"])
@click.argument("plan", type=click.Path())
@plan_format_option
@full_option
@report_option
def command(whsync: Context, plan: str, form: str, report: tuple[str, ...]) -> None:
    """Show the saved plan PLAN."""
    render, asked_reports = renderer(PLAN, form), reports.read_reports(report)
    reports.refuse_over([each.path for each in asked_reports], [plan])
    saved = read_plan(plan)
    flags = f"; flags: {shlex.join(saved.options.flags)}" if saved.options.flags else ""
    header = PlanHeader(title=f"{plan}, made {saved.created_at} by whsync {saved.whsync}{flags}")
    reports.write_reports(asked_reports, saved, header, whsync)
    whsync.deliver(render(saved, header, whsync.style()))
