"""`whsync adopt NAME --id ID`: bind a webhook of the files to one that exists, without writing to the vendor."""

import click

from reconciler.apply.history import changed
from reconciler.cli import complete, session
from reconciler.cli.context import Context
from reconciler.cli.options import RECORD, unknown, yes_option
from reconciler.cli.options import command as declare
from reconciler.cli.progress import told
from reconciler.cli.recording import recording
from reconciler.cli.reports import refuse_taken
from reconciler.errors import EXIT_FINE
from reconciler.matching.binding import Binding, Bound, binding, bound
from reconciler.model.action import Action
from reconciler.model.secret import shown_url
from reconciler.model.webhook import Remote
from reconciler.render.base import plain
from reconciler.run.bind import declared, find, words_on_secret
from reconciler.run.discover import discover
from reconciler.run.hiding import unveil
from reconciler.run.missing_lock import lock_missing
from reconciler.run.runtime import Runtime, utc_now
from reconciler.run.secrets import fingerprints_of
from reconciler.secrets.digests import ValueDigests
from reconciler.state.event import Applied, Event
from reconciler.state.lock import Lock, fold
from reconciler.state.stores.base import Lease
from reconciler.support.hints import command as command_line


@declare("adopt", examples=["whsync adopt ci --id 12345678"])
@click.argument("name", shell_complete=complete.webhooks_of_files)
@click.option("--id", "remote_id", required=True, metavar="ID", help="The webhook's id at the vendor.")
@yes_option
@click.option("--record", **RECORD)
def command(whsync: Context, name: str, remote_id: str, yes: bool, record: str | None) -> int:
    """Bind the webhook NAME to the one that the vendor calls ID.

    Nothing is written to the vendor. Where the API can be read, the webhook must be there. Where it cannot, you vouch
    for it; if the vendor has one subscription an event, ID is the event, or several with commas, each as EVENT=ID where
    the vendor's subscriptions have ids.
    """
    with (
        recording(record, "adopt") as book,
        session.running(whsync) as runtime,
        session.leased(whsync, runtime, "adopt") as lease,
    ):
        refuse_taken(book.files, runtime.loaded)
        book.check()
        session.held_to_lock(whsync, runtime, lease.lock)
        with session.looking(whsync, runtime, "Listing …"):
            discover(runtime, lease.lock)
        unveil(runtime, lease.lock, runtime.fingerprinter(fingerprints_of(lease.lock)), offline=False)
        wanted = _wanted(runtime, name, remote_id, lease.lock)
        if missing := lock_missing(runtime.loaded, runtime.store):
            whsync.err(plain(f"Warning: {missing.summary}; {missing.hint}."))
        with session.looking(whsync, runtime):
            remote = find(wanted, lease.lock, runtime)
            account, manifest = runtime.to_note(wanted.desired.provider)
            wanted = wanted._replace(account_id=account, manifest=manifest)
        whsync.require(_question(wanted, remote), yes)
        book.begin(runtime.redactor.over(runtime.run), runtime.redactor.hide)
        with told(whsync, "Looking at the secret …", runtime.activity.seen):
            done = _bind(wanted, remote, lease, runtime)
        events: list[Event] = [*done.renamed, Applied(name, Action.ADOPT, done.entry, utc_now())]
        for event in events:
            book.change(runtime.redactor.over(event), {})
        book.done(EXIT_FINE)
        with told(whsync, "Looking at the secret …", runtime.activity.seen):
            on_secret = words_on_secret(wanted, remote, done.entry, runtime)
    whsync.out(plain(_told(name, done)))
    whsync.out(plain(on_secret))
    return 0


def _bind(wanted: Binding, remote: Remote | None, lease: Lease, runtime: Runtime) -> Bound:
    """Put the binding into the lock."""
    name = wanted.desired.name
    digests = ValueDigests(runtime.fingerprinter(fingerprints_of(lease.lock)), name)
    done = bound(wanted, remote, lease.lock, utc_now(), digests, runtime.redactor.hide)
    entry = declared(wanted, done.entry, lease.lock, runtime)
    before = fold(lease.lock, done.renamed).entries.get(name)
    done = done.with_entry(changed(entry, before, runtime.run, made=False))
    for renamed in done.renamed:
        lease.append(renamed)
    lease.append(runtime.redactor.over(done.event))
    lease.checkpoint()
    return done


def _wanted(runtime: Runtime, name: str, remote_id: str, lock: Lock) -> Binding:
    """The webhook `name` and what it is to be bound to.

    Raises:
        UsageError: the files have no such webhook, or `remote_id` is nonsense.
        WhsyncError: the remote webhook belongs to another name.
    """
    webhooks = {webhook.name: webhook for webhook in runtime.loaded.desired}
    desired = webhooks[name] if name in webhooks else unknown("webhook", name, webhooks)
    capabilities = runtime.loaded.providers[desired.provider].vendor.capabilities
    return binding(desired, remote_id, capabilities, frozenset(webhooks), lock)


def _question(wanted: Binding, remote: Remote | None) -> str:
    name, remote_id = wanted.desired.name, wanted.remote_id
    if remote is None:
        return f"This API cannot be read. Do you vouch that {remote_id} exists, and bind {name} to it?"
    where = f" -> {shown_url(remote.fields.url)}" if remote.fields.url else ""
    return f"Bind {name} to {remote.remote_id}{where}?"


def _told(name: str, done: Bound) -> str:
    rest = f"It replaces {done.replaces}, which the next apply retires. " if done.replaces else ""
    return (
        f"{name}: adopted as {done.entry.remote_id}. {rest}{command_line('plan', '--target', name)} shows what differs."
    )
