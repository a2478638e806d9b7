"""Stronger fingerprints and digests for the lock, of what this run has seen to be the same.

Called by `apply.scheduler`, at the end.

Neither can be made stronger without what it is of; so those of what nothing showed stay as they are.
"""

from collections.abc import Iterable, Iterator

from reconciler.model.further import desired_of, records_of, remote_of, salt_of, with_record
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
    for which, record in records_of(entry).items():
        known = record.fingerprint
        if known is None or not prints.outdated(known):
            continue
        secret = _verified(change.name, which, apply_input, runtime)
        if secret is not None and prints.matches(secret, known):
            made = prints.make(secret, salt_of(change.name, which))
            entry = with_record(entry, which, record._replace(fingerprint=made))
    return entry


def _of_values(change: Change, entry: Entry, apply_input: ApplyInput, runtime: Runtime) -> Entry:
    found = apply_input.matched(change.name).remote
    if found is None or found.remote_id != entry.remote_id or change.provider not in runtime.loaded.providers:
        return entry
    capabilities = runtime.loaded.providers[change.provider].vendor.capabilities
    digests = ValueDigests(apply_input.fingerprinter, change.name)
    return entry._replace(shown=renewed(entry, found.fields, capabilities, runtime.redactor.hide, digests))


def _verified(name: str, which: str, apply_input: ApplyInput, runtime: Runtime) -> Secret | None:
    """The secret that was compared with the lock and is still the same: ours, or the one that the vendor shows."""
    desired, status = apply_input.desired.get(name), apply_input.status(name, which)
    spec = desired_of(desired, which).secret if desired is not None else None
    if spec is None or status.state is not SecretState.SAME:
        return None
    if spec.source is not None:
        return runtime.resolver.resolve(spec.source)
    remote = apply_input.matched(name).remote
    return remote_of(remote, which).secret if remote is not None else None
