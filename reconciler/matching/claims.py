"""Who has which remote webhook and which entry, and what becomes of those who want the same. [pure]

Used by `matching.match`.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from reconciler.matching import problems
from reconciler.matching.index import Index
from reconciler.matching.types import Matched
from reconciler.model.diff import shown
from reconciler.model.identity import key_in, key_of
from reconciler.model.webhook import Address, Desired, Ground, Remote


class Claim(NamedTuple):
    """What only one webhook of the file can have: a remote webhook or a natural key on its ground, else an entry."""

    what: str
    ground: Ground | None = None


def settled(
    wanted: Mapping[str, Matched], orphans: Mapping[str, Matched], index: Index
) -> tuple[dict[str, Matched], dict[str, Matched]]:
    """Both after all claims are known, so that nobody touches what is another's.

    Two webhooks of the file cannot be one remote, or go on with one entry: both stop. The remote of an orphan may
    belong to a webhook of the file by now, and so may the old one of a replacement.
    """
    holders, rivals = _claimed(wanted, index)
    wanted = _stopped(wanted, rivals, index)
    orphans = {name: _handed_over(orphan, holders) for name, orphan in orphans.items()}
    return (
        {name: _left_alone(found, holders) for name, found in wanted.items()},
        {name: _left_alone(found, holders) for name, found in orphans.items()},
    )


def _claimed(wanted: Mapping[str, Matched], index: Index) -> tuple[dict[Claim, str], dict[Claim, list[str]]]:
    """Who has each claim, and everybody with the same, where there are several."""
    holders: dict[Claim, str] = {}
    rivals: dict[Claim, list[str]] = {}
    for name, found in wanted.items():
        for claim in _claims(found, index.desired[name], index):
            if holders.setdefault(claim, name) != name:
                rivals.setdefault(claim, [holders[claim]]).append(name)
    return holders, rivals


def _claims(found: Matched, webhook: Desired, index: Index) -> Iterator[Claim]:
    if found.remote is not None:
        yield _claim(webhook.address, found.remote)
    if found.entry_name is not None:
        yield Claim(found.entry_name)
    if index.identities:  # places are known to be one that no check of the files could know to be
        capabilities = index.capabilities_of[webhook.provider]
        if key_of(webhook.fields, capabilities, webhook.key) is not None:
            named = (f"{at[1:]} {shown(at, webhook.fields[at])}" for at in key_in(webhook, capabilities))
            yield Claim(" and ".join(named), webhook.address.ground)


def _stopped(wanted: Mapping[str, Matched], rivals: Mapping[Claim, list[str]], index: Index) -> dict[str, Matched]:
    """Rivals stop, each with the first reason that there is."""
    stopped = dict(wanted)
    for claim, names in rivals.items():
        for name in names:
            if stopped[name].problem is None:
                problem = problems.shared(index.desired[name], names, claim.what)
                stopped[name] = stopped[name]._replace(problem=problem)
    return stopped


def _handed_over(orphan: Matched, holders: Mapping[Claim, str]) -> Matched:
    """An orphan that knows which webhook of the file has its remote."""
    if orphan.entry is None or orphan.remote is None:
        return orphan
    return orphan._replace(taken_by=holders.get(_claim(orphan.entry.address, orphan.remote)))


def _left_alone(found: Matched, holders: Mapping[Claim, str]) -> Matched:
    """A replacement whose old webhook is another's by now has nothing more to retire."""
    if found.superseded and found.entry and _claim(found.entry.address, found.superseded) in holders:
        return found._replace(superseded=None)
    return found


def _claim(address: Address, remote: Remote) -> Claim:
    return Claim(remote.remote_id, address.ground)
