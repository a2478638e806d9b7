"""A webhook of the lock whose place nobody lists now: told, kept, and never pruned for that. [pure]

Called by `planning.plan`.
"""

from reconciler.codes import Code
from reconciler.matching.types import Matched
from reconciler.model.action import Action
from reconciler.model.discovery import Apart
from reconciler.model.webhook import Entry
from reconciler.planning.types import Change

_CODES = {"gone": Code.PLACE_GONE, "unfit": Code.PLACE_UNFIT, "unknown": Code.BLOCKED}


def set_apart(name: str, found: Matched, entry: Entry, apart: Apart) -> Change:
    """The plan's line for one: an orphan that no prune takes, or where nobody could list, blocked."""
    unknown = apart.state == "unknown"
    return Change(
        name=name,
        provider=entry.provider,
        type=entry.type,
        scope=entry.scope,
        remote_id=entry.remote_id,
        action=Action.NOOP if unknown else Action.ORPHAN,
        certainty=found.certainty,
        reason=apart.words,
        last_applied=entry.at,
        code=_CODES[apart.state],
        blocked=unknown,
    )
