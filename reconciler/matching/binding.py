"""Binding a webhook to a remote one that the user names: what is refused, and what the lock will say. [pure]

Used by `run.bind` and `cli.adopt`.
"""

import shlex
from collections.abc import Callable, Mapping
from typing import NamedTuple

from reconciler.codes import Code
from reconciler.errors import UsageError, WhsyncError
from reconciler.model.action import Action
from reconciler.model.capabilities import Capabilities
from reconciler.model.diff import record as recorded
from reconciler.model.equality import canonical_scope
from reconciler.model.further import remote_of
from reconciler.model.noted import Digests, noted
from reconciler.model.webhook import (
    EVENTS,
    Address,
    Desired,
    Entry,
    Fields,
    Ground,
    Observation,
    Part,
    Remote,
    SecretRecord,
)
from reconciler.state.event import Applied, Intended, Recorded, Renamed
from reconciler.state.lock import Lock, fold
from reconciler.support.hints import command


class Binding(NamedTuple):
    """A webhook of the files, and the remote one that it is to be bound to.

    Args:
        desired: as the files have it, protected where the lock says so and the files do not say otherwise.
        remote_id: as the user named the remote webhook; events where the vendor has one subscription an event.
        capabilities: what the vendor's API can do.
        former: the names under which the lock still has the webhook, or a write to it that is not settled.
        account_id: whose credentials bind it, where the vendor tells and the lock is to note it.
        manifest: how calls prove themselves by a manifest of the user's own.
    """

    desired: Desired
    remote_id: str
    capabilities: Capabilities
    former: tuple[str, ...]
    account_id: str | None = None
    manifest: str | None = None


class Bound(NamedTuple):
    """What a binding does to the lock.

    Args:
        renamed: what happens first: the webhook's former names give way.
        event: the binding itself.
        entry: what the lock says from then on.
        replaces: the old webhook of a replacement that was begun, which the next apply retires; None elsewhere.
    """

    renamed: tuple[Renamed, ...]
    event: Applied | Recorded
    entry: Entry
    replaces: str | None

    def with_entry(self, entry: Entry) -> "Bound":
        """The same with another entry."""
        return self._replace(event=self.event._replace(entry=entry), entry=entry)


def binding(
    desired: Desired, remote_id: str, capabilities: Capabilities, present: frozenset[str], lock: Lock
) -> Binding:
    """What is to be bound, if nothing that is known without asking the vendor speaks against it.

    Args:
        desired: the webhook of the files.
        remote_id: the vendor's id, or the events, as the user named them.
        capabilities: what the vendor's API can do.
        present: the names of all webhooks of the files.
        lock: what was applied, and what is not settled.

    Raises:
        UsageError: the id is empty, or names an event that nobody knows.
        WhsyncError: the lock has the remote webhook under another name.
    """
    former = _former_names(desired, present, lock)
    held = [lock.entries[name] for name in (desired.name, *former) if name in lock.entries]
    if desired.protect is None:
        desired = desired._replace(protect=any(entry.protect for entry in held))
    wanted = Binding(desired, remote_id, capabilities, former)
    _refuse_nonsense(wanted, frozenset(part.key for entry in held for part in entry.parts))
    _refuse_taken(wanted, {name: entry for name, entry in lock.entries.items() if name not in former})
    return wanted


def pick(binding: Binding, observation: Observation) -> Remote | None:
    """The remote webhook among those that were read; None where this API cannot be read and the user vouches for it.

    Raises:
        WhsyncError: the vendor does not have it.
    """
    if not observation.readable:
        return None
    read = binding.capabilities.read
    for remote in observation.remotes:
        if read == "singleton" or remote.remote_id == binding.remote_id:
            return remote
    hint = (
        "`whsync plan` lists those it has" if read == "list" else "look for its id at the vendor: this API cannot list"
    )
    summary = f"{binding.desired.provider} has no webhook {binding.remote_id}"
    raise WhsyncError(summary, hint, kind="not_found", code=Code.NOT_AT_VENDOR)


def bound(
    binding: Binding, remote: Remote | None, lock: Lock, now: str, digests: Digests, hide: Callable[[str], str] = str
) -> Bound:
    """What the binding does to `lock`.

    Args:
        remote: as read; None where this API cannot be read.
        now: UTC, ISO 8601.
        digests: of this webhook's values.
        hide: masks every secret of this run in a text.
    """
    name, entry = binding.desired.name, _entry(binding, remote, now, digests, hide)
    entry = entry._replace(account_id=binding.account_id, manifest=binding.manifest)
    renamed = tuple(Renamed(name, was) for was in binding.former)
    replaces = _replaced(fold(lock, renamed).intents.get(name), binding.remote_id)
    # The intent of a replacement stays open until its old webhook is gone.
    event = Recorded(name, entry) if replaces else Applied(name, Action.ADOPT, entry, now)
    return Bound(renamed, event, entry, replaces)


