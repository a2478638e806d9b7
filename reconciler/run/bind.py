"""Binds a webhook of the files to a remote one: finds that one, notes and compares its secret.

Called by `cli.adopt`, and by `run.taken_over` for many. The rules, which need nobody to ask, are in `matching.binding`.
"""

from reconciler.errors import SecretError, WhsyncError
from reconciler.matching.binding import Binding, pick
from reconciler.model.secret import SecretState
from reconciler.model.webhook import Entry, Remote, SecretRecord
from reconciler.run.accounts import strangers
from reconciler.run.observe import Observed, observe
from reconciler.run.runtime import Runtime
from reconciler.run.secrets import fingerprints_of
from reconciler.secrets.custody.check import Case, check
from reconciler.secrets.custody.vendor_drift import Means
from reconciler.state.lock import Lock


def find(binding: Binding, lock: Lock, runtime: Runtime) -> Remote | None:
    """The remote webhook as read, or None where this API cannot be read and the user vouches for it.

    Raises:
        WhsyncError: it is not there, the read failed, or the credentials are another account's than the lock's.
        Interrupted: the user stopped the run.
    """
    place = (binding.desired.provider, binding.desired.scope)
    unused = strangers({binding.desired.provider}, runtime.loaded.desired, lock, runtime)
    seen = Observed(strangers=unused) if unused else observe({place: frozenset({binding.remote_id})}, runtime)
    if seen.problems:
        problem = seen.problems[0]
        raise WhsyncError(problem.summary, problem.hint, kind=problem.kind, code=problem.code)
    remote = pick(binding, seen.places[place])
    return remote and remote._replace(fields=runtime.veil.ours(binding.desired, remote.fields))


def declared(binding: Binding, record: SecretRecord | None, lock: Lock, runtime: Runtime) -> SecretRecord | None:
    """What the lock may say of the webhook's secret: also what the file's reference says, to notice a change of that.

    Args:
        record: says that nobody knows the vendor's; None where there is nothing to say.
        lock: as it is before.
    """
    source = binding.desired.secret.source if binding.desired.secret else None
    if record is None or source is None:
        return record
    try:
        value = runtime.resolver.resolve(source)
    except SecretError:
        return record  # the next plan notes it
    fingerprint = runtime.fingerprinter(fingerprints_of(lock)).make(value, binding.desired.name)
    return record._replace(fingerprint=fingerprint, sent=False)


def words_on_secret(binding: Binding, remote: Remote | None, entry: Entry, runtime: Runtime) -> str:
    """What the user must know of a secret that the vendor does not show: nobody knows it, and how to own it.

    Empty where there is nothing to tell. `entry` is what the lock says of the webhook now.
    """
    means = Means(runtime.resolver, runtime.fingerprinter(()), runtime.loaded.rescues)
    try:
        status = check(Case(binding.desired, remote, entry, binding.capabilities.secret), means)
    except SecretError as error:
        return f"Its secret could not be compared: {error.summary}" + (f"; {error.hint}" if error.hint else "")
    return f"Its secret is unverifiable: {status.note}" if status.state is SecretState.UNVERIFIABLE else ""
