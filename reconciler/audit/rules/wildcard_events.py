"""Webhooks that are sent everything, also what the vendor adds tomorrow. [pure] Used by `audit.table`."""

from collections.abc import Iterator

from reconciler.audit.rule import Rule, way_out
from reconciler.audit.types import Hit, Inventory, Severity
from reconciler.codes import Code


def hits(inventory: Inventory) -> Iterator[Hit]:
    """Webhooks whose events are the vendor's word for all of them, or its whole list."""
    for seen in inventory.there:
        capabilities = inventory.capabilities_of.get(seen.provider)
        catalogue = capabilities.events if capabilities is not None else None
        if catalogue is None or catalogue.wildcard is None or not seen.fields.events:
            continue
        if catalogue.canonical(seen.fields.events) == {catalogue.wildcard}:
            yield Hit(seen, "is sent every event that there is", way_out(seen, "name the events that are needed"))


RULE = Rule(Code.WILDCARD_EVENTS, "a webhook that is sent every event", Severity.LOW, hits)
