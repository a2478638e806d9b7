"""What must not be deleted, since another webhook may have it and keeps it. [pure]

Called by `planning.plan`. Who may have it is found out by `matching.lookalikes`.
"""

from collections.abc import Collection, Sequence

from reconciler.codes import Code
from reconciler.errors import Rejected
from reconciler.matching.types import Matched, Matching
from reconciler.support.hints import command


def keepers_of(found: Matched, matching: Matching, chosen: Collection[str]) -> list[str]:
    """Those that may have an orphan's remote, and keep it: all but orphans that the same run prunes, too.

    Args:
        chosen: the names that the run is about.
    """
    if found.taken_by is not None:
        return []  # it is known whose it is
    going = {
        name
        for name, other in matching.orphans.items()
        if name in chosen and other.entry is not None and not other.entry.protect
    }
    return [name for name in found.alike if name not in going]


def demand_its_own(name: str, found: Matched, others: Sequence[str]) -> None:
    """Let pass what may be deleted.

    Raises:
        Rejected: `others` may have its remote, in other words for its place.
    """
    if found.remote is None or not others:
        return
    summary = f"{found.remote.remote_id} may be the remote webhook of {' and '.join(others)}, so it is not deleted"
    let_go = command("state", "rm", name)
    hint = f"look at the vendor: if it is the same one, {let_go}; if they are two, remove this one there before that"
    raise Rejected(summary, hint, kind="ambiguous", code=Code.MAY_BE_ANOTHERS)
