"""`whsync prune --unmanaged NAME`: delete single webhooks at vendors that nobody declared."""

import click

from reconciler.cli.apply import plan_and_apply
from reconciler.cli.context import Context
from reconciler.cli.options import RECORD, full_option, yes_option
from reconciler.cli.options import command as declare
from reconciler.cli.recording import recording
from reconciler.errors import UsageError
from reconciler.planning.types import PlanOptions


@declare("prune", examples=["whsync prune --unmanaged acme:12345678", "whsync prune --unmanaged acme:7 acme:9 --yes"])
@click.argument("name", nargs=-1)
@click.option("--unmanaged", is_flag=True, help="NAME is a webhook at a vendor that neither files nor lock have.")
@yes_option
@full_option
@click.option("--record", **RECORD)
@click.option("--max-changed", metavar="N", help="Another threshold for this run: a count, or a percentage (30%).")
def command(
    whsync: Context, name: tuple[str, ...], unmanaged: bool, yes: bool, record: str | None, max_changed: str | None
) -> int:
    """Delete the webhooks NAME at their vendors, which nobody declared, and nothing else.

    NAME is `PROVIDER:ID`, as plans and audits show what is not managed; where several places have that id,
    `PROVIDER:ID@KEY=VALUE,…` with the scope. They are read and shown first, as any deletion is, and what
    `policy: {except: …}` spares stays.
    """
    if not unmanaged:
        way = "what the files no longer have goes with `whsync apply --prune`"
        raise UsageError("prune needs --unmanaged", f"{way}; single strangers with `whsync prune --unmanaged NAME`")
    if not name or any(not each.strip() for each in name):
        raise UsageError("no webhook is named", "write `PROVIDER:ID`, as `whsync plan` shows what is not managed")
    asked = PlanOptions(prune=True, unmanaged=tuple(sorted(set(name))), max_changed=max_changed)
    with recording(record, "prune") as book:
        return plan_and_apply(whsync, None, asked, [], yes, "text", book)
