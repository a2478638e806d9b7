"""Reads what the vendors hold, all accounts beside each other. Called by `survey`, and by `settle` after a lost answer.

A failed read is a value: an Observation that proves nothing, and a Problem that says why.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, zip_longest
from typing import NamedTuple

from reconciler.errors import Problem, WhsyncError
from reconciler.lock import Lock
from reconciler.model import Desired, Observation, Scope
from reconciler.runtime import Runtime
from reconciler.wire.drive import Interrupted

Place = tuple[str, Scope]  # a provider entry and a scope

AGAIN = "nothing is concluded there until it can be read: run again, with -v to see each call"


class Observed(NamedTuple):
    """What was seen, by place, and what could not be seen."""

    places: Mapping[Place, Observation] = {}
    problems: tuple[Problem, ...] = ()


def places_of(desired: Iterable[Desired], lock: Lock, runtime: Runtime) -> dict[Place, frozenset[str]]:
    """Every place that must be read for `desired` and the lock's other webhooks, with the ids known there."""
    known: dict[Place, set[str]] = defaultdict(set)
    for webhook in desired:
        known[webhook.provider, webhook.scope]
    for entry in lock.entries.values():
        config = runtime.loaded.providers.get(entry.provider)
        if config is not None and config.base_url == entry.account:
            ids = known[entry.provider, entry.scope]
            ids.update(filter(None, (entry.remote_id, *(part.remote_id for part in entry.parts))))
    return {place: frozenset(ids) for place, ids in known.items()}


def observe(places: Mapping[Place, frozenset[str]], runtime: Runtime) -> Observed:
    """Read every place; no more than `parallelism` at once, and the accounts taking turns.

    Raises:
        Interrupted: the user stopped the run.
    """
    seen: dict[Place, Observation] = {}
    problems: dict[tuple[object, ...], Problem] = {}
    with ThreadPoolExecutor(max_workers=max(1, min(runtime.knobs.parallelism, len(places)))) as pool:
        tasks = [(place, pool.submit(_observe_one, place, places[place], runtime)) for place in _in_turns(places)]
        for place, task in tasks:
            seen[place], problem = task.result()
            if problem is not None:
                problems.setdefault(problem, problem)
    return Observed(
        seen, tuple(sorted(problems.values(), key=lambda problem: (problem.provider or "", problem.summary)))
    )


def _observe_one(place: Place, known: frozenset[str], runtime: Runtime) -> tuple[Observation, Problem | None]:
    name, scope = place
    try:
        return runtime.drive(name, runtime.provider(name).observe(scope, known)), None
    except Interrupted:
        raise
    except WhsyncError as error:
        return Observation(failed=True, unknown=known), _problem(place, error)


def _problem(place: Place, error: WhsyncError) -> Problem:
    name, scope = place
    where = f" ({', '.join(f'{key} {value}' for key, value in scope)})" if scope else ""
    return Problem(error.kind, f"{name}{where} could not be read: {error.summary}", error.hint or AGAIN, provider=name)


def _in_turns(places: Iterable[Place]) -> list[Place]:
    """The places, accounts taking turns, so that one slow vendor does not hold all workers."""
    lanes: dict[str, list[Place]] = defaultdict(list)
    for place in sorted(places):
        lanes[place[0]].append(place)
    return [place for place in chain.from_iterable(zip_longest(*lanes.values())) if place is not None]
