"""What may be believed of a webhook: of a doubtful read, of one not found, of one that is not the lock's. [pure]

Used by `matching.match` and `matching.orphans`.
"""

from reconciler.matching.index import Reading
from reconciler.model.webhook import Certainty, Entry, Remote, SecretRecord


def doubtful(entry: Entry, reading: Reading) -> bool:
    """Whether the read of the remote webhook, or of one of its parts, cannot be trusted."""
    unknown = reading.observation.unknown
    return bool(unknown) and (entry.remote_id in unknown or any(part.remote_id in unknown for part in entry.parts))


def absence(entry: Entry | None, reading: Reading) -> Certainty:
    """What may be believed of a webhook that was looked for in vain."""
    observation, remote_id = reading.observation, entry.remote_id if entry else None
    if not observation.readable or reading.capabilities.read == "none":
        return Certainty.UNREADABLE
    if observation.complete or remote_id in observation.absent:
        return Certainty.ABSENT
    return Certainty.UNREADABLE if not reading.capabilities.searchable and remote_id is None else Certainty.UNKNOWN


def departed(entry: Entry | None, reading: Reading) -> tuple[str, ...]:
    """Of what the entry's webhook, or one before it, was asked to leave with: the ids that are proven gone."""
    seen = reading.observation
    leaving = entry.leaving if entry is not None and not seen.failed else ()
    return tuple(each for each in leaving if each not in reading.by_id and (seen.complete or each in seen.absent))


def still_there(entry: Entry | None, remote: Remote, reading: Reading) -> Remote | None:
    """What was asked to go when `remote` took its place, and is there still."""
    leaving = entry.leaving if entry is not None else ()
    return next((reading.by_id[each] for each in leaving if each in reading.by_id and each != remote.remote_id), None)


def of_another(entry: Entry, remote: Remote) -> Entry:
    """The entry; where it is about another remote webhook, only with what `remote` shows as well, and no secret."""
    if entry.remote_id == remote.remote_id:
        return entry
    secret = SecretRecord() if entry.secret is not None else None
    further = tuple((which, SecretRecord()) for which, _ in entry.secrets)
    return entry._replace(applied=entry.applied.only(remote.fields), secret=secret, secrets=further)
