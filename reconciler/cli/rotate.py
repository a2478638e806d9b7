"""`whsync rotate NAME`: new secrets, each through its sink where it has one."""

import click

from reconciler.cli import complete
from reconciler.cli.apply import plan_and_apply
from reconciler.cli.context import Context
from reconciler.cli.options import RECORD, full_option, yes_option
from reconciler.cli.options import command as declare
from reconciler.cli.recording import recording
from reconciler.codes import Code
from reconciler.config.discovered import open_blocks
from reconciler.config.loaded import Loaded
from reconciler.errors import UsageError
from reconciler.model.further import FIRST, called, specs_of
from reconciler.model.webhook import Desired
from reconciler.planning.types import PlanOptions
from reconciler.run.discover import as_remembered
from reconciler.run.lock_store import open_lock
from reconciler.support.targets import is_single, select

_EXAMPLES = ["whsync rotate ledger", "whsync rotate 'ci[api]' --yes", "whsync rotate ci --secret basic"]


@declare("rotate", examples=_EXAMPLES)
@click.argument("name", shell_complete=complete.targets_of_files)
@yes_option
@full_option
@click.option("--secret", "secrets", multiple=True, metavar="SECRET", help="Only this one of several; repeatable.")
@click.option("--record", **RECORD)
def command(whsync: Context, name: str, yes: bool, secrets: tuple[str, ...], record: str | None) -> int:
    """Give the webhook NAME a new secret, or each that NAME means.

    NAME is a webhook's name, that of a `for_each` block, `BLOCK[KEY,*]`, a pattern with `*` and `?`, or
    `provider:ENTRY`; of several, those that have no `secret:` block are left out. Where a webhook has further secrets,
    all of its secrets become others, or only those that `--secret` names: as they stand under `secrets:`, and `secret`
    for the one that stands under `secret:`.

    A secret that whsync makes is made anew: into its sink first, then to the vendor. One that comes from a reference is
    sent as the reference has it now, also where the lock believes that the vendor has it already. One that the vendor
    issues is issued anew, where its API has a call for that, and goes into its sink at once. Whatever else differs in
    them is applied, too; the plan shows it first.
    """
    named = tuple(FIRST if each == "secret" else each for each in dict.fromkeys(secrets)) or None
    meant = _meant(name, named, _with_what_the_lock_has(whsync.load()))
    asked = PlanOptions(targets=meant, rotate=True, secrets=named)
    with recording(record, "rotate") as book:
        return plan_and_apply(whsync, None, asked, [], yes, "text", book)


def _with_what_the_lock_has(loaded: Loaded) -> Loaded:
    """With the webhooks of blocks whose rows a vendor lists, as far as they were applied: others have no secret yet."""
    if not open_blocks(loaded):
        return loaded
    return as_remembered(loaded, open_lock(loaded.lock, loaded.folder).read().lock)


def _meant(target: str, secrets: tuple[str, ...] | None, loaded: Loaded) -> tuple[str, ...]:
    """The webhooks of the files that are to have another secret, or others by these names.

    Raises:
        UsageError: there are none.
    """
    known = [(webhook.name, webhook.provider) for webhook in loaded.desired]
    chosen = select(known, [target])
    if not is_single(target, known):
        chosen &= {webhook.name for webhook in loaded.desired if _has(webhook, secrets)}
    if not chosen:
        which = secrets[0] if secrets else FIRST
        raise UsageError(f"no webhook of {target} has a {called(which)} to rotate", _way(which), code=Code.NO_SECRET)
    return tuple(sorted(chosen))


def _has(webhook: Desired, secrets: tuple[str, ...] | None) -> bool:
    """Whether it has each of these secrets; without names, whether it has any."""
    declared = specs_of(webhook)
    return bool(declared) if secrets is None else all(which in declared for which in secrets)


def _way(which: str) -> str:
    return f"give them one under `secrets: {{{which}: …}}`" if which else "give them a `secret:` block"
