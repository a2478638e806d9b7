"""Digests of what vendors show of fields that nobody manages, so that a committed lock does not tell these values.

Made by `run.survey`, `run.drift`, `apply.change`, `apply.upgrade` and `cli.adopt`; what is noted is decided in
`model.noted`; those of hidden values by `run.hiding`. Two forms, each behind `digest:`:

    a fingerprint       as `secrets.fingerprint` makes it: of a value with a secret in it; of all where there is a key
    salted$SALT$DIGEST  DIGEST = HMAC-SHA256(SALT, value): of any other value that is too long for the lock

Without a key, each guess at a value that holds a secret costs one scrypt, as one at the secret itself does; each run
pays as much once for each such value. There are few; of long values there may be as many as webhooks, so they have no
slow step.
"""

import base64
import hashlib
import hmac
from typing import NamedTuple

from reconciler.model.noted import DIGEST
from reconciler.model.secret import Secret
from reconciler.secrets.fingerprint import Fingerprinter

_SALTED = "salted"
_SALT_BYTES = 12


class ValueDigests(NamedTuple):
    """Makes and compares the digests of the webhook `name`."""

    fingerprinter: Fingerprinter
    name: str

    def make(self, words: str, has_secret: bool) -> str:
        """The digest of a value; see `model.noted`."""
        if has_secret or self.fingerprinter.has_key:
            return DIGEST + self.fingerprinter.make(Secret(words), self.name)
        salt = hashlib.blake2b(self.name.encode(), key=b"whsync value salt", digest_size=_SALT_BYTES).digest()
        return DIGEST + _salted(words, salt)

    def fits(self, words: str, digest: str) -> bool | None:
        """Whether it is the digest of this value; None where nobody can tell, for its key is not at hand."""
        text = digest.removeprefix(DIGEST)
        if text.startswith(f"{_SALTED}$"):
            return hmac.compare_digest(_salted(words, _decoded(text.split("$")[1])).encode(), text.encode())
        if not self.fingerprinter.comparable(text):
            return None
        return self.fingerprinter.matches(Secret(words), text)


class HiddenMarks(NamedTuple):
    """Fingerprints of the values that are hidden in URLs and options; see `model.hidden`."""

    fingerprinter: Fingerprinter

    def make(self, value: str, place: str) -> str:
        """The fingerprint of a value; `place` keeps equal ones in two places apart."""
        return self.fingerprinter.make(Secret(value), place)

    def fits(self, value: str, fingerprint: str) -> bool:
        """Whether it is the fingerprint of this value; not where its key is not at hand."""
        return self.fingerprinter.comparable(fingerprint) and self.fingerprinter.matches(Secret(value), fingerprint)


class ForeseenMarks:
    """Stands in for `HiddenMarks`, to learn what there will be to compare, so that it is done at once."""

    def __init__(self) -> None:
        self._pairs: list[tuple[Secret, str]] = []
        self._new: list[Secret] = []

    def make(self, value: str, place: str) -> str:
        """What will be made; nothing is, yet."""
        self._new.append(Secret(value))
        return place

    def fits(self, value: str, fingerprint: str) -> bool:
        """What will be compared; nothing is, yet."""
        self._pairs.append((Secret(value), fingerprint))
        return True

    def prepare(self, prints: Fingerprinter) -> None:
        """Do what is slow of all of it.

        Raises:
            Interrupted: the user stopped the run.
        """
        prints.prepare(self._pairs, self._new)


def _salted(words: str, salt: bytes) -> str:
    made = hmac.digest(salt, words.encode(), "sha256")
    return f"{_SALTED}${_encoded(salt)}${_encoded(made)}"


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return b""
