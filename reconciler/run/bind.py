"""Binds a webhook of the files to a remote one: finds that one, and compares its secret. Called by `cli.adopt`.

The rules, which need nobody to ask, are in `matching.binding`.
"""

from reconciler.errors import SecretError, WhsyncError
from reconciler.matching.binding import Binding, pick
from reconciler.model.secret import SecretState
from reconciler.model.webhook import Entry, Remote
from reconciler.run.accounts import strangers
from reconciler.run.observe import Observed, observe
from reconciler.run.runtime import Runtime
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
    return pick(binding, seen.places[place])


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
