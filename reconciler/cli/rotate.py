"""`whsync rotate NAME`: a new secret for one webhook, through its sink where it has one."""

import click

from reconciler.cli import complete
from reconciler.cli.apply import plan_and_apply
from reconciler.cli.context import Context
from reconciler.cli.options import command as declare
from reconciler.cli.options import unknown, yes_option
from reconciler.planning.types import PlanOptions


@declare("rotate", examples=["whsync rotate ledger", "whsync rotate 'ci[api]' --yes"])
@click.argument("name", shell_complete=complete.blocks_and_webhooks_of_files)
@yes_option
def command(whsync: Context, name: str, yes: bool) -> int:
    """Give the webhook NAME a new secret.

    A secret that whsync makes is made anew: into its sink first, then to the vendor. One that comes from a reference is
    sent as the reference has it now, also where the lock believes that the vendor has it already. One that the vendor
    issues is issued anew, where its API has a call for that, and goes into its sink at once. Whatever else differs in
    this webhook is applied, too; the plan shows it first.
    """
    names = [webhook.name for webhook in whsync.load().desired]
    if name not in names:
        unknown("webhook", name, names)
    return plan_and_apply(whsync, None, PlanOptions(targets=(name,), rotate=True), [], yes, "text")
