"""`whsync show PLAN`: a saved plan in any format."""

from pathlib import Path

import click

from reconciler.cli.context import Context
from reconciler.cli.options import command as declare
from reconciler.errors import StateError
from reconciler.render.base import FORMATS, Header, plan_format
from reconciler.render.json import plan_from_json


@declare("show")
@click.argument("plan", type=click.Path())
@click.option("--format", "form", default="text", show_default=True, metavar="F", help=f"{', '.join(FORMATS)}.")
def command(whsync: Context, plan: str, form: str) -> None:
    """Show the saved plan PLAN."""
    write = plan_format(form)
    try:
        text = Path(plan).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise StateError(f"there is no plan {plan}", "make one with `whsync plan --out`") from None
    except UnicodeDecodeError:
        raise StateError(f"{plan} is not a plan of whsync", "name a file that `whsync plan --out` wrote") from None
    saved = plan_from_json(text, plan)
    header = Header(title=f"{plan}, made {saved.created_at} by whsync {saved.whsync}")
    whsync.out(write(saved, header, whsync.style()))
