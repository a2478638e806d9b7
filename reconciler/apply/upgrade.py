"""Stronger fingerprints for the lock, of secrets that this run has seen to be the same. Called by `lanes`, at the end.

A fingerprint cannot be made stronger without its secret; so those of secrets that nothing showed stay as they are.
"""

from collections.abc import Iterable, Iterator

from reconciler.change import Change
from reconciler.event import Recorded
from reconciler.lock import Lock
from reconciler.runtime import Runtime
from reconciler.secret import Match, Secret
from reconciler.survey import Situation


def stronger(changes: Iterable[Change], situation: Situation, runtime: Runtime, lock: Lock) -> Iterator[Recorded]:
    """The entries of `lock` with new fingerprints: of what was planned, verified as the same, and outdated."""
    prints = situation.fingerprinter
    for change in changes:
        entry = lock.entries.get(change.name)
        known = entry.secret.fingerprint if entry and entry.secret else None
        if entry is None or entry.secret is None or known is None or not prints.outdated(known):
            continue
        secret = _verified(change.name, situation, runtime)
        if secret is not None and prints.matches(secret, known):
            record = entry.secret._replace(fingerprint=prints.make(secret, change.name))
            yield Recorded(change.name, entry._replace(secret=record))


def _verified(name: str, situation: Situation, runtime: Runtime) -> Secret | None:
    """The secret that was compared with the lock and is still the same: ours, or the one that the vendor shows."""
    desired, status = situation.desired.get(name), situation.secrets.get(name)
    if desired is None or desired.secret is None or status is None or status.match is not Match.SAME:
        return None
    if desired.secret.source is not None:
        return runtime.resolver.resolve(desired.secret.source)
    remote = situation.matched(name).remote
    return remote.secret if remote is not None else None
