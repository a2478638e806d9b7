"""Why a plan does what it does, or does not, in words: reasons, problems, refusals. [pure]

Called by `planning.plan`, and by `apply.recover` for the ways out of a lost answer.
"""

from collections.abc import Iterable

from reconciler.codes import Code
from reconciler.errors import Problem, Rejected
from reconciler.matching.types import STRANGER, Matched
from reconciler.model.action import Action, Cause, FieldChange
from reconciler.model.capabilities import Capabilities, Retire
from reconciler.model.diff import shown
from reconciler.model.identity import key_in
from reconciler.model.secret import AS_APPLIED, SecretSpec, SecretState, SecretStatus
from reconciler.model.webhook import EVENTS, STATUS, URL, Certainty, Desired, Entry, Part, Remote
from reconciler.planning.needs import Facts, Why, unread
from reconciler.planning.several import SecretFacts
from reconciler.planning.strange import why_it_goes
from reconciler.planning.types import Change, PlanOptions, Refusal, SecretShown
from reconciler.state.lock import Lock
from reconciler.support.hints import command

OFFLINE = "offline: its calls are not known, for they carry what has to be read first"
UNDONE = "its deletion was asked for, and nothing shows that it was carried out"


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
            return _adoption_reason(webhook, found, capabilities)
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


def _adoption_reason(webhook: Desired, found: Matched, capabilities: Capabilities) -> Why:
    """How a remote webhook was found that the lock does not have."""
    key = ", ".join(pointer.lstrip("/") for pointer in key_in(webhook, capabilities))
    by = {"mark": "owner mark", "was": "former name"}.get(
        found.how, "place" if capabilities.read == "singleton" else key
    )
    return Why(Code.ADOPT, "; ".join(filter(None, (f"found at the vendor by its {by}", found.note))))


def unverified_fields(webhook: Desired, found: Matched, capabilities: Capabilities) -> tuple[str, ...]:
    """The fields that no read shows, or only behind a mask, and those whose hidden values nobody has looked up."""
    unknown = set(webhook.hidden) if webhook.unlooked else set()
    if found.remote is not None:
        unknown |= unread(webhook, found.remote.fields, capabilities)
    return tuple(sorted(unknown))


def _idle_reason(webhook: Desired, found: Matched, capabilities: Capabilities, offline: bool) -> Why:
    """Why nothing is done with a webhook that shows no difference."""
    if found.certainty is Certainty.PRESENT and found.remote is not None:
        unseen = unverified_fields(webhook, found, capabilities)
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
    """What is with a webhook that the file no longer has, or never had."""
    if found.how == STRANGER:
        return why_it_goes(bool(found.note), action)
    if found.taken_by is not None:
        words = f"no longer in the file; its remote webhook belongs to {found.taken_by}"
        return Why(_PRUNED.get(action, Code.ORPHAN_TAKEN), words)
    gone = f", and {'not' if found.note else 'gone'} at the vendor" if found.certainty is Certainty.ABSENT else ""
    way = "this API cannot delete, so it is switched off" if action is Action.DEACTIVATE else ""
    still = found.entry is not None and found.entry.is_leaving and found.certainty is not Certainty.ABSENT
    again = f"{UNDONE}, so it is tried again" if still and action.writes else UNDONE if still else ""
    words = "; ".join(filter(None, (f"no longer in the file{gone}", found.note, again, way)))
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


def secret_note(spec: SecretSpec | None, status: SecretStatus) -> str:
    """Why the secret's state is what it is, and for a new one where it comes from and goes to."""
    if status.as_applied:
        return f"{AS_APPLIED}; {status.note}" if status.note else AS_APPLIED
    if status.state is not SecretState.NEW or status.note or spec is None:
        return status.note
    origin = f"from {spec.source}" if spec.source else "made by whsync" if spec.generate else "issued by the vendor"
    return f"{origin} -> {spec.sink}" if spec.sink else origin


def secrets_shown(secrets: Iterable[SecretFacts], making: bool) -> tuple[SecretShown, ...]:
    """What a plan says of further secrets; `making`: the webhook is to be made."""
    found = ((each.which, each.spec, (each.of_a_new_one if making else each).status) for each in secrets)
    return tuple(
        SecretShown(which, status.shown, secret_note(spec, status), status.fingerprint, status.drifted)
        for which, spec, status in found
    )


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
