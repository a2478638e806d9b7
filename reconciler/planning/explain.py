"""Why a plan does what it does, or does not, in words: reasons, notes, problems, refusals. [pure]

Called by `planning.plan`, and by `apply.recover` for the ways out of a lost answer.
"""

from collections.abc import Sequence

from reconciler.codes import Code
from reconciler.errors import Problem, Rejected
from reconciler.matching.types import Matched
from reconciler.model.action import Action, Cause, FieldChange
from reconciler.model.diff import shown
from reconciler.model.secret import SecretSemantics, SecretState, SecretStatus
from reconciler.model.webhook import (
    EVENTS,
    SECRET,
    STATUS,
    URL,
    Capabilities,
    Certainty,
    Desired,
    Entry,
    Part,
    Remote,
    Retire,
)
from reconciler.planning.needs import Facts, Why, unread
from reconciler.planning.types import Change, PlanOptions, Refusal
from reconciler.state.lock import Lock
from reconciler.support.hints import command

OFFLINE = "offline: its calls are not known, for they carry what has to be read first"


def reason(
    webhook: Desired, found: Matched, action: Action, facts: Facts, capabilities: Capabilities, options: PlanOptions
) -> Why:
    """Why `action` is what becomes of a webhook of the file.

    Args:
        found: what was matched with the webhook.
        facts: what it needs, and why.
        capabilities: of its provider, for some reasons are what its API cannot do.
        options: what was asked of the plan.
    """
    match action:
        case Action.CREATE:
            return _creation_reason(found, capabilities, options.offline)
        case Action.ADOPT if found.entry is None:
            return _adoption_reason(found, capabilities)
        case _:
            return facts.why or _idle_reason(webhook, found, capabilities, options.offline)


def _creation_reason(found: Matched, capabilities: Capabilities, offline: bool) -> Why:
    """Why a webhook is made."""
    if found.certainty is Certainty.ABSENT and found.entry is not None:
        return Why(Code.GONE, "it is gone at the vendor")
    if found.certainty is Certainty.ABSENT:
        return Why(Code.CREATE_ABSENT, "it is not at the vendor yet")
    if offline:
        return Why(Code.CREATE_UNLOOKED, "offline: nobody could look whether it is there")
    if capabilities.partial:
        words = f"this API's list may not show all ({capabilities.partial}), and nobody could look beyond it"
        return Why(Code.CREATE_UNLOOKED, words)
    verb = "list" if capabilities.read == "by_id" else "be read"
    return Why(Code.CREATE_UNLOOKED, f"this API cannot {verb}, so nobody could look whether it is there")


def _adoption_reason(found: Matched, capabilities: Capabilities) -> Why:
    """How a remote webhook was found that the lock does not have."""
    key = ", ".join(pointer.lstrip("/") for pointer in capabilities.natural_key)
    by = {"mark": "owner mark", "was": "former name"}.get(
        found.how, "place" if capabilities.read == "singleton" else key
    )
    return Why(Code.ADOPT, "; ".join(filter(None, (f"found at the vendor by its {by}", found.note))))


def _idle_reason(webhook: Desired, found: Matched, capabilities: Capabilities, offline: bool) -> Why:
    """Why nothing is done with a webhook that shows no difference."""
    if found.certainty is Certainty.PRESENT and found.remote is not None:
        unseen = sorted(unread(webhook, found.remote.fields, capabilities))
        names = ", ".join(pointer.strip("/").replace("/", ".") for pointer in unseen)
        words = f", as far as the vendor shows it; compared with the lock only: {names}" if names else ""
        return Why(Code.AS_WANTED, f"as the file wants it{words}")
    why = "offline" if offline else "this API cannot be read"
    return Why(Code.UNLOOKED, f"{why}: compared with the lock only")


_PRUNED = {
    Action.DELETE: Code.PRUNE_DELETE,
    Action.DEACTIVATE: Code.PRUNE_DEACTIVATE,
    Action.FORGET: Code.PRUNE_FORGET,
}


def orphan_reason(found: Matched, action: Action) -> Why:
    """What is with a webhook that the file no longer has."""
    if found.taken_by is not None:
        words = f"no longer in the file; its remote webhook belongs to {found.taken_by}"
        return Why(_PRUNED.get(action, Code.ORPHAN_TAKEN), words)
    gone = f", and {'not' if found.note else 'gone'} at the vendor" if found.certainty is Certainty.ABSENT else ""
    way = "this API cannot delete, so it is switched off" if action is Action.DEACTIVATE else ""
    words = "; ".join(filter(None, (f"no longer in the file{gone}", found.note, way)))
    return Why(_PRUNED.get(action, Code.ORPHAN), words)


