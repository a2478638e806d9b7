"""Stronger fingerprints and digests for the lock, of what this run has seen to be the same.

Called by `apply.scheduler`, at the end.

Neither can be made stronger without what it is of; so those of what nothing showed stay as they are.
"""

from collections.abc import Iterable, Iterator

from reconciler.model.noted import renewed
from reconciler.model.secret import Secret, SecretState
from reconciler.model.webhook import Entry
from reconciler.planning.types import Change
from reconciler.run.apply_input import ApplyInput
from reconciler.run.runtime import Runtime
from reconciler.secrets.digests import ValueDigests
from reconciler.state.event import Recorded
from reconciler.state.lock import Lock


def stronger(changes: Iterable[Change], apply_input: ApplyInput, runtime: Runtime, lock: Lock) -> Iterator[Recorded]:
    """The entries of `lock` with new fingerprints and digests: of what was planned, verified, and outdated."""
    for change in changes:
        entry = lock.entries.get(change.name)
        if entry is None:
            continue
        made = _of_values(change, _of_secret(change, entry, apply_input, runtime), apply_input, runtime)
        if made != entry:
            yield Recorded(change.name, made)


def _of_secret(change: Change, entry: Entry, apply_input: ApplyInput, runtime: Runtime) -> Entry:
    prints = apply_input.fingerprinter
    known = entry.secret.fingerprint if entry.secret else None
    if entry.secret is None or known is None or not prints.outdated(known):
        return entry
    secret = _verified(change.name, apply_input, runtime)
    if secret is None or not prints.matches(secret, known):
        return entry
    return entry._replace(secret=entry.secret._replace(fingerprint=prints.make(secret, change.name)))


def _of_values(change: Change, entry: Entry, apply_input: ApplyInput, runtime: Runtime) -> Entry:
    found = apply_input.matched(change.name).remote
    if found is None or found.remote_id != entry.remote_id or change.provider not in runtime.loaded.providers:
        return entry
    capabilities = runtime.loaded.providers[change.provider].vendor.capabilities
    digests = ValueDigests(apply_input.fingerprinter, change.name)
    return entry._replace(shown=renewed(entry, found.fields, capabilities, runtime.redactor.hide, digests))


def _verified(name: str, apply_input: ApplyInput, runtime: Runtime) -> Secret | None:
    """The secret that was compared with the lock and is still the same: ours, or the one that the vendor shows."""
    desired, status = apply_input.desired.get(name), apply_input.secrets.get(name)
    if desired is None or desired.secret is None or status is None or status.state is not SecretState.SAME:
        return None
    if desired.secret.source is not None:
        return runtime.resolver.resolve(desired.secret.source)
    remote = apply_input.matched(name).remote
    return remote.secret if remote is not None else None
