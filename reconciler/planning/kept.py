"""What must not be deleted, since another webhook may have it and keeps it. [pure]

Called by `planning.plan`. Who may have it is found out by `matching.lookalikes`.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import islice

from reconciler.codes import Code
from reconciler.errors import Rejected
from reconciler.matching.problems import NAMED
from reconciler.matching.types import Matched, Matching, others
from reconciler.support.hints import command


class Keepers:
    """Those that may have an orphan's remote, and keep it: all but orphans that the same run prunes, too.

    Args:
        chosen: the names that the run is about.
        prune: it prunes them all; otherwise it only asks those to go again that were asked before.
    """

    def __init__(self, matching: Matching, chosen: Collection[str], prune: bool) -> None:
        self._going = {
            name
            for name, other in matching.orphans.items()
            if name in chosen
            and other.entry is not None
            and not other.entry.protect
            and (prune or other.entry.is_leaving)
        }
        self._staying: dict[int, tuple[str, ...]] = {}  # by block, for webhooks share their blocks

    def of(self, name: str, found: Matched) -> list[str]:
        """Those of one orphan, as far as they are named."""
        if found.taken_by is not None:
            return []  # it is known whose it is
        return named(others(tuple(map(self._stay, found.alike)), name))

    def _stay(self, block: tuple[str, ...]) -> tuple[str, ...]:
        if id(block) not in self._staying:
            self._staying[id(block)] = tuple(each for each in block if each not in self._going)
        return self._staying[id(block)]


def named(names: Iterable[str]) -> list[str]:
    """The first of them, and whether there are more, in words."""
    first = list(islice(names, NAMED + 1))
    return first if len(first) <= NAMED else [*first[:NAMED], "others"]


def demand_its_own(name: str, found: Matched, keepers: Sequence[str]) -> None:
    """Let pass what may be deleted.

    Raises:
        Rejected: `keepers` may have its remote, in other words for its place.
    """
    if found.remote is None or not keepers:
        return
    summary = f"{found.remote.remote_id} may be the remote webhook of {' and '.join(keepers)}, so it is not deleted"
    let_go = command("state", "rm", name)
    hint = f"look at the vendor: if it is the same one, {let_go}; if they are two, remove this one there before that"
    raise Rejected(summary, hint, kind="ambiguous", code=Code.MAY_BE_ANOTHERS)
