"""Secrets that several webhooks have. [pure] Used by `audit.table`."""

from collections import defaultdict
from collections.abc import Iterator

from reconciler.audit.rule import Rule
from reconciler.audit.types import Hit, Inventory, Seen, Severity
from reconciler.codes import Code
from reconciler.support.hints import named_in_short


def hits(inventory: Inventory) -> Iterator[Hit]:
    """Webhooks whose secret, by the files, is that of another: who learns one of them can sign for all."""
    groups: dict[int, dict[int, Seen]] = defaultdict(dict)
    for seen in inventory.there:
        for secret in seen.each_secret:
            if secret.group is not None:
                groups[secret.group][seen.number] = seen
    for group in groups.values():
        names = named_in_short(seen.known_as for seen in group.values())
        for seen in group.values() if len(group) > 1 else ():
            way = "give each a reference of its own under `secret:`"
            yield Hit(seen, f"is one of {len(group)} that have one secret: {names}", way)


RULE = Rule(Code.SECRET_SHARED, "a secret that several webhooks have", Severity.LOW, hits)
