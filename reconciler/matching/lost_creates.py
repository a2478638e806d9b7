"""Creates whose answers were lost: what they may have made, and how that is told apart. [pure]

Used by `matching.match` and its parts, and by `run.survey` and `apply.scheduler` for the names of open intents. Nothing
is pruned on a guess: a mark proves that a remote webhook is what a lost create has made, and where the vendor holds no
marks, its URL and the time of its creation do.
"""

from collections.abc import Container, Iterable, Iterator, Sequence

from reconciler.matching.creation_time import made_since, made_then
from reconciler.matching.index import Index, Reading, place_of
from reconciler.matching.problems import moved
from reconciler.model.capabilities import Capabilities
from reconciler.model.diff import drift
from reconciler.model.secret import shown_url
from reconciler.model.urls import canonical_url
from reconciler.model.webhook import URL, Desired, Entry, Fields, Remote
from reconciler.state.event import Intended
from reconciler.state.lock import Lock

# Under which name


def with_names_of_now(desired: Iterable[Desired], lock: Lock) -> Lock:
    """The lock with every open intent under the name that its webhook has now."""
    renamed = {was: name for name, was in renamed_intents(desired, lock).items()}
    intents = {renamed.get(name, name): intent for name, intent in lock.intents.items()}
    return lock._replace(intents={name: intent._replace(name=name) for name, intent in intents.items()})


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


# Of a webhook that the file wants where the create was sent


def lost_create(name: str, lock: Lock) -> Intended | None:
    """The create of a webhook whose answer was lost, where the lock has no entry of it."""
    intent = lock.intents.get(name)
    making = intent is not None and intent.action.makes
    return intent if making and name not in lock.entries else None


def sent_before(webhook: Desired, reading: Reading, index: Index) -> list[Remote]:
    """What has the URL, and the key, that a create of the webhook has sent: the file may have others by now."""
    if not any(webhook.name in names for names in index.sent.values()):
        return []
    return [remote for remote in reading.observation.remotes if webhook.name in senders(webhook, remote, index)]


def senders(webhook: Desired, remote: Remote, index: Index) -> tuple[str, ...]:
    """The webhooks of the file whose lost creates may have made a remote one at the place of `webhook`."""
    if not index.sent or not remote.fields.url:  # where no webhook has a URL, all are alike
        return ()
    names = index.sent.get((place_of(webhook.address), canonical_url(shown_url(remote.fields.url))), ())
    capabilities = index.capabilities_of[webhook.provider]
    return tuple(name for name in names if _has_key(remote, index.lock.intents[name], capabilities))


def _has_key(remote: Remote, intent: Intended, capabilities: Capabilities) -> bool:
    """Whether it shows the key that was sent, as far as one was declared then and is shown."""
    return not drift(remote.fields, intent.key, capabilities)


# Of a webhook that the file wants elsewhere by now, or not at all


def strays(desired: Sequence[Desired], lock: Lock, providers: Container[str]) -> dict[str, Intended]:
    """The intents of such creates, by webhook name."""
    wanted = {webhook.name: webhook for webhook in desired}
    return {
        name: intent
        for name, intent in sorted(lock.intents.items())
        if name not in lock.entries
        and (name not in wanted or moved(wanted[name], name, intent.address, providers) is not None)
    }


def as_entry(intent: Intended, remote: Remote | None = None) -> Entry:
    """What the lock would say of a create, and of the remote webhook that it has made."""
    return Entry(*intent.address, remote.remote_id if remote else None, Fields({URL: intent.url}))


def likely(intent: Intended, reading: Reading) -> Sequence[Remote]:
    """The remote webhooks that a create may have made: with its webhook's mark, else with its URL and nobody's."""
    alike = made_alike(intent, reading)
    ours = [r for r in alike if r.remote_id not in reading.owners and r.mark in (None, intent.name)]
    return _marked(intent, reading) or made_since(intent, ours)


def proven(intent: Intended, candidates: Sequence[Remote], reading: Reading) -> Remote | None:
    """The one of its likely ones that a create has certainly made."""
    if _marked(intent, reading):
        sure = candidates
    else:  # without a mark its URL must tell it from others
        sure = made_then(intent, candidates) if intent.url and not reading.capabilities.marks else ()
    return sure[0] if len(sure) == len(candidates) == 1 else None


def made_alike(intent: Intended, reading: Reading) -> Iterator[Remote]:
    """What points to the URL as sent and shown, and has the key that was sent, where one was declared then."""
    wanted = canonical_url(intent.url)
    for remote in reading.observation.remotes:
        points_there = canonical_url(shown_url(remote.fields.url)) == wanted
        if points_there and _has_key(remote, intent, reading.capabilities):
            yield remote


def _marked(intent: Intended, reading: Reading) -> list[Remote]:
    """What bears the mark of its webhook, but for the one that it was to replace."""
    return [remote for remote in reading.by_mark.get(intent.name, ()) if remote.remote_id != intent.remote_id]
