"""Webhooks that were applied and that their vendor does not have any more. [pure] Used by `audit.table`."""

from collections.abc import Iterator

from reconciler.audit.rule import Rule
from reconciler.audit.types import Hit, Inventory, Severity, Standing
from reconciler.codes import Code
from reconciler.model.webhook import Certainty
from reconciler.support.hints import command


def hits(inventory: Inventory) -> Iterator[Hit]:
    """Webhooks of the lock that are proven to be gone."""
    for seen in inventory.webhooks:
        if seen.certainty is Certainty.ABSENT and seen.name is not None:
            anew = f"make it anew: {command('apply', '--target', seen.name)}"
            forget = f"let go of it: {command('state', 'rm', seen.name)}"
            yield Hit(seen, "is gone at the vendor", anew if seen.standing is Standing.MANAGED else forget)


RULE = Rule(Code.GONE, "a webhook of the lock that is gone at the vendor", Severity.MEDIUM, hits)