def what_goes(entry: Entry, remote: Remote | None, action: Action) -> tuple[FieldChange, ...]:
    """What a deletion takes away, and what a retirement by switching off changes: as read, else as applied."""
    fields = remote.fields if remote is not None else entry.applied
    match action:
        case Action.DELETE:
            gone = (pointer for pointer in (URL, EVENTS) if pointer in fields)
            return tuple(FieldChange(pointer, shown(pointer, fields[pointer]), None, Cause.CONFIG) for pointer in gone)
        case Action.DEACTIVATE:
            return (FieldChange(STATUS, shown(STATUS, fields.get(STATUS)), "inactive", Cause.CONFIG),)
        case _:
            return ()


def orphan_notes(entry: Entry, keepers: Sequence[str]) -> tuple[str, ...]:
    """What else to know of an orphan; `keepers` may have the same remote webhook, and keep it."""
    notes = ["it is protected: pruning it is refused"] if entry.protect else []
    notes += [f"it may be the remote webhook of {' and '.join(keepers)}: pruning does not delete it"] if keepers else []
    return tuple(notes)


def notes_for(
    webhook: Desired,
    found: Matched,
    action: Action,
    facts: Facts,
    capabilities: Capabilities,
    status: SecretStatus,
) -> tuple[str, ...]:
    """What else to know: what stays at the vendor, how to own the secret, a likely former name.

    Args:
        found: what was matched with the webhook.
        action: what becomes of it, because of `facts`.
        status: the state of its secret.
    """
    notes = [found.note] if found.note and action in (Action.CREATE, Action.UPDATE) else []
    notes += _notes_on_the_status(webhook, found, capabilities)
    if found.entry is not None and (found.entry.orphan_parts or found.entry.retired or facts.fields):
        notes += _notes_on_parts(webhook, found, found.entry, facts, capabilities)
        if found.entry.retired and found.certainty is Certainty.PRESENT and STATUS not in webhook.fields:
            notes.append("it was switched off when it was pruned: write `status: active` to switch it on")
    if action is Action.NOOP and found.superseded is not None:
        notes.append(f"{found.superseded.remote_id}, left over from a replacement, stays at the vendor until then")
    notes += _notes_on_the_secret(webhook, action, facts, capabilities, status)
    if action is Action.REPLACE and capabilities.retire == "deactivate":
        notes.append("the old one is switched off and stays at the vendor, which cannot delete")
    return tuple(notes)


def _notes_on_the_status(webhook: Desired, found: Matched, capabilities: Capabilities) -> list[str]:
    """A webhook that was just found, does not deliver, and is not switched on by this file."""
    entry, remote = found.entry, found.remote
    if remote is None or (entry is not None and (entry.remote_id == remote.remote_id or entry.retired)):
        return []
    status = remote.fields.get(STATUS, "active")
    if status == "active" or STATUS in webhook.fields:
        return []
    way = (
        "write `status: active` to switch it on" if STATUS in capabilities.writable else "this API cannot switch it on"
    )
    return [f"it is {'switched off' if status == 'inactive' else status} at the vendor, and stays so: {way}"]


def _notes_on_parts(
    webhook: Desired, found: Matched, entry: Entry, facts: Facts, capabilities: Capabilities
) -> list[str]:
    """Parts that the file no longer wants: which stay at the vendor, and which pass to other webhooks."""
    wanted, heirs = webhook.fields.events, dict(found.passed_on)
    stays = {part.key for part in entry.orphan_parts} - wanted
    drops = capabilities.fan_out and any(change.path == EVENTS for change in facts.fields)
    if drops and capabilities.retire == "none":
        stays |= entry.applied.events - wanted
    orphans = [f"orphan part: {key} stays at the vendor, which cannot remove it" for key in sorted(stays - set(heirs))]
    return orphans + [f"{key} passes to {heirs[key]}" for key in sorted(stays & set(heirs))]


def _notes_on_the_secret(
    webhook: Desired, action: Action, facts: Facts, capabilities: Capabilities, status: SecretStatus
) -> list[str]:
    """What the user is to do about it, how to own it, and who has a new one first."""
    notes = [status.way_out] if action is not Action.REPLACE and status.way_out else []
    if action is Action.ADOPT and status.state is SecretState.UNVERIFIABLE and not status.note:
        rotate = f"{command('rotate', webhook.name)}, or replacing it, makes"
        way = rotate if _rotatable(webhook, capabilities) else "replacing it makes"
        notes.append(f"its secret cannot be verified: {way} it yours")
    if action in (Action.UPDATE, Action.ADOPT) and SECRET in facts.sends:
        notes += _order_of_rotation(webhook, capabilities.secret)
    return notes


