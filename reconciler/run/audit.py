"""What stands at the vendors, ours or not, with what is worth a look about it. Called by `cli.audit`.

It reads what `run.survey` reads for a plan, and no more, but for provider entries without webhooks: where the entry's
own scope says where to look, that place is read as well.
"""

from collections.abc import Iterable, Iterator

from reconciler import __version__
from reconciler.audit.judge import judged
from reconciler.audit.table import levels
from reconciler.audit.types import AuditReport, Inventory, PlaceSeen, Severity, View
from reconciler.config.loaded import Loaded
from reconciler.errors import Problem
from reconciler.matching.index import Place
from reconciler.matching.lost_creates import with_names_of_now
from reconciler.matching.types import Matching
from reconciler.planning.causes import one_for_each_cause
from reconciler.planning.types import PlanOptions
from reconciler.run.discover import discover
from reconciler.run.everywhere import Everything, listed_places
from reconciler.run.hiding import blocked, covered, covered_places, unveil
from reconciler.run.inventory import Sources, inventory_of
from reconciler.run.missing_lock import lock_missing
from reconciler.run.observe import Observed
from reconciler.run.runtime import Runtime, utc_now
from reconciler.run.secrets import fingerprints_of
from reconciler.run.survey import look, waiting_for
from reconciler.state.stores.base import Snapshot
from reconciler.support.targets import select


def audited(
    runtime: Runtime, snapshot: Snapshot, options: PlanOptions, fail_on: Severity | None, everywhere: bool = False
) -> AuditReport:
    """Read the vendors, list what they hold, and judge it.

    Args:
        snapshot: the lock as it is.
        options: which webhooks are meant; those that nobody manages are listed where any of them was looked for.
        fail_on: findings as bad as this make the run fail.
        everywhere: each provider entry is also asked for all places that it can list, and these are read.

    Raises:
        UsageError: a target that does not exist.
        Interrupted: the user stopped the run.
    """
    found = discover(runtime, snapshot.lock)
    lock = with_names_of_now(runtime.loaded.desired, snapshot.lock)
    failures = unveil(runtime, lock, runtime.fingerprinter(fingerprints_of(lock)), offline=options.offline)
    loaded, known = runtime.loaded, lock.providers_with(runtime.loaded.desired)
    names, used = select(known, options.targets), {provider for _, provider in known}
    also = [place for place in _own_places(loaded) if place[0] not in used] if options.targets is None else []
    everything = listed_places(runtime) if everywhere else Everything()
    observed, matching = look(runtime, lock, names, options, found, [*also, *everything.places])
    observed, matching = _covered(observed, blocked(waiting_for(snapshot.holder, matching, lock), failures), runtime)
    listed = inventory_of(Sources(loaded, lock, observed, matching, runtime.resolver, loaded.places()))
    inventory = Inventory(listed, loaded.policy, loaded.capabilities_of, loaded.audit, utc_now())
    shown = tuple(each for each in judged(inventory) if each.seen.name is None or each.seen.name in names)
    report = AuditReport(
        __version__,
        inventory.at,
        shown,
        tuple(_places(observed, loaded)),
        tuple(sorted(loaded.providers.keys() - used - {name for name, _ in also} - everything.asked)),
        tuple(_problems(runtime, (*found.problems, *everything.problems), observed, matching, names)),
        levels(loaded.audit),
        fail_on,
        runtime.reads,
    )
    return runtime.redactor.over(report)


def _covered(observed: Observed, before: Matching, runtime: Runtime) -> tuple[Observed, Matching]:
    """What was seen and matched, with nothing open that the files hide."""
    after = covered(before, {each.name: each for each in runtime.loaded.desired}, runtime.veil)
    return covered_places(observed, before, after), after


def _own_places(loaded: Loaded) -> Iterator[Place]:
    """Of each provider entry, the place that its own scope names, where its vendor can list what is there."""
    for name, config in sorted(loaded.providers.items()):
        capabilities = config.vendor.capabilities
        given = tuple(key for key, _ in config.scope)
        whole = any(sorted(params) == sorted(given) for params in capabilities.scope)
        if whole and capabilities.read in ("list", "singleton"):
            yield name, config.scope


def _places(observed: Observed, loaded: Loaded) -> Iterator[PlaceSeen]:
    for (provider, scope), seen in sorted(observed.places.items(), key=lambda item: item[0]):
        yield PlaceSeen(provider, scope, _view((provider, scope), observed, loaded), len(seen.remotes))


def _view(place: Place, observed: Observed, loaded: Loaded) -> View:
    capabilities, seen = loaded.providers[place[0]].vendor.capabilities, observed.places[place]
    if seen.failed:
        return View.FAILED
    if capabilities.read == "none" or not seen.readable:
        return View.UNREADABLE
    if capabilities.read == "by_id":
        return View.KNOWN
    return View.PARTLY if capabilities.partial else View.WHOLE


def _problems(
    runtime: Runtime, listing: Iterable[Problem], observed: Observed, matching: Matching, names: frozenset[str]
) -> Iterable[Problem]:
    """What could not be seen, and what could not be told apart, each at its place."""
    missing = lock_missing(runtime.loaded, runtime.store)  # everything would look as if nobody managed it
    everyone = {**matching.matched, **matching.orphans}
    stuck = (each.problem for name, each in sorted(everyone.items()) if name in names and each.problem is not None)
    told = tuple(one_for_each_cause([*dict.fromkeys((*listing, *observed.problems)), *filter(None, [missing]), *stuck]))
    return runtime.loaded.located(told)
