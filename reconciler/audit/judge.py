"""An inventory -> every webhook with its findings. [pure] Called by `run.audit`."""

from collections import defaultdict

from reconciler.audit.table import RULES, levels
from reconciler.audit.types import Audited, AuditFinding, Inventory, Severity

_WORST_FIRST = [*reversed(Severity)]


def judged(inventory: Inventory) -> tuple[Audited, ...]:
    """Each webhook of the inventory in its place, with what the rules that are not switched off say of it."""
    found: dict[int, list[AuditFinding]] = defaultdict(list)
    for code, severity in levels(inventory.settings).items():
        if severity is None:
            continue
        for seen, summary, hint in RULES[code].hits(inventory):
            finding = AuditFinding(
                code, severity, summary, hint, seen.provider, seen.scope, seen.name, seen.remote_id, seen.at
            )
            found[seen.number].append(finding)
    return tuple(Audited(seen, tuple(sorted(found.get(seen.number, ()), key=_turn))) for seen in inventory.webhooks)


def _turn(finding: AuditFinding) -> tuple[int, str]:
    return _WORST_FIRST.index(finding.severity), finding.code
