"""Paging that can work. [pure] Used by `providers.language.sound`."""

from collections.abc import Iterator

from reconciler.codes import Code
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.language.reads import Listing
from reconciler.providers.language.sound.fault import Fault, Path

_PAGES = Code.MANIFEST_PAGES


def asks_once(manifest: Manifest) -> Iterator[Fault]:
    """What paging puts into the query does not stand there already, and sizes are such."""
    scopes = {name for way in manifest.scope for name in way.query}
    for at, read in enumerate(manifest.read):
        if isinstance(read, Listing):
            yield from _asks_once(("read", at), read, scopes | read.query.keys())
    for what, words in manifest.discover.items():
        also = words.otherwise.query.keys() if words.otherwise is not None else set[str]()
        yield from _asks_once(("discover", what), words, words.query.keys() | also)
    for at, events in enumerate(manifest.fields.events.catalogue.read):
        yield from _asks_once(("fields", "events", "catalogue", "read", at), events, set(events.query))


def _asks_once(at: Path, words: Listing, queries: set[str]) -> Iterator[Fault]:
    """Of one list.

    Args:
        queries: what stands in its query already.
    """
    pages = words.pages
    for word in ("param", "size_param"):
        name = getattr(pages, word, None)
        if name is not None and name in queries:
            what = f"`{name}` stands in the `query`, too, and would be sent twice"
            place = (*at, "pages", word) if word in pages.model_fields_set else (*at, "pages")
            yield Fault(place, what, "take it out of the `query`; a size belongs to `size`", _PAGES)
    size = getattr(pages, "size", None)
    if size is not None and size < 1:
        yield Fault((*at, "pages", "size"), f"pages of {size} items have none", "write at least 1", _PAGES)
    if getattr(pages, "param", None) is not None and getattr(pages, "param", None) == getattr(pages, "size_param", 0):
        what = "`param` and `size_param` are the same"
        yield Fault((*at, "pages", "size_param"), what, "name the vendor's two parameters", _PAGES)


RULES = (asks_once,)
