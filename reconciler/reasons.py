"""Why a plan does what it does, or does not, in words: reasons, notes, problems, refusals. [pure]

Called by `plan`.
"""

from reconciler.change import Action, Change, Options, Refusal
from reconciler.compare import Facts
from reconciler.errors import Problem
from reconciler.lock import Lock
from reconciler.match import Matched
from reconciler.model import EVENTS, STATUS, About, Certainty, Desired, Entry
from reconciler.secret import Match, SecretStatus


def reason(found: Matched, action: Action, facts: Facts, about: About, options: Options) -> str:
    """Why `action` is what becomes of a webhook of the file."""
    match action:
        case Action.CREATE:
            return _creation_reason(found, about, options.offline)
        case Action.ADOPT if found.entry is None:
            return _adoption_reason(found, about)
        case Action.NOOP:
            return facts.why or _idle_reason(found, about, options.offline)
        case _:
            return facts.why


def _creation_reason(found: Matched, about: About, offline: bool) -> str:
    """Why a webhook is made."""
    if found.certainty is Certainty.ABSENT:
        return "it is gone at the vendor" if found.entry is not None else "it is not at the vendor yet"
    if offline:
        return "offline: nobody could look whether it is there"
    verb = "list" if about.read == "by_id" else "be read"
    return f"this API cannot {verb}, so nobody could look whether it is there"


def _adoption_reason(found: Matched, about: About) -> str:
    """How a remote webhook was found that the lock does not have."""
    key = ", ".join(pointer.lstrip("/") for pointer in about.natural_key)
    by = {"mark": "owner mark", "was": "former name"}.get(
        found.how, "place" if about.read == "singleton" else f"same {key}"
    )
    return f"found at the vendor by its {by}"


def _idle_reason(found: Matched, about: About, offline: bool) -> str:
    """Why nothing is done with a webhook that shows no difference."""
    if found.certainty is Certainty.PRESENT:
        return "as the file wants it"
    return f"{'offline' if offline else 'this API cannot be read'}: compared with the lock only"


def orphan_reason(found: Matched, action: Action) -> str:
    """What is with a webhook that the file no longer has."""
    if found.taken_by is not None:
        return f"no longer in the file; its remote webhook belongs to {found.taken_by}"
    gone = ", and gone at the vendor" if found.certainty is Certainty.ABSENT else ""
    if action is Action.DEACTIVATE:
        return "no longer in the file; this API cannot delete, so it is switched off"
    return f"no longer in the file{gone}"


def orphan_notes(entry: Entry) -> tuple[str, ...]:
    """What else to know of an orphan."""
    return ("it is protected: pruning it is refused",) if entry.protect else ()


def notes_for(
    webhook: Desired, found: Matched, action: Action, facts: Facts, about: About, status: SecretStatus
) -> tuple[str, ...]:
    """What else to know: what stays at the vendor, how to own the secret, a likely former name."""
    notes = [found.note] if found.note and action is Action.CREATE else []
    entry = found.entry
    if entry is not None and (entry.orphan_parts or entry.retired or facts.fields):
        wanted = webhook.fields.events
        stays = {part.key for part in entry.orphan_parts} - wanted
        if about.fan_out and about.retire == "none" and any(change.path == EVENTS for change in facts.fields):
            stays |= entry.applied.events - wanted
        notes += [f"orphan part: {key} stays at the vendor, which cannot remove it" for key in sorted(stays)]
        if entry.retired and found.certainty is Certainty.PRESENT and STATUS not in webhook.fields:
            notes.append("it was switched off when it was pruned: write `status: active` to switch it on")
    if action is Action.ADOPT and status.match is Match.UNVERIFIABLE and not status.note:
        notes.append(f"its secret cannot be verified: `whsync rotate {webhook.name}`, or replacing it, makes it yours")
    if action is Action.REPLACE and about.retire == "deactivate":
        notes.append("the old one is switched off and stays at the vendor, which cannot delete")
    return tuple(notes)


def unread_problem(name: str, provider: str) -> Problem:
    """A webhook whose read failed."""
    return Problem("vendor", f"{name} could not be read", f"run again once {provider} can be read", provider, name)


def unsettled_problem(webhook: Desired, found: Matched, lock: Lock, options: Options) -> Problem | None:
    """A write whose answer was lost at an API that cannot tell what became of it: the user is asked."""
    intent = lock.intents.get(webhook.name)
    if intent is None or found.entry is None or found.certainty is not Certainty.UNREADABLE:
        return None
    if options.reassert or options.offline:
        return None
    summary = f"a write to {webhook.name} was sent on {intent.at} and its answer was lost; this API cannot be read"
    hint = f"look at the vendor, or send it again: `whsync apply --reassert --target {webhook.name}`"
    return Problem("ambiguous", summary, hint, webhook.provider, webhook.name)


def irreplaceable(change: Change, about: About, options: Options) -> Refusal | None:
    """Why a replacement cannot be carried out, where it cannot."""
    why = "and cannot remove the old one" if about.retire == "none" else ""
    if change.certainty is Certainty.UNREADABLE and not options.offline:
        why = why or "and the old one cannot be read"
    hint = f"`whsync state rm {change.name}` lets go of the old one; the next apply makes another"
    return Refusal(f"{change.name}: {change.reason} {why}", hint, change.name, change.provider) if why else None


def unprunable(change: Change) -> Refusal:
    """Why an orphan cannot be pruned."""
    present = change.certainty is Certainty.PRESENT
    why = "its API can neither delete it nor switch it off" if present else "its API cannot be read"
    hint = f"remove it at the vendor, then let go of it with `whsync state rm {change.name}`"
    return Refusal(f"{change.name} cannot be pruned: {why}", hint, change.name, change.provider)
