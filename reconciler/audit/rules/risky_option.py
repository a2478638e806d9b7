"""Options whose value is a risk, as the vendor's manifest says. [pure] Used by `audit.table`."""

from collections.abc import Iterator

from reconciler.audit.rule import Rule, way_out
from reconciler.audit.types import Hit, Inventory, Severity
from reconciler.codes import Code
from reconciler.model.equality import identical
from reconciler.model.webhook import OPTIONS


def hits(inventory: Inventory) -> Iterator[Hit]:
    """Webhooks that have an option with a value that the manifest calls risky."""
    for seen in inventory.there:
        capabilities = inventory.capabilities_of.get(seen.provider)
        for pointer, value, why in capabilities.risky if capabilities is not None else ():
            if identical(seen.fields.get(pointer), value):
                option = pointer.removeprefix(OPTIONS)
                summary = f"has {option}: {str(value).lower() if isinstance(value, bool) else value}, so {why}"
                yield Hit(seen, summary, way_out(seen, f"give options.{option} another value"))


RULE = Rule(Code.RISKY_OPTION, "an option with a risky value, such as certificate checks off", Severity.HIGH, hits)
