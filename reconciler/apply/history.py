"""What the lock and the events say of who changed a webhook, since when it is managed, and what was undone. [pure]

Called by `apply.scheduler` for every event on its way to the journal, and by `cli.adopt`.
"""

from reconciler.model.action import Cause, FieldChange
from reconciler.model.provenance import Reverted, Run, Since, Undone
from reconciler.model.webhook import Entry
from reconciler.planning.types import Change
from reconciler.state.event import Applied, Event, Failed, Recorded, Removed


def told(event: Event, change: Change | None, before: Entry | None, run: Run | None) -> Event:
    """An event of a change with the change's fields and causes, and with its history in its entry.

    Args:
        before: what the lock had of the webhook when the change was planned.
        run: who makes the change; None where that is not to be noted.
    """
    if change is None:
        return event
    match event:
        case Applied():
            entry = changed(event.entry, before, run, change.action.makes)
            if undone := _undone(change):
                entry = entry._replace(reverted=Reverted(event.at, undone))
            return event._replace(entry=entry, fields=_differences(change))
        case Recorded():
            return event._replace(entry=changed(event.entry, before, run, change.action.makes))
        case Removed() | Failed():
            return event._replace(fields=_differences(change))
        case _:
            return event


def changed(entry: Entry, before: Entry | None, run: Run | None, made: bool) -> Entry:
    """An entry with its history: what changed nothing but what is known of it keeps what it has.

    Args:
        made: the change makes the webhook at the vendor, if that is not the one from before.
    """
    if before is not None:
        known = entry._replace(secret=before.secret, secrets=before.secrets, account_id=before.account_id)
        known = known._replace(manifest=before.manifest, shown=before.shown)
        if known == before:
            return entry
    is_another = before is None or entry.remote_id != before.remote_id
    since = before.since if before else None
    if (made and is_another) or before is None:
        since = Since("created" if made else "adopted", entry.at) if entry.at else None
    return entry._replace(by=run, since=since, reverted=before.reverted if before else None)


def _differences(change: Change) -> tuple[FieldChange, ...]:
    """What differed, a secret that somebody changed at the vendor among it: of that, no more than who moved."""
    secrets = (FieldChange(pointer, None, None, Cause.DRIFT) for pointer in change.drifted_secrets)
    known = {field.path for field in change.fields}
    return (*change.fields, *(each for each in secrets if each.path not in known))


def _undone(change: Change) -> tuple[Undone, ...]:
    """What somebody had changed at the vendor and an apply has put right."""
    by_others = (field for field in _differences(change) if field.cause in (Cause.DRIFT, Cause.CONFLICT))
    return tuple(Undone(field.path, field.before, field.after) for field in by_others)
