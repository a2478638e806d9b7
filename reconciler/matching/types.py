"""What matching finds out: of one webhook, and of all. [pure]

Made by `matching.match`, completed by `matching.transfers` and `run.survey`; used by `planning`, `apply` and
`run.drift`.
"""

from collections.abc import Iterator, Mapping
from heapq import merge
from itertools import groupby
from typing import NamedTuple

from reconciler.errors import Problem
from reconciler.model.action import Finding, Unmanaged
from reconciler.model.webhook import Certainty, Entry, Part, Remote

Alike = tuple[tuple[str, ...], ...]
"""Names that may have one remote webhook, in sorted blocks, which webhooks share: a list for each would be too much."""


STRANGER = "stranger"
"""How something is an orphan that neither the file nor the lock has: see `unwanted`."""


def others(alike: Alike, name: str) -> Iterator[str]:
    """All of them but `name`, sorted, each once."""
    return (each for each, _ in groupby(merge(*alike)) if each != name)


class Matched(NamedTuple):
    """What is known of one webhook: its entry in the lock and its remote, each where there is one.

    Args:
        entry_name: the entry's name, which is a former one where the webhook was renamed.
        how: by what the remote was found: `lock`, `mark`, `was`, `natural key` (see `steps`); empty where it was not.
        problem: why nothing may be done with it.
        withheld: why its secret cannot be had; nothing may be done with it that needs the secret.
        taken_by: of an orphan: the webhook of the file that its remote now belongs to.
        alike: names of ours that may have the very same remote, its own perhaps among them; see `lookalikes`.
        note: a sentence for people.
        superseded: the old webhook that `remote` replaces, where it is still there.
        departed: ids that were asked to leave and are gone.
        inherited: parts that other webhooks give up and this one wants.
        passed_on: the events that this one gives up and another takes, and which.
    """

    entry: Entry | None = None
    entry_name: str | None = None
    remote: Remote | None = None
    certainty: Certainty = Certainty.UNKNOWN
    how: str = ""
    problem: Problem | None = None
    withheld: Problem | None = None
    taken_by: str | None = None
    alike: Alike = ()
    note: str = ""
    superseded: Remote | None = None
    departed: tuple[str, ...] = ()
    inherited: tuple[Part, ...] = ()
    passed_on: tuple[tuple[str, str], ...] = ()


class Matching(NamedTuple):
    """Everything matched: `matched` by the file's names, `orphans` by the lock's, and the remotes nobody claims.

    Among the orphans are strangers that are to go (`how` is `STRANGER`); `spared` are those of `unmanaged` that the
    policy lets stay.
    """

    matched: Mapping[str, Matched]
    orphans: Mapping[str, Matched]
    unmanaged: tuple[Unmanaged, ...] = ()
    findings: tuple[Finding, ...] = ()
    spared: frozenset[Unmanaged] = frozenset()
