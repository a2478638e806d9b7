"""Which webhooks have one secret: found out at the time, from references at hand, and kept nowhere.

Called by `run.sharing`. The lock's fingerprints are salted for each webhook, so that they show no equality; that is not
weakened by writing down here what they hide. Whoever can resolve the references may see it, for as long as he looks.
"""

from collections.abc import Iterable, Mapping

from reconciler.errors import SecretError
from reconciler.model.further import records_of, salt_of, specs_of
from reconciler.model.secret import Secret, SecretSpec
from reconciler.model.webhook import Desired, Entry
from reconciler.secrets.fingerprint import Fingerprinter
from reconciler.secrets.source import Resolver

SHARED = "shared by these webhooks"
"""The name that a digest is made for: the same for all, so that equal secrets look equal."""


def digests(
    desired: Iterable[Desired],
    entries: Mapping[str, Entry],
    resolver: Resolver,
    lock: Fingerprinter,
    telling: Fingerprinter,
) -> dict[str, str]:
    """A keyed digest of each secret that is at hand and is the applied one; equal ones are shared.

    By webhook name, and further ones by the webhook's name and theirs, see `further.salt_of`.

    Args:
        lock: compares with the lock's fingerprints.
        telling: has a key, without which nobody can tell what a digest is of; makes the digests.
    """
    held = []
    for webhook in desired:
        entry = entries.get(webhook.name)
        records = records_of(entry) if entry else {}
        for which, spec in specs_of(webhook).items():
            known = records[which].in_force if which in records else None
            if known:
                held += [(salt_of(webhook.name, which), secret, known) for secret in _at_hand(spec, resolver)]
    lock.prepare((secret, known) for _, secret, known in held)
    same = {name: secret for name, secret, known in held if _is(secret, known, lock)}
    return {name: telling.make(secret, SHARED).rpartition("$")[2] for name, secret in same.items()}


def _at_hand(spec: SecretSpec, resolver: Resolver) -> tuple[Secret, ...]:
    places = filter(None, (spec.source, spec.sink))
    return tuple(secret for place in places for secret in resolver.at_hand(place))


def _is(secret: Secret, fingerprint: str, fingerprinter: Fingerprinter) -> bool:
    try:
        return fingerprinter.matches(secret, fingerprint)
    except SecretError:
        return False  # it is of another key
