"""Which remote webhook is which of ours, and what may be believed about it. [pure]

Called by `survey` once everything is read; its Matching goes to `plan` and `apply`. Linear in webhooks and remotes.

A webhook is found by the first step that has a candidate, and two candidates at one step are a problem, never a guess:
    lock          the remote id that the lock holds
    mark          the owner mark at the vendor says its name
    was           the lock or a mark knows it under a former name
    natural key   the fields that name a webhook (usually its URL) say the same, and nobody else of ours owns it;
                  of several, the only one made since a create was sent whose answer was lost
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from reconciler.matching import problems
from reconciler.matching.index import (
    Place,
    Seen,
    World,
    absence,
    account_key,
    build_index,
    doubtful,
    entry_names,
    key_of,
    of_another,
    owner_of,
)
from reconciler.matching.lost_creates import (
    age_note,
    alike,
    as_entry,
    half_replaced,
    likely,
    lost_create,
    made_since,
    other_half,
    proven,
    replacements,
    sent_before,
    strays,
    superseded,
    wanted_again,
)
from reconciler.matching.types import Matched, Matching
from reconciler.matching.unmanaged import Claim, leftovers
from reconciler.model.action import Action
from reconciler.model.diff import record
from reconciler.model.webhook import Capabilities, Certainty, Desired, Entry, Observation, Remote
from reconciler.state.event import Intended
from reconciler.state.lock import Lock
from reconciler.support.hints import command


def match(
    desired: Sequence[Desired],
    observed: Mapping[Place, Observation],
    lock: Lock,
    capabilities_of: Mapping[str, Capabilities],
    accounts: Mapping[str, str] | None = None,
) -> Matching:
    """Match every webhook of the file and of the lock with what was read.

    Args:
        observed: by provider entry and scope; a place that was not read proves nothing.
        abouts: by provider entry.
        accounts: each provider entry's base URL; where left out, what the desired webhooks say of theirs.
    """
    accounts = accounts if accounts is not None else {webhook.provider: webhook.account for webhook in desired}
    lost = strays(desired, lock, capabilities_of)
    intents = {name: intent for name, intent in lock.intents.items() if name not in lost}
    world = build_index(desired, observed, lock._replace(intents=intents), capabilities_of, accounts)
    matched = {name: _match(webhook, world) for name, webhook in world.desired.items()}
    used: set[str] = set()
    for name, found in matched.items():
        if found.entry_name is not None:
            used.add(found.entry_name)
        elif found.remote is None:  # not decided between its former names: none of them may be pruned
            used.update(entry_names(world.desired[name], world))
    orphans = {
        name: _match_orphan(entry, name, world, accounts)
        for name, entry in sorted(lock.entries.items())
        if name not in used and name not in world.desired and not entry.retired
    }
    orphans |= {name: _match_stray(intent, world, accounts) for name, intent in lost.items()}
    _settle_claims(matched, orphans, world)
    unmanaged, findings = leftovers(_claims(matched, orphans, world), world)
    for name in lost.keys() & matched.keys():
        stray = orphans.pop(name)
        if stray.certainty is not Certainty.ABSENT and stray.taken_by is None:
            problem = problems.moved_since(world.desired[name], lost[name], as_entry(lost[name]), capabilities_of)
            matched[name] = Matched(problem=problem)
    return Matching(matched, orphans, unmanaged, findings)


# One webhook of the file


def _match(webhook: Desired, world: World) -> Matched:
    seen = world.seen.get((webhook.provider, webhook.scope))
    entries = {name: world.lock.entries[name] for name in entry_names(webhook, world)}
    for name, entry in entries.items():
        problem = problems.moved(webhook, name, entry, world.capabilities_of)
        if problem is not None:
            return Matched(entry, name, problem=problem)
    missed = Matched()
    if len(entries) == 1:
        missed = next(Matched(entry, name) for name, entry in entries.items())
    if seen is None or seen.observation.failed:
        return _with_intent(webhook, missed, world, seen)
    if any(doubtful(entry, seen) for entry in entries.values()):
        return missed
    for how, candidates in _steps(webhook, entries, seen, world):
        found = {remote.remote_id: remote for remote in candidates}
        if len(found) > 1:
            return missed._replace(problem=problems.several_fit(webhook, found, how))
        for remote in found.values():
            lost = half_replaced(webhook, remote, seen, world.lock)
            if lost is not None:
                return missed._replace(problem=problems.unsettled_replacement(webhook, lost))
            owner = owner_of(remote, entries, seen)
            note = age_note(lost_create(webhook.name, world.lock), remote)
            old = superseded(webhook, remote, seen, world.lock)
            owner = webhook.name if old else owner
            back = wanted_again(webhook, seen, world.lock)
            if back is not None and missed.entry is not None:
                made, old = likely(back, seen), other_half(webhook.name, missed.entry, seen, world.lock)
                if made and old is None:
                    return missed._replace(problem=problems.replaced_in_vain(webhook, back, made))
            held = of_another(entries[owner], remote) if owner else None
            return Matched(held, owner, remote, Certainty.PRESENT, how, note=note, superseded=old)
    if len(entries) > 1:
        return missed._replace(problem=problems.several_names(webhook, tuple(entries)))
    return _with_intent(webhook, missed._replace(certainty=absence(missed.entry, seen)), world, seen)


def _steps(
    webhook: Desired, entries: Mapping[str, Entry], seen: Seen, world: World
) -> Iterator[tuple[str, Iterable[Remote]]]:
    """The candidates of each step, in the contract's order."""

    def free(remotes: Iterable[Remote]) -> list[Remote]:
        return [
            remote for remote in remotes if seen.owners.get(remote.remote_id, webhook.name) in (webhook.name, *entries)
        ]

    ids = {name: entry.remote_id for name, entry in entries.items() if entry.remote_id is not None}
    owned = {name: seen.by_id[remote_id] for name, remote_id in ids.items() if remote_id in seen.by_id}
    lost = lost_create(webhook.name, world.lock)
    yield "natural key", made_since(lost, free(replacements(webhook, seen, world.lock)))
    yield "lock", [owned[webhook.name]] if webhook.name in owned else ()
    if seen.capabilities.read == "singleton":
        # The account has one place for a webhook: whatever stands there is this one.
        yield ("was" if entries and webhook.name not in entries else "natural key"), seen.observation.remotes
        return
    former = [name for name in webhook.was if name not in world.desired]
    yield "mark", free(seen.by_mark.get(webhook.name, ()))
    yield "was", owned.values()
    yield "was", free(remote for name in former for remote in seen.by_mark.get(name, ()))
    yield "natural key", made_since(lost, free(sent_before(webhook, seen, world)))
    yield "natural key", made_since(lost, free(alike(webhook, former, seen, world)))


