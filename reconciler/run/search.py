"""Reads the vendors and finds ours among what they hold; looks again where one look proves nothing.

Called by `run.survey` and `run.drift`, and by `apply.recover` after a lost answer.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from reconciler.matching.index import Place
from reconciler.matching.match import match
from reconciler.matching.types import Matching
from reconciler.model.webhook import Certainty, Desired, Observation
from reconciler.run.observe import Observed, observe
from reconciler.run.runtime import Runtime
from reconciler.state.lock import Lock
from reconciler.support.gc_pause import paused_collector


def search(
    places: Mapping[Place, frozenset[str]],
    desired: Sequence[Desired],
    lock: Lock,
    names: Collection[str],
    runtime: Runtime,
) -> tuple[Observed, Matching]:
    """Read `places`, and match every webhook of the file and of the lock with what was read.

    A list of several pages may shift while it is read, so who is missing from it is not proven absent. Where that is
    one of `names`, and no id told what became of it, the list is read once more.

    Args:
        places: with the ids known there; see `places_of`.

    Raises:
        Interrupted: the user stopped the run.
    """
    observed = observe(places, runtime)
    matching = _match(desired, observed, lock, runtime)
    again = set(_half_seen(matching, desired, lock, observed, names))
    if again:
        observed = _together(observed, observe(dict.fromkeys(sorted(again), frozenset()), runtime))
        matching = _match(desired, observed, lock, runtime)
    return observed, matching


def _match(desired: Sequence[Desired], observed: Observed, lock: Lock, runtime: Runtime) -> Matching:
    providers = runtime.loaded.providers
    capabilities_of = {name: config.vendor.capabilities for name, config in providers.items()}
    accounts = {name: config.base_url for name, config in providers.items()}
    with paused_collector():
        return match(desired, observed.places, lock, capabilities_of, accounts)


def _half_seen(
    matching: Matching, desired: Sequence[Desired], lock: Lock, observed: Observed, names: Collection[str]
) -> Iterator[Place]:
    """Places whose list may have hidden somebody who was not found in it; a lost create's may be another than now."""
    shifting = {place for place, seen in observed.places.items() if seen.shifting}
    if not shifting:
        return
    everyone = {**matching.matched, **matching.orphans}
    missed = {name for name, found in everyone.items() if found.remote is None and found.certainty is Certainty.UNKNOWN}
    sought = [(webhook.name, (webhook.provider, webhook.scope)) for webhook in desired]
    sought += [(name, (entry.provider, entry.scope)) for name, entry in lock.entries.items()]
    sought += [(name, (intent.provider, intent.scope)) for name, intent in lock.intents.items()]
    yield from (place for name, place in sought if place in shifting and name in missed and name in names)


def _together(first: Observed, second: Observed) -> Observed:
    """What two looks show; a place that could not be read again stays as it was seen first."""
    twice = {place: _both(first.places[place], seen) for place, seen in second.places.items() if not seen.failed}
    return Observed({**first.places, **twice}, (*first.problems, *second.problems))


def _both(first: Observation, second: Observation) -> Observation:
    remotes = {remote.remote_id: remote for remote in (*first.remotes, *second.remotes)}
    return first._replace(remotes=tuple(remotes.values()), complete=True, shifting=False)
