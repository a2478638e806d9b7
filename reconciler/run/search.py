"""Reads the vendors and finds ours among what they hold; looks again where one look proves nothing.

Called by `run.survey` and `run.drift`, and by `apply.recover` after a lost answer.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from reconciler.matching.index import Place, PlaceKey, place_of
from reconciler.matching.match import match
from reconciler.matching.moves import Seen, followed
from reconciler.matching.problems import gone
from reconciler.matching.spelling import as_written, spelling_of
from reconciler.matching.types import Matching
from reconciler.matching.unwanted import Unwanted
from reconciler.model.action import Unmanaged
from reconciler.model.capabilities import Capabilities
from reconciler.model.webhook import Certainty, Desired, Entry, Observation
from reconciler.run.accounts import strangers
from reconciler.run.identify import doubtful_places, identify
from reconciler.run.observe import Observed, observe
from reconciler.run.runtime import Runtime
from reconciler.state.event import Intended
from reconciler.state.lock import Lock
from reconciler.support.gc_pause import paused_collector


class _Quarry(NamedTuple):
    """What is looked for.

    Args:
        desired: the webhooks of the file.
        lock: what was applied.
        identities: of the places whose vendor was asked which they are.
        unwanted: which strangers are to go.
    """

    desired: Sequence[Desired]
    lock: Lock
    capabilities_of: Mapping[str, Capabilities]
    accounts: Mapping[str, str]
    identities: Mapping[PlaceKey, str]
    unwanted: Unwanted = Unwanted()

    def in_one_spelling(self, places: Mapping[Place, frozenset[str]]) -> tuple["_Quarry", dict[Place, frozenset[str]]]:
        """The same, and the places to be read, with one name for each place."""
        spelling = spelling_of(self.desired, self.lock, self.capabilities_of, self.identities)
        desired = tuple(map(spelling.respelled, self.desired))
        return self._replace(desired=desired, lock=spelling.lock(self.lock)), spelling.places(places, self.accounts)


def search(
    places: Mapping[Place, frozenset[str]],
    desired: Sequence[Desired],
    lock: Lock,
    names: Collection[str],
    runtime: Runtime,
    unwanted: Unwanted = Unwanted(),  # noqa: B008 - a frozen value
) -> tuple[Observed, Matching]:
    """Read `places`, and match every webhook of the file and of the lock with what was read.

    A list of several pages may shift while it is read, so who is missing from it is not proven absent. Where that is
    one of `names`, and no id told what became of it, the list is read once more. Where two webhooks may be one whose
    place has two names, the vendor is asked which places these are.

    Args:
        places: with the ids known there; see `places_of`.
        names: those that the run is about.
        unwanted: which strangers are to go.

    Raises:
        Interrupted: the user stopped the run.
    """
    capabilities_of, accounts = runtime.loaded.capabilities_of, runtime.loaded.accounts
    written = _Quarry(desired, lock, capabilities_of, accounts, {}, unwanted)
    quarry, places = written.in_one_spelling(places)
    wanted = frozenset(each.name for each in runtime.loaded.desired)
    unused = strangers({name for name, _ in places}, desired, lock, runtime)
    used = {place: ids for place, ids in places.items() if place[0] not in unused}
    observed = observe(used, runtime, partial(gone, lock=lock, wanted=wanted)).besides(places, unused)
    matching, observed = _matched(quarry, observed)
    if again := set(_half_seen(matching, quarry, observed, names)):
        observed = _together(observed, observe(dict.fromkeys(sorted(again), frozenset()), runtime))
        matching, observed = _matched(quarry, observed)
    doubtful = doubtful_places(matching, quarry.desired, quarry.lock, capabilities_of, accounts)
    if doubtful:
        quarry = written._replace(identities=identify(doubtful, runtime))
        quarry, places = quarry.in_one_spelling(places)
        seen = {place: seen for place, seen in observed.places.items() if place in places}
        matching, observed = _matched(quarry, observed._replace(places=seen))
    return observed, as_written(matching, lock)


def unmanaged_in(observed: Observed, lock: Lock, runtime: Runtime) -> tuple[Unmanaged, ...]:
    """What neither files nor lock have, and the policy does not spare, in the places read for some of the lock's."""
    loaded, accounts = runtime.loaded, runtime.loaded.accounts
    spelling = spelling_of(loaded.desired, lock, loaded.capabilities_of)
    names = spelling.names(accounts)
    places = {names.get(place, place): seen for place, seen in observed.places.items()}
    desired = tuple(map(spelling.respelled, loaded.desired))
    apart = {name: Unwanted(spare=policy.spared) for name, policy in loaded.policy.apart.items()}
    unwanted = Unwanted(spare=loaded.policy.spared, apart=apart)
    found = match(desired, places, spelling.lock(lock), loaded.capabilities_of, accounts, unwanted=unwanted)
    return tuple(each for each in found.unmanaged if each not in found.spared)


def _matched(quarry: _Quarry, observed: Observed) -> tuple[Matching, Observed]:
    """What was found, and what was seen without places that all of ours have left."""
    desired, lock, capabilities_of, accounts, identities, unwanted = quarry
    with paused_collector():
        now = followed(desired, lock, Seen(observed.places, capabilities_of, accounts))
        matching = match(desired, observed.places, now, capabilities_of, accounts, identities, unwanted)
    left = {place_of(entry.address) for name, entry in lock.entries.items() if entry != now.entries[name]}
    kept: Sequence[Desired | Entry | Intended] = (*desired, *now.entries.values(), *now.intents.values())
    left -= {place_of(each.address) for each in kept} if left else set()
    return matching, observed.without(left) if left else observed


def _half_seen(matching: Matching, quarry: _Quarry, observed: Observed, names: Collection[str]) -> Iterator[Place]:
    """Places whose list may have hidden somebody who was not found in it; a lost create's may be another than now."""
    shifting = {place for place, seen in observed.places.items() if seen.shifting}
    if not shifting:
        return
    everyone = {**matching.matched, **matching.orphans}
    missed = {name for name, found in everyone.items() if found.remote is None and found.certainty is Certainty.UNKNOWN}
    sought = [(webhook.name, place_of(webhook.address)) for webhook in quarry.desired]
    sought += [(name, place_of(entry.address)) for name, entry in quarry.lock.entries.items()]
    sought += [(name, place_of(intent.address)) for name, intent in quarry.lock.intents.items()]
    yield from (place for name, place in sought if place in shifting and name in missed and name in names)


def _together(first: Observed, second: Observed) -> Observed:
    """What two looks show; a place that could not be read again stays as it was seen first."""
    twice = {place: _both(first.places[place], seen) for place, seen in second.places.items() if not seen.failed}
    return first._replace(places={**first.places, **twice}, failed={**first.failed, **second.failed})


def _both(first: Observation, second: Observation) -> Observation:
    remotes = {remote.remote_id: remote for remote in (*first.remotes, *second.remotes)}
    return first._replace(remotes=tuple(remotes.values()), complete=True, shifting=False)