def _rotatable(webhook: Desired, capabilities: Capabilities) -> bool:
    """Whether `whsync rotate` works."""
    issued = webhook.secret is not None and webhook.secret.issued
    return capabilities.secret.reissues if issued else capabilities.secret.settable_later


def _order_of_rotation(webhook: Desired, semantics: SecretSemantics) -> list[str]:
    """Who has a new secret first, and for how long the old one is good."""
    spec = webhook.secret
    if spec is None:
        return []
    first = "the vendor first, then the sink" if spec.issued else "sink first, then the vendor" if spec.generate else ""
    if semantics.grace and semantics.rotates(not spec.issued):
        return ["; ".join(filter(None, (first, f"the old secret stays valid for {semantics.grace} at the vendor")))]
    signed = "the new one already" if spec.issued else "the old one"
    return [f"{first}: deliveries in between are signed with {signed}"] if first else []


def secret_note(webhook: Desired, status: SecretStatus) -> str:
    """Why the secret's state is what it is, and for a new one where it comes from and goes to."""
    spec = webhook.secret
    if status.state is not SecretState.NEW or status.note or spec is None:
        return status.note
    origin = f"from {spec.source}" if spec.source else "made by whsync" if spec.generate else "issued by the vendor"
    return f"{origin} -> {spec.sink}" if spec.sink else origin


def impossible(name: str, provider: str, error: Rejected) -> Problem:
    """A change that the API has no way to make with what is at hand."""
    return error.of(name, provider)


def unread_problem(name: str, provider: str, entry_name: str | None) -> Problem:
    """A webhook whose read failed, or whose absence is not proven; `entry_name` is its name in the lock."""
    gone = f"; if it is gone there, let go of it with {command('state', 'rm', entry_name)}" if entry_name else ""
    hint = f"run again once {provider} can be read{gone}"
    return Problem("vendor", f"{name} could not be read", hint, provider, name, code=Code.WEBHOOK_UNREAD)


def unsettled_problem(webhook: Desired, found: Matched, lock: Lock, options: PlanOptions) -> Problem | None:
    """A write whose answer was lost at an API that cannot tell what became of it: the user is asked."""
    intent = lock.intents.get(webhook.name)
    if intent is None or found.entry is None or found.certainty is not Certainty.UNREADABLE:
        return None
    if options.offline or (options.reassert and not _makes_parts(webhook, found.entry, found.inherited)):
        return None
    summary = f"a write to {webhook.name} was sent on {intent.at} and its answer was lost; this API cannot be read"
    hint = ways_out(webhook.name, webhook, found.entry, found.inherited)
    return Problem("ambiguous", summary, hint, webhook.provider, webhook.name, code=Code.UPDATE_UNSETTLED)


def ways_out(name: str, webhook: Desired | None, entry: Entry | None, inherited: tuple[Part, ...] = ()) -> str:
    """What the user can do about an update that nobody can see; what makes a part anew must not be sent twice."""
    if webhook is not None and entry is not None and _makes_parts(webhook, entry, inherited):
        adopt = command("adopt", name, "--id", "ID")
        return f"look at the vendor: {adopt} with those of its parts that are there, with commas"
    return f"look at the vendor, or send it again: {command('apply', '--reassert', '--target', name)}"


def _makes_parts(webhook: Desired, entry: Entry, inherited: tuple[Part, ...]) -> bool:
    """Whether an update would make remote objects: sent twice, there would be two."""
    known = {part.key for part in (*entry.parts, *entry.orphan_parts, *inherited)}
    return bool(known and webhook.fields.events - known)


def irreplaceable(change: Change, capabilities: Capabilities, options: PlanOptions) -> Refusal | None:
    """Why a replacement cannot be carried out, where it cannot."""
    why = "and cannot remove the old one" if capabilities.retire == "none" else ""
    if change.certainty is Certainty.UNREADABLE and not options.offline:
        why = why or "and the old one cannot be read"
    hint = f"{command('state', 'rm', change.name)} lets go of the old one; the next apply makes another"
    return (
        Refusal(f"{change.name}: {change.reason} {why}", hint, change.name, change.provider, code=Code.CANNOT_REPLACE)
        if why
        else None
    )


def unprunable(change: Change, retire: Retire) -> Refusal:
    """Why an orphan cannot be pruned; `retire` is what its vendor can do."""
    why = "its API can neither delete it nor switch it off" if retire == "none" else "its API cannot be read"
    hint = f"remove it at the vendor, then let go of it with {command('state', 'rm', change.name)}"
    return Refusal(f"{change.name} cannot be pruned: {why}", hint, change.name, change.provider, code=Code.CANNOT_PRUNE)
