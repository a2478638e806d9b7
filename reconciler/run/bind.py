"""Binds a webhook of the files to a remote one: finds that one, notes and compares its secret.

Called by `cli.adopt`, and by `run.taken_over` for many. The rules, which need nobody to ask, are in `matching.binding`.
"""

from contextlib import suppress

from reconciler.errors import SecretError, WhsyncError
from reconciler.matching.binding import Binding, pick
from reconciler.model.further import (
    called,
    desired_of,
    entry_of,
    named,
    records_of,
    remote_of,
    salt_of,
    semantics_of,
    specs_of,
    with_record,
)
from reconciler.model.secret import SecretState
from reconciler.model.webhook import Entry, Remote
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


def declared(binding: Binding, entry: Entry, lock: Lock, runtime: Runtime) -> Entry:
    """The entry with what the file's references say of the secrets, to notice a change of that.

    Args:
        entry: says that nobody knows the vendor's.
        lock: as it is before.
    """
    specs, prints = specs_of(binding.desired), runtime.fingerprinter(fingerprints_of(lock))
    for which, record in records_of(entry).items():
        source = specs[which].source if which in specs else None
        if source is None:
            continue
        with suppress(SecretError):  # the next plan notes it
            made = prints.make(runtime.resolver.resolve(source), salt_of(binding.desired.name, which))
            entry = with_record(entry, which, record._replace(fingerprint=made, sent=False))
    return entry


def words_on_secret(binding: Binding, remote: Remote | None, entry: Entry, runtime: Runtime) -> str:
    """What the user must know of a secret that the vendor does not show: nobody knows it, and how to own it.

    Empty where there is nothing to tell. `entry` is what the lock says of the webhook now.
    """
    told = (_words(which, binding, remote, entry, runtime) for which in named(binding.desired, None))
    return "\n".join(filter(None, told))


def _words(which: str, binding: Binding, remote: Remote | None, entry: Entry, runtime: Runtime) -> str:
    means = Means(runtime.resolver, runtime.fingerprinter(()), runtime.loaded.rescues)
    case = Case(
        desired_of(binding.desired, which),
        remote_of(remote, which) if remote is not None else None,
        entry_of(entry, which),
        semantics_of(binding.capabilities, which),
        which=which,
    )
    try:
        status = check(case, means)
    except SecretError as error:
        way = f"; {error.hint}" if error.hint else ""
        return f"Its {called(which)} could not be compared: {error.summary}{way}"
    return f"Its {called(which)} is unverifiable: {status.note}" if status.state is SecretState.UNVERIFIABLE else ""
