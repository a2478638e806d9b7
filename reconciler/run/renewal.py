"""Credentials that are asked for again in mid-run are those of the account that the run has begun with.

Used by `run.runtime`.
"""

from collections.abc import Callable
from contextlib import closing

from reconciler.codes import Code
from reconciler.errors import VendorError
from reconciler.providers.protocol import Provider, TellsAccount
from reconciler.wire.drive import Wire
from reconciler.wire.renewal import Credentials, Renew


def renewing(
    ask: Callable[[], Credentials],
    known: Callable[[], str | None],
    provider: Provider,
    way: Callable[[Credentials], Wire],
) -> Renew:
    """How the credentials of one account are asked for again.

    Args:
        ask: asks where they are from.
        known: the id of the account that the run has begun with, where the vendor has told it.
        way: leads to the account with new credentials.
    """

    def renew(dead: Credentials) -> Credentials:
        fresh, before = ask(), known()
        if fresh != dead and before is not None and isinstance(provider, TellsAccount):
            with closing(way(fresh)) as wire:
                seen = wire.drive(provider.account())
            if seen is None or seen.id != before:
                raise VendorError(
                    "they are not known to be those of the same account",
                    "run again with the credentials of one account",
                    kind="wrong_account",
                    code=Code.WRONG_ACCOUNT,
                )
        return fresh

    return renew
