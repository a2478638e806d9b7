"""Stronger fingerprints for the lock, of secrets that this run has seen to be the same.

Called by `apply.scheduler`, at the end.

A fingerprint cannot be made stronger without its secret; so those of secrets that nothing showed stay as they are.
"""

from collections.abc import Iterable, Iterator

from reconciler.model.secret import Secret, SecretState
from reconciler.planning.types import Change
from reconciler.run.apply_input import ApplyInput
from reconciler.run.runtime import Runtime
from reconciler.state.event import Recorded
from reconciler.state.lock import Lock


def stronger(changes: Iterable[Change], apply_input: ApplyInput, runtime: Runtime, lock: Lock) -> Iterator[Recorded]:
    """The entries of `lock` with new fingerprints: of what was planned, verified as the same, and outdated."""
    prints = apply_input.fingerprinter
    for change in changes:
        entry = lock.entries.get(change.name)
        known = entry.secret.fingerprint if entry and entry.secret else None
        if entry is None or entry.secret is None or known is None or not prints.outdated(known):
            continue
        secret = _verified(change.name, apply_input, runtime)
        if secret is not None and prints.matches(secret, known):
            record = entry.secret._replace(fingerprint=prints.make(secret, change.name))
            yield Recorded(change.name, entry._replace(secret=record))


def _verified(name: str, apply_input: ApplyInput, runtime: Runtime) -> Secret | None:
    """The secret that was compared with the lock and is still the same: ours, or the one that the vendor shows."""
    desired, status = apply_input.desired.get(name), apply_input.secrets.get(name)
    if desired is None or desired.secret is None or status is None or status.state is not SecretState.SAME:
        return None
    if desired.secret.source is not None:
        return runtime.resolver.resolve(desired.secret.source)
    remote = apply_input.matched(name).remote
    return remote.secret if remote is not None else None
