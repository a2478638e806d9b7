"""Reads back what no answer of a vendor has shown, each place once.

Called by `apply.scheduler`, after a lane's writes.
A read that fails proves nothing either way: the writes were answered with success, and the next plan will see.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from reconciler.apply.change import ChangeRunner
from reconciler.apply.sight import sight_of
from reconciler.errors import Interrupted
from reconciler.matching.index import Place
from reconciler.model.webhook import Observation
from reconciler.run.observe import observe_one
from reconciler.run.runtime import Runtime

Waiting = Sequence[tuple[frozenset[str], ChangeRunner]]
"""Runners whose changes are not proven yet, each with the ids that it asks about."""


def unproven(runners: Iterable[ChangeRunner]) -> Mapping[Place, Waiting]:
    """The runners that wait for a read, by the place that is to be read."""
    waiting: dict[Place, list[tuple[frozenset[str], ChangeRunner]]] = defaultdict(list)
    for runner in runners:
        if runner.unproven is not None:
            place, ids = runner.unproven
            waiting[place].append((ids, runner))
    return waiting


def read_back(place: Place, waiting: Waiting, runtime: Runtime) -> None:
    """Read a place, and close every change that waits for it; raises only `Halted`."""
    seen, why = Observation(failed=True), "its read failed"
    try:
        outcome = observe_one(place, frozenset().union(*(ids for ids, _ in waiting)), runtime)
        if isinstance(outcome, Observation):
            seen = outcome
        else:
            why = outcome.summary
    except Interrupted as error:
        why = error.summary
    sight = sight_of(seen, why)
    for _, runner in waiting:
        runner.judge(sight)
