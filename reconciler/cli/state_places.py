"""`whsync state push`, `pull` and `move`: the lock from one place to another. Added to `cli.state`."""

from contextlib import ExitStack

import click

from reconciler.cli.context import Context
from reconciler.cli.locks import lease_of, named, store_of
from reconciler.cli.options import Group, subcommand, yes_option
from reconciler.codes import Code
from reconciler.errors import RefusedError, StateError, UsageError
from reconciler.render.base import counted, plain
from reconciler.run.lock_store import open_lock
from reconciler.state.address import LockAddress
from reconciler.state.lock import Lock
from reconciler.state.stores.base import Lease, Store


def add_to(group: Group) -> None:
    """Make the three commands part of `whsync state`."""
    subcommand(group, "push", examples=["whsync state push s3://acme-locks/team/webhooks.lock.json"])(_push)
    subcommand(group, "pull", examples=["whsync state pull s3://acme-locks/team/webhooks.lock.json"])(_pull)
    subcommand(group, "move", examples=["whsync state move 'postgresql://db.acme.com/ops?name=team'"])(_move)


def _store_argument(function: click.decorators.FC) -> click.decorators.FC:
    return click.argument("store", metavar="STORE")(function)


def _replace_option(function: click.decorators.FC) -> click.decorators.FC:
    return click.option("--replace", is_flag=True, help="Also where another lock is there already.")(function)


@_store_argument
@_replace_option
@yes_option
def _push(whsync: Context, store: str, replace: bool, yes: bool) -> None:
    """Copy the lock in use to STORE, with what is not settled; the one in use stays as it is.

    STORE is what `lock:` takes: a path, or an address such as `s3://BUCKET/KEY`.
    """
    target = _other(whsync, store)
    here = (whsync.lock_address(), store_of(whsync))
    count = _copy(whsync, "push", here, (target, open_lock(target)), replace, yes)
    whsync.note(f"Copied {counted(count, 'webhook')} to {plain(str(target))}.")


@_store_argument
@_replace_option
@yes_option
def _pull(whsync: Context, store: str, replace: bool, yes: bool) -> None:
    """Copy the lock at STORE to the one in use; STORE stays as it is.

    STORE is what `lock:` takes: a path, or an address such as `s3://BUCKET/KEY`.
    """
    source = _other(whsync, store)
    here = (whsync.lock_address(), store_of(whsync))
    count = _copy(whsync, "pull", (source, open_lock(source)), here, replace, yes)
    whsync.note(f"Copied {counted(count, 'webhook')} from {plain(str(source))}.")


@_store_argument
@_replace_option
@yes_option
def _move(whsync: Context, store: str, replace: bool, yes: bool) -> None:
    """Move the lock in use to STORE: what stays where it was says only where it is now, and no run works on it.

    STORE is what `lock:` takes: a path, or an address such as `s3://BUCKET/KEY`. Write it into the configuration then.
    """
    target = _other(whsync, store)
    here = (whsync.lock_address(), store_of(whsync))
    count = _copy(whsync, "move", here, (target, open_lock(target)), replace, yes)
    moved = f"Moved {counted(count, 'webhook')} to {plain(str(target))}."
    whsync.note(f"{moved} Write it into the configuration: lock: {plain(str(target))}")


def _other(whsync: Context, text: str) -> LockAddress:
    """The other lock.

    Raises:
        UsageError: that is none, or the one in use.
    """
    address = named(text)
    if str(address) == str(whsync.lock_address()) and address.location == whsync.lock_address().location:
        raise UsageError(f"{address} is the lock in use", "name another place")
    return address


def _copy(
    whsync: Context,
    verb: str,
    source: tuple[LockAddress, Store],
    target: tuple[LockAddress, Store],
    replace: bool,
    yes: bool,
) -> int:
    """Copy one lock to another place while nobody works on either; gives how many webhooks it holds.

    Raises:
        StateError: there is nothing to copy; or what was copied is not there afterwards.
        RefusedError: another lock is there.
    """
    (at, store), (to, place) = source, target
    if not store.is_there():
        raise StateError(f"there is no lock {at}, so there is nothing to copy", code=Code.LOCK_MISSING)
    with ExitStack() as stack:
        lease = stack.enter_context(lease_of(whsync, verb, store))
        other = stack.enter_context(lease_of(whsync, verb, place))
        _refuse_another(lease.lock, other, to, replace)
        whsync.require(f"{verb.capitalize()} the lock {at} to {to}?", yes)
        other.replace(lease.lock)
        if place.read().lock != lease.lock:
            raise StateError(f"what is at {to} is not what was copied", "look at both", code=Code.LOCK_CHANGED)
        count = len(lease.lock.entries)
        if verb == "move":
            lease.retire(str(to))
    return count


def _refuse_another(lock: Lock, other: Lease, to: LockAddress, replace: bool) -> None:
    there = other.lock
    if there in (lock, Lock()) or (replace and not there.intents):
        return
    if there.intents:
        raise RefusedError(
            f"at {to} is a lock with writes whose outcome is not known",
            "`whsync apply` with that lock finds it out",
            code=Code.STATE_UNUSABLE,
        )
    raise RefusedError(
        f"at {to} is another lock already, of {counted(len(there.entries), 'webhook')}",
        "see that it is not needed; --replace takes its place, and where versions are kept it stays one",
        code=Code.FILE_TAKEN,
    )
