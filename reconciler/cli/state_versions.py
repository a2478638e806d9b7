"""`whsync state log` and `whsync state restore`: what earlier runs left of the lock. Added to `cli.state`."""

import json
from collections.abc import Iterable

import click

from reconciler.cli.context import Context
from reconciler.cli.locks import lease_of, needed, now, store_of
from reconciler.cli.options import RECORD, Group, format_option, subcommand, yes_option
from reconciler.cli.tables import table
from reconciler.codes import Code
from reconciler.errors import EXIT_FINE, StateError
from reconciler.model.action import Action
from reconciler.render.base import counted, plain
from reconciler.state.event import Applied, Durable, Removed
from reconciler.state.lock import Lock
from reconciler.state.stores.base import Version, digest_of
from reconciler.support.hints import first_of
from reconciler.support.natural import natural


def add_to(group: Group) -> None:
    """Make the two commands part of `whsync state`."""
    subcommand(group, "log", examples=["whsync state log", "whsync state log --format json"])(_log)
    subcommand(group, "restore", examples=["whsync state restore 12"])(_restore)


@format_option("text", "json")
def _log(whsync: Context, form: str) -> None:
    """List the versions of the lock that are kept: what each run left, the latest first.

    A file keeps them in a folder beside it, other places keep them there. `state restore` takes one back.
    """
    store = store_of(whsync)
    versions, present = store.versions(), digest_of(store.read().lock.bare)
    latest = max((version.number for version in versions if version.digest == present), default=None)
    if form == "json":
        told = [{**version._asdict(), "present": version.number == latest} for version in reversed(versions)]
        whsync.out(json.dumps(told, indent=2))
    elif versions:
        rows = [_row(version, version.number == latest) for version in reversed(versions)]
        whsync.out(table(("version", "at", "by", "command", "holds", ""), rows, 2, whsync.style()))
    else:
        whsync.note(f"No versions are kept of {plain(str(whsync.lock_address()))}.")


def _row(version: Version, present: bool) -> tuple[str, ...]:
    who = f"{version.user}@{version.host}" if version.user or version.host else "before"
    holds = counted(version.webhooks, "webhook")
    cells = (str(version.number), version.at, who, version.command or "-", holds, "present" if present else "")
    return tuple(map(plain, cells))


@click.argument("version", type=click.IntRange(1), metavar="VERSION")
@yes_option
@click.option("--record", **RECORD)
def _restore(whsync: Context, version: int, yes: bool, record: str | None) -> None:
    """Make VERSION of the lock the present one; the vendors are not asked, and what is there now stays a version.

    VERSION is a number that `state log` tells. Afterwards `plan` shows where the vendors differ from it.
    """
    from reconciler.cli.recording import here, recording

    book_of = recording(record, "state restore", needed(whsync, record))
    with book_of as book, lease_of(whsync, "restore") as lease:
        before, old = lease.lock, store_of(whsync).version(version)
        if before.intents:
            open_ = counted(len(before.intents), "write")
            raise StateError(
                f"the outcome of {open_} is not known yet: {first_of(sorted(before.intents))}",
                "`whsync apply` finds it out; `whsync state rm NAME` lets go of one",
                code=Code.STATE_UNUSABLE,
            )
        if before.bare == old:
            whsync.note(f"The lock is as version {version} already.")
            return
        whsync.require(f"{_words(before, old)} Restore version {version}? The vendor is not asked.", yes)
        book.begin(here())
        lease.replace(old)
        for event in _told(before, old, version):
            book.change(event, {})
        book.done(EXIT_FINE)
    whsync.note(f"Restored version {version}. `whsync plan` shows where the vendors differ from it.")


def _words(before: Lock, after: Lock) -> str:
    """What a restore does to the lock, in words."""
    gone, back = before.entries.keys() - after.entries.keys(), after.entries.keys() - before.entries.keys()
    other = {
        name for name in before.entries.keys() & after.entries.keys() if before.entries[name] != after.entries[name]
    }
    parts = (("comes back", back), ("goes", gone), ("is as it was", other))
    told = (f"{first_of(sorted(names, key=natural))} {what}" for what, names in parts if names)
    return f"{'; '.join(told) or 'Only what is known of places for secrets changes'}.".capitalize()


def _told(before: Lock, after: Lock, version: int) -> Iterable[Durable]:
    """What the record has of it."""
    at, said = now(), (f"restored from version {version} of the lock",)
    for name in sorted(before.entries.keys() | after.entries.keys()):
        entry = after.entries.get(name)
        if entry is None:
            yield Removed(name, Action.FORGET, at)
        elif before.entries.get(name) != entry:
            yield Applied(name, Action.NOOP, entry, at, said)
