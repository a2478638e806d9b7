"""`whsync adopt NAME --id ID`: bind a webhook of the files to one that exists, without writing to the vendor."""

import shlex
from collections.abc import Mapping

import click

from reconciler.cli import engine
from reconciler.cli.context import Context
from reconciler.cli.options import command as declare
from reconciler.cli.options import unknown, yes_option
from reconciler.errors import SecretError, UsageError, WhsyncError
from reconciler.model.action import Action
from reconciler.model.diff import record as recorded
from reconciler.model.secret import SecretState, shown_url
from reconciler.model.webhook import EVENTS, Desired, Entry, Fields, Part, Remote, SecretRecord
from reconciler.render.base import plain
from reconciler.run.observe import observe
from reconciler.run.runtime import Runtime, utc_now
from reconciler.secrets.custody.check import check
from reconciler.secrets.custody.vendor_drift import Means
from reconciler.secrets.rescue import rescue_folder
from reconciler.state.event import Applied, Intended, Recorded, Renamed
from reconciler.state.lock import Lock
from reconciler.support.hints import command as command_line


@declare("adopt")
@click.argument("name")
@click.option("--id", "remote_id", required=True, metavar="ID", help="The webhook's id at the vendor.")
@yes_option
def command(whsync: Context, name: str, remote_id: str, yes: bool) -> int:
    """Bind the webhook NAME to the one that the vendor calls ID.

    Nothing is written to the vendor. Where the API can be read, the webhook must be there. Where it cannot, you vouch
    for it; if the vendor has one subscription an event, ID is the event, or several with commas, each as EVENT=ID where
    the vendor's subscriptions have ids.
    """
    with (
        engine.running(whsync) as runtime,
        engine.leased(whsync, runtime, "adopt") as lease,
    ):
        desired = _desired(runtime, name)
        former = _former_names(runtime, desired, lease.lock)
        held = [lease.lock.entries[held] for held in (name, *former) if held in lease.lock.entries]
        if desired.protect is None:
            desired = desired._replace(protect=any(entry.protect for entry in held))
        _refuse_nonsense(runtime, desired, remote_id, {part.key for entry in held for part in entry.parts})
        _refuse_taken({k: v for k, v in lease.lock.entries.items() if k not in former}, desired, remote_id)
        with engine.looking(runtime, whsync, engine.reading(runtime)):
            remote = _find(runtime, desired, remote_id)
        whsync.require(_question(desired, remote_id, remote), yes)
        entry = _entry(runtime, desired, remote_id, remote)
        for was in former:
            lease.append(Renamed(name, was))
        replaces = _replaced(lease.lock.intents.get(name), remote_id)
        bound = Recorded(name, entry) if replaces else Applied(name, Action.ADOPT, entry, utc_now())
        lease.append(runtime.redactor.over(bound))
        lease.checkpoint()
        secret = _of_the_secret(runtime, desired, remote, entry)
    rest = f"It replaces {replaces}, which the next apply retires. " if replaces else ""
    look = command_line("plan", "--target", name)
    whsync.out(plain(f"{name}: adopted as {entry.remote_id}. {rest}{look} shows what differs."))
    whsync.out(plain(secret))
    return 0


def _of_the_secret(runtime: Runtime, desired: Desired, remote: Remote | None, entry: Entry) -> str:
    """What the user must know of a secret that the vendor does not show: nobody knows it, and how to own it."""
    capabilities = runtime.loaded.providers[desired.provider].vendor.capabilities
    prints = runtime.fingerprinter(())
    try:
        status = check(
            desired,
            remote,
            entry,
            capabilities.secret,
            Means(runtime.resolver, prints, rescue_folder(runtime.loaded.lock)),
        )
    except SecretError as error:
        return f"Its secret could not be compared: {error.summary}" + (f"; {error.hint}" if error.hint else "")
    return f"Its secret is unverifiable: {status.note}" if status.state is SecretState.UNVERIFIABLE else ""


def _replaced(intent: Intended | None, remote_id: str) -> str | None:
    """The old webhook of a replacement that is not done: its intent stays open until that one is gone."""
    begun = intent is not None and intent.action is Action.REPLACE
    return intent.remote_id if intent is not None and begun and intent.remote_id != remote_id else None


def _desired(runtime: Runtime, name: str) -> Desired:
    names = {webhook.name: webhook for webhook in runtime.loaded.desired}
    return names[name] if name in names else unknown("webhook", name, names)


def _former_names(runtime: Runtime, desired: Desired, lock: Lock) -> tuple[str, ...]:
    """The names under which the lock still has the webhook, or a write to it that is not settled."""
    present = {webhook.name for webhook in runtime.loaded.desired}
    return tuple(was for was in desired.was if was not in present and (was in lock.entries or was in lock.intents))


