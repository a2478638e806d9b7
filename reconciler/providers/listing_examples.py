"""What examples of lists demand: of places, and of events. [pure] Used by `providers.rehearse`."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from reconciler.model.webhook import scope_of
from reconciler.providers import differences
from reconciler.providers.differences import Difference
from reconciler.providers.engine.extract import fresh
from reconciler.providers.engine.interpret import CompiledProvider
from reconciler.providers.language.examples import DiscoverExample, EventsExample
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.protocol import Listed, Steps


class Demand(NamedTuple):
    """What is to be asked, and what is wrong with what that gives."""

    steps: Steps[Any]
    judge: Callable[[Any], Iterator[Difference]]


def demanded(
    manifest: Manifest, example: DiscoverExample | EventsExample, provider: CompiledProvider
) -> Demand | Difference:
    """What an example of a list demands, or that there is no such list."""
    if isinstance(example, EventsExample):
        return _of_events(manifest, example, provider)
    if example.what not in manifest.discover:
        known = ", ".join(manifest.discover) or "none"
        return Difference(("what",), f"the manifest lists no {example.what} below `discover`; there are: {known}")
    return Demand(provider.discover(example.what, example.given), lambda found: _places(example, found))


def _of_events(manifest: Manifest, example: EventsExample, provider: CompiledProvider) -> Demand | Difference:
    scope, lists = scope_of(example.scope), manifest.fields.events.catalogue.read
    if not any(not each.scope or each.scope in example.scope for each in lists):
        return Difference(("scope",), "the manifest has no list of events for this scope: `catalogue: {read: …}`")
    return Demand(provider.event_names(scope), lambda found: _finds(tuple(sorted(found)), tuple(sorted(example.finds))))


def _places(example: DiscoverExample, found: Listed) -> Iterator[Difference]:
    yield from _finds(tuple(place.value for place in found.places), example.finds)
    told = {place.value: place.facts for place in found.places}
    for value, facts in example.facts.items():
        yield from differences.of_values(("facts", value), value, dict(told.get(value, {})), fresh(facts))


def _finds(found: tuple[str, ...], wanted: tuple[str, ...]) -> Iterator[Difference]:
    if found != wanted:
        says = ", ".join(wanted) or "nothing"
        yield Difference(("finds",), f"it finds {', '.join(found) or 'nothing'}, and the example says {says}")
