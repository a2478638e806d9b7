"""Webhooks that their vendor has switched off. [pure] Used by `audit.table`."""

from collections.abc import Iterator

from reconciler.audit.rule import Rule, way_out
from reconciler.audit.types import Hit, Inventory, Severity
from reconciler.codes import Code


def hits(inventory: Inventory) -> Iterator[Hit]:
    """Webhooks of which the vendor tells why it switched them off."""
    for seen in inventory.there:
        if seen.note:
            way = way_out(seen, "mend what receives it, write `status: active`")
            yield Hit(seen, f"was switched off by the vendor: {seen.note}", way)


RULE = Rule(Code.VENDOR_DISABLED, "a webhook that its vendor has switched off", Severity.MEDIUM, hits)
