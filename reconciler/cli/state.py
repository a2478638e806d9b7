"""`whsync state …`: the lock, looked at and put right by hand."""

import json
import re
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import click

from reconciler.cli import complete, lock_shown, state_merge, state_places, state_versions
from reconciler.cli.context import Context
from reconciler.cli.locks import lease_of, needed, now, store_of
from reconciler.cli.options import RECORD, Group, format_option, subcommand, unknown, yes_option
from reconciler.cli.other_tools import STATE_COMMANDS
from reconciler.cli.tables import table
from reconciler.codes import Code
from reconciler.errors import EXIT_FINE, UsageError
from reconciler.model.action import Action
from reconciler.model.secret import shown_url
from reconciler.model.webhook import Address, Scope, scope_of
from reconciler.render.base import counted, plain
from reconciler.state.event import Applied, Recorded, Removed, Renamed
from reconciler.state.lock import Lock
from reconciler.state.stores.base import Lease
from reconciler.support.natural import natural
from reconciler.support.targets import is_single, select

if TYPE_CHECKING:
    from reconciler.cli.recording import Recording
    from reconciler.state.event import Durable
    from reconciler.state.relocate import Rename


@click.command("state", cls=Group, elsewhere=STATE_COMMANDS, examples=["whsync state list", "whsync state show ci"])
def command() -> None:
    """List, show, rename or forget entries of the lock, or move all of it. No vendor is asked or changed."""


state_versions.add_to(command)
state_places.add_to(command)


@subcommand(command, "list", examples=["whsync state list", "whsync state list --format json"])
@format_option("text", "json")
def list_(whsync: Context, form: str) -> None:
    """List what was applied, and what is not settled."""
    lock = store_of(whsync).read().lock
    names = sorted({*lock.entries, *lock.intents})
    if form == "json":
        shared = lock_shown.shared_secrets(whsync, lock)
        whsync.out(json.dumps([lock_shown.audited(name, lock, shared) for name in names], indent=2))
    elif names:
        rows = [lock_shown.row(name, lock) for name in sorted(names, key=natural)]
        whsync.out(table(("webhook", "provider", "scope", "id", "url", "applied"), rows, 2, whsync.style()))
    else:
        whsync.note("Nothing was applied yet.")


@subcommand(command, "show", examples=["whsync state show 'ci[api]'"])
@click.argument("name", shell_complete=complete.targets_of_lock)
@format_option("text", "json")
def show(whsync: Context, name: str, form: str) -> None:
    """Show what the lock holds of the webhook NAME, or of each in the block NAME, of a pattern, or `provider:ENTRY`."""
    lock = store_of(whsync).read().lock
    shown_ = [lock_shown.whole(each, lock) for each in _meant([name], lock)]
    if form == "json":
        single = is_single(name, lock.providers_of)
        whsync.out(json.dumps(shown_[0] if single else shown_, indent=2))
        return
    for number, data in enumerate(shown_):
        lines = (each for line in lock_shown.lines(data) for each in whsync.style().folded(line, hanging=14))
        whsync.out("\n" * bool(number) + "\n".join(lines))


@subcommand(command, "rm", examples=["whsync state rm 'ci[api]' 'ci[web]'"])
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=complete.targets_of_lock)
@yes_option
@click.option("--record", **RECORD)
def rm(whsync: Context, names: tuple[str, ...], yes: bool, record: str | None) -> None:
    """Forget webhooks; at the vendor they stay as they are.

    NAME is a webhook's name, that of a `for_each` block, `BLOCK[KEY,*]`, a pattern with `*` and `?`, or
    `provider:ENTRY`.

    Settles open intents, too: what a lost answer left undecided is no longer asked about.
    """
    with _recorded(whsync, "rm", record) as book, lease_of(whsync, "rm") as lease:
        meant = _meant(names, lease.lock)
        whsync.require(f"Forget {', '.join(meant)}? The vendor is not asked to change anything.", yes)
        _keep(lease, book, [Removed(name, Action.FORGET, now()) for name in meant])
    whsync.note(f"Forgot {counted(len(meant), 'webhook')}.")


