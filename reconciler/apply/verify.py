"""Reads back what no answer of a vendor has shown, each place once.

Called by `apply.scheduler`, after a lane's writes.
A read that fails proves nothing either way: the writes were answered with success, and the next plan will see.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from reconciler.apply.change import ChangeRunner
from reconciler.errors import Interrupted
from reconciler.matching.index import Place
from reconciler.model.webhook import Observation
from reconciler.run.observe import observe_one
from reconciler.run.runtime import Runtime

Waiting = Sequence[tuple[str, ChangeRunner]]
"""Runners whose changes are not proven yet, each with its webhook's id at the vendor."""


def unproven(runners: Iterable[ChangeRunner]) -> Mapping[Place, Waiting]:
    """The runners that wait for a read, by the place that is to be read."""
    waiting: dict[Place, list[tuple[str, ChangeRunner]]] = defaultdict(list)
    for runner in runners:
        if runner.unproven is not None:
            place, remote_id = runner.unproven
            waiting[place].append((remote_id, runner))
    return waiting


def read_back(place: Place, waiting: Waiting, runtime: Runtime) -> None:
    """Read a place, and close every change that waits for it; raises only `Halted`."""
    seen, why = Observation(failed=True), "its read failed"
    try:
        outcome = observe_one(place, frozenset(remote_id for remote_id, _ in waiting), runtime)
        if isinstance(outcome, Observation):
            seen = outcome
        else:
            why = outcome.summary
    except Interrupted as error:
        why = error.summary
    found = {remote.remote_id: remote for remote in seen.remotes}
    for remote_id, runner in waiting:
        if remote_id in found:
            runner.prove(found[remote_id])
        elif seen.complete or remote_id in seen.absent:
            runner.missed()
        else:
            runner.unread(why)
