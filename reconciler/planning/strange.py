"""What is said of webhooks that nobody declared and that are to go. [pure] Used by `planning.plan` and its parts."""

from reconciler.codes import Code
from reconciler.errors import UsageError
from reconciler.matching.types import STRANGER, Matching
from reconciler.matching.unwanted import called
from reconciler.model.action import Action
from reconciler.planning.needs import Why
from reconciler.planning.types import PlanOptions
from reconciler.support.hints import did_you_mean, first_of


def strangers_chosen(matching: Matching, options: PlanOptions) -> frozenset[str]:
    """The names of strangers that are to go, all that were named among them.

    Raises:
        UsageError: one of them is not, or the policy spares it.
    """
    going = frozenset(name for name, found in matching.orphans.items() if found.how == STRANGER)
    lost = sorted(set(options.unmanaged or ()) - going)
    if not lost:
        return going
    names = dict(zip(called(matching.unmanaged), matching.unmanaged, strict=True))
    if any(names.get(name) in matching.spared for name in lost):
        summary = f"policy.except spares {', '.join(lost)}"
        raise UsageError(summary, "take its pattern out of the policy first", code=Code.UNKNOWN_NAME)
    there = f"there are {first_of(sorted(names), 10)}" if names else "there is none: all are in the files or the lock"
    summary = f"no unmanaged webhook is called {', '.join(lost)}"
    raise UsageError(summary, did_you_mean(lost[0], names) or there, code=Code.UNKNOWN_NAME)


def why_it_goes(by_hand: bool, action: Action) -> Why:
    """Why something that nobody declared goes, or would."""
    who = "you named it" if by_hand else "policy.unmanaged is delete"
    if action.writes:
        code = Code.PRUNE_DELETE if action is Action.DELETE else Code.PRUNE_DEACTIVATE
        return Why(code, f"nobody declared it, and {who}")
    return Why(Code.UNMANAGED_FOUND, f"nobody declared it, and {who}: with --prune it goes")
