"""Reads what the vendors hold, all accounts beside each other.

Called by `run.search`, by `run.secrets` and `run.bind` for what a list does not show, and by `apply` after its writes.

A failed read is a value: an Observation that proves nothing, and a Problem that says why. An account with many places
is asked for one of them first: where it refuses the credentials, it is not asked for all the others.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import NamedTuple

from reconciler.errors import Kind, Problem, Redirected, WhsyncError
from reconciler.matching.index import Place
from reconciler.model.secret import Secret
from reconciler.model.webhook import Desired, Entry, Observation, Scope
from reconciler.providers.protocol import Shows
from reconciler.run.runtime import Runtime, tried
from reconciler.state.lock import Lock
from reconciler.support.turns import Lane, Stage, side_by_side, take_turns

IfGone = Callable[[Sequence[Place]], str]

TOLD = 3
MANY = 3
"""With more places than this, an account is asked for one of them first."""
AGAIN = "nothing is concluded there until it can be read: run again, with -v to see each call"


class Observed(NamedTuple):
    """What was seen, by place, and why a place could not be seen.

    Args:
        if_gone: the way out of places that the vendor says are not there, in words.
        strangers: why provider entries were not asked: their credentials are not known to be the right account's.
    """

    places: Mapping[Place, Observation] = {}
    failed: Mapping[Place, WhsyncError] = {}
    if_gone: IfGone | None = None
    strangers: Mapping[str, Problem] = {}

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be seen, in words."""
        return (*self.strangers.values(), *_problems(self.failed, self.if_gone))

    @property
    def unused(self) -> frozenset[str]:
        """The provider entries that were not asked."""
        return frozenset(self.strangers)

    def without(self, places: Collection[Place]) -> "Observed":
        """The same, without what was seen, or not, of some places."""
        seen = {place: each for place, each in self.places.items() if place not in places}
        return self._replace(places=seen, failed={p: error for p, error in self.failed.items() if p not in places})

    def besides(self, places: Mapping[Place, frozenset[str]], strangers: Mapping[str, Problem]) -> "Observed":
        """This, and nothing of the `places` of provider entries that are not to be used."""
        unseen = {
            place: Observation(failed=True, unknown=ids) for place, ids in places.items() if place[0] in strangers
        }
        return self._replace(places={**self.places, **unseen}, strangers=strangers)


def places_of(desired: Iterable[Desired], lock: Lock, runtime: Runtime) -> dict[Place, frozenset[str]]:
    """Every place that must be read for `desired`, the lock's webhooks and its intents, with the ids known there."""
    known: dict[Place, set[str]] = defaultdict(set)
    for webhook in desired:
        known[webhook.provider, webhook.scope].update(_ids(lock.entries.get(webhook.name)))
    for entry in lock.entries.values():
        config = runtime.loaded.providers.get(entry.provider)
        if config is not None and config.base_url == entry.account:
            known[entry.provider, entry.scope].update(_ids(entry))
    for intent in lock.intents.values():
        config = runtime.loaded.providers.get(intent.provider)
        if config is not None and config.base_url == intent.account:
            known[intent.provider, intent.scope].update(filter(None, [intent.remote_id]))
    return {place: frozenset(ids) for place, ids in known.items()}


def _ids(entry: Entry | None) -> Iterable[str]:
    """The ids of a webhook and of what is leaving; also to be looked up where the file has it now."""
    ids = (entry.remote_id, *entry.leaving) if entry is not None else ()
    return filter(None, ids)


def observe(places: Mapping[Place, frozenset[str]], runtime: Runtime, if_gone: IfGone | None = None) -> Observed:
    """Read every place; no more than `parallelism` at once, and the accounts taking turns.

    Args:
        if_gone: the way out of places that the vendor says are not there, in words.

    Raises:
        Interrupted: the user stopped the run.
    """
    runtime.activity.expect("place", len(places))
    outcomes = _read(_scouts(places), places, runtime, more_follows=True)
    refused = {place[0]: told for place, told in outcomes.items() if _refuses_credentials(told)}
    spared = {place: refused[place[0]] for place in places if place[0] in refused}
    runtime.activity.expect("place", -len(spared.keys() - outcomes.keys()))
    outcomes |= spared
    outcomes |= _read(places.keys() - outcomes.keys(), places, runtime)
    seen: dict[Place, Observation] = {}
    failed: dict[Place, WhsyncError] = {}
    for place, outcome in outcomes.items():
        if isinstance(outcome, Observation):
            seen[place] = outcome
        else:
            failed[place] = outcome
            gone = isinstance(outcome, Redirected) or outcome.kind == "not_found"
            seen[place] = Observation(failed=True, unknown=places[place], gone=gone)
    return Observed(seen, failed, if_gone)


