"""Webhooks of whose secret nobody knows whether they have it, or which. [pure] Used by `audit.table`."""

from collections.abc import Iterator

from reconciler.audit.rule import Rule, way_out
from reconciler.audit.types import Hit, Inventory, Secrecy, Seen, Severity, Standing
from reconciler.codes import Code
from reconciler.model.further import called
from reconciler.model.secret import NOT_THE_FILES
from reconciler.support.hints import command


def hits(inventory: Inventory) -> Iterator[Hit]:
    """Webhooks whose vendor shows nothing of a secret, and of which whsync has set none; and those that have another's.

    A secret that whsync has set counts as known, although a vendor's mask proves nothing.
    """
    for seen in inventory.there:
        for each in seen.secrets:
            if each.declared and not each.is_known and seen.standing is Standing.MANAGED:
                yield Hit(seen, f"has a {called(each.name)} that is {NOT_THE_FILES}", _own(seen, each.name))
        if seen.secret_is_known or seen.secrecy in (Secrecy.NOT_HERE, Secrecy.NONE):
            continue
        if seen.secret_declared and seen.standing is Standing.MANAGED:
            yield Hit(seen, f"has a secret that is {NOT_THE_FILES}", _own(seen))
        elif seen.secrecy is Secrecy.UNKNOWN:
            yield Hit(seen, "may have no secret: this API does not show it", way_out(seen, "give it a `secret:` block"))


def _own(seen: Seen, which: str = "") -> str:
    rotate = command("rotate", seen.known_as, *(("--secret", which) if which else ()))
    return f"{rotate} gives it another, which is known then"


RULE = Rule(
    Code.SECRET_UNVERIFIABLE, "a secret of which nobody knows whether it is there, or which", Severity.LOW, hits
)
