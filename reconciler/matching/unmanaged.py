"""What no webhook of ours has at the vendors, and what is worth a look. [pure]

Called by `match` at its end.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from reconciler.matching.index import Place, World, account_key, key_of
from reconciler.model.action import Finding, Unmanaged
from reconciler.model.secret import shown_url
from reconciler.model.webhook import Remote


class Claim(NamedTuple):
    """A webhook of ours has a remote one; `passed`: so has another, which it belongs to by now."""

    name: str
    place: Place
    remote: Remote
    passed: bool = False


def leftovers(claims: Iterable[Claim], world: World) -> tuple[tuple[Unmanaged, ...], tuple[Finding, ...]]:
    """The remotes that nobody claims, and what is worth a look."""
    claimed: dict[Place, dict[str, str]] = defaultdict(dict)  # by ground: two entries may look at one repository

    def at(place: Place) -> Place:
        return account_key(place[0], world.accounts.get(place[0], ""), place[1])

    findings: list[Finding] = []
    for name, place, remote, passed in claims:
        claimed[at(place)][remote.remote_id] = name
        if remote.note and not passed:
            summary = f"the vendor switched {name} off: {remote.note}"
            findings.append(Finding("vendor_disabled", summary, *place, remote.remote_id, name))
    # A tombstone's remote is nobody's business any more, but it is no stranger.
    for name, entry in world.lock.entries.items():
        if entry.remote_id is not None:
            claimed[account_key(entry.provider, entry.account, entry.scope)].setdefault(entry.remote_id, name)
    unmanaged: list[Unmanaged] = []
    told: set[tuple[Place, str]] = set()
    for place, seen in world.seen.items():
        mine = claimed[at(place)]
        for remote in seen.observation.remotes:
            known = remote.remote_id in mine or remote.remote_id in seen.owners
            if known or (at(place), remote.remote_id) in told:
                continue
            told.add((at(place), remote.remote_id))
            unmanaged.append(Unmanaged(*place, remote.remote_id, shown_url(remote.fields.url)))
            twins = seen.by_key.get(key_of(remote.fields, seen.capabilities) or (), ())
            for twin in sorted(mine[twin.remote_id] for twin in twins if twin.remote_id in mine)[:1]:
                summary = f"{remote.remote_id} is a second remote webhook like {twin}"
                findings.append(Finding("duplicate", summary, *place, remote.remote_id, twin))
    findings.sort(
        key=lambda finding: (finding.provider, finding.scope, finding.name or "", finding.kind, finding.remote_id or "")
    )
    return tuple(sorted(unmanaged)), tuple(findings)
