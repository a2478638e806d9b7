"""URLs that several vendors send to. [pure] Used by `audit.table`."""

from collections import defaultdict
from collections.abc import Iterator

from reconciler.audit.rule import Rule, way_out
from reconciler.audit.types import Hit, Inventory, Seen, Severity
from reconciler.codes import Code
from reconciler.model.urls import canonical_url
from reconciler.support.hints import first_of


def hits(inventory: Inventory) -> Iterator[Hit]:
    """Webhooks whose URL webhooks of another vendor have, too: one receiver, and several who may call it."""
    by_url: dict[str, list[Seen]] = defaultdict(list)
    for seen in inventory.there:
        if seen.fields.url:
            by_url[canonical_url(seen.fields.url)].append(seen)
    for group in by_url.values():
        vendors = {seen.type for seen in group}
        for seen in group if len(vendors) > 1 else ():
            others = first_of(sorted(vendors - {seen.type}))
            yield Hit(seen, f"has a URL that {others} sends to, too", way_out(seen, "give it a URL of its own"))


RULE = Rule(Code.SAME_URL, "a URL that several vendors send to", Severity.LOW, hits)
