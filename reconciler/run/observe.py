"""Reads what the vendors hold, all accounts beside each other.

Called by `run.search`, by `run.secrets` and `run.bind` for what a list does not show, and by `apply` after its writes.
A failed read is a value: an Observation that proves nothing, and a Problem that says why.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, zip_longest
from typing import NamedTuple, TypeVar

from reconciler.errors import Interrupted, Kind, Problem, WhsyncError
from reconciler.matching.index import Place
from reconciler.model.secret import Secret
from reconciler.model.webhook import Desired, Observation
from reconciler.providers.protocol import Shows
from reconciler.run.runtime import Runtime
from reconciler.state.lock import Lock

T = TypeVar("T")

TOLD = 3
AGAIN = "nothing is concluded there until it can be read: run again, with -v to see each call"


class Observed(NamedTuple):
    """What was seen, by place, and what could not be seen."""

    places: Mapping[Place, Observation] = {}
    problems: tuple[Problem, ...] = ()


def places_of(desired: Iterable[Desired], lock: Lock, runtime: Runtime) -> dict[Place, frozenset[str]]:
    """Every place that must be read for `desired`, the lock's webhooks and its intents, with the ids known there."""
    known: dict[Place, set[str]] = defaultdict(set)
    for webhook in desired:
        known[webhook.provider, webhook.scope]
    for entry in lock.entries.values():
        config = runtime.loaded.providers.get(entry.provider)
        if config is not None and config.base_url == entry.account:
            ids = known[entry.provider, entry.scope]
            ids.update(filter(None, (entry.remote_id, *entry.leaving, *(part.remote_id for part in entry.parts))))
    for intent in lock.intents.values():
        config = runtime.loaded.providers.get(intent.provider)
        if config is not None and config.base_url == intent.account:
            known[intent.provider, intent.scope].update(filter(None, [intent.remote_id]))
    return {place: frozenset(ids) for place, ids in known.items()}


def observe(places: Mapping[Place, frozenset[str]], runtime: Runtime) -> Observed:
    """Read every place; no more than `parallelism` at once, and the accounts taking turns.

    Raises:
        Interrupted: the user stopped the run.
    """
    seen: dict[Place, Observation] = {}
    failed: dict[Place, WhsyncError] = {}
    with ThreadPoolExecutor(max_workers=max(1, min(runtime.settings.parallelism, len(places)))) as pool:
        tasks = [(place, pool.submit(observe_one, place, places[place], runtime)) for place in _in_turns(places)]
        for place, task in tasks:
            outcome = task.result()
            if isinstance(outcome, WhsyncError):
                failed[place] = outcome
                outcome = Observation(failed=True, unknown=places[place])
            seen[place] = outcome
    return Observed(seen, tuple(_problems(failed)))


def observe_one(place: Place, known: frozenset[str], runtime: Runtime) -> Observation | WhsyncError:
    """Read one place, or say why that failed.

    Raises:
        Interrupted: the user stopped the run.
    """
    name, scope = place
    return _tried(lambda: runtime.drive(name, runtime.provider(name).observe(scope, known)))


def fetch(asked: Mapping[str, tuple[Place, str]], runtime: Runtime) -> dict[str, Secret | WhsyncError | None]:
    """Secrets that a call of their own shows: by webhook name, from its place and remote id; or why there is none.

    Raises:
        Interrupted: the user stopped the run.
    """
    with ThreadPoolExecutor(max_workers=max(1, min(runtime.settings.parallelism, len(asked)))) as pool:
        tasks = {name: pool.submit(_fetch_one, *asked[name], runtime) for name in sorted(asked)}
        return {name: task.result() for name, task in tasks.items()}


def _fetch_one(place: Place, remote_id: str, runtime: Runtime) -> Secret | WhsyncError | None:
    name, scope = place
    provider = runtime.provider(name)
    assert isinstance(provider, Shows), f"{name} says that its secrets can be fetched"
    return _tried(lambda: runtime.drive(name, provider.secret(scope, remote_id)))


def _tried(read: Callable[[], T]) -> T | WhsyncError:
    """What a read gives, or why it failed: whatever one vendor's answer or code does, the others are read."""
    try:
        return read()
    except Interrupted:
        raise
    except WhsyncError as error:
        return error
    except Exception as error:  # noqa: BLE001 - its text may hold a secret, so only its type is told
        return WhsyncError(f"an unforeseen {type(error).__name__}")


def _problems(failed: Mapping[Place, WhsyncError]) -> Iterator[Problem]:
    """One problem a place; of many places that failed alike, the first ones, and how many more there are."""
    alike: dict[tuple[str, Kind, str], list[Problem]] = defaultdict(list)
    for (name, scope), error in sorted(failed.items(), key=lambda item: item[0]):
        where = f" ({', '.join(f'{key} {value}' for key, value in scope)})" if scope else ""
        summary = f"{name}{where} could not be read: {error.summary}"
        alike[name, error.kind, error.hint].append(Problem(error.kind, summary, error.hint or AGAIN, provider=name))
    for (name, kind, hint), problems in alike.items():
        yield from problems[:TOLD]
        if len(problems) > TOLD:
            yield Problem(kind, f"{name}: {len(problems) - TOLD} more places could not be read", hint or AGAIN, name)


def _in_turns(places: Iterable[Place]) -> list[Place]:
    """The places, accounts taking turns, so that one slow vendor does not hold all workers."""
    lanes: dict[str, list[Place]] = defaultdict(list)
    for place in sorted(places):
        lanes[place[0]].append(place)
    return [place for place in chain.from_iterable(zip_longest(*lanes.values())) if place is not None]