def _former_names(desired: Desired, present: frozenset[str], lock: Lock) -> tuple[str, ...]:
    return tuple(was for was in desired.was if was not in present and (was in lock.entries or was in lock.intents))


def _refuse_nonsense(binding: Binding, held: frozenset[str]) -> None:
    """Where nobody can look, only what could be true is taken on trust; `held` are the events that the lock knows.

    Raises:
        UsageError: the id is empty, or names an event that neither file nor lock nor the vendor's documents know.
    """
    desired, capabilities = binding.desired, binding.capabilities
    events = {part.key for part in _parts(binding.remote_id)}
    if not events:
        raise UsageError("--id is empty", "give the webhook's id at the vendor")
    if not capabilities.fan_out or capabilities.read != "none":
        return
    strange = events - desired.fields.events - capabilities.events.names - held
    if strange:
        known = shlex.quote(",".join(sorted(desired.fields.events)))
        raise UsageError(
            f"{', '.join(sorted(strange))} is no event of {desired.name}",
            f"this vendor has one subscription an event, so give those that exist: --id {known}",
            code=Code.UNKNOWN_EVENT,
        )


def _parts(remote_id: str) -> tuple[Part, ...]:
    """The parts that `EVENT,EVENT` names, or `EVENT=ID,EVENT=ID` where each has an id of its own."""
    pairs = (word.strip().partition("=") for word in remote_id.split(",") if word.strip())
    return tuple(sorted(Part(key, part_id or None) for key, _, part_id in pairs))


def _refuse_taken(binding: Binding, entries: Mapping[str, Entry]) -> None:
    """Two names for one remote webhook would fight over it for ever.

    Raises:
        WhsyncError: the lock has it under another name.
    """
    desired, remote_id = binding.desired, binding.remote_id
    ground = _ground(desired.address, binding.capabilities)
    ids = {remote_id, *(part.remote_id or part.key for part in _parts(remote_id))}
    for name, entry in entries.items():
        taken = {entry.remote_id, *(part.remote_id or part.key for part in entry.parts)}
        is_same_account = _ground(entry.address, binding.capabilities) == ground
        if name != desired.name and is_same_account and ids & taken:
            release, rename = command("state", "rm", name), command("state", "mv", name, "NEW")
            hint = f"release it first: {release}, or rename it: {rename}"
            raise WhsyncError(f"{remote_id} already belongs to {name}", hint, kind="ambiguous", code=Code.ALREADY_BOUND)


def _ground(address: Address, capabilities: Capabilities) -> Ground:
    """Where one remote id is one webhook, however its place is spelled."""
    return address._replace(scope=canonical_scope(address.scope, capabilities)).ground


def _entry(binding: Binding, remote: Remote | None, now: str, digests: Digests, hide: Callable[[str], str]) -> Entry:
    """What the lock will say: what the vendor holds now, so that the next plan shows every difference."""
    desired = binding.desired
    protect = bool(desired.protect)
    place = (desired.provider, desired.type, desired.account, desired.scope)
    if remote is None and binding.capabilities.fan_out:
        parts = _parts(binding.remote_id)  # where they point is not known, so the next apply sends the URL
        events = [part.key for part in parts]
        return Entry(*place, ",".join(events), Fields({EVENTS: frozenset(events)}), None, protect, parts, at=now)
    if remote is None:
        return Entry(*place, binding.remote_id, Fields(), None, protect, at=now)
    is_shown = remote.secret is not None  # the next plan compares the secret, or stores it
    record = None if is_shown or desired.secret is None else SecretRecord(None, remote.mask, None, now)
    applied = recorded(remote.fields.only(desired.fields))
    rest = noted(remote.fields, desired.fields, binding.capabilities, True, hide, digests)
    seen = {which: remote_of(remote, which) for which, _ in desired.secrets}
    further = {which: SecretRecord(None, each.mask, None, now) for which, each in seen.items() if each.secret is None}
    entry = Entry(*place, remote.remote_id, applied, record, protect, remote.parts, at=now, shown=rest)
    return entry._replace(ignore=desired.ignore, secrets=tuple(sorted(further.items())))


def _replaced(intent: Intended | None, remote_id: str) -> str | None:
    """The old webhook of a replacement that is not done; none where the old one is what is bound."""
    if intent is None or intent.action is not Action.REPLACE or intent.remote_id == remote_id:
        return None
    return intent.remote_id
