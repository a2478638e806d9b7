"""Fingerprints: what the lock and the plan keep of a secret, enough to see that it changed and no more.

Made by `run.runtime`; used by `run.secrets`, `secrets.custody` and `secrets.digests`.

Two forms, each naming its parameters:

    scrypt$14$STRETCH.ENTRY$DIGEST   K = scrypt(secret, STRETCH, n=2^14, r=8, p=1);  DIGEST = HMAC-SHA256(K, ENTRY)
    hmac$KEYID$ENTRY$DIGEST          K = scrypt(key, a constant, likewise);  DIGEST = HMAC-SHA256(K, ENTRY + secret)

The slow step depends on the secret and on STRETCH only, which a lock shares: ten thousand webhooks with one secret cost
one scrypt. ENTRY comes from the webhook's name, so equal secrets look different, and the same input gives the same text
(plans are compared byte for byte). What this gives up: someone who has the lock tries one guess against all its entries
at once, at one scrypt a guess. With a key, guessing needs the key.
"""

import base64
import hashlib
import hmac
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from reconciler.codes import Code
from reconciler.errors import SecretError
from reconciler.model.secret import Secret
from reconciler.secrets.once import Once

COST = 14
MOST_COST = 17
SALT_BYTES = 12
_BLOCK, _PARALLEL = 8, 1
LOST_KEY = "`whsync rotate NAME` for one webhook, or `whsync apply --reassert` for all"


class _Stretched(NamedTuple):
    secret: Secret
    salt: bytes
    cost: int


class _Print(NamedTuple):
    """A fingerprint's text, taken apart. `parameter` is the cost of scrypt or the id of the key."""

    algorithm: str
    parameter: str
    stretch: bytes
    entry: bytes
    digest: bytes

    def __str__(self) -> str:
        salts = [_encoded(salt) for salt in (self.stretch, self.entry) if salt]
        return "$".join((self.algorithm, self.parameter, ".".join(salts), _encoded(self.digest)))


class Fingerprinter:
    """Makes and compares fingerprints; the slow step is done once for each secret in a run. Threads may share it.

    Args:
        key: the user's fingerprint key, or None.
        seed: gives the salt where `known` has none (the digest of the configuration).
        known: the fingerprints of the lock; unreadable ones are passed over here and told by `matches`.
    """

    def __init__(self, key: Secret | None, seed: str, known: Iterable[str]) -> None:
        self._key = key
        self._stretch = _usual_salt(known) or _short_hash(seed.encode(), b"whsync stretch salt")
        self._slow = Once(_scrypt)

    @property
    def has_key(self) -> bool:
        """Whether what is made needs the user's key to be compared."""
        return self._key is not None

    def make(self, secret: Secret, name: str) -> str:
        """The fingerprint of the webhook `name`'s secret."""
        if self._key is not None:
            made = _Print("hmac", self._key_id(), b"", _short_hash(name.encode(), b"whsync entry salt"), b"")
        else:
            made = _Print("scrypt", str(COST), self._stretch, _short_hash(name.encode(), self._stretch), b"")
        return str(made._replace(digest=self._digest(secret, made)))

    def matches(self, secret: Secret, fingerprint: str) -> bool:
        """Whether `fingerprint` was made of `secret`, whatever its parameters; compared in constant time.

        Raises:
            SecretError: it is of an unknown form, or its key is not the one given.
        """
        known = _parse(fingerprint)
        if known.algorithm == "hmac":
            self._demand(known.parameter)
        return hmac.compare_digest(self._digest(secret, known), known.digest)

    def comparable(self, fingerprint: str) -> bool:
        """Whether anything can be compared with it: it is of a known form, and of the key that is given, if of any."""
        try:
            known = _parse(fingerprint)
            if known.algorithm == "hmac":
                self._demand(known.parameter)
        except SecretError:
            return False
        return True

    def outdated(self, fingerprint: str) -> bool:
        """Whether one made today would be stronger: a higher cost, or a key where there was none."""
        known = _parse(fingerprint)
        return known.algorithm == "scrypt" and (self._key is not None or int(known.parameter) < COST)

    def _digest(self, secret: Secret, like: _Print) -> bytes:
        if like.algorithm == "hmac":
            return _hmac(self._stretched_key(), like.entry + _bytes(secret))
        return _hmac(self._slow(_Stretched(secret, like.stretch, int(like.parameter))), like.entry)

    def _stretched_key(self) -> bytes:
        # The key is stretched too, so that its id in a committed lock is no quick test for guessed keys.
        return self._slow(_Stretched(self._key or Secret(""), b"whsync fingerprint key", COST))

    def _key_id(self) -> str:
        return _hmac(self._stretched_key(), b"whsync key id").hex()[:8]

    def _demand(self, key_id: str) -> None:
        way = f"set WHSYNC_FINGERPRINT_KEY to the key whose id is {key_id}; if it is lost, {LOST_KEY}"
        made = f"a fingerprint in the lock was made with the key {key_id}"
        if self._key is None:
            raise SecretError(f"{made}, and no key is given", way, code=Code.FINGERPRINT_KEY)
        if key_id != self._key_id():
            raise SecretError(f"{made}, but the key given is {self._key_id()}", way, code=Code.FINGERPRINT_KEY)


def _usual_salt(known: Iterable[str]) -> bytes | None:
    """The stretch salt that most of the fingerprints share; the smaller one where two are equally common."""
    prefix = f"scrypt${COST}$"
    salts = Counter(_parse(text).stretch for text in known if text.startswith(prefix) and _readable(text))
    return min(salts, key=lambda salt: (-salts[salt], salt), default=None)


def _readable(fingerprint: str) -> bool:
    try:
        _parse(fingerprint)
    except SecretError:
        return False
    return True


def _parse(fingerprint: str) -> _Print:
    algorithm, parameter, salts, digest = (fingerprint.split("$") + [""] * 4)[:4]
    stretch, _, entry = salts.rpartition(".")
    made = _Print(algorithm, parameter, _decoded(stretch), _decoded(entry), _decoded(digest))
    cost = int(parameter) if parameter.isdecimal() and len(parameter) < 3 else 0
    whole = str(made) == fingerprint and bool(made.entry) and len(made.digest) == hashlib.sha256().digest_size
    # A cap on the cost: a lock is foreign text, and scrypt takes a KiB for every step of it.
    if whole and (algorithm == "hmac" or (algorithm == "scrypt" and made.stretch and 1 <= cost <= MOST_COST)):
        return made
    raise SecretError(
        f"the lock holds a fingerprint of an unknown form, {algorithm[:20]!r} with the parameter {parameter[:20]!r}",
        "use the whsync that wrote it, or restore the lock from version control",
        code=Code.LOCK_UNREADABLE,
    )


def _scrypt(task: _Stretched) -> bytes:
    n = 2**task.cost
    memory = 128 * _BLOCK * (n + _PARALLEL + 2)
    return hashlib.scrypt(_bytes(task.secret), salt=task.salt, n=n, r=_BLOCK, p=_PARALLEL, maxmem=memory, dklen=32)


def _bytes(secret: Secret) -> bytes:
    # A vendor's JSON may hold half a surrogate pair; the encoder's error would carry the secret along.
    return secret.reveal().encode(errors="surrogatepass")


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def _short_hash(data: bytes, key: bytes) -> bytes:
    return hashlib.blake2b(data, key=key, digest_size=SALT_BYTES).digest()


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return b""