def _refuse_nonsense(runtime: Runtime, desired: Desired, remote_id: str, held: set[str]) -> None:
    """Where nobody can look, only what could be true is taken on trust; `held` are the parts that the lock knows.

    Raises:
        UsageError: the id is empty, or names an event that neither file nor lock nor the vendor's documents know.
    """
    capabilities = runtime.loaded.providers[desired.provider].vendor.capabilities
    keys = {part.key for part in _parts(remote_id)}
    if not keys:
        raise UsageError("--id is empty", "give the webhook's id at the vendor")
    strange = (
        keys - desired.fields.events - capabilities.events.names - held
        if capabilities.fan_out and capabilities.read == "none"
        else ()
    )
    if strange:
        known = shlex.quote(",".join(sorted(desired.fields.events)))
        raise UsageError(
            f"{', '.join(sorted(strange))} is no event of {desired.name}",
            f"this vendor has one subscription an event, so give those that exist: --id {known}",
        )


def _parts(remote_id: str) -> tuple[Part, ...]:
    """The parts that `EVENT,EVENT` names, or `EVENT=ID,EVENT=ID` where each has an id of its own."""
    pairs = (word.strip().partition("=") for word in remote_id.split(",") if word.strip())
    return tuple(sorted(Part(key, part_id or None) for key, _, part_id in pairs))


def _refuse_taken(entries: Mapping[str, Entry], desired: Desired, remote_id: str) -> None:
    """Two names for one remote webhook would fight over it for ever.

    Raises:
        WhsyncError: the lock has it under another name.
    """
    ground, keys = desired.address.ground, {remote_id}
    keys |= {part.remote_id or part.key for part in _parts(remote_id)}
    for name, entry in entries.items():
        owned = {entry.remote_id, *(part.remote_id or part.key for part in entry.parts)}
        if name != desired.name and entry.address.ground == ground and keys & owned:
            release, rename = command_line("state", "rm", name), command_line("state", "mv", name, "NEW")
            hint = f"release it first: {release}, or rename it: {rename}"
            raise WhsyncError(f"{remote_id} already belongs to {name}", hint, kind="ambiguous")


def _find(runtime: Runtime, desired: Desired, remote_id: str) -> Remote | None:
    """The remote webhook as read, or None where this API cannot be read and the user vouches for it.

    Raises:
        WhsyncError: it is not there, or the read failed.
    """
    place = (desired.provider, desired.scope)
    seen = observe({place: frozenset({remote_id})}, runtime)
    if seen.problems:
        problem = seen.problems[0]
        raise WhsyncError(problem.summary, problem.hint, kind=problem.kind)
    observation = seen.places[place]
    if not observation.readable:
        return None
    read = runtime.loaded.providers[desired.provider].vendor.capabilities.read
    for remote in observation.remotes:
        if read == "singleton" or remote.remote_id == remote_id:
            return remote
    hint = (
        "`whsync plan` lists those it has" if read == "list" else "look for its id at the vendor: this API cannot list"
    )
    raise WhsyncError(f"{desired.provider} has no webhook {remote_id}", hint, kind="not_found")


def _question(desired: Desired, remote_id: str, remote: Remote | None) -> str:
    if remote is None:
        return f"This API cannot be read. Do you vouch that {remote_id} exists, and bind {desired.name} to it?"
    return f"Bind {desired.name} to {remote.remote_id} -> {shown_url(remote.fields.url)}?"


def _entry(runtime: Runtime, desired: Desired, remote_id: str, remote: Remote | None) -> Entry:
    """What the lock will say: what the vendor holds now, so that the next plan shows every difference."""
    protect = bool(desired.protect)
    place = (desired.provider, desired.type, desired.account, desired.scope)
    if remote is None and runtime.loaded.providers[desired.provider].vendor.capabilities.fan_out:
        parts = _parts(remote_id)  # where they point is not known, so the next apply sends the URL
        keys = [part.key for part in parts]
        return Entry(*place, ",".join(keys), Fields({EVENTS: frozenset(keys)}), None, protect, parts, at=utc_now())
    if remote is None:
        return Entry(*place, remote_id, Fields(), None, protect, at=utc_now())
    shown = remote.secret is not None  # the next plan compares it, or stores it
    record = None if shown or desired.secret is None else SecretRecord(None, remote.mask, None, utc_now())
    applied = recorded(remote.fields.only(desired.fields))
    return Entry(*place, remote.remote_id, applied, record, protect, remote.parts, at=utc_now())
