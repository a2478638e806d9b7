"""Replacements that were cut short: two webhooks may be there, the old one and the one that takes its place. [pure]

Used by `matching.steps`, `matching.match` and `matching.orphans`, and by `apply.change` where one was refused. The open
intent knows the old one's id.
"""

from collections.abc import Iterable

from reconciler.codes import Code
from reconciler.matching.index import Reading
from reconciler.matching.lost_creates import likely, made_alike, proven
from reconciler.model.action import Action, Finding
from reconciler.model.capabilities import Capabilities
from reconciler.model.identity import key_of, key_of_remote
from reconciler.model.secret import shown_url
from reconciler.model.urls import canonical_url
from reconciler.model.webhook import Desired, Entry, Remote
from reconciler.state.event import Intended
from reconciler.state.lock import Lock


def replacements(webhook: Desired, reading: Reading, lock: Lock) -> list[Remote]:
    """What may have been made in the old webhook's place; nothing, where the file has the old one's URL again."""
    intent, entry = _cut_short(webhook.name, lock), lock.entries.get(webhook.name)
    if intent is None or entry is None or wanted_again(webhook, reading, lock) is not None:
        return []
    if entry.remote_id != intent.remote_id:  # its answer came
        return [remote for remote in reading.observation.remotes if remote.remote_id == entry.remote_id]
    alike = made_alike(intent, reading)
    return [remote for remote in reading.by_mark.get(webhook.name, alike) if remote.remote_id != intent.remote_id]


def half_seen(webhook: Desired, remote: Remote, reading: Reading, lock: Lock) -> Intended | None:
    """The intent of a replacement whose answer was lost, where only the old webhook was found and more may be there."""
    intent = _cut_short(webhook.name, lock)
    if intent is None or intent.remote_id != remote.remote_id:
        return None
    return None if reading.observation.complete else intent


def twin_of(webhook: Desired, remote: Remote, reading: Reading, lock: Lock) -> Remote | None:
    """The one of both webhooks that `remote` is not and that has to go, where it is certain and still there.

    It is the old one, unless the file has that one's URL again: then what was made to replace it.
    """
    back = wanted_again(webhook, reading, lock)
    if back is not None:
        return proven(back, likely(back, reading), reading)
    intent = _cut_short(webhook.name, lock)
    if intent is None or intent.remote_id in (None, remote.remote_id):
        return None
    return _old(intent, reading)


def wanted_again(webhook: Desired, reading: Reading, lock: Lock) -> Intended | None:
    """The intent of a replacement whose answer was lost, where the file has the old webhook's URL again."""
    intent, entry = _cut_short(webhook.name, lock), lock.entries.get(webhook.name)
    if intent is None or entry is None or entry.remote_id != intent.remote_id:
        return None
    old, url = _old(intent, reading), canonical_url(shown_url(webhook.fields.url))
    is_back = old is not None and url == canonical_url(shown_url(old.fields.url)) != canonical_url(intent.url)
    return intent if is_back else None


def twin_of_orphan(name: str, entry: Entry, reading: Reading, lock: Lock) -> Remote | None:
    """The one of both webhooks that `entry` is not, where the file has none of them any more."""
    intent = _cut_short(name, lock)
    if intent is None:
        return None
    if entry.remote_id != intent.remote_id:
        return _old(intent, reading)
    return proven(intent, likely(intent, reading), reading)


def is_in_the_way(webhook: Desired, old: Remote, capabilities: Capabilities, findings: Iterable[Finding]) -> bool:
    """Whether only `old` can be what a vendor calls there already: it has the new one's key, and all else was seen."""
    key, doubled = key_of(webhook.fields, capabilities), {each.name for each in findings if each.code is Code.DUPLICATE}
    known = capabilities.searchable and key is not None and webhook.name not in doubled
    return known and key == key_of_remote(old, capabilities)


def _cut_short(name: str, lock: Lock) -> Intended | None:
    """The open intent of a replacement, if there is one."""
    intent = lock.intents.get(name)
    return intent if intent is not None and intent.action is Action.REPLACE else None


def _old(intent: Intended, reading: Reading) -> Remote | None:
    """The webhook that is to be replaced, where it was seen."""
    return reading.by_id.get(intent.remote_id or "")
