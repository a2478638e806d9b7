"""Whether a saved plan still holds: the same files, the same lock, every affected webhook as the plan saw it. [pure]

Called by `cli.apply` with the saved plan and the one that the same options give now.
"""

from reconciler.change import Change, Plan
from reconciler.errors import StalePlanError

AGAIN = "make a new plan, and review it"


def prove(saved: Plan, now: Plan) -> Plan:
    """The plan to carry out: exactly what `saved` would change, as planned again just now.

    Raises:
        StalePlanError: anything that `saved` would change is no longer as it was, or `saved` has not seen the vendors.
    """
    if saved.options.offline:
        raise StalePlanError("the plan was made offline: it has not seen the vendors", "make it without --offline")
    if saved.basis.config != now.basis.config:
        raise StalePlanError("the files, or variables they use, have changed since the plan was made", AGAIN)
    if saved.basis.lock != now.basis.lock:
        raise StalePlanError("the lock has changed since the plan was made", AGAIN)
    today = {change.name: change for change in now.changes}
    moved = [change.name for change in saved.pending if _essence(change) != _essence(today.get(change.name))]
    if moved:
        raise StalePlanError(f"no longer as the plan saw it: {', '.join(moved)}", AGAIN)
    affected = {change.name for change in saved.pending}
    return now._replace(changes=tuple(change for change in now.changes if change.name in affected))


def _essence(change: Change | None) -> object:
    """What would be done to what; words for people may differ."""
    return change and change._replace(reason="", notes=(), secret_note="", last_applied=None)
