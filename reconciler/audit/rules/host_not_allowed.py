"""Hosts that the policy does not list. [pure] Used by `audit.table`."""

from collections.abc import Iterator

from reconciler.audit.rule import Rule, way_out
from reconciler.audit.types import Hit, Inventory, Severity
from reconciler.codes import Code
from reconciler.planning.policy import host_allowed, host_of


def hits(inventory: Inventory) -> Iterator[Hit]:
    """Webhooks whose host fits no pattern of the policy, or of one that the files cannot loosen; a hidden URL is none.

    Where the policy names no hosts, all are allowed.
    """
    for seen in inventory.there:
        url, policy = seen.fields.url, inventory.policy.of(seen.provider)
        lists = [patterns for patterns in (policy.allowed_hosts, policy.allowed_also) if patterns]
        host = host_of(url)
        if url and not _is_masked(host) and not all(host_allowed(host, patterns) for patterns in lists):
            summary = f"points to {host or url}, which policy.allowed_hosts does not list"
            yield Hit(seen, summary, way_out(seen, "let it point elsewhere, or list the host"))


def _is_masked(host: str) -> bool:
    return "*" in host


RULE = Rule(Code.HOST_NOT_ALLOWED, "a host that `policy.allowed_hosts` does not list", Severity.HIGH, hits)
