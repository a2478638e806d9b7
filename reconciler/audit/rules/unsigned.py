"""Webhooks whose receiver cannot tell the vendor from anybody else. [pure] Used by `audit.table`."""

from collections.abc import Iterator

from reconciler.audit.rule import Rule, way_out
from reconciler.audit.types import Hit, Inventory, Secrecy, Severity
from reconciler.codes import Code


def hits(inventory: Inventory) -> Iterator[Hit]:
    """Webhooks that have no secret, although this vendor's can have one."""
    for seen in inventory.there:
        if seen.secrecy is Secrecy.NONE:
            yield Hit(seen, "has no secret, so anybody can send it events", way_out(seen, "give it a `secret:` block"))


RULE = Rule(Code.UNSIGNED, "a webhook without a secret", Severity.MEDIUM, hits)
