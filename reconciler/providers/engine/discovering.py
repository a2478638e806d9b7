"""Lists what webhooks can hang on, by the manifest's word `discover`. [pure] Used by `providers.engine.interpret`.

Half a list must never look like the whole one, so whatever is wrong with a page or an item fails all of it.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from reconciler.errors import VendorError
from reconciler.model.discovery import Discoverable
from reconciler.providers.engine.api import Api
from reconciler.providers.engine.paginate import all_pages
from reconciler.providers.engine.parents import belongs
from reconciler.providers.engine.template import AppliedScope, plain
from reconciler.providers.language.discovery import DiscoverWords
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.protocol import Listed, PlaceFound, Steps


def discoverable(manifest: Manifest) -> tuple[Discoverable, ...]:
    """What a manifest can list."""
    return tuple(
        Discoverable(what, words.about, words.fills, words.needs, tuple(words.filters), words.per_call, _partial(words))
        for what, words in manifest.discover.items()
    )


def _partial(words: DiscoverWords) -> str:
    also = words.otherwise.partial if words.otherwise is not None else ""
    return "; ".join(filter(None, (words.partial, also)))


def listed(api: Api, what: str, given: Mapping[str, str]) -> Steps[Listed]:
    """Every place of the list `what`, with all its pages.

    Args:
        given: a value for each of its needs.

    Raises:
        VendorError: the list cannot be had, or an item of it has no value.
        Rejected: (kind config) a value cannot stand in its path.
    """
    words = api.manifest.discover[what]
    try:
        return (yield from _all(api, what, words, given))
    except VendorError as error:
        if error.kind != "not_found" or words.otherwise is None:
            raise
    other = {name: getattr(words.otherwise, name) for name in ("path", "query", "partial")}
    return (yield from _all(api, what, words.model_copy(update=other), given))


def _all(api: Api, what: str, words: DiscoverWords, given: Mapping[str, str]) -> Steps[Listed]:
    scope = AppliedScope(
        variables=given, headers=tuple((name, plain(text, given)) for name, text in words.headers.items())
    )
    first = api.get(scope, words)
    pages = yield from all_pages(words, first, api.classifier, api.base_url, True, api.bounds)
    items = chain.from_iterable(pages)
    meant = (item for item in items if belongs(item, words.only, scope, api.classifier, f"one of its {what}"))
    return Listed(_each_once(_places(api, what, words, meant)), words.partial)


def _places(api: Api, what: str, words: DiscoverWords, items: Iterable[Any]) -> Iterator[PlaceFound]:
    for item in items:
        value = api.classifier.sought(words.value, item)
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            raise api.classifier.blame(f"lists {what} of which one has no {words.fills}")
        yield PlaceFound(str(value), {name: api.classifier.sought(at, item) for name, at in words.filters.items()})


def _each_once(places: Iterable[PlaceFound]) -> tuple[PlaceFound, ...]:
    """Each place once, by its value: one that has slipped to the next page stands there twice."""
    found: dict[str, PlaceFound] = {}
    for place in places:
        found.setdefault(place.value, place)
    return tuple(found.values())
