"""Writes whose answers were lost: what they may have made, and how that is told apart. [pure]

Used by `match`, and by `survey` and `apply` for the names of open intents. Nothing is pruned on a guess: a mark proves
that a remote webhook is what a lost create has made, and where the vendor holds no marks, its URL and the time of its
creation do.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from reconciler.matching.index import Seen, World, key_of
from reconciler.matching.problems import moved
from reconciler.model.action import Action
from reconciler.model.secret import shown_url
from reconciler.model.urls import canonical_url
from reconciler.model.webhook import URL, Desired, Entry, Fields, Remote
from reconciler.state.event import Intended
from reconciler.state.lock import Lock

SKEW = timedelta(minutes=5)
"""How far the vendor's clock and ours may be apart; where they are further apart, time does not decide."""
LONGEST = timedelta(minutes=15)
"""How long after its intent a create may have been made, for it may have waited for its turn."""
SECONDS_DIGITS = 11
"""Numbers with more digits count milliseconds."""


# Creates whose webhook the file wants elsewhere by now, or not at all


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
    sure = likely if _marked(intent, seen) else [] if seen.capabilities.marks else made_then(intent, likely)
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


# When a remote webhook was made


def lost_create(name: str, lock: Lock) -> Intended | None:
    """The create of a webhook whose answer was lost, where the lock has no entry of it."""
    intent = lock.intents.get(name)
    making = intent is not None and intent.action in (Action.CREATE, Action.REPLACE)
    return intent if making and name not in lock.entries else None


def made_since(lost: Intended | None, remotes: Sequence[Remote]) -> Sequence[Remote]:
    """Of several that fit, the only one made when the lost create was sent; all, where time does not tell which."""
    if lost is None:
        return remotes
    then = made_then(lost, remotes)
    told = all(_since(remote, lost) is not None for remote in remotes)
    return then if len(then) == 1 and told else remotes


def made_then(lost: Intended, remotes: Sequence[Remote]) -> Sequence[Remote]:
    """Those that were made when the create was sent, as far as the vendor tells."""
    times = ((remote, _since(remote, lost)) for remote in remotes)
    return [remote for remote, time in times if time is not None and -SKEW <= time <= LONGEST]


def age_note(lost: Intended | None, remote: Remote) -> str:
    """Whether a webhook can be what the lost create made, in words; empty where nobody knows."""
    since = _since(remote, lost) if lost is not None else None
    if lost is None or since is None:
        return ""
    words = "it was there before" if since < -SKEW else "made since"
    return f"{words} the create of {lost.at}, whose answer was lost"


def _since(remote: Remote, lost: Intended) -> timedelta | None:
    """How long after a create was sent, by our clock, a webhook was made, by the vendor's; None: nobody knows."""
    made, sent = _moment(remote.created_at), _moment(lost.at)
    return made - sent if made is not None and sent is not None else None


def _moment(text: str | None) -> datetime | None:
    """A moment from ISO 8601 with a zone, or from seconds or milliseconds since 1970; None for anything else."""
    try:
        if text is not None and text.isdecimal():
            return datetime.fromtimestamp(int(text) / (1000 if len(text) > SECONDS_DIGITS else 1), UTC)
        moment = datetime.fromisoformat(text or "")
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo is not None else None


# What such writes may have made


def renamed_intents(desired: Iterable[Desired], lock: Lock) -> dict[str, str]:
    """The former names under which the lock has open intents, by the webhook's name now."""
    wanted = list(desired)
    present = {webhook.name for webhook in wanted}
    return {
        webhook.name: was
        for webhook in wanted
        for was in webhook.was
        if was in lock.intents and was not in present and webhook.name not in {*lock.intents, *lock.entries}
    }


def with_names_of_now(desired: Iterable[Desired], lock: Lock) -> Lock:
    """The lock with every open intent under the name that its webhook has now."""
    renamed = {was: name for name, was in renamed_intents(desired, lock).items()}
    intents = {renamed.get(name, name): intent for name, intent in lock.intents.items()}
    return lock._replace(intents={name: intent._replace(name=name) for name, intent in intents.items()})


def sent_before(webhook: Desired, seen: Seen, world: World) -> list[Remote]:
    """What has the URL that a create whose answer was lost has sent: the file may have another by now."""
    if webhook.name not in world.sent.values():
        return []
    return [remote for remote in seen.observation.remotes if sender(webhook, remote, world) == webhook.name]


def alike(webhook: Desired, former: Sequence[str], seen: Seen, world: World) -> list[Remote]:
    """What has its natural key and may be its own: no mark and no lost create says that it is another's."""
    key = key_of(webhook.fields, seen.capabilities)
    ours = (None, webhook.name, *former)
    return [
        remote
        for remote in (seen.by_key.get(key, ()) if key is not None else ())
        if (remote.mark in ours or remote.mark not in world.known)
        and sender(webhook, remote, world) in (None, webhook.name)
    ]


def sender(webhook: Desired, remote: Remote, world: World) -> str | None:
    """The webhook whose lost create may have made a remote one, if any."""
    if not world.sent:
        return None
    return world.sent.get(((webhook.provider, webhook.scope), canonical_url(shown_url(remote.fields.url))))


def replacements(webhook: Desired, seen: Seen, lock: Lock) -> list[Remote]:
    """What a replacement that was cut short has made beside the old webhook, whose id the open intent knows."""
    intent, entry = lock.intents.get(webhook.name), lock.entries.get(webhook.name)
    if intent is None or entry is None or intent.action is not Action.REPLACE:
        return []
    if wanted_again(webhook, seen, lock) is not None:
        return []
    if entry.remote_id != intent.remote_id:
        return [remote for remote in seen.observation.remotes if remote.remote_id == entry.remote_id]
    alike = points_to(intent.url, seen)
    return [remote for remote in seen.by_mark.get(webhook.name, alike) if remote.remote_id != intent.remote_id]


def points_to(url: str, seen: Seen) -> Iterator[Remote]:
    """What points to a URL as sent and shown."""
    wanted = canonical_url(url)
    return (remote for remote in seen.observation.remotes if canonical_url(shown_url(remote.fields.url)) == wanted)


def wanted_again(webhook: Desired, seen: Seen, lock: Lock) -> Intended | None:
    """The intent of a replacement whose answer was lost, where the file has the old webhook's address again."""
    intent, entry = lock.intents.get(webhook.name), lock.entries.get(webhook.name)
    if intent is None or entry is None or intent.action is not Action.REPLACE or entry.remote_id != intent.remote_id:
        return None
    old, url = seen.by_id.get(intent.remote_id or ""), canonical_url(shown_url(webhook.fields.url))
    is_back = old is not None and url == canonical_url(shown_url(old.fields.url)) != canonical_url(intent.url)
    return intent if is_back else None


def superseded(webhook: Desired, remote: Remote, seen: Seen, lock: Lock) -> Remote | None:
    """The old webhook, where `remote` replaces it and it is still there."""
    intent = lock.intents.get(webhook.name)
    if intent is None or intent.action is not Action.REPLACE or intent.remote_id in (None, remote.remote_id):
        return None
    return seen.by_id.get(intent.remote_id or "")


def half_replaced(webhook: Desired, remote: Remote, seen: Seen, lock: Lock) -> Intended | None:
    """The intent of a replacement whose answer was lost, where only the old webhook was found and more may be there."""
    intent = lock.intents.get(webhook.name)
    if intent is None or intent.action is not Action.REPLACE or intent.remote_id != remote.remote_id:
        return None
    return None if seen.observation.complete else intent
