"""What becomes of a webhook: two total functions, each with its truth table. [pure]

Called by `plan`.
"""

from reconciler.model.action import Action
from reconciler.model.webhook import Certainty, Retire
from reconciler.planning.needs import Need


def decide(certainty: Certainty, managed: bool, need: Need) -> Action:
    """What becomes of a webhook of the file; `managed` says whether the lock has an entry for it.

    certainty    managed   need      action
    ----------   -------   -------   -------
    unknown      any       any       noop        nothing may be concluded
    absent       any       any       create
    unreadable   no        any       create      nobody could look, and says so
    otherwise    any       replace   replace
    present      no        any       adopt
    otherwise    yes       write     update
    otherwise    yes       rename    adopt
    otherwise    yes       record    update      without calls
    otherwise    yes       nothing   noop
    """
    match (certainty, managed, need):
        case (Certainty.UNKNOWN, _, _):
            return Action.NOOP
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
