"""Webhooks that receive nothing since somebody switched them off. [pure] Used by `audit.table`."""

from collections.abc import Iterator

from reconciler.audit.rule import Rule, way_out
from reconciler.audit.types import Hit, Inventory, Severity
from reconciler.codes import Code
from reconciler.model.webhook import STATUS


def hits(inventory: Inventory) -> Iterator[Hit]:
    """Webhooks with another status than `active`; where the vendor itself did it, that has a rule of its own."""
    for seen in inventory.there:
        status = seen.fields.get(STATUS, "active")
        if status != "active" and not seen.note:
            summary = "is switched off" if status == "inactive" else f"is {status}"
            yield Hit(seen, summary, way_out(seen, "write `status: active`"))


RULE = Rule(Code.SWITCHED_OFF, "a webhook that is switched off", Severity.LOW, hits)
