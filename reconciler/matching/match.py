"""Which remote webhook is which of ours, and what may be believed about it. [pure]

Called by `run.search` once everything is read. Linear in webhooks and remotes.

Read downwards: index what was read; match each webhook of the file by the steps of `steps`, and judge the one
candidate; match what only the lock has; settle who has what, and who may have the same; list what nobody has.
"""

from collections.abc import Mapping, Sequence

from reconciler.errors import Problem
from reconciler.matching import problems
from reconciler.matching.belief import absence, departed, doubtful, of_another, still_there
from reconciler.matching.claims import settled
from reconciler.matching.creation_time import age_note
from reconciler.matching.index import (
    Index,
    Place,
    PlaceKey,
    Reading,
    build_index,
    entries_of,
    place_of,
    told_apart,
)
from reconciler.matching.lookalikes import marked
from reconciler.matching.lost_creates import likely, lost_create, strays
from reconciler.matching.orphans import match_orphan, match_stray
from reconciler.matching.replacements import half_seen, twin_of, wanted_again
from reconciler.matching.steps import Fit, Search, first_fit
from reconciler.matching.types import Matched, Matching
from reconciler.matching.unmanaged import leftovers
from reconciler.matching.unwanted import Unwanted, condemned, spared
from reconciler.matching.veiled import may_be
from reconciler.model.action import Action
from reconciler.model.capabilities import Capabilities
from reconciler.model.diff import record
from reconciler.model.identity import key_of
from reconciler.model.webhook import Certainty, Desired, Entry, Observation, Remote
from reconciler.state.event import Intended
from reconciler.state.lock import Lock
from reconciler.support.hints import command


def match(
    desired: Sequence[Desired],
    observed: Mapping[Place, Observation],
    lock: Lock,
    capabilities_of: Mapping[str, Capabilities],
    accounts: Mapping[str, str] | None = None,
    identities: Mapping[PlaceKey, str] | None = None,
    unwanted: Unwanted = Unwanted(),  # noqa: B008 - a frozen value
) -> Matching:
    """Match every webhook of the file and of the lock with what was read.

    Args:
        desired: the webhooks of the file.
        observed: by place; a place that was not read proves nothing.
        lock: what was applied, and the intents that are open, under the names that the file has now.
        capabilities_of: by provider entry.
        accounts: each provider entry's base URL; where left out, what the desired webhooks say of theirs.
        identities: of the places whose vendor was asked which they are.
        unwanted: which strangers are to go.
    """
    accounts = accounts if accounts is not None else {webhook.provider: webhook.account for webhook in desired}
    lost = strays(desired, lock, capabilities_of)
    intents = {name: intent for name, intent in lock.intents.items() if name not in lost}
    index = build_index(desired, observed, lock._replace(intents=intents), capabilities_of, accounts)
    index = index._replace(identities=identities or {})
    wanted = {name: _match_wanted(webhook, index) for name, webhook in index.desired.items()}
    orphans = _match_orphans(wanted, index) | {name: match_stray(intent, index) for name, intent in lost.items()}
    wanted, orphans = settled(wanted, orphans, index)
    wanted, orphans = marked(wanted, orphans | condemned(wanted, orphans, index, unwanted), index)
    unmanaged, findings = leftovers(wanted, orphans, index)
    waiting = _waiting(orphans, lost, index)
    others = {name: orphan for name, orphan in orphans.items() if name not in wanted}
    return Matching(wanted | waiting, others, unmanaged, findings, spared(wanted, orphans, index, unwanted))


# One webhook of the file


def _match_wanted(webhook: Desired, index: Index) -> Matched:
    entries = entries_of(webhook, index)
    for name, entry in entries.items():
        problem = problems.moved(webhook, name, entry.address, index.capabilities_of)
        if problem is not None:
            return Matched(entry, name, problem=problem)
    missed = Matched()
    if len(entries) == 1:
        missed = next(Matched(entry, name) for name, entry in entries.items())
    reading = index.reading_at(webhook.address)
    if reading is None or reading.observation.failed:
        return _not_found(webhook, missed, reading, index)
    if any(doubtful(entry, reading) for entry in entries.values()):
        return missed
    search = Search(webhook, entries, reading, index)
    fit = first_fit(search)
    if fit is not None:
        if len(fit.found) > 1:
            return missed._replace(problem=problems.several_fit(webhook, fit.found, fit.step.how, reading.capabilities))
        return _judged(fit, missed, search)
    if len(entries) > 1:
        return missed._replace(problem=problems.several_names(webhook, tuple(entries)))
    return _not_found(webhook, missed._replace(certainty=absence(missed.entry, reading)), reading, index)


