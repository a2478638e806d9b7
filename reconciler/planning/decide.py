"""What becomes of a webhook: two total functions, each with its truth table. [pure]

Called by `planning.plan`.
"""

from enum import StrEnum

from reconciler.model.action import Action
from reconciler.model.capabilities import Retire
from reconciler.model.webhook import Certainty
from reconciler.planning.needs import Need
from reconciler.secrets.custody.state import comes_with_its_own, waits


class Hold(StrEnum):
    """What keeps a webhook from being changed."""

    NONE = "none"
    STOPPED = "stopped"  # a problem: nothing may be done with it
    SECRET = "secret"  # its secret cannot be had
    CUT_SHORT = "cut short"  # the same, after a write that was cut short


def decide(
    certainty: Certainty, managed: bool, need: Need, hold: Hold = Hold.NONE, issued: bool = False
) -> Action | None:
    """What becomes of a webhook of the file; None where it is blocked: nothing is done, and its problem is told.

    Args:
        managed: the lock has an entry for it.
        issued: the vendor issues its secret.

    hold         certainty    managed   need      action
    ----------   ----------   -------   -------   -------
    stopped      any          any       any       blocked
    any other    unknown      any       any       noop        nothing may be concluded
    secret,      otherwise    any       replace   replace     where the vendor issues the secret: with a new one
    cut short
    secret       otherwise    yes       write     update      without its secret
    secret,      otherwise    any       any       blocked     it waits for its secret
    cut short
    none         absent       any       any       create
    none         unreadable   no        any       create      nobody could look, and says so
    none         otherwise    any       replace   replace
    none         present      no        any       adopt
    none         otherwise    yes       write     update
    none         otherwise    yes       rename    adopt
    none         otherwise    yes       record    update      without calls
    none         otherwise    yes       nothing   noop
    """
    if hold is Hold.STOPPED:
        return None
    if certainty is Certainty.UNKNOWN:
        return Action.NOOP
    action = _unhindered(certainty, managed, need)
    if hold is Hold.NONE or comes_with_its_own(issued, action):
        return action
    return None if waits(action, need is Need.WRITE, hold is Hold.CUT_SHORT) else action


def _unhindered(certainty: Certainty, managed: bool, need: Need) -> Action:
    match (certainty, managed, need):
        case (Certainty.ABSENT, _, _) | (Certainty.UNREADABLE, False, _):
            return Action.CREATE
        case (_, _, Need.REPLACE):
            return Action.REPLACE
        case (_, False, _) | (_, _, Need.RENAME):
            return Action.ADOPT
        case (_, _, Need.WRITE | Need.RECORD):
            return Action.UPDATE
        case _:
            return Action.NOOP


def decide_orphan(certainty: Certainty, prune: bool, retire: Retire) -> Action:
    """What becomes of a webhook that only the lock has; `retire` is what pruning does at its vendor.

    A webhook whose deletion was asked for once, and that is still there, is pruned whether this run was told to or not.

    prune   certainty    retire       action
    -----   ----------   ----------   ----------
    no      any          any          orphan
    yes     absent       any          forget
    yes     present      delete       delete
    yes     present      deactivate   deactivate
    yes     present      none         orphan      refused: the vendor has no way
    yes     unreadable   any          orphan      refused: nobody can look
    yes     unknown      any          orphan      a problem: the read failed
    """
    match (prune, certainty, retire):
        case (True, Certainty.ABSENT, _):
            return Action.FORGET
        case (True, Certainty.PRESENT, "delete"):
            return Action.DELETE
        case (True, Certainty.PRESENT, "deactivate"):
            return Action.DEACTIVATE
        case _:
            return Action.ORPHAN
