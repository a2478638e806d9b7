"""What else to know of a change, beside its reason. [pure] Used by `planning.plan`."""

from collections.abc import Iterable, Sequence

from reconciler.matching.types import Matched
from reconciler.model.action import Action, PlannedCall
from reconciler.model.capabilities import Capabilities
from reconciler.model.further import called, desired_of, named, pointer_of, semantics_of
from reconciler.model.secret import SecretSemantics, SecretState, SecretStatus
from reconciler.model.webhook import EVENTS, STATUS, URL, Certainty, Desired, Entry
from reconciler.planning.explain import UNDONE
from reconciler.planning.needs import Facts
from reconciler.support.hints import command

MOST_NAMES = 6


def losses(calls: Iterable[PlannedCall]) -> tuple[str, ...]:
    """What the calls take away because they replace the whole, and nobody but the vendor knows it."""
    names = sorted({name for call in calls for name in call.loses})
    if not names:
        return ()
    told = ", ".join(names[:MOST_NAMES]) + (f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else "")
    return (f"this API replaces the whole object: what the vendor has in {told}, which its manifest lacks, gets lost",)


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
    notes += _notes_on_the_old_one(found, action)
    notes += _notes_on_the_secret(webhook, action, facts, capabilities, status)
    notes += _notes_on_replacing(webhook, found, capabilities) if action is Action.REPLACE else []
    return (*notes, *_notes_on_the_receiver(action, facts, capabilities))


def _notes_on_the_receiver(action: Action, facts: Facts, capabilities: Capabilities) -> list[str]:
    """What it must do before the vendor takes the URL that it is sent."""
    takes_a_url = action.makes or (action.writes and URL in facts.sends)
    return [capabilities.handshake] if capabilities.handshake and takes_a_url else []


def _notes_on_the_old_one(found: Matched, action: Action) -> list[str]:
    """What was asked to go and is there: this webhook itself, or the one that it replaced."""
    notes = []
    if found.entry is not None and found.entry.is_leaving and found.remote is not None:
        notes.append(f"{UNDONE}: it is kept, as the file has it again; should it go yet, the next plan makes it")
    if action is Action.NOOP and found.superseded is not None:
        notes.append(f"{found.superseded.remote_id}, left over from a replacement, stays at the vendor until then")
    return notes


def _notes_on_replacing(webhook: Desired, found: Matched, capabilities: Capabilities) -> list[str]:
    """What a replacement means for what stands there now."""
    notes = []
    if webhook.delete_first:
        refused = found.entry is not None and found.entry.delete_first
        why = "the vendor has refused a second one beside it, so " if refused else ""
        notes.append(
            f"{why}the old one goes first: nothing is delivered until the new one is made, by the next call or run"
        )
    if capabilities.retire == "deactivate":
        notes.append("the old one is switched off and stays at the vendor, which cannot delete")
    return notes


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
    if action in (Action.UPDATE, Action.ADOPT):
        for which in named(webhook, None):
            if pointer_of(which) in facts.sends:
                notes += _order_of_rotation(desired_of(webhook, which), semantics_of(capabilities, which), which)
    return notes


def _rotatable(webhook: Desired, capabilities: Capabilities) -> bool:
    """Whether `whsync rotate` works."""
    issued = webhook.secret is not None and webhook.secret.issued
    return capabilities.secret.reissues if issued else capabilities.secret.settable_later


def _order_of_rotation(webhook: Desired, semantics: SecretSemantics, which: str) -> list[str]:
    """Who has a new secret first, and for how long the old one is good."""
    spec = webhook.secret
    if spec is None:
        return []
    first = "the vendor first, then the sink" if spec.issued else "sink first, then the vendor" if spec.generate else ""
    if semantics.grace and semantics.rotates(not spec.issued):
        return ["; ".join(filter(None, (first, f"the old secret stays valid for {semantics.grace} at the vendor")))]
    signed = "the new one already" if spec.issued else "the old one"
    if which:
        return [f"{called(which)}: {first}; deliveries in between carry {signed}"] if first else []
    return [f"{first}: deliveries in between are signed with {signed}"] if first else []
