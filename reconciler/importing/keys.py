"""By what webhooks with one natural key in one place are told apart. [pure] Used by `run.drafts`."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from reconciler.model.capabilities import Capabilities
from reconciler.model.equality import canonical, hides
from reconciler.model.webhook import DESCRIPTION, EVENTS, OPTIONS, STATUS, Fields

_MOST = 2
"""So many fields beside the natural key, and no more, are what a person would name."""


def key_for(webhooks: Sequence[Fields], capabilities: Capabilities) -> tuple[str, ...]:
    """The pointers of a key that no two of these share: the natural one and as little else as will do; none if none.

    What changes least often is tried first, the status last.
    """
    known = set.intersection(*({at for at in each if not hides(at, each[at], None)} for each in webhooks))
    options = sorted(at for at in known if at.startswith(OPTIONS))
    able = capabilities.writable & known - capabilities.unreadable
    further = [at for at in (EVENTS, DESCRIPTION, *options, STATUS) if at in able]
    for key in _keys(capabilities.natural_key, further):
        values = {tuple(canonical(at, each[at], capabilities) for at in key if at in each) for each in webhooks}
        if len(values) == len(webhooks):
            return key
    return ()


def _keys(natural: tuple[str, ...], further: Sequence[str]) -> Iterator[tuple[str, ...]]:
    own = [at for at in further if at not in natural]
    for many in range(1, _MOST + 1):
        yield from ((*natural, *some) for some in combinations(own, many))
