"""What one webhook of the file needs, and why, in words. [pure]

Called by `plan`, once a webhook.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from reconciler.matching.types import Matched
from reconciler.model.action import Cause, FieldChange
from reconciler.model.diff import diff, in_force, missing, unrecorded
from reconciler.model.secret import SecretState, SecretStatus
from reconciler.model.webhook import SECRET, Capabilities, Certainty, Desired, Entry, Fields
from reconciler.secrets.custody.state import needs_a_new_webhook, takes_a_write


class Need(StrEnum):
    """The greatest thing a webhook needs."""

    REPLACE = "replace"  # a field differs that the vendor cannot change
    WRITE = "write"  # a field or a secret is to be sent
    RENAME = "rename"  # the lock knows it under a former name
    RECORD = "record"  # only the lock has something to learn
    NOTHING = "nothing"


class Facts(NamedTuple):
    """What a webhook needs, the differences that say so, the pointers that a write carries, and the reason."""

    need: Need
    fields: tuple[FieldChange, ...] = ()
    sends: tuple[str, ...] = ()
    why: str = ""


NOTHING = Facts(Need.NOTHING)


def compare(
    webhook: Desired, found: Matched, capabilities: Capabilities, status: SecretStatus, reassert: bool
) -> Facts:
    """What `webhook` needs, given what was found of it: a write, else what the lock has to learn.

    Args:
        status: the state of its secret.
        reassert: send again what cannot be read.
    """
    applied, observed = _in_force(webhook, found)
    if found.certainty is Certainty.ABSENT or (found.certainty is Certainty.UNREADABLE and found.entry is None):
        return Facts(Need.WRITE, missing(webhook.fields, applied, capabilities), _everything(webhook))
    fields = diff(webhook.fields, observed, applied, capabilities)
    facts = _write(webhook, observed, fields, capabilities, status, reassert)
    if facts is not NOTHING or found.entry is None or applied is None:
        return facts
    if found.entry_name != webhook.name:
        return Facts(Need.RENAME, why=f"renamed from {found.entry_name}")
    why = _lessons(webhook, found, found.entry, applied, capabilities, status)
    if _is_news(status) and found.remote is not None:
        why = f"the secret is {status.state}" + (f": {status.note}" if status.note else "")
    return Facts(Need.RECORD, why=why) if why else NOTHING


def _in_force(webhook: Desired, found: Matched) -> tuple[Fields | None, Fields | None]:
    """What was applied and what was observed, each without the events of parts that were dropped and stay."""
    entry, remote, wanted = found.entry, found.remote, webhook.fields.events
    left_over = entry.orphan_parts if entry else ()
    applied = in_force(entry.applied, left_over, wanted) if entry else None
    return applied, in_force(remote.fields, left_over, wanted) if remote else None


def _is_news(status: SecretStatus) -> bool:
    return status.state in (SecretState.NEW, SecretState.CHANGED)


def shown(webhook: Desired, found: Matched, capabilities: Capabilities) -> tuple[FieldChange, ...]:
    """How a webhook differs with which nothing may be done, as far as it was seen."""
    unknown = SecretStatus(SecretState.UNVERIFIABLE)
    return compare(webhook, found, capabilities, unknown, reassert=False).fields if found.remote is not None else ()


def _write(
    webhook: Desired,
    observed: Fields | None,
    fields: tuple[FieldChange, ...],
    capabilities: Capabilities,
    status: SecretStatus,
    reassert: bool,
) -> Facts:
    sends = {field.path for field in fields}
    secret = takes_a_write(webhook.secret, status) and _is_news(status)
    stuck = secret and needs_a_new_webhook(status, capabilities.secret)
    fixed = sorted(sends & capabilities.immutable) + ([SECRET] if stuck else [])
    if fixed:
        names = ", ".join(pointer.lstrip("/") for pointer in fixed)
        return Facts(Need.REPLACE, fields, _everything(webhook), f"the vendor cannot change {names}")
    again = _unread(webhook, observed, capabilities) - capabilities.immutable - sends if reassert else set()
    sends |= again | ({SECRET} if secret else set())
    if not sends:
        return NOTHING
    why = _why(fields, status if secret else None)
    if again:
        why = "; ".join(filter(None, (why, "sent again, for it cannot be read")))
    return Facts(Need.WRITE, fields, tuple(sorted(sends)), why)


def _everything(webhook: Desired) -> tuple[str, ...]:
    ours = webhook.secret is not None and not webhook.secret.issued
    return tuple(sorted([*webhook.fields, SECRET] if ours else webhook.fields))


def _unread(webhook: Desired, observed: Fields | None, capabilities: Capabilities) -> set[str]:
    """The desired pointers that no read showed."""
    if observed is None:
        return set(webhook.fields)
    return {pointer for pointer in webhook.fields if pointer in capabilities.unreadable and pointer not in observed}


def _why(fields: tuple[FieldChange, ...], secret: SecretStatus | None) -> str:
    causes = {field.cause for field in fields}
    words = []
    if Cause.CONFLICT in causes or {Cause.CONFIG, Cause.DRIFT} <= causes:
        words.append("changed in the file and at the vendor")
    elif Cause.CONFIG in causes:
        words.append("the file changed")
    elif Cause.DRIFT in causes:
        words.append("changed at the vendor")
    elif causes:
        words.append("newly managed fields differ")
    if secret is not None:
        words.append(f"the secret {_news(secret)}")
    return "; ".join(words)


def _news(secret: SecretStatus) -> str:
    if secret.reissue:
        return "is to be another"
    return "changed at the vendor" if secret.drifted else "changed" if secret.state is SecretState.CHANGED else "is new"


def _lessons(
    webhook: Desired, found: Matched, entry: Entry, applied: Fields, capabilities: Capabilities, status: SecretStatus
) -> str:
    """What the lock would have to learn although nothing differs at the vendor; empty where it says all already."""
    lessons = []
    recorded = unrecorded(webhook.fields, applied, capabilities)
    if recorded:
        lessons.append(f"records {_names(recorded)}")
    if webhook.protect is not None and entry.protect != webhook.protect:
        lessons.append("protects it" if webhook.protect else "no longer protects it")
    if found.remote is not None and found.remote.remote_id != entry.remote_id:
        lessons.append(f"found again as {found.remote.remote_id}")
    if entry.provider != webhook.provider:
        lessons.append(f"the provider is called {webhook.provider} now")
    if entry.retired:
        lessons.append("managed again")
    lessons += _lessons_on_the_secret(status)
    if found.superseded is not None:
        lessons.append(f"{found.superseded.remote_id}, left over from a replacement, is to go")
    return f"only the lock changes: {'; '.join(lessons)}" if lessons else ""


def _lessons_on_the_secret(status: SecretStatus) -> Iterator[str]:
    if status.stored is not None:
        yield f"the secret is in {status.stored} now"
    if status.fingerprint is not None and status.state is SecretState.UNVERIFIABLE:
        yield "notes what the file's secret is, so that a change of it is seen"
    if status.mask is not None:
        yield "notes the mask of the secret"


def _names(pointers: tuple[str, ...] | list[str]) -> str:
    return ", ".join(pointer.lstrip("/") for pointer in pointers)
