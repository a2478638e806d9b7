"""Webhooks that nobody declared. [pure] Used by `audit.table`."""

from collections.abc import Iterator

from reconciler.audit.rule import Rule
from reconciler.audit.types import Hit, Inventory, Severity, Standing
from reconciler.codes import Code


def hits(inventory: Inventory) -> Iterator[Hit]:
    """Webhooks that neither the files nor the lock have, unless the policy says that nobody minds."""
    for seen in inventory.there:
        if seen.standing is Standing.UNMANAGED and inventory.policy.of(seen.provider).unmanaged != "ignore":
            way = f"remove it at {seen.provider}, or write it into the files, which adopts it"
            yield Hit(seen, "is in neither the files nor the lock", way)


RULE = Rule(Code.UNMANAGED_FOUND, "a webhook that neither the files nor the lock have", Severity.LOW, hits)