@subcommand(command, "mv", examples=["whsync state mv ci builds"])
@click.argument("old", shell_complete=complete.webhooks_of_lock)
@click.argument("new", shell_complete=complete.webhooks_of_files)
@click.option("--scope", "what", flag_value="scope", help="OLD and NEW are scopes: KEY=VALUE,KEY=VALUE.")
@click.option("--provider", "what", flag_value="provider", help="OLD and NEW are providers; the files have NEW.")
@click.option("--account", "what", flag_value="account", help="OLD and NEW are base URLs.")
@yes_option
@click.option("--record", **RECORD)
def mv(whsync: Context, old: str, new: str, what: str | None, yes: bool, record: str | None) -> None:
    """Rename the webhook OLD to NEW in the lock; rename it in the files, too.

    Where a place has another name by now, one of the options moves all that was applied there. A scope may name a part
    of what a scope holds: `--scope owner=acme owner=acme-inc` moves every repository. No vendor is asked; ids and what
    is known of secrets stay.
    """
    if what is not None:
        _move_places(whsync, what, (old, new), yes, record)
        return
    from reconciler.config.forms import is_webhook

    with _recorded(whsync, "mv", record) as book, lease_of(whsync, "mv") as lease:
        _must_know(old, lease.lock)
        if new in lease.lock.entries or new in lease.lock.intents:
            raise UsageError(
                f"the lock already holds {new!r}",
                "choose another name, or forget it with `state rm`",
                code=Code.NAME_TAKEN,
            )
        if not is_webhook(new):
            raise UsageError(
                f"no webhook can be called {new!r}",
                "write a name that the file has: NAME, or NAME[VALUE]",
                code=Code.WRONG_NAME,
            )
        whsync.require(f"Rename {old} to {new}?", yes)
        _keep(lease, book, [Renamed(new, old)])
    whsync.note(f"Renamed {plain(old)} to {plain(new)}.")


def _move_places(whsync: Context, what: str, names: tuple[str, str], yes: bool, record: str | None) -> None:
    """Move all that was applied at a place to the name that it has now."""
    from reconciler.state.relocate import relocation

    old, new = names
    rename = _renaming(whsync, what, old, new)
    with _recorded(whsync, "mv", record) as book, lease_of(whsync, "mv") as lease:
        moved = relocation(lease.lock, rename)
        if not moved.names:
            kept = [entry.address for entry in lease.lock.entries.values()]
            kept += [intent.address for intent in lease.lock.intents.values()]
            unknown(f"webhook in the lock with the {what}", old, {_called(what, address) for address in kept})
        webhooks = counted(len(moved.names), "webhook")
        whsync.require(f"Move {', '.join(moved.names)} from {what} {old} to {new}? The vendor is not asked.", yes)
        said = (f"moved from {what} {shown_url(old)} to {shown_url(new)}",)
        entries = [event for event in moved.events if isinstance(event, Recorded)]
        told = [Applied(event.name, Action.NOOP, event.entry, now(), said) for event in entries]
        _keep(lease, book, moved.events, told)
    whsync.note(f"Moved {webhooks} to {what} {plain(new)}.")


def _renaming(whsync: Context, what: str, old: str, new: str) -> "Rename":
    """What an address is called once `old` is `new`.

    Raises:
        UsageError: the words are no scopes, no base URLs, or the files have no such provider.
    """
    from reconciler.state.relocate import rescoped

    if what == "scope":
        before, after = _scope(old), _scope(new)
        if dict(before).keys() != dict(after).keys():
            raise UsageError("the two scopes have other keys", "write both with the same ones: owner=OLD owner=NEW")
        return rescoped(before, after)
    if what == "account":
        from reconciler.config.addresses import account_of, base_url_fault

        for url in (old, new):
            if fault := base_url_fault(url):
                raise UsageError(f"{shown_url(url)} {fault}", "write https://HOST or https://HOST/PREFIX")
        was, now = account_of(old), account_of(new)
        return lambda address: address._replace(account=now) if address.account == was else address
    providers = whsync.load().providers
    config = providers[new] if new in providers else unknown("provider", new, providers)
    kind, url = config.vendor.capabilities.type, config.base_url
    return lambda address: (
        address._replace(provider=new, account=url) if (address.provider, address.type) == (old, kind) else address
    )


