"""Which remote webhooks may be one of the file's behind a mask, so that no key can tell. [pure]

Used by `matching.match`, where no step has found a webhook: some vendors show an address with its secret part behind
asterisks, and after a lost lock or a lost answer what was made would look as if it were not there.
"""

from reconciler.matching.index import Reading
from reconciler.model.equality import hides, same
from reconciler.model.webhook import Desired, Remote


def may_be(webhook: Desired, reading: Reading) -> tuple[str, ...]:
    """The ids of those that nobody owns, and whose natural key is the webhook's as far as it is shown."""
    return tuple(sorted(each.remote_id for each in reading.veiled if _fits(webhook, each, reading)))


def _fits(webhook: Desired, remote: Remote, reading: Reading) -> bool:
    if remote.remote_id in reading.owners:
        return False
    for pointer in reading.capabilities.natural_key:
        wanted, shown = webhook.fields.get(pointer), remote.fields.get(pointer)
        hidden = shown is not None and hides(pointer, shown, wanted)
        if not hidden and not same(pointer, wanted, shown, reading.capabilities):
            return False
    return True
