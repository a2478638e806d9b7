"""`whsync state …`: the lock, looked at and put right by hand."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

import click

from reconciler.cli.context import Context
from reconciler.cli.options import Group, format_option, subcommand, unknown, yes_option
from reconciler.errors import UsageError, WhsyncError
from reconciler.model.action import Action
from reconciler.model.webhook import Entry
from reconciler.render.base import cells, counted, pad, plain
from reconciler.state.event import Intended, Removed, Renamed
from reconciler.state.history import history_to_json
from reconciler.state.lock import Lock, entry_to_json
from reconciler.state.stores import open_store
from reconciler.state.stores.base import Lease, Store
from reconciler.state.stores.holder import this_process
from reconciler.support.targets import is_single, select


@click.command("state", cls=Group)
def command() -> None:
    """List, show, rename or forget entries of the lock. No vendor is asked or changed."""


@subcommand(command, "list")
@format_option("text", "json")
def list_(whsync: Context, form: str) -> None:
    """List what was applied, and what is not settled."""
    lock = _store(whsync).read().lock
    names = sorted({*lock.entries, *lock.intents})
    if form == "json":
        shared = _shared_secrets(whsync, lock)
        whsync.out(json.dumps([_audited(name, lock, shared) for name in names], indent=2))
    elif names:
        rows = [_row(name, lock) for name in names]
        widths = [max(cells(row[column]) for row in rows) for column in range(len(rows[0]))]
        for row in rows:
            whsync.out("  ".join(map(pad, row, widths)).rstrip())
    else:
        whsync.note("Nothing was applied yet.")


@subcommand(command, "show")
@click.argument("name")
@format_option("text", "json")
def show(whsync: Context, name: str, form: str) -> None:
    """Show what the lock holds of the webhook NAME, or of each in the block NAME, of a pattern, or `provider:ENTRY`."""
    lock = _store(whsync).read().lock
    shown_ = [_shown(each, lock) for each in _meant([name], lock)]
    if form == "json":
        single = is_single(name, lock.providers_of)
        whsync.out(json.dumps(shown_[0] if single else shown_, indent=2))
        return
    for number, data in enumerate(shown_):
        whsync.out("\n" * bool(number) + "\n".join(_lines(data)))


@subcommand(command, "rm")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@yes_option
def rm(whsync: Context, names: tuple[str, ...], yes: bool) -> None:
    """Forget webhooks; at the vendor they stay as they are.

    NAME is a webhook's name, that of a `for_each` block, `BLOCK[KEY,*]`, a pattern with `*` and `?`, or
    `provider:ENTRY`.

    Settles open intents, too: what a lost answer left undecided is no longer asked about.
    """
    with _lease(whsync, "rm") as lease:
        meant = _meant(names, lease.lock)
        whsync.require(f"Forget {', '.join(meant)}? The vendor is not asked to change anything.", yes)
        for name in meant:
            lease.append(Removed(name, Action.FORGET, _now()))
        lease.checkpoint()
    whsync.note(f"Forgot {counted(len(meant), 'webhook')}.")


@subcommand(command, "mv")
@click.argument("old")
@click.argument("new")
@yes_option
def mv(whsync: Context, old: str, new: str, yes: bool) -> None:
    """Rename OLD to NEW in the lock; rename it in the files, too."""
    from reconciler.config.forms import is_webhook

    with _lease(whsync, "mv") as lease:
        _must_know(old, lease.lock)
        if new in lease.lock.entries or new in lease.lock.intents:
            raise UsageError(f"the lock already holds {new!r}", "choose another name, or forget it with `state rm`")
        if not is_webhook(new):
            raise UsageError(
                f"no webhook can be called {new!r}", "write a name that the file has: NAME, or NAME[VALUE]"
            )
        whsync.require(f"Rename {old} to {new}?", yes)
        lease.append(Renamed(new, old))
        lease.checkpoint()
    whsync.note(f"Renamed {plain(old)} to {plain(new)}.")


@subcommand(command, "unlock")
@yes_option
def unlock(whsync: Context, yes: bool) -> None:
    """Remove what a dead run left of its hold on the lock; a living one keeps it."""
    whsync.require("Remove the hold of a dead run?", yes)
    holder = _store(whsync).force_unlock()
    if holder is None:
        whsync.note("Nobody holds the lock.")
    else:
        whsync.note(f"Removed the hold of {plain(holder.user)} on {plain(holder.host)}, since {plain(holder.since)}.")


def _store(whsync: Context) -> Store:
    return open_store(whsync.lock_address())


def _lease(whsync: Context, verb: str) -> AbstractContextManager[Lease]:
    return _store(whsync).lease(whsync.lock_timeout or 0, this_process(_now(), f"whsync state {verb}"))


def _now() -> str:
    from reconciler.run.runtime import utc_now

    return utc_now()


def _meant(targets: Iterable[str], lock: Lock) -> list[str]:
    """The names in the lock that targets mean, in order.

    Raises:
        UsageError: one of them means nothing.
    """
    return sorted(select(lock.providers_of, list(targets), "webhook in the lock"))


def _lines(data: Mapping[str, Any]) -> Iterator[str]:
    """One webhook for people: what says nothing is left out."""
    for key, value in data.items():
        if value not in (None, {}, []):
            yield f"{key:<13} {_plain(value)}"


def _must_know(name: str, lock: Lock) -> None:
    if name not in lock.entries and name not in lock.intents:
        unknown("webhook in the lock called", name, {*lock.entries, *lock.intents})


def _whereabouts(name: str, lock: Lock) -> Entry | Intended:
    return lock.entries.get(name) or lock.intents[name]


def _listed(name: str, lock: Lock) -> dict[str, Any]:
    found = _whereabouts(name, lock)
    return {
        "name": name,
        "provider": found.provider,
        "type": found.type,
        "account": found.account,
        "scope": dict(found.scope),
        "remote_id": found.remote_id,
        "url": found.applied.url if isinstance(found, Entry) else found.url,
        "at": found.at,
        "open_intent": name in lock.intents,
    }


def _audited(name: str, lock: Lock, shared: Mapping[str, str]) -> dict[str, Any]:
    """The same with who changed it last, since when it is managed, what was undone last, how old its secret is.

    Args:
        shared: a digest of each secret, where one is at hand: equal ones are one secret.
    """
    entry = lock.entries.get(name)
    known, record = history_to_json(entry) if entry else {}, entry.secret if entry else None
    secret = {"at": record.at, "sent": record.sent, "stored": record.stored} if record else None
    return {
        **_listed(name, lock),
        **{key: known.get(key) for key in ("by", "since", "reverted")},
        "secret": secret and {**secret, "digest": shared.get(name)},
    }


def _shared_secrets(whsync: Context, lock: Lock) -> Mapping[str, str]:
    """A digest of each secret that is at hand; none where the files are broken, which is no reason to list nothing."""
    from reconciler.run.sharing import shared_secrets

    try:
        return shared_secrets(whsync.load(), os.environ, lock)
    except WhsyncError:
        return {}


def _row(name: str, lock: Lock) -> tuple[str, ...]:
    data = _listed(name, lock)
    scope = " ".join(f"{key}={value}" for key, value in data["scope"].items())
    state = "not settled" if data["open_intent"] else (data["at"] or "")[:10]
    return tuple(plain(text) for text in (name, data["provider"], scope, data["remote_id"] or "", data["url"], state))


def _shown(name: str, lock: Lock) -> dict[str, Any]:
    data: dict[str, Any] = {"name": name}
    if name in lock.entries:
        data |= entry_to_json(lock.entries[name])
    if name in lock.intents:
        intent = lock.intents[name]
        data["open_intent"] = intent._asdict() | {"scope": dict(intent.scope)}
    return data


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return "  ".join(f"{plain(str(key))}={_plain(inner)}" for key, inner in value.items() if inner is not None)
    if isinstance(value, list):
        return ", ".join(_plain(item) for item in value)
    return plain(value if isinstance(value, str) else json.dumps(value))