def _scope(text: str) -> Scope:
    """A scope as people write it; a comma belongs to a value unless another key follows.

    Raises:
        UsageError: it is none.
    """
    pairs = [pair.partition("=") for pair in re.split(r",(?=\w+=)", text)]
    if not all(key and equals and value for key, equals, value in pairs):
        raise UsageError(f"{text!r} is no scope", "write it as KEY=VALUE, or KEY=VALUE,KEY=VALUE")
    return scope_of({key: value for key, _, value in pairs})


def _called(what: str, address: Address) -> str:
    if what == "scope":
        return ",".join(f"{key}={value}" for key, value in address.scope)
    return address.account if what == "account" else address.provider


@subcommand(command, "unlock", examples=["whsync state unlock"])
@yes_option
def unlock(whsync: Context, yes: bool) -> None:
    """Remove what a dead run left of its hold on the lock; a living one keeps it."""
    whsync.require("Remove the hold of a dead run?", yes)
    holder = store_of(whsync).force_unlock()
    if holder is None:
        whsync.note("Nobody holds the lock.")
    else:
        whsync.note(f"Removed the hold of {plain(holder.user)} on {plain(holder.host)}, since {plain(holder.since)}.")


@subcommand(command, "merge", examples=["whsync state merge base.json ours.json theirs.json --out merged.json"])
@click.argument("base", type=click.Path())
@click.argument("ours", type=click.Path(dir_okay=False))
@click.argument("theirs", type=click.Path(dir_okay=False))
@click.option("--path", metavar="PATH", help="What the lock is called in the work tree: git tells that as %P.")
@click.option("-o", "--out", type=click.Path(dir_okay=False), help="Write the result there; to OURS by default.")
def merge(whsync: Context, base: str, ours: str, theirs: str, path: str | None, out: str | None) -> None:
    """Merge two versions of a lock, OURS and THEIRS, that were BASE once; an empty BASE says that there was none.

    Made for git, which `whsync init --git` tells of it. What only one side changed is taken. Where both changed one
    webhook, the result has both sides between markers, and no run takes it for a lock.
    """
    whsync.note(state_merge.merge(state_merge.Sides(base, ours, theirs, path, out or ours)))


def _recorded(whsync: Context, verb: str, path: str | None) -> "AbstractContextManager[Recording]":
    """The record of what is done, where one is asked for; see `cli.recording`."""
    from reconciler.cli.recording import recording

    return recording(path, f"state {verb}", needed(whsync, path))


def _keep(lease: Lease, book: "Recording", events: "Sequence[Durable]", told: "Sequence[Durable]" = ()) -> None:
    """Take what is done by hand into the lock, and into the record.

    Args:
        told: what the record says of it, where that is something else.
    """
    from reconciler.cli.recording import here

    book.begin(here())
    for event in events:
        lease.append(event)
    lease.checkpoint()
    for event in told or events:
        book.change(event, {})
    book.done(EXIT_FINE)


def _meant(targets: Iterable[str], lock: Lock) -> list[str]:
    """The names in the lock that targets mean, in order.

    Raises:
        UsageError: one of them means nothing.
    """
    return sorted(select(lock.providers_of, list(targets), "webhook in the lock"), key=natural)


def _must_know(name: str, lock: Lock) -> None:
    if name not in lock.entries and name not in lock.intents:
        unknown("webhook in the lock called", name, {*lock.entries, *lock.intents})
