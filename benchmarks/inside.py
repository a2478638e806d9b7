"""What is measured inside one process: `python -m benchmarks.inside` in a folder with a configuration.

Prints CPU seconds as JSON. Run by `__main__` in a child, so that nothing it imports or keeps is counted twice.
"""

import json
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from benchmarks.material import AT, desired, locked
from reconciler.matching.index import Place
from reconciler.matching.match import match
from reconciler.matching.types import Matched
from reconciler.model.action import Action, PlannedCall
from reconciler.model.capabilities import Capabilities
from reconciler.model.webhook import Desired, Observation, Remote
from reconciler.planning.inputs import Circumstances, PlanInput
from reconciler.planning.plan import plan
from reconciler.planning.policy import Policy
from reconciler.planning.types import Basis, Plan, PlanOptions
from reconciler.providers.registry import Registry
from reconciler.render.base import PlanHeader, Style
from reconciler.render.json import plan_json
from reconciler.render.text.plan import plan_text
from reconciler.state.lock import Lock

T = TypeVar("T")


def main() -> None:
    """Plan the folder's webhooks as if every vendor had been read, and render that plan and one that makes them all."""
    webhooks = desired(Path())
    capabilities = Registry().vendor("github", {}, ".").capabilities
    lock = locked(webhooks)
    observed = _observed(webhooks, lock)
    middle, _ = _timed(lambda: _planned(webhooks, lock, observed, capabilities))
    nothing: dict[Place, Observation] = dict.fromkeys(observed, Observation(complete=True))
    made = _planned(webhooks, Lock(), nothing, capabilities)
    assert made.count(Action.CREATE) == len(webhooks)
    text, _ = _timed(lambda: plan_text(made, PlanHeader(), Style()))
    document, _ = _timed(lambda: plan_json(made))
    print(json.dumps({"middle": middle, "text": text, "json": document}))


def _observed(webhooks: tuple[Desired, ...], lock: Lock) -> dict[Place, Observation]:
    """What the vendor holds: every tenth webhook as it was applied, the others as the file wants them."""
    remotes: dict[Place, list[Remote]] = defaultdict(list)
    for number, webhook in enumerate(webhooks):
        fields = webhook.fields if number % 10 else lock.entries[webhook.name].applied
        remotes[webhook.provider, webhook.scope].append(Remote(str(number), fields))
    return {place: Observation(tuple(found), complete=True) for place, found in remotes.items()}


def _planned(
    webhooks: tuple[Desired, ...], lock: Lock, observed: dict[Place, Observation], capabilities: Capabilities
) -> Plan:
    """Match, compare and plan: everything between reading and rendering."""
    capabilities_of = {"github": capabilities}
    matching = match(webhooks, observed, lock, capabilities_of)
    given = PlanInput(webhooks, matching, lock, Policy(("*.acme.com",)), {}, capabilities_of)
    return plan(given, PlanOptions(), _described, Circumstances(Basis("sha256:0", "sha256:0"), AT, "0"))


def _described(
    name: str, desired: Desired | None, matched: Matched, action: Action, changes: frozenset[str]
) -> tuple[PlannedCall, ...]:
    return (PlannedCall("PATCH", f"https://api.github.com/repos/acme/repository/hooks/{name}"),)


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    begun = time.process_time()
    result = work()
    return time.process_time() - begun, result


if __name__ == "__main__":
    main()
