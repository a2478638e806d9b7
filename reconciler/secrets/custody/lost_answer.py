"""What reading says of the secret of a write whose answer was lost. [pure]

Called by `apply.recover`.
"""

from enum import StrEnum
from typing import NamedTuple

from reconciler.secrets.custody.state import Origin


class LostAnswer(StrEnum):
    """What is known of the secret of a write whose answer was lost, where its fields are as wanted."""

    SETTLED = "settled"
    TAKEN_OR_NOT = "whether ours was taken cannot be read"
    ISSUED_AND_LOST = "it was in the lost answer"
    NOT_FETCHED = "it could not be fetched this time"
    PERHAPS_REPLACED = "whether it was replaced cannot be read"
    NOT_REPLACED = "reading shows the one from before"


class LostSecret(NamedTuple):
    """A write whose answer was lost, as far as the secret is concerned.

    Args:
        creates: it was to make the webhook.
        carried: it was to set the secret.
        shown: reading shows the secret.
        as_before: what is shown is what the lock recorded before.
        fetchable: a call of its own would show it.
    """

    origin: Origin | None
    creates: bool
    carried: bool
    shown: bool
    as_before: bool
    fetchable: bool


def after_lost_answer(write: LostSecret) -> LostAnswer:
    """What is known now.

    origin      write                    read               known
    ----------  -----------------------  -----------------  ---------------------------------
    issued      creates                  not shown          issued and lost, or not fetched
    issued      asks for another         not shown          perhaps replaced, or not fetched
    issued      asks for another         shown, as before   not replaced
    ours, made  carries it, an update    any                taken or not
    any         any other                any                settled
    """
    issued = write.origin is Origin.ISSUED
    if issued and (write.creates or write.carried) and not write.shown:
        lost = LostAnswer.ISSUED_AND_LOST if write.creates else LostAnswer.PERHAPS_REPLACED
        return LostAnswer.NOT_FETCHED if write.fetchable else lost
    if issued and write.carried and write.as_before:
        return LostAnswer.NOT_REPLACED
    if write.carried and not write.creates and not issued:
        return LostAnswer.TAKEN_OR_NOT
    return LostAnswer.SETTLED
