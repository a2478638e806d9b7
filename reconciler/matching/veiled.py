"""Which remote webhooks may be one of the file's behind a mask, so that no key can tell. [pure]

Used by `matching.match`, where no step has found a webhook: some vendors show an address with its secret part behind
asterisks, and after a lost lock or a lost answer what was made would look as if it were not there.
"""

from heapq import merge
from itertools import islice

from reconciler.matching.index import Reading
from reconciler.matching.problems import NAMED
from reconciler.model.equality import hides, same
from reconciler.model.identity import key_in
from reconciler.model.webhook import Desired, Remote


def may_be(webhook: Desired, reading: Reading) -> tuple[str, ...]:
    """The ids of those that nobody owns, and whose key is the webhook's as far as it is shown.

    One more than are named stand for any number: where all look alike, everybody's own list would be too much.
    """
    veiled = reading.veiled.get(webhook.key, {})
    fitting = (alike for alike in veiled.values() if _fits(webhook, alike[0], reading))
    return tuple(islice(merge(*([each.remote_id for each in alike[: NAMED + 1]] for alike in fitting)), NAMED + 1))


def _fits(webhook: Desired, remote: Remote, reading: Reading) -> bool:
    for pointer in key_in(webhook, reading.capabilities):
        wanted, shown = webhook.fields.get(pointer), remote.fields.get(pointer)
        hidden = shown is not None and hides(pointer, shown, wanted)
        if not hidden and not same(pointer, wanted, shown, reading.capabilities):
            return False
    return True
