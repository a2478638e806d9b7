"""What the file no longer has where the lock has it: entries, and creates whose answers were lost. [pure]

Used by `matching.match`.
"""

from reconciler.matching import problems
from reconciler.matching.belief import absence, doubtful, still_there
from reconciler.matching.index import Index, Reading
from reconciler.matching.lost_creates import as_entry, likely, proven
from reconciler.matching.replacements import twin_of_orphan
from reconciler.matching.types import Matched
from reconciler.model.webhook import Certainty, Entry, Remote
from reconciler.state.event import Intended


def match_stray(intent: Intended, index: Index) -> Matched:
    """What has become of a create whose answer was lost, of a webhook that the file does not have there any more."""
    found = match_orphan(intent.name, as_entry(intent), index)
    found = found._replace(note=f"a create of it was sent on {intent.at}, and its answer was lost")
    reading = index.reading_at(intent.address)
    if found.problem is not None or reading is None:
        return found
    candidates = likely(intent, reading)
    made = proven(intent, candidates, reading)
    if made is not None:
        return found._replace(entry=as_entry(intent, made), remote=made, certainty=Certainty.PRESENT, how="natural key")
    if found.certainty is Certainty.ABSENT and not candidates:
        return found
    certainty = found.certainty if found.certainty is Certainty.UNKNOWN else Certainty.UNREADABLE
    return found._replace(remote=None, how="", certainty=certainty, problem=problems.perhaps_made(intent))


def match_orphan(name: str, entry: Entry, index: Index) -> Matched:
    """What is left of a webhook that the file no longer has; only its id finds it, for nothing else may be retired."""
    found = Matched(entry, name)
    if not _within_reach(entry, index):
        return found._replace(problem=problems.nowhere(name, entry))
    reading = index.reading_at(entry.address)
    if reading is None or reading.observation.failed or doubtful(entry, reading):
        return found
    remote = _standing(entry, reading)
    if remote is None:
        return found._replace(certainty=absence(entry, reading))
    old = twin_of_orphan(name, entry, reading, index.lock) or still_there(entry, remote, reading)
    return found._replace(remote=remote, certainty=Certainty.PRESENT, how="lock", superseded=old)


def _within_reach(entry: Entry, index: Index) -> bool:
    """Whether the file has a provider for the account that the entry was applied to."""
    provider, type_, account, _ = entry.address
    capabilities = index.capabilities_of.get(provider)
    return capabilities is not None and capabilities.type == type_ and index.accounts.get(provider, account) == account


def _standing(entry: Entry, reading: Reading) -> Remote | None:
    """The webhook with the entry's id; at an account with one place for a webhook, whatever stands there."""
    remote = reading.by_id.get(entry.remote_id) if entry.remote_id is not None else None
    if remote is None and reading.capabilities.read == "singleton" and len(reading.observation.remotes) == 1:
        return reading.observation.remotes[0]
    return remote
