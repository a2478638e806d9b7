"""Creates whose answers were lost, of webhooks that the file wants elsewhere by now, or not at all. [pure]

Used by `match`. Nothing is pruned on a guess: a mark proves that a remote webhook is what such a create has made, and
where the vendor holds no marks, its URL and the time of its creation do.
"""

from collections.abc import Container, Sequence

from reconciler.age import made_since, made_then
from reconciler.change import Action
from reconciler.event import Intended
from reconciler.lock import Lock
from reconciler.lookup import Seen, points_to
from reconciler.model import URL, Desired, Entry, Fields, Remote
from reconciler.stops import moved


def strays(desired: Sequence[Desired], lock: Lock, providers: Container[str]) -> dict[str, Intended]:
    """The intents of such creates, by webhook name."""
    wanted = {webhook.name: webhook for webhook in desired}
    return {
        name: intent
        for name, intent in sorted(lock.intents.items())
        if name not in lock.entries
        and (name not in wanted or moved(wanted[name], name, as_entry(intent), providers) is not None)
    }


def as_entry(intent: Intended, remote: Remote | None = None) -> Entry:
    """What the lock would say of a create, and of the remote webhook that it has made."""
    place = (intent.provider, intent.type, intent.account, intent.scope)
    return Entry(*place, remote.remote_id if remote else None, Fields({URL: intent.url}))


def likely(intent: Intended, seen: Seen) -> Sequence[Remote]:
    """The remote webhooks that such a create may have made: with its mark, else with its URL and nobody's."""
    alike = points_to(intent.url, seen)
    ours = [remote for remote in alike if remote.remote_id not in seen.owners and remote.mark in (None, intent.name)]
    return _marked(intent, seen) or made_since(intent, ours)


def proven(intent: Intended, likely: Sequence[Remote], seen: Seen) -> Remote | None:
    """The one that it has certainly made."""
    sure = likely if _marked(intent, seen) else [] if seen.about.marks else made_then(intent, likely)
    return sure[0] if len(sure) == len(likely) == 1 else None


def other_half(name: str, entry: Entry, seen: Seen, lock: Lock) -> Remote | None:
    """Of a replacement that was cut short, the one of both webhooks that `entry` is not, as far as that is certain."""
    intent = lock.intents.get(name)
    if intent is None or intent.action is not Action.REPLACE:
        return None
    if entry.remote_id != intent.remote_id:
        return seen.by_id.get(intent.remote_id or "")
    return proven(intent, likely(intent, seen), seen)


def _marked(intent: Intended, seen: Seen) -> list[Remote]:
    """What bears the mark of its webhook, but for the one that it was to replace."""
    return [remote for remote in seen.by_mark.get(intent.name, ()) if remote.remote_id != intent.remote_id]