def _scouts(places: Iterable[Place]) -> list[Place]:
    """The first place of every account that has many."""
    accounts: dict[str, list[Place]] = defaultdict(list)
    for place in sorted(places):
        accounts[place[0]].append(place)
    return [own[0] for own in accounts.values() if len(own) > MANY]


def _refuses_credentials(outcome: Observation | WhsyncError) -> bool:
    return isinstance(outcome, WhsyncError) and outcome.kind == "auth"


def _read(
    asked: Collection[Place], known: Mapping[Place, frozenset[str]], runtime: Runtime, more_follows: bool = False
) -> dict[Place, Observation | WhsyncError]:
    """Each place, accounts taking turns, so that one slow vendor does not hold all threads.

    Args:
        more_follows: the same accounts are asked for others then, so their connections stay open.
    """
    outcomes: dict[Place, Observation | WhsyncError] = {}

    def read(place: Place) -> None:
        outcomes[place] = observe_one(place, known[place], runtime)
        runtime.activity.did("place")

    def lane(name: str, places: Sequence[Place]) -> Lane:
        try:
            yield Stage(runtime.loaded.providers[name].limits.reads, [partial(read, place) for place in places])
        finally:
            if not more_follows:
                runtime.rest(name)

    accounts: dict[str, list[Place]] = defaultdict(list)
    for place in sorted(asked):
        accounts[place[0]].append(place)
    take_turns((lane(*account) for account in accounts.items()), runtime.handles.workers, "read")
    return outcomes


def observe_one(place: Place, known: frozenset[str], runtime: Runtime) -> Observation | WhsyncError:
    """Read one place, or say why that failed.

    Raises:
        Interrupted: the user stopped the run.
    """
    name, scope = place
    return tried(lambda: runtime.drive(name, runtime.provider(name).observe(scope, known)))


def fetch(asked: Mapping[str, tuple[Place, str]], runtime: Runtime) -> dict[str, Secret | WhsyncError | None]:
    """Secrets that a call of their own shows: by webhook name, from its place and remote id; or why there is none.

    Raises:
        Interrupted: the user stopped the run.
    """
    runtime.activity.expect("secret", len(asked))
    names = sorted(asked)
    told = side_by_side(lambda name: _fetch_one(*asked[name], runtime), names, runtime.handles.workers)
    return dict(zip(names, told, strict=True))


def _fetch_one(place: Place, remote_id: str, runtime: Runtime) -> Secret | WhsyncError | None:
    name, scope = place
    provider = runtime.provider(name)
    assert isinstance(provider, Shows), f"{name} says that its secrets can be fetched"
    found = tried(lambda: runtime.drive(name, provider.secret(scope, remote_id)))
    runtime.activity.did("secret")
    return found


def _problems(failed: Mapping[Place, WhsyncError], if_gone: IfGone | None) -> Iterator[Problem]:
    """One problem for each cause; of many causes of one kind, the first ones, and how many more places there are."""
    alike: dict[tuple[str, Kind, str], dict[str, list[Place]]] = defaultdict(lambda: defaultdict(list))
    said: dict[int, str] = {}  # by error: a place that was not asked has that of the account's first place
    for place, error in sorted(failed.items(), key=lambda item: item[0]):
        words = said.setdefault(id(error), _placeless(error.summary, place[1]))
        alike[place[0], error.kind, error.hint][words].append(place)
    for (name, kind, hint), causes in alike.items():
        gone = [place for places in causes.values() for place in places] if kind == "not_found" else []
        way_out = hint or (if_gone(gone) if gone and if_gone is not None else AGAIN)
        for places in islice(causes.values(), TOLD):
            summary = f"{_unread(name, [scope for _, scope in places])}: {failed[places[0]].summary}"
            yield Problem(kind, summary, way_out, provider=name, code=failed[places[0]].code)
        left = sum(map(len, islice(causes.values(), TOLD, None)))
        if left:
            code = failed[next(iter(causes.values()))[0]].code
            yield Problem(kind, f"{name}: {left} more places could not be read", way_out, name, code=code)


def _placeless(summary: str, scope: Scope) -> str:
    """What is said of a place, without its name: two places that fail alike say the same."""
    for _, value in sorted(scope, key=lambda pair: len(pair[1]), reverse=True):
        summary = summary.replace(value, "") if value else summary
    return summary


def _unread(name: str, scopes: Sequence[Scope]) -> str:
    """Which places of an account could not be read."""
    told = [", ".join(f"{key} {value}" for key, value in scope) for scope in scopes[:TOLD] if scope]
    told += [f"and {len(scopes) - TOLD} more"] if len(scopes) > TOLD else []
    where = f" ({'; '.join(told)})" if told else ""
    what = name if len(scopes) == 1 else f"{len(scopes)} places of {name}"
    return f"{what}{where} could not be read"
