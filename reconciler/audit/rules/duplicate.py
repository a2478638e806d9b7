"""Webhooks of one place that are alike, so that every event comes twice. [pure] Used by `audit.table`."""

from collections import defaultdict
from collections.abc import Iterator

from reconciler.audit.rule import Rule
from reconciler.audit.types import Hit, Inventory, Seen, Severity, Standing
from reconciler.codes import Code
from reconciler.model.webhook import Certainty
from reconciler.support.hints import named_in_short


def hits(inventory: Inventory) -> Iterator[Hit]:
    """Webhooks that share a place and a natural key with another that was read."""
    alike: dict[int, list[Seen]] = defaultdict(list)
    for seen in inventory.webhooks:
        if seen.alike is not None and seen.certainty is Certainty.PRESENT:
            alike[seen.alike].append(seen)
    for group in alike.values():
        names = named_in_short(seen.known_as for seen in group)
        for seen in group if len(group) > 1 else ():
            yield Hit(seen, f"is one of {len(group)} alike in one place: {names}", _way(seen))


def _way(seen: Seen) -> str:
    if seen.standing is Standing.MANAGED:
        return "keep this one, and remove what nobody needs of the others"
    return f"remove it at {seen.provider}, if nobody needs it"


RULE = Rule(Code.DUPLICATE, "a second webhook alike in one place", Severity.MEDIUM, hits)
