"""The lines of a plan for webhooks that only the lock has: orphans, and those whose place nobody lists now. [pure]

Called by `planning.plan`.
"""

from reconciler.codes import Code
from reconciler.matching.types import Matched
from reconciler.model.action import Action, PlannedCall
from reconciler.model.diff import digest
from reconciler.model.discovery import Apart
from reconciler.model.webhook import Entry
from reconciler.planning.explain import orphan_reason, what_goes
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


def orphaned(name: str, found: Matched, entry: Entry, action: Action, calls: tuple[PlannedCall, ...]) -> Change:
    """The plan's line for one orphan.

    Args:
        name: what the lock calls it.
        found: how it was matched.
        entry: as it was last applied.
        action: what becomes of it.
        calls: that this takes.
    """
    remote, why = found.remote, orphan_reason(found, action)
    return Change(
        name=name,
        provider=entry.provider,
        type=entry.type,
        scope=entry.scope,
        remote_id=remote.remote_id if remote else entry.remote_id,
        action=action,
        certainty=found.certainty,
        reason=why.words,
        fields=what_goes(entry, remote, action),
        observed=digest(remote) if remote else None,
        calls=calls,
        last_applied=entry.at,
        code=why.code,
    )
