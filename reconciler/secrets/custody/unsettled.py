"""Issued secrets that are not known to be in their sinks. Called by `check`, `survey` and `apply`. [pure]

A secret is owed from the moment that the vendor is asked for one until it is in its sink. The lock says so by a record
with a sink and no fingerprint; where not even that could be written, by the intent that is still open. Nothing is lost
in silence: every plan and every apply say what is owed, until `rotate` gets another or `adopt` lets it rest.
"""

from reconciler.errors import SecretError
from reconciler.model.action import Action
from reconciler.model.secret import SecretSemantics
from reconciler.model.webhook import Desired, Entry, Remote, SecretRecord
from reconciler.state.event import Intended
from reconciler.support.hints import command


def in_doubt(record: SecretRecord | None) -> bool:
    """Whether nobody knows if the vendor's secret is that of the sink, or of the reference: a change was cut short."""
    return record is not None and record.fingerprint is None and record.stored is not None


def is_unheard(intent: Intended | None, entry: Entry | None, remote: Remote | None) -> bool:
    """Whether a create was sent whose answer never came, and `remote` may be what it made.

    Args:
        entry: what the lock has of it, or of an older one that was there before.
    """
    making = intent is not None and intent.action in (Action.CREATE, Action.REPLACE)
    return making and remote is not None and (entry is None or entry.remote_id != remote.remote_id)


def owed(name: str, remote_id: str | None, sink: object, semantics: SecretSemantics) -> SecretError:
    """The error of a secret that is owed to `sink`; names the way out that this vendor has."""
    summary = f"its secret is owed: {sink} may not have the one that the vendor issued last"
    if semantics.reissues:
        return SecretError(summary, f"{command('rotate', name)} issues a new one and stores it")
    again = "apply again once the vendor shows it; or " if semantics.readable or semantics.fetchable else ""
    return SecretError(summary, again + _by_hand(name, remote_id, sink) + anew(name, semantics))


def no_second(desired: Desired, remote: Remote | None, semantics: SecretSemantics) -> SecretError:
    """The error of asking for another secret where the vendor has no call for that."""
    summary = "its vendor issues the secret and has no call that issues another"
    by_hand = _by_hand(desired.name, remote and remote.remote_id, desired.secret and desired.secret.sink)
    return SecretError(summary, by_hand + anew(desired.name, semantics))


def outdated(name: str, remote_id: str, sink: object, semantics: SecretSemantics) -> str:
    """The ways out where the vendor has another secret than the stored one and does not show it."""
    adopt = f"then {command('adopt', name, '--id', remote_id)} takes your word for it"
    if semantics.reissues:
        return f"{command('rotate', name)} issues a new one and stores it; or put the one in force into {sink}, {adopt}"
    return _by_hand(name, remote_id, sink) + anew(name, semantics)


def anew(name: str, semantics: SecretSemantics) -> str:
    """The way to another secret by another webhook, behind other ways; empty where the vendor cannot delete."""
    if not semantics.replaceable:
        return ""
    return (
        f"; or replace the webhook: take it out of the file, {command('apply', '--prune', '--target', name)}, "
        "put it back and apply, and the new one has a secret of its own"
    )


def _by_hand(name: str, remote_id: str | None, sink: object) -> str:
    adopt = command("adopt", name, "--id", remote_id or "ID")
    return f"ask the vendor for one and put it into {sink}; then {adopt} takes your word for it"


def demand(
    desired: Desired,
    remote: Remote | None,
    entry: Entry | None,
    semantics: SecretSemantics,
    *,
    unheard: bool,
    unread: bool,
) -> None:
    """Stop where an issued secret is owed and the vendor does not show it.

    Args:
        unheard: see `is_unheard`.
        unread: the webhook is there, although this API cannot be read.

    Raises:
        SecretError: it is owed, and how to get it.
    """
    there, shown = unread or remote is not None, remote is not None and remote.secret is not None
    if there and not shown and (unheard or in_doubt(entry.secret if entry else None)):
        remote_id = remote.remote_id if remote else entry.remote_id if entry else None
        raise owed(desired.name, remote_id, desired.secret and desired.secret.sink, semantics)
