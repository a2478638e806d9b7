"""Events that anybody on the way may read and change. [pure] Used by `audit.table`."""

from collections.abc import Iterator

from reconciler.audit.rule import Rule, way_out
from reconciler.audit.types import Hit, Inventory, Severity
from reconciler.codes import Code
from reconciler.planning.policy import may_be_plain


def hits(inventory: Inventory) -> Iterator[Hit]:
    """Webhooks with an http URL, loopback hosts and the exceptions of the policy aside."""
    for seen in inventory.there:
        url = seen.fields.url
        if url.lower().startswith("http://") and not may_be_plain(url, inventory.policy.of(seen.provider)):
            yield Hit(seen, "has a URL without https, so its events travel in the clear", way_out(seen, "use https"))


RULE = Rule(Code.PLAIN_HTTP, "a URL without https", Severity.HIGH, hits)
