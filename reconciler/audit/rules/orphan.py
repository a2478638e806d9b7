"""Webhooks that the files have let go of, and that are still there. [pure] Used by `audit.table`."""

from collections.abc import Iterator

from reconciler.audit.rule import Rule
from reconciler.audit.types import Hit, Inventory, Severity, Standing
from reconciler.codes import Code
from reconciler.support.hints import command


def hits(inventory: Inventory) -> Iterator[Hit]:
    """Webhooks that the lock has and the files no longer have."""
    for seen in inventory.there:
        if seen.standing is Standing.ORPHAN and seen.name is not None:
            remove, let_go = command("apply", "--prune", "--target", seen.name), command("state", "rm", seen.name)
            yield Hit(seen, "is no longer in the files", f"remove it: {remove}; or let go of it: {let_go}")


RULE = Rule(Code.ORPHAN, "a webhook of the lock that the files no longer have", Severity.MEDIUM, hits)
