"""Whether a saved plan still holds: the same files, the same lock, every affected webhook as the plan saw it. [pure]

Called by `cli.apply` with the saved plan and the one that the same options give now.
"""

from collections.abc import Collection

from reconciler.codes import Code
from reconciler.errors import Problem, StalePlanError, WhsyncError
from reconciler.planning.types import Change, Plan
from reconciler.support.hints import named_in_short

AGAIN = "make a new plan, and review it"


def check_fresh(saved: Plan, now: Plan) -> Plan:
    """The plan to carry out: exactly what `saved` would change, as planned again just now.

    Raises:
        StalePlanError: anything that `saved` would change is no longer as it was, or `saved` has not seen the vendors.
        WhsyncError: nobody can tell whether it is, and why: a vendor that cannot be read, a secret that is missing.
    """
    if saved.options.offline:
        raise StalePlanError(
            "the plan was made offline: it has not seen the vendors",
            "make it without --offline",
            code=Code.PLAN_OFFLINE,
        )
    if saved.basis.config != now.basis.config:
        raise StalePlanError(
            "the files, or manifests or variables they use, have changed since the plan was made", AGAIN
        )
    if saved.basis.lock != now.basis.lock:
        raise StalePlanError("the lock has changed since the plan was made", AGAIN)
    if saved.basis.discovered != now.basis.discovered:
        _blame_discovery(now)
        raise StalePlanError(
            f"what the vendors list has changed since the plan was made: {_otherwise(saved, now)}", AGAIN
        )
    today = {change.name: change for change in now.changes}
    moved = [change.name for change in saved.pending if _essence(change) != _essence(today.get(change.name))]
    if moved:
        _blame(now, moved)
        raise StalePlanError(f"no longer as the plan saw it: {named_in_short(moved)}", AGAIN)
    affected = {change.name for change in saved.pending}
    return now._replace(changes=tuple(change for change in now.changes if change.name in affected))


def _blame_discovery(now: Plan) -> None:
    """Where something could not be listed today, that is what the user must hear.

    Raises:
        WhsyncError: with every such problem, and the kind of the first.
    """
    problems = [problem for problem in now.problems if problem.code is Code.DISCOVERY_FAILED]
    if problems:
        hint = "mend that, then apply the plan again; nothing was written"
        summary = "whether the plan still holds cannot be told, for what it hangs on could not be listed"
        raise WhsyncError(summary, hint, kind=problems[0].kind, problems=problems, code=Code.PLAN_UNPROVEN)


def _otherwise(saved: Plan, now: Plan) -> str:
    """What is listed now and was not then, or was and is not."""
    before, after = (
        {(each.block, value) for each in plan.discovered for value in each.values} for plan in (saved, now)
    )
    came = [f"{value} came" for _, value in sorted(after - before)]
    went = [f"{value} went" for _, value in sorted(before - after)]
    return named_in_short([*came, *went]) or "elsewhere than then"


def _blame(now: Plan, moved: Collection[str]) -> None:
    """Where what looks as if it had moved could not be looked at today, that is what the user must hear.

    Raises:
        WhsyncError: with every such problem, and the kind of the first.
    """
    providers = {change.provider for change in now.changes if change.name in moved}
    problems = [problem for problem in now.problems if _concerns(problem, moved, providers)]
    if problems:
        hint = "mend that, then apply the plan again; nothing was written"
        summary = f"whether the plan still holds cannot be told: {named_in_short(moved)}"
        raise WhsyncError(summary, hint, kind=problems[0].kind, problems=problems, code=Code.PLAN_UNPROVEN)


def _concerns(problem: Problem, names: Collection[str], providers: Collection[str]) -> bool:
    return bool(set(problem.about) & set(names)) if problem.about else problem.provider in providers


def _essence(change: Change | None) -> object:
    """What would be done to what; words for people may differ, and no saved plan has places."""
    if change is None:
        return None
    done = change._replace(code=Code.UNCODED, source=None, at=None)
    # A secret that cannot be had is not one that is as applied, though neither can be verified.
    secrets = tuple(each._replace(note="") for each in change.secrets)
    plain = done._replace(reason="", notes=(), secret_note="", last_applied=None, secrets=secrets)
    return plain, [alone.as_applied for _, alone in change.each_secret]
