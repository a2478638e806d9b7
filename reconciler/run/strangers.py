"""Where an import looks, and what exists there that nobody manages. Called by `run.imports`."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from reconciler.codes import Code
from reconciler.config.loaded import Loaded
from reconciler.config.provider import ProviderConfig
from reconciler.config.starter import lists
from reconciler.errors import Problem, UsageError, WhsyncError
from reconciler.importing.scopes import known_parameters, scopes_to_read, wanted
from reconciler.importing.types import Found, Looked, NotLooked
from reconciler.matching.index import Place
from reconciler.matching.types import Matching
from reconciler.model.capabilities import Capabilities
from reconciler.planning.types import PlanOptions
from reconciler.run.discover import Discovery
from reconciler.run.everywhere import Everything, listed_places
from reconciler.run.observe import Observed
from reconciler.run.runtime import Runtime
from reconciler.run.survey import look, waiting_for
from reconciler.state.lock import Lock
from reconciler.state.stores.base import Snapshot
from reconciler.support.hints import command


class Sought(NamedTuple):
    """Where to look.

    Args:
        providers: the entries that are meant.
        places: what is to be read.
        not_looked: the entries of which nothing can be read, and why.
        asked: places were asked for by name, so that no others are read.
        problems: what could not be listed of places.
    """

    providers: tuple[str, ...]
    places: tuple[Place, ...]
    not_looked: tuple[NotLooked, ...]
    asked: bool
    problems: tuple[Problem, ...] = ()


class Seen(NamedTuple):
    """What was seen: every place, and what nobody manages there."""

    observed: Observed
    places: tuple[Looked, ...]
    strangers: tuple[Found, ...]


class Wish(NamedTuple):
    """What the user asks for: entries of `providers:` (none: all), and values of scope parameters.

    `discover`: the vendors are to list what is not named.
    """

    providers: Sequence[str] = ()
    given: Mapping[str, Sequence[str]] = {}
    discover: bool = False


def sought(runtime: Runtime, lock: Lock, wish: Wish) -> Sought:
    """The places that are meant.

    Raises:
        UsageError: a parameter that no vendor has, or nothing says where to look.
        WhsyncError: none of these vendors can list what it has.
        Interrupted: the user stopped the run.
    """
    loaded, given = runtime.loaded, wish.given
    chosen = tuple(wish.providers or sorted(loaded.providers))
    _refuse_unknown(wish, [loaded.providers[name].vendor.capabilities for name in chosen])
    everything = listed_places(runtime, chosen, given) if wish.discover else Everything()
    found = {name: _places_of(loaded.providers[name], loaded, lock, given) for name in chosen}
    blind = [each for each in found.values() if isinstance(each, NotLooked) and each.provider not in everything.asked]
    named = [place for each in found.values() if not isinstance(each, NotLooked) for place in each]
    places = tuple(dict.fromkeys([*everything.places, *named]))
    if not places and blind:
        _refuse(blind, loaded)
    return Sought(chosen, places, tuple(blind), bool(given), everything.problems)


def _refuse_unknown(wish: Wish, capabilities: Sequence[Capabilities]) -> None:
    known = known_parameters(capabilities, wish.discover)
    if unknown := sorted(wish.given.keys() - known):
        hint = f"there are: {', '.join(sorted(known))}" if known else "leave it out"
        raise UsageError(f"--scope {unknown[0]}=…: no such parameter", hint)


def _refuse(blind: Sequence[NotLooked], loaded: Loaded) -> None:
    summary = "; ".join(f"{each.provider}: {each.reason}" for each in blind)
    if all(lists(loaded.capabilities_of[each.provider]) for each in blind):
        raise UsageError(f"nothing says where to look: {summary}", f"for example {command('import', '--scope', 'K=V')}")
    hint = "write it into the file, and `whsync adopt NAME --id ID` binds it"
    raise WhsyncError(f"nothing can be imported: {summary}", hint, kind="vendor", code=Code.NO_WAY)


def _places_of(
    config: ProviderConfig, loaded: Loaded, lock: Lock, given: Mapping[str, Sequence[str]]
) -> list[Place] | NotLooked:
    capabilities, name = config.vendor.capabilities, config.name
    if not lists(capabilities):
        why = "cannot list its webhooks" if capabilities.read == "by_id" else "cannot be read"
        return NotLooked(name, f"the API of {config.vendor.title} {why}")
    known = {webhook.scope for webhook in loaded.desired if webhook.provider == name}
    known |= {entry.scope for entry in lock.entries.values() if entry.provider == name and not entry.retired}
    scopes = scopes_to_read(capabilities, dict(config.scope), given, known)
    return [(name, scope) for scope in scopes] or NotLooked(name, f"no place is named: {wanted(capabilities)}")


def see(runtime: Runtime, snapshot: Snapshot, lock: Lock, where: Sought, found: Discovery) -> Seen:
    """Read the places, and tell what is ours from what is nobody's.

    Args:
        runtime: of this run.
        snapshot: the lock as it is; `lock`: with every open intent under the name that its webhook has now.
        lock: see there.
        where: what is to be read.
        found: what the files' own blocks have discovered.

    Raises:
        Interrupted: the user stopped the run.
    """
    loaded, asked = runtime.loaded, set(where.places)
    owners = [(each.name, (each.provider, each.scope)) for each in loaded.desired]
    owners += [(name, (entry.provider, entry.scope)) for name, entry in lock.entries.items()]
    names = frozenset(
        name for name, place in owners if (place in asked if where.asked else place[0] in where.providers)
    )
    observed, matching = look(runtime, lock, names, PlanOptions(), found, where.places)
    matching = waiting_for(snapshot.holder, matching, lock)
    strange = tuple(_strangers(observed, matching))
    return Seen(observed, tuple(_looked(observed, strange, loaded)), strange)


def _strangers(observed: Observed, matching: Matching) -> Iterator[Found]:
    """What nobody manages, as it was read."""
    unmanaged = {(each.provider, each.scope, each.remote_id) for each in matching.unmanaged}
    for (provider, scope), seen in sorted(observed.places.items(), key=lambda item: item[0]):
        for remote in seen.remotes:
            if (provider, scope, remote.remote_id) in unmanaged:
                yield Found(provider, scope, remote)


def _looked(observed: Observed, strange: Sequence[Found], loaded: Loaded) -> Iterator[Looked]:
    free = Counter((found.provider, found.scope) for found in strange)
    for (provider, scope), seen in sorted(observed.places.items(), key=lambda item: item[0]):
        if not seen.failed:
            partly = loaded.providers[provider].vendor.capabilities.partial
            many = len(seen.remotes)
            yield Looked(provider, scope, many, many - free[provider, scope], partly)