def _with_intent(webhook: Desired, missed: Matched, world: World, seen: Seen | None) -> Matched:
    """A create whose answer was lost is settled only by a read that would have shown it."""
    note = ""
    if missed.entry is None:
        capabilities = world.capabilities_of.get(webhook.provider)
        key = key_of(record(webhook.fields), capabilities) if capabilities else None
        other = world.abandoned.get(((webhook.provider, webhook.scope), key)) if key else None
        if other:
            one_of_many = webhook.name.endswith("]")
            was = f"write `lifecycle: {{was: [{other}]}}`"
            way = command("state", "mv", other, webhook.name) if one_of_many else was
            note = f"if this is {other} under a new name, {way}"
    missed = missed._replace(note=note)
    intent = world.lock.intents.get(webhook.name)
    if intent is None or intent.action not in (Action.CREATE, Action.REPLACE):
        return missed
    if intent.action is Action.CREATE and intent.remote_id is not None:
        return missed  # its answer came; what was lost is a later one
    if seen is not None and seen.observation.complete and not seen.observation.failed:
        return missed
    if missed.entry is not None and missed.certainty is Certainty.UNREADABLE:
        return missed  # its id is known, so it was made; `plan` asks before anything is sent again
    read = missed.certainty is not Certainty.UNKNOWN
    problem = problems.unsettled_create(webhook, intent, missed.entry_name or webhook.name, read)
    return missed._replace(problem=problem)


