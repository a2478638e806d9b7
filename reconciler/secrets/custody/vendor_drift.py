"""How a vendor's side of a secret has moved since it was recorded, as far as it shows anything.

Called by `secrets.custody.check` and `run.drift`.

A mask is never a value; it is compared only with the mask that was recorded for the same webhook.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from reconciler.model.secret import Secret, SecretSemantics
from reconciler.model.webhook import Remote, SecretRecord
from reconciler.secrets.custody.places import stored_in
from reconciler.secrets.custody.state import Move
from reconciler.secrets.fingerprint import Fingerprinter
from reconciler.secrets.source import Resolver

OURS: Mapping[Move, str] = {
    "removed": "removed at the vendor",
    "value": "changed outside",
    "mask": "changed outside: the vendor's mask differs",
}
ISSUED: Mapping[Move, str] = {
    "removed": "removed at the vendor",
    "value": "changed outside; it will be stored again",
    "mask": "changed outside; the stored copy is no longer valid",
}
UNMADE = "not made"


class Means(NamedTuple):
    """What one run compares secrets with.

    Args:
        rescues: the folder of rescue files.
        offline: resolve nothing.
        makes: whether anybody will see a new secret's fingerprint; else none is made, for that is slow.
    """

    resolver: Resolver
    fingerprinter: Fingerprinter
    rescues: Path
    offline: bool = False
    makes: bool = True

    def make(self, value: Secret, salt: str) -> str:
        """The fingerprint of a new secret, or what stands for it where nobody will see it."""
        return self.fingerprinter.make(value, salt) if self.makes else UNMADE


def move(remote: Remote, record: SecretRecord, means: Means, semantics: SecretSemantics) -> Move | None:
    """How the vendor's side moved since `record` was made; where it shows value and mask, the value decides."""
    if record.in_force is None and record.mask is None:
        return None
    if _is_removed(remote, record, semantics):
        return "removed"
    shown = remote.secret
    if shown is not None and record.in_force is not None:
        equal = means.fingerprinter.matches(shown, record.in_force)
        # The beginning of the stored secret is a mask, although nothing in it says so.
        return None if equal or any(map(shown.begins, stored_in(record, means.resolver))) else "value"
    return "mask" if remote.mask and record.mask and remote.mask != record.mask else None


_SAYS_NOTHING = re.compile(
    r"(.)\1*|[\[<({]*[a-z _-]*(?:redacted|hidden|masked|filtered|removed|protected|obfuscated)[a-z _-]*[\])}>]*",
    re.IGNORECASE | re.DOTALL,
)
"""Masks that are the same whatever the secret is."""


def tells_apart(remote: Remote | None, record: SecretRecord | None) -> bool:
    """Whether what the vendor shows would be another, were the secret another than the recorded one."""
    if remote is None or record is None:
        return False
    if remote.secret is not None and record.fingerprint is not None:
        return True
    return bool(remote.mask and record.mask) and _SAYS_NOTHING.fullmatch(remote.mask or "") is None


def _is_removed(remote: Remote, record: SecretRecord, semantics: SecretSemantics) -> bool:
    """Whether the vendor has no secret any more: it says so, or shows nothing where it showed a mask or a value.

    Whoever issues secrets may show them once, or now and then: that nothing is shown says nothing of such a one.
    """
    if remote.has_secret is not None:
        return not remote.has_secret
    if remote.secret is not None or remote.mask is not None:
        return False
    of_theirs = semantics.lifecycle == "issued" or (semantics.lifecycle == "either" and record.stored is not None)
    showed_it = semantics.readable and record.in_force is not None and not of_theirs
    return showed_it or (record.mask is not None and (semantics.masked or semantics.readable))


def vendor_side(remote: Remote, record: SecretRecord, means: Means, semantics: SecretSemantics) -> str:
    """The same in words; empty where it did not move, or nobody can tell."""
    moved = move(remote, record, means, semantics)
    return OURS[moved] if moved else ""
