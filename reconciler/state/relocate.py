"""Everything that the lock has at a place, at the name that the place has now. [pure] Used by `cli.state`.

Only what a place is called changes: ids, what was applied and what is known of secrets stay.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeVar

from reconciler.codes import Code
from reconciler.errors import WhsyncError
from reconciler.model.webhook import Address, Entry, Scope
from reconciler.state.event import Intended, Recorded
from reconciler.state.lock import Lock, fold

Rename = Callable[[Address], Address]
"""What an address is called now; itself, where nothing changed."""
Kept = TypeVar("Kept", Entry, Intended)


class Relocation(NamedTuple):
    """What happens to the lock, and to which webhooks."""

    events: tuple[Recorded | Intended, ...]
    names: tuple[str, ...]


def rescoped(old: Scope, new: Scope) -> Rename:
    """All places whose scope has the values `old` have `new` instead; what else is in their scopes stays."""

    def rename(address: Address) -> Address:
        if not set(old) <= set(address.scope):
            return address
        return address._replace(scope=tuple(sorted({**dict(address.scope), **dict(new)}.items())))

    return rename


def relocation(lock: Lock, rename: Rename) -> Relocation:
    """What it takes to have everything at its new address.

    Raises:
        WhsyncError: two webhooks would have one id at one place.
    """
    names = tuple(name for name in sorted({*lock.entries, *lock.intents}) if _changes(name, lock, rename))
    events = tuple(event for name in names for event in _moved(name, lock, rename))
    _demand_one_owner(fold(lock, events), names)
    return Relocation(events, names)


def _changes(name: str, lock: Lock, rename: Rename) -> bool:
    kept = [each.address for each in (lock.entries.get(name), lock.intents.get(name)) if each is not None]
    return any(rename(address) != address for address in kept)


def _moved(name: str, lock: Lock, rename: Rename) -> Iterator[Recorded | Intended]:
    """An open intent comes after its entry, so that it stays as it was but for its place."""
    if name in lock.entries:
        yield Recorded(name, _at(lock.entries[name], rename))
    if name in lock.intents:
        yield _at(lock.intents[name], rename)


def _at(kept: Kept, rename: Rename) -> Kept:
    provider, type_, account, scope = rename(kept.address)
    return kept._replace(provider=provider, type=type_, account=account, scope=scope)


def _demand_one_owner(lock: Lock, names: tuple[str, ...]) -> None:
    moved = frozenset(names)
    owners = {(e.type, e.address.ground, e.remote_id): name for name, e in lock.entries.items() if name not in moved}
    for name in names:
        entry = lock.entries.get(name)
        key = (entry.type, entry.address.ground, entry.remote_id) if entry and entry.remote_id is not None else None
        other = owners.setdefault(key, name) if key is not None else name
        if other != name:
            summary = f"{name} and {other} would both be the remote webhook {entry and entry.remote_id}"
            hint = "let go of one of them with `whsync state rm NAME` first"
            raise WhsyncError(summary, hint, kind="ambiguous", code=Code.ALREADY_BOUND)
