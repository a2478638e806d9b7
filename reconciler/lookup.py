"""What every match looks at: places as read, indexed; and who owns what by the lock. [pure]

Used by `match`, and for lost answers by `survey` and `apply`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from reconciler.change import Action
from reconciler.event import Intended
from reconciler.lock import Lock
from reconciler.model import (
    About,
    Certainty,
    Desired,
    Entry,
    Fields,
    Observation,
    Remote,
    Scope,
    SecretRecord,
)
from reconciler.same import canonical
from reconciler.secret import shown_url
from reconciler.urls import canonical_url

Place = tuple[str, Scope]
"""A provider entry and a scope."""
Key = tuple[object, ...]


class Seen(NamedTuple):
    """One place as read, indexed; `owners` are the lock's names by the remote ids they own there."""

    about: About
    observation: Observation
    by_id: Mapping[str, Remote]
    by_mark: Mapping[str, Sequence[Remote]]
    by_key: Mapping[Key, Sequence[Remote]]
    owners: Mapping[str, str]


def ground(provider: str, account: str, scope: Scope) -> Place:
    """What a webhook hangs on: a scope, one for all entries at a base URL; without it, each entry's own account."""
    return (account, scope) if scope else (provider, scope)


class World(NamedTuple):
    """What every single match looks at.

    Args:
        accounts: each provider entry's base URL.
        known: names of ours that an owner mark may say: of the file, of the lock, and former ones.
        sent: the webhook of the file whose create was lost, by place and URL as sent and shown.
        abandoned: entries that the file no longer has, by place and natural key as the lock shows it.
    """

    desired: Mapping[str, Desired]
    lock: Lock
    abouts: Mapping[str, About]
    seen: Mapping[Place, Seen]
    known: frozenset[str]
    abandoned: Mapping[tuple[Place, Key], str]
    sent: Mapping[tuple[Place, str], str]
    accounts: Mapping[str, str]


def look(
    desired: Sequence[Desired],
    observed: Mapping[Place, Observation],
    lock: Lock,
    abouts: Mapping[str, About],
    accounts: Mapping[str, str],
) -> World:
    """Index everything once, so that a match costs the same however many webhooks there are."""
    wanted = {webhook.name: webhook for webhook in sorted(desired, key=lambda webhook: webhook.name)}
    former = {name for webhook in wanted.values() for name in webhook.was}
    living = {name: entry for name, entry in sorted(lock.entries.items()) if not entry.retired}
    owners: dict[Place, dict[str, str]] = defaultdict(dict)
    abandoned: dict[tuple[Place, Key], str] = {}
    for name, entry in living.items():
        # A provider entry that only got a new name still owns what it owned.
        provider = wanted[name].provider if name in wanted else entry.provider
        owned = owners[provider, entry.scope]
        if entry.remote_id is not None:
            owned[entry.remote_id] = name
        for part in (*entry.parts, *entry.orphan_parts):
            if part.remote_id is not None:
                owned[part.remote_id] = name
        if name not in wanted and name not in former and entry.provider in abouts:
            key = key_of(entry.applied, abouts[entry.provider])
            if key is not None:
                abandoned[(entry.provider, entry.scope), key] = name
    seen = {
        place: _index(observation, abouts[place[0]], owners.get(place, {}))
        for place, observation in sorted(observed.items(), key=lambda item: item[0])
        if place[0] in abouts
    }
    sent = {
        ((intent.provider, intent.scope), canonical_url(intent.url)): name
        for name, intent in lock.intents.items()
        if name in wanted and intent.action is Action.CREATE and intent.remote_id is None
    }
    return World(wanted, lock, abouts, seen, frozenset(wanted).union(former, living), abandoned, sent, accounts)


def _index(observation: Observation, about: About, owners: Mapping[str, str]) -> Seen:
    by_mark: dict[str, list[Remote]] = defaultdict(list)
    by_key: dict[Key, list[Remote]] = defaultdict(list)
    for remote in observation.remotes:
        if remote.mark is not None:
            by_mark[remote.mark].append(remote)
        key = key_of(remote.fields, about)
        if key is not None:
            by_key[key].append(remote)
    by_id = {remote.remote_id: remote for remote in observation.remotes}
    return Seen(about, observation, by_id, by_mark, by_key, owners)


def key_of(fields: Fields, about: About) -> Key | None:
    """What names a webhook within its place, or None where a part of it is not known."""
    key: list[object] = []
    for pointer in about.natural_key:
        if pointer not in fields:
            return None
        key.append(canonical(pointer, fields[pointer], about))
    return tuple(key) or None


def entry_names(webhook: Desired, world: World) -> tuple[str, ...]:
    """The lock's names for it: its own, else those former ones that no webhook of the file bears."""
    entries = world.lock.entries
    if webhook.name in entries:
        return (webhook.name,)
    return tuple(name for name in dict.fromkeys(webhook.was) if name in entries and name not in world.desired)


def of_another(entry: Entry, remote: Remote) -> Entry:
    """The entry; where it is about another remote webhook, only with what `remote` shows as well, and no secret."""
    if entry.remote_id == remote.remote_id:
        return entry
    secret = SecretRecord() if entry.secret is not None else None
    return entry._replace(applied=entry.applied.only(remote.fields), secret=secret)


# What may be believed


def doubtful(entry: Entry, seen: Seen) -> bool:
    """Whether the read of the remote webhook, or of one of its parts, cannot be trusted."""
    unknown = seen.observation.unknown
    return bool(unknown) and (entry.remote_id in unknown or any(part.remote_id in unknown for part in entry.parts))


def absence(entry: Entry | None, seen: Seen) -> Certainty:
    """What may be believed of a webhook that no step found."""
    observation, remote_id = seen.observation, entry.remote_id if entry else None
    if not observation.readable or seen.about.read == "none":
        return Certainty.UNREADABLE
    if observation.complete or remote_id in observation.absent:
        return Certainty.ABSENT
    return Certainty.UNREADABLE if seen.about.read == "by_id" and remote_id is None else Certainty.UNKNOWN


def owner_of(remote: Remote, entries: Mapping[str, Entry], seen: Seen) -> str | None:
    """The entry that goes with a remote that was found: the one that owns it, else the only one if its own is gone."""
    for name, entry in entries.items():
        if entry.remote_id == remote.remote_id:
            return name
    lost = [name for name, entry in entries.items() if entry.remote_id not in seen.by_id]
    return lost[0] if len(entries) == 1 and lost else None


# Writes whose answers were lost


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
    key = key_of(webhook.fields, seen.about)
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
