"""The nine steps by which a webhook of the file is found among what was read, in their order. [pure]

Used by `matching.match`. The first step that has a candidate decides, and two candidates of one step are a problem,
never a guess:

    replacement         a replacement that was cut short has made it beside the old one
    lock                the lock holds its remote id
    renamed singleton   its account has one place for a webhook, and the lock has it under a former name
    singleton           its account has one place for a webhook: whatever stands there is this one
    mark                the owner mark at the vendor says its name
    renamed entry       the lock holds its remote id under a former name
    renamed mark        the owner mark at the vendor says a former name
    lost create         it has the URL (and key) that a create sent whose answer was lost: the file's may be another now
    natural key         it has the fields that name a webhook (usually its URL; the file may say which), and may be its
                        own

Where ids do not decide, what another entry of the lock owns is no candidate, nor is what was asked to go. Of several
candidates of the last two steps, the only one counts that was made since a create was sent whose answer was lost. Of
several that bear one mark or have one key, the only one counts that is not switched off: at some vendors a delete
leaves a tombstone behind.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from reconciler.matching.creation_time import made_since
from reconciler.matching.index import Index, Reading, former_names
from reconciler.matching.lost_creates import lost_create, senders, sent_before
from reconciler.matching.replacements import replacements
from reconciler.model.identity import key_of
from reconciler.model.webhook import STATUS, Desired, Entry, Remote

OFF = "inactive"


class Search(NamedTuple):
    """A webhook of the file, and where it is looked for.

    Args:
        entries: the lock's entries for it, by their names; see `index.entries_of`.
        reading: of its place.
        indexed: everything else that a step may have to look at.
    """

    webhook: Desired
    entries: Mapping[str, Entry]
    reading: Reading
    indexed: Index

    @property
    def renamed(self) -> bool:
        """Whether the lock has it under a former name."""
        return bool(self.entries) and self.webhook.name not in self.entries


class Step(NamedTuple):
    """One way to find a webhook.

    Args:
        name: as this module's docstring lists it.
        candidates: the remote webhooks that may be it by this step.
        how: the word for it in `Matched.how` and in messages, which do not tell all steps apart.
        by_looks: it goes by what a webhook looks like, which a tombstone of it looks like as well.
    """

    name: str
    candidates: Callable[[Search], Iterable[Remote]]
    how: str
    by_looks: bool = False


class Fit(NamedTuple):
    """What a step has found: its candidates, by remote id, and the tombstones that it passed over."""

    step: Step
    found: Mapping[str, Remote]
    dead: tuple[str, ...] = ()


def first_fit(search: Search) -> Fit | None:
    """The first step that has a candidate, and all that it has; None where no step has one."""
    for step in STEPS:
        found = {remote.remote_id: remote for remote in step.candidates(search)}
        if found:
            return _without_tombstones(Fit(step, found), search.webhook)
    return None


def _without_tombstones(fit: Fit, webhook: Desired) -> Fit:
    """Only the living one, where there is one, and the file does not want one that is switched off."""
    living = {remote_id: each for remote_id, each in fit.found.items() if each.fields.get(STATUS) != OFF}
    if not fit.step.by_looks or len(living) != 1 or webhook.fields.get(STATUS) == OFF:
        return fit
    return Fit(fit.step, living, tuple(sorted(fit.found.keys() - living.keys())))


def _by_replacement(search: Search) -> Iterable[Remote]:
    return _free(replacements(search.webhook, search.reading, search.indexed.lock), search)


def _by_lock(search: Search) -> Iterable[Remote]:
    return () if search.renamed else _owned(search)


def _by_renamed_singleton(search: Search) -> Iterable[Remote]:
    return _alone(search) if search.renamed else ()


def _by_singleton(search: Search) -> Iterable[Remote]:
    return () if search.renamed else _alone(search)


def _by_mark(search: Search) -> Iterable[Remote]:
    return _free(search.reading.by_mark.get(search.webhook.name, ()), search)


def _by_renamed_entry(search: Search) -> Iterable[Remote]:
    return _owned(search) if search.renamed else ()


def _by_renamed_mark(search: Search) -> Iterable[Remote]:
    by_mark = search.reading.by_mark
    names = former_names(search.webhook, search.indexed)
    return _free((remote for name in names for remote in by_mark.get(name, ())), search)


def _by_lost_create(search: Search) -> Iterable[Remote]:
    return _in_time(_free(sent_before(search.webhook, search.reading, search.indexed), search), search)


def _by_natural_key(search: Search) -> Iterable[Remote]:
    """What has its key, where no mark and no lost create says that it is another webhook's."""
    webhook, reading, index = search.webhook, search.reading, search.indexed
    key = key_of(webhook.fields, reading.capabilities, webhook.key)
    ours = (None, webhook.name, *former_names(webhook, index))
    alike = [
        remote
        for remote in (reading.by_key.get(key, ()) if key is not None else ())
        if (remote.mark in ours or remote.mark not in index.known)
        and webhook.name in (senders(webhook, remote, index) or (webhook.name,))
    ]
    return _in_time(_free(alike, search), search)


STEPS = (
    Step("replacement", _by_replacement, "natural key"),
    Step("lock", _by_lock, "lock"),
    Step("renamed singleton", _by_renamed_singleton, "was"),
    Step("singleton", _by_singleton, "natural key"),
    Step("mark", _by_mark, "mark", by_looks=True),
    Step("renamed entry", _by_renamed_entry, "was"),
    Step("renamed mark", _by_renamed_mark, "was", by_looks=True),
    Step("lost create", _by_lost_create, "natural key", by_looks=True),
    Step("natural key", _by_natural_key, "natural key", by_looks=True),
)
"""The order; where an account has one place for a webhook, a step after the singletons finds nothing more."""


def _owned(search: Search) -> list[Remote]:
    """What was seen under the remote ids of its entries."""
    by_id = search.reading.by_id
    ids = [entry.remote_id for entry in search.entries.values() if entry.remote_id is not None]
    return [by_id[remote_id] for remote_id in ids if remote_id in by_id]


def _alone(search: Search) -> Sequence[Remote]:
    """What stands at the only place that the account has for a webhook; nothing, where it has room for more."""
    return search.reading.observation.remotes if search.reading.capabilities.read == "singleton" else ()


def _free(remotes: Iterable[Remote], search: Search) -> list[Remote]:
    """Those that no entry of another webhook owns, and whose deletion was not asked for."""
    owners, leaving, name = search.reading.owners, search.reading.leaving, search.webhook.name
    return [
        remote
        for remote in remotes
        if owners.get(remote.remote_id, name) in (name, *search.entries) and remote.remote_id not in leaving
    ]


def _in_time(remotes: Sequence[Remote], search: Search) -> Sequence[Remote]:
    """The only one made since its create was sent whose answer was lost; all, where time does not tell."""
    return made_since(lost_create(search.webhook.name, search.indexed.lock), remotes)