def _judged(fit: Fit, missed: Matched, search: Search) -> Matched:
    """What is known of a webhook with one candidate; as `missed`, where one cannot go on with it."""
    webhook, entries, reading, index = search
    remote = next(iter(fit.found.values()))
    problem = _half_replaced(webhook, remote, reading, index.lock)
    if problem is not None:
        return missed._replace(problem=problem)
    twin = twin_of(webhook, remote, reading, index.lock)
    owner = missed.entry_name if twin else _owner_of(remote, entries, reading)
    held = of_another(entries[owner], remote) if owner else None
    dead = f"like it, and switched off: {', '.join(fit.dead)}" if fit.dead else ""
    note = "; ".join(filter(None, (age_note(lost_create(webhook.name, index.lock), remote), dead)))
    old, gone = twin or still_there(held, remote, reading), departed(held, reading)
    return Matched(held, owner, remote, Certainty.PRESENT, fit.step.how, note=note, superseded=old, departed=gone)


def _half_replaced(webhook: Desired, remote: Remote, reading: Reading, lock: Lock) -> Problem | None:
    """Why one cannot go on with the old webhook of a replacement that was cut short: a new one may be there as well."""
    unseen = half_seen(webhook, remote, reading, lock)
    if unseen is not None:
        return problems.unsettled_replacement(webhook, unseen)
    back = wanted_again(webhook, reading, lock)
    made = likely(back, reading) if back is not None else ()
    if back is None or not made or twin_of(webhook, remote, reading, lock) is not None:
        return None
    return problems.replaced_in_vain(webhook, back, made)


def _owner_of(remote: Remote, entries: Mapping[str, Entry], reading: Reading) -> str | None:
    """The entry that goes with a remote that was found: the one that owns it, else the only one if its own is gone."""
    for name, entry in entries.items():
        if entry.remote_id == remote.remote_id:
            return name
    lost = [name for name, entry in entries.items() if entry.remote_id not in reading.by_id]
    return lost[0] if len(entries) == 1 and lost else None


def _not_found(webhook: Desired, missed: Matched, reading: Reading | None, index: Index) -> Matched:
    """What is known of a webhook that no step found: it may bear another name, or a lost create may have made it."""
    note = _other_name(webhook, index) if missed.entry is None else ""
    hidden = may_be(webhook, reading) if reading is not None and not webhook.new else ()
    problem = problems.hidden(webhook, hidden) if hidden else _unsettled(webhook, missed, reading, index)
    gone = departed(missed.entry, reading) if reading is not None else ()
    return missed._replace(note=note, problem=problem, departed=gone)


def _other_name(webhook: Desired, index: Index) -> str:
    """How to tell that the webhook is one of the lock's under a new name, where it looks like that one."""
    capabilities = index.capabilities_of.get(webhook.provider)
    key = key_of(record(webhook.fields), capabilities, webhook.key) if capabilities else None
    other = index.abandoned.get((place_of(webhook.address), key)) if key else None
    if other is None:
        return ""
    one_of_many = webhook.name.endswith("]")
    was = f"write `lifecycle: {{was: [{other}]}}`"
    return f"if this is {other} under a new name, {command('state', 'mv', other, webhook.name) if one_of_many else was}"


def _unsettled(webhook: Desired, missed: Matched, reading: Reading | None, index: Index) -> Problem | None:
    """Why one cannot go on: a create whose answer was lost is settled only by a read that would have shown it."""
    intent = index.lock.intents.get(webhook.name)
    if intent is None or not intent.action.makes:
        return None
    if intent.action is Action.CREATE and intent.remote_id is not None:
        return None  # its answer came; what was lost is a later one
    if reading is not None and reading.observation.complete and not reading.observation.failed:
        return None if told_apart(webhook, reading.capabilities) else problems.unsearchable_create(webhook, intent)
    if missed.entry is not None and missed.certainty is Certainty.UNREADABLE:
        return None  # its id is known, so it was made; `plan` asks before anything is sent again
    read = missed.certainty is not Certainty.UNKNOWN
    return problems.unsettled_create(webhook, intent, missed.entry_name or webhook.name, read)


# What only the lock has


def _match_orphans(wanted: Mapping[str, Matched], index: Index) -> dict[str, Matched]:
    """The lock's entries that no webhook of the file goes on with."""
    used: set[str] = set()
    for name, found in wanted.items():
        if found.entry_name is not None:
            used.add(found.entry_name)
        elif found.remote is None:  # not decided between its former names: none of them may be pruned
            used.update(entries_of(index.desired[name], index))
    return {
        name: match_orphan(name, entry, index)
        for name, entry in sorted(index.lock.entries.items())
        if name not in used and name not in index.desired and not entry.retired
    }


def _waiting(orphans: Mapping[str, Matched], lost: Mapping[str, Intended], index: Index) -> dict[str, Matched]:
    """Webhooks that were moved before a create of them was settled: the old place comes first."""
    moved = {name: orphans[name] for name in lost if name in index.desired}
    return {
        name: Matched(problem=problems.moved_since(index.desired[name], lost[name], index.capabilities_of))
        for name, stray in moved.items()
        if stray.certainty is not Certainty.ABSENT and stray.taken_by is None
    }