# The others


def _match_orphan(entry: Entry, name: str, world: World, accounts: Mapping[str, str]) -> Matched:
    """What is left of a webhook that the file no longer has; only its id finds it, for nothing else may be retired."""
    found = Matched(entry, name)
    capabilities = world.capabilities_of.get(entry.provider)
    if (
        capabilities is None
        or capabilities.type != entry.type
        or accounts.get(entry.provider, entry.account) != entry.account
    ):
        return found._replace(problem=problems.nowhere(name, entry))
    seen = world.seen.get((entry.provider, entry.scope))
    if seen is None or seen.observation.failed or doubtful(entry, seen):
        return found
    remote = seen.by_id.get(entry.remote_id) if entry.remote_id is not None else None
    if remote is None and capabilities.read == "singleton" and len(seen.observation.remotes) == 1:
        remote = seen.observation.remotes[0]
    if remote is not None:
        twin = other_half(name, entry, seen, world.lock)
        return found._replace(remote=remote, certainty=Certainty.PRESENT, how="lock", superseded=twin)
    return found._replace(certainty=absence(entry, seen))


def _match_stray(intent: Intended, world: World, accounts: Mapping[str, str]) -> Matched:
    """What has become of a create whose answer was lost, of a webhook that the file does not have there any more."""
    found = _match_orphan(as_entry(intent), intent.name, world, accounts)
    found = found._replace(note=f"a create of it was sent on {intent.at}, and its answer was lost")
    seen = world.seen.get((intent.provider, intent.scope))
    if found.problem is not None or seen is None:
        return found
    candidates = likely(intent, seen)
    made = proven(intent, candidates, seen)
    if made is not None:
        return found._replace(entry=as_entry(intent, made), remote=made, certainty=Certainty.PRESENT, how="natural key")
    if found.certainty is Certainty.ABSENT and not candidates:
        return found
    certainty = found.certainty if found.certainty is Certainty.UNKNOWN else Certainty.UNREADABLE
    return found._replace(remote=None, how="", certainty=certainty, problem=problems.perhaps_made(intent))


def _settle_claims(matched: dict[str, Matched], orphans: dict[str, Matched], world: World) -> None:
    """Two webhooks of the file cannot be one remote, or continue one entry; an orphan's remote may have a new owner."""
    holders: dict[object, str] = {}
    rivals: dict[object, list[str]] = {}
    for name, found in matched.items():
        webhook = world.desired[name]
        for claim in (
            found.remote and _claim(webhook, found.remote),
            found.entry_name,
        ):
            if claim is not None and holders.setdefault(claim, name) != name:
                rivals.setdefault(claim, [holders[claim]]).append(name)
    for shared_claim, names in rivals.items():
        what = shared_claim[-1] if isinstance(shared_claim, tuple) else shared_claim
        for name in names:
            if matched[name].problem is None:
                matched[name] = matched[name]._replace(problem=problems.shared(world.desired[name], names, str(what)))
    for name, orphan in orphans.items():
        if orphan.entry is not None and orphan.remote is not None:
            orphans[name] = orphan._replace(taken_by=holders.get(_claim(orphan.entry, orphan.remote)))
    for everyone in (matched, orphans):
        for name, found in everyone.items():
            if found.superseded and found.entry and _claim(found.entry, found.superseded) in holders:
                everyone[name] = found._replace(superseded=None)


def _claim(source: Desired | Entry, remote: Remote) -> tuple[Place, str]:
    """What two webhooks that mean one remote webhook have in common."""
    return account_key(source.provider, source.account, source.scope), remote.remote_id


def _claims(matched: Mapping[str, Matched], orphans: Mapping[str, Matched], world: World) -> Iterator[Claim]:
    """Who has which remote webhook."""
    for name, found in matched.items():
        if found.remote is not None:
            webhook = world.desired[name]
            yield Claim(name, (webhook.provider, webhook.scope), found.remote)
    for name, found in orphans.items():
        if found.remote is not None and found.entry is not None:
            yield Claim(name, (found.entry.provider, found.entry.scope), found.remote, found.taken_by is not None)
