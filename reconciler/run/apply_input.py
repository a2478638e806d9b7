"""What an apply needs beside its plan, and each change as its provider needs it. No IO.

Made by `run.survey`; used by `run.describe` for the plan's calls, and by `apply`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from reconciler.matching.types import Matched, Matching
from reconciler.model.further import FIRST, Further, desired_of, entry_of, named, remote_of
from reconciler.model.secret import Secret, SecretState, SecretStatus
from reconciler.model.webhook import Desired, Entry, Fields, Remote
from reconciler.providers.protocol import ChangeRequest, OurSecret
from reconciler.secrets.fingerprint import Fingerprinter
from reconciler.state.lock import Lock


class ApplyInput(NamedTuple):
    """Everything by webhook name, as it was when the plan was made.

    Args:
        desired: the webhooks of the files that the plan is about.
        secrets: the state of their secrets; further: that of further ones, by webhook and then by their names.
        lock: with every open intent under the name that its webhook has now.
    """

    desired: Mapping[str, Desired]
    matching: Matching
    secrets: Mapping[str, SecretStatus]
    lock: Lock
    fingerprinter: Fingerprinter
    further: Further = MappingProxyType({})

    def status(self, name: str, which: str) -> SecretStatus:
        """The state of one secret; of one that nobody compared, that it is not managed."""
        known = self.further.get(name, {}).get(which) if which else self.secrets.get(name)
        return known or SecretStatus(SecretState.UNMANAGED)

    def matched(self, name: str) -> Matched:
        """How `name` was matched, whether it is in the files or only in the lock."""
        return self.matching.matched.get(name) or self.matching.orphans[name]


def change_request(
    given: ApplyInput, name: str, changes: frozenset[str], secrets: Mapping[str, Secret], makes: bool
) -> ChangeRequest:
    """One change as its provider needs it; for orphans, what the lock remembers stands for what is desired.

    Args:
        given: what was desired and matched.
        name: the webhook's.
        changes: the pointers that the change sends.
        secrets: ours, to be sent along, by their names.
        makes: it makes a webhook; only then the fields count that are left alone from then on.
    """
    desired, matched = given.desired.get(name), given.matched(name)
    request = _of_the_file(desired, makes) if desired else _of_the_lock(name, matched)
    entry, remote = matched.entry, matched.remote
    known = entry.parts if entry else ()
    return request._replace(
        changes=changes,
        remote=remote,
        remote_id=remote.remote_id if remote else entry.remote_id if entry else None,
        parts=remote.parts if remote and remote.parts else known,
        orphan_parts=(*(entry.orphan_parts if entry else ()), *matched.inherited),
        secret=secrets.get(FIRST),
        secret_unset=remote is not None and remote.has_secret is False,
        made_bare=_is_made_bare(entry, remote),
        secrets=tuple(
            (which, _further_of(which, desired, matched, secrets.get(which)))
            for which in sorted({*named(desired, entry), *dict(remote.secrets if remote else ())} - {FIRST})
        ),
    )


def _further_of(which: str, desired: Desired | None, matched: Matched, secret: Secret | None) -> OurSecret:
    """What is known of one further secret; it is always one of ours."""
    remote = remote_of(matched.remote, which) if matched.remote else None
    entry = entry_of(matched.entry, which) if matched.entry else None
    declared = desired is not None and desired_of(desired, which).secret is not None
    return OurSecret(secret, declared=declared, made_bare=_is_made_bare(entry, remote))


def _is_made_bare(entry: Entry | None, remote: Remote | None) -> bool:
    """Whether the webhook was made here without a secret, and nothing has been seen of one since."""
    return entry is not None and _is_bare(entry) and (remote is None or not _shows_a_secret(remote))


def _is_bare(entry: Entry) -> bool:
    """Whether the webhook was made here, and never had a secret from here."""
    return entry.secret is None and entry.since is not None and entry.since.how == "created"


def _shows_a_secret(remote: Remote) -> bool:
    return bool(remote.has_secret or remote.mask or remote.secret)


def _of_the_file(desired: Desired, makes: bool) -> ChangeRequest:
    spec = desired.secret
    issued, ours = spec is not None and spec.issued, spec is not None and not spec.issued
    return ChangeRequest(
        desired.name,
        desired.scope,
        desired.fields if makes else desired.kept,
        wants_issued=issued,
        declares_secret=ours,
        delete_first=bool(desired.delete_first),
    )


def _of_the_lock(name: str, matched: Matched) -> ChangeRequest:
    entry = matched.entry
    return ChangeRequest(name, entry.scope, entry.applied) if entry else ChangeRequest(name, (), Fields())
