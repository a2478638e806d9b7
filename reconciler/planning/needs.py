"""What one webhook of the file needs, and why, in words. [pure]

Called by `planning.plan`, once a webhook.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from reconciler.codes import Code
from reconciler.matching.types import Matched
from reconciler.model.action import Cause, FieldChange
from reconciler.model.capabilities import Capabilities
from reconciler.model.diff import diff, in_force, missing, unrecorded, visible
from reconciler.model.further import FIRST, pointer_of, specs_of
from reconciler.model.secret import SecretState, SecretStatus
from reconciler.model.webhook import Certainty, Desired, Entry, Fields
from reconciler.planning.several import SecretFacts


class Need(StrEnum):
    """The greatest thing a webhook needs."""

    REPLACE = "replace"  # a field differs that the vendor cannot change
    WRITE = "write"  # a field or a secret is to be sent
    RENAME = "rename"  # the lock knows it under a former name
    RECORD = "record"  # only the lock has something to learn
    NOTHING = "nothing"


class Why(NamedTuple):
    """Why something becomes of a webhook: what kind of reason that is, and the reason in words."""

    code: Code
    words: str = ""


class Facts(NamedTuple):
    """What a webhook needs, the differences that say so, the pointers that a write carries, and the reason if any."""

    need: Need
    fields: tuple[FieldChange, ...] = ()
    sends: tuple[str, ...] = ()
    why: Why | None = None


NOTHING = Facts(Need.NOTHING)


def compare(
    webhook: Desired,
    found: Matched,
    capabilities: Capabilities,
    status: SecretStatus,
    reassert: bool,
    further: Sequence[SecretFacts] = (),
) -> Facts:
    """What `webhook` needs, given what was found of it: a write, else what the lock has to learn.

    Args:
        status: the state of its first secret; further: what is known of the others.
        reassert: send again what cannot be read.
    """
    secrets = (SecretFacts(FIRST, webhook.secret, status, capabilities.secret), *further)
    applied, observed = _in_force(webhook, found)
    if found.certainty is Certainty.ABSENT or (found.certainty is Certainty.UNREADABLE and found.entry is None):
        return Facts(Need.WRITE, missing(webhook.fields, applied, capabilities), _everything(webhook))
    asked = found.entry.asked if found.entry else Fields()
    fields = diff(webhook.kept, observed, applied, capabilities, asked)
    kept = _kept(fields, found.entry)
    facts = _write(webhook, observed, fields, capabilities, secrets, reassert, kept)
    if facts is not NOTHING or found.entry is None or applied is None:
        return facts
    if found.entry_name != webhook.name:
        return Facts(Need.RENAME, why=Why(Code.RENAMED, f"renamed from {found.entry_name}"))
    why = _lessons(webhook, found, found.entry, applied, capabilities, secrets)
    if (news := [each for each in secrets if each.is_news]) and found.remote is not None:
        why = "; ".join(map(_is_what, news))
    return Facts(Need.RECORD, why=Why(Code.RECORD_ONLY, why)) if why else NOTHING


def _kept(fields: tuple[FieldChange, ...], entry: Entry | None) -> list[Why]:
    """Why a field differs where neither side has moved since the vendor took something else than was asked for."""
    if entry is None or not any(field.kept for field in fields):
        return []
    asked = f"asked for on {(entry.at or 'an earlier day')[:10]}, and the vendor kept another value"
    return [Why(Code.NOT_TAKEN, asked)]


def _in_force(webhook: Desired, found: Matched) -> tuple[Fields | None, Fields | None]:
    """What was applied and what was observed, each without the events of parts that were dropped and stay."""
    entry, remote, wanted = found.entry, found.remote, webhook.fields.events
    left_over = entry.orphan_parts if entry else ()
    applied = in_force(entry.applied, left_over, wanted) if entry else None
    return applied, in_force(remote.fields, left_over, wanted) if remote else None


def _is_what(secret: SecretFacts) -> str:
    return f"{secret.called} is {secret.status.state}" + (f": {secret.status.note}" if secret.status.note else "")


def ignored(webhook: Desired, found: Matched, capabilities: Capabilities) -> tuple[FieldChange, ...]:
    """How the remote webhook differs in fields that the file only sets when it is made."""
    if not webhook.ignore or found.remote is None:
        return ()
    return diff(
        webhook.fields.only(webhook.ignore),
        found.remote.fields,
        found.entry.applied if found.entry else None,
        capabilities,
    )


def shown(webhook: Desired, found: Matched, capabilities: Capabilities) -> tuple[FieldChange, ...]:
    """How a webhook differs with which nothing may be done, as far as it was seen."""
    unknown = SecretStatus(SecretState.UNVERIFIABLE)
    return compare(webhook, found, capabilities, unknown, reassert=False).fields if found.remote is not None else ()


def _write(
    webhook: Desired,
    observed: Fields | None,
    fields: tuple[FieldChange, ...],
    capabilities: Capabilities,
    secrets: Sequence[SecretFacts],
    reassert: bool,
    kept: Sequence[Why],
) -> Facts:
    sends = {field.path for field in fields}
    written = [each for each in secrets if each.is_written]
    fixed = sorted(sends & capabilities.immutable) + [each.pointer for each in secrets if each.is_stuck]
    if fixed:
        names = ", ".join(pointer.lstrip("/").replace("secrets/", "secret ") for pointer in fixed)
        why = Why(Code.REPLACE_IMMUTABLE, f"the vendor cannot change {names}")
        return Facts(Need.REPLACE, fields, _everything(webhook), why)
    again = unread(webhook, observed, capabilities) - capabilities.immutable - sends if reassert else set()
    sends |= again | {each.pointer for each in written}
    if not sends:
        return NOTHING
    reasons = [*_moves(fields), *kept, *map(_news, written)]
    if again:
        reasons.append(Why(Code.SENT_AGAIN, "sent again, for it cannot be read"))
    return Facts(Need.WRITE, fields, tuple(sorted(sends)), _together(reasons))


def _everything(webhook: Desired) -> tuple[str, ...]:
    ours = (pointer_of(which) for which, spec in specs_of(webhook).items() if not spec.issued)
    return tuple(sorted([*webhook.fields, *ours]))


def unread(webhook: Desired, observed: Fields | None, capabilities: Capabilities) -> set[str]:
    """The desired pointers that no read showed."""
    kept = webhook.kept
    if observed is None:
        return set(kept)
    return kept.keys() - visible(kept, observed, capabilities).keys()


def _together(reasons: Sequence[Why]) -> Why:
    """All reasons in words; the first one gives its code."""
    return Why(reasons[0].code, "; ".join(reason.words for reason in reasons))


def _moves(fields: tuple[FieldChange, ...]) -> Iterator[Why]:
    """Who moved, as far as fields differ."""
    causes = {field.cause for field in fields if not field.kept}
    if Cause.CONFLICT in causes or {Cause.CONFIG, Cause.DRIFT} <= causes:
        yield Why(Code.CONFLICT, "changed in the file and at the vendor")
    elif Cause.CONFIG in causes:
        yield Why(Code.FILE_CHANGED, "the file changed")
    elif Cause.DRIFT in causes:
        yield Why(Code.DRIFTED, "changed at the vendor")
    elif causes:
        yield Why(Code.NEWLY_MANAGED, "newly managed fields differ")


def _news(secret: SecretFacts) -> Why:
    """What is new of a secret that is sent."""
    if secret.status.reissue:
        return Why(Code.SECRET_CHANGED, f"{secret.called} is to be another")
    if secret.status.drifted:
        return Why(Code.DRIFTED, f"{secret.called} changed at the vendor")
    changed = secret.status.state is SecretState.CHANGED
    return Why(Code.SECRET_CHANGED, f"{secret.called} {'changed' if changed else 'is new'}")


def _lessons(
    webhook: Desired,
    found: Matched,
    entry: Entry,
    applied: Fields,
    capabilities: Capabilities,
    secrets: Iterable[SecretFacts],
) -> str:
    """What the lock would have to learn although nothing differs at the vendor; empty where it says all already."""
    lessons = []
    recorded = unrecorded(webhook.kept, applied, capabilities)
    if recorded:
        lessons.append(f"records {_names(recorded)}")
    if webhook.protect is not None and entry.protect != webhook.protect:
        lessons.append("protects it" if webhook.protect else "no longer protects it")
    if entry.ignore != webhook.ignore:
        lessons.append(f"ignores {_names(webhook.ignore)}" if webhook.ignore else "ignores nothing any more")
    if found.remote is not None and found.remote.remote_id != entry.remote_id:
        lessons.append(f"found again as {found.remote.remote_id}")
    lessons += _new_names(webhook, entry)
    if entry.is_past:
        lessons.append("managed again")
    lessons += (lesson for each in secrets for lesson in _lessons_on_the_secret(each))
    lessons += _lessons_on_replaced(found)
    return f"only the lock changes: {'; '.join(lessons)}" if lessons else ""


def _lessons_on_replaced(found: Matched) -> list[str]:
    """What became of webhooks that were replaced, or pruned, and asked to go."""
    gone = [f"{', '.join(found.departed)} is gone, as was asked"] if found.departed else []
    left = found.superseded
    return [*gone, f"{left.remote_id}, left over from a replacement, is to go"] if left is not None else gone


def _new_names(webhook: Desired, entry: Entry) -> Iterator[str]:
    """What its place is called in the file, where the lock calls the same place otherwise."""
    if entry.scope != webhook.scope:
        yield f"its place is called {', '.join(f'{key}={value}' for key, value in webhook.scope)} now"
    if entry.account != webhook.account:
        yield f"its account is {webhook.account} now"
    if entry.provider != webhook.provider:
        yield f"the provider is called {webhook.provider} now"


def _lessons_on_the_secret(secret: SecretFacts) -> Iterator[str]:
    status = secret.status
    if status.stored is not None:
        yield f"{secret.called} is in {status.stored} now"
    if status.fingerprint is not None and status.state is SecretState.UNVERIFIABLE:
        yield f"notes what the file's {secret.called[4:]} is, so that a change of it is seen"
    if status.mask is not None:
        yield f"notes the mask of {secret.called}"


def _names(pointers: tuple[str, ...] | list[str]) -> str:
    return ", ".join(pointer.lstrip("/") for pointer in pointers)
