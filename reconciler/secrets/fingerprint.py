"""Fingerprints: what the lock and the plan keep of a secret, enough to see that it changed and no more.

Made by `run.runtime`; used by `run.secrets`, `secrets.custody` and `secrets.digests`.

Three forms, each naming its parameters:

    scrypt$14$STRETCH.ENTRY$DIGEST   K = scrypt(secret, STRETCH, n=2^14, r=8, p=1);  DIGEST = HMAC-SHA256(K, ENTRY)
    hmac$KEYID$ENTRY$DIGEST          K = scrypt(key, a constant, likewise);  DIGEST = HMAC-SHA256(K, ENTRY + secret)
    sha256$BITS$ENTRY$DIGEST         DIGEST = HMAC-SHA256(ENTRY, secret), of what whsync made of BITS random bits

The slow step depends on the secret and on STRETCH only, which a lock shares: ten thousand webhooks with one secret cost
one scrypt. ENTRY comes from the webhook's name, so equal secrets look different, and the same input gives the same text
(plans are compared byte for byte). What this gives up: someone who has the lock tries one guess against all its entries
at once, at one scrypt a guess. With a key, guessing needs the key. Nobody guesses `RANDOM_BITS` bits that this program
took from the system, so nothing slow protects such a secret: docs/guarantees.md has the arithmetic. Of others' secrets,
however they look, nobody knows how they were made, and each is stretched.
"""

import base64
import hashlib
import hmac
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import NamedTuple

from reconciler.codes import Code
from reconciler.errors import SecretError
from reconciler.model.secret import Secret
from reconciler.model.secret_rule import FEWEST_BYTES
from reconciler.secrets.compared import FEWEST, Comparing, Pair
from reconciler.secrets.remembered import Remembered
from reconciler.secrets.stretch import Step, Stretcher, bytes_of

COST = 14
MOST_COST = 17
RANDOM_BITS = 8 * FEWEST_BYTES
"""From so many random bits on, a secret needs no slow step."""
SALT_BYTES = 12
LOST_KEY = "`whsync rotate NAME` for one webhook, or `whsync apply --reassert` for all"


class _Print(NamedTuple):
    """A fingerprint's text, taken apart. `parameter` is the cost of scrypt, the id of the key, or the random bits."""

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
        stretcher: does what is slow.
        remembered: what this machine has compared before; None where nothing is remembered.
    """

    def __init__(
        self,
        key: Secret | None,
        seed: str,
        known: Iterable[str],
        stretcher: Stretcher | None = None,
        remembered: Remembered | None = None,
    ) -> None:
        self._key = key
        self._stretch = _usual_salt(known) or _short_hash(seed.encode(), b"whsync stretch salt")
        self._slow = stretcher or Stretcher()
        self._remembered = remembered if key is None else None  # else guessing needs the key, on this machine, too
        self._same: set[Pair] = set()

    @property
    def has_key(self) -> bool:
        """Whether what is made needs the user's key to be compared."""
        return self._key is not None

    def make(self, secret: Secret, name: str, random_bits: int = 0) -> str:
        """The fingerprint of the webhook `name`'s secret.

        Args:
            random_bits: of how many bits from the system's random source this program made it; 0 of any other.
        """
        entry = _short_hash(name.encode(), b"whsync entry salt")
        if self._key is not None:
            made = _Print("hmac", self._key_id(), b"", entry, b"")
        elif random_bits >= RANDOM_BITS:
            made = _Print("sha256", str(random_bits), b"", entry, b"")
        else:
            made = _Print("scrypt", str(COST), self._stretch, _short_hash(name.encode(), self._stretch), b"")
        text = str(made._replace(digest=self._digest(secret, made)))
        self._same.add(Pair(secret, text))
        return text

    def prepare(self, pairs: Iterable[tuple[Secret, str]], new: Iterable[Secret] = ()) -> None:
        """Do at once what `matches` of these pairs, and `make` of new secrets, would do one after the other.

        Raises:
            Interrupted: the user stopped the run.
        """
        asked = [Pair(*pair) for pair in pairs]
        self._look(_steps_of(asked))
        making = [] if self._key is not None else [Step(secret, self._stretch, COST) for secret in new]
        self._slow.ahead([*_steps_of(pair for pair in asked if pair not in self._same).values(), *making])

    def remember(self, pairs: Iterable[tuple[Secret, str]]) -> None:
        """Let this machine know for later runs that all these pairs were seen to fit, where they were.

        Raises:
            Interrupted: the user stopped the run.
        """
        asked = [Pair(*pair) for pair in pairs]
        if self._same.issuperset(asked):
            self._look(_steps_of(asked))

    def matches(self, secret: Secret, fingerprint: str) -> bool:
        """Whether `fingerprint` was made of `secret`, whatever its parameters; compared in constant time.

        Raises:
            SecretError: it is of an unknown form, or its key is not the one given.
        """
        if Pair(secret, fingerprint) in self._same:
            return True
        known = _parse(fingerprint)
        if known.algorithm == "hmac":
            self._demand(known.parameter)
        fits = hmac.compare_digest(self._digest(secret, known), known.digest)
        if fits:
            self._same.add(Pair(secret, fingerprint))
        return fits

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

    def _look(self, steps: Mapping[Pair, Step]) -> None:
        """Believe what was compared before, compare the others, and remember the sets in which all is the same."""
        kept = self._remembered.read() if self._remembered and len({*steps.values()}) >= FEWEST else None
        if self._remembered is None or kept is None:
            return
        machine, known = kept
        looked = Comparing(machine, steps, self._slow).look(known)
        self._same |= looked.vouched
        left = [pair for pair in looked.left if pair not in self._same]
        self._slow.ahead(map(steps.__getitem__, left))
        for pair in left:
            with suppress(SecretError):  # told by whoever compares it
                self.matches(*pair)
        learned = [tag for tag, pairs in looked.sets.items() if self._same.issuperset(pairs)]
        if learned:
            self._remembered.keep([*looked.used, *learned])

    def _digest(self, secret: Secret, like: _Print) -> bytes:
        if like.algorithm == "hmac":
            return _hmac(self._stretched_key(), like.entry + bytes_of(secret))
        if like.algorithm == "sha256":
            return _hmac(like.entry, bytes_of(secret))
        return _hmac(self._slow(_step(secret, like)), like.entry)

    def _stretched_key(self) -> bytes:
        # The key is stretched too, so that its id in a committed lock is no quick test for guessed keys.
        return self._slow(Step(self._key or Secret(""), b"whsync fingerprint key", COST))

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
    readable = filter(None, (_readable(text) for text in known if text.startswith(prefix)))
    salts = Counter(each.stretch for each in readable)
    return min(salts, key=lambda salt: (-salts[salt], salt), default=None)


def _readable(fingerprint: str) -> _Print | None:
    try:
        return _parse(fingerprint)
    except SecretError:
        return None


def _parse(fingerprint: str) -> _Print:
    algorithm, parameter, salts, digest = (fingerprint.split("$") + [""] * 4)[:4]
    stretch, _, entry = salts.rpartition(".")
    made = _Print(algorithm, parameter, _decoded(stretch), _decoded(entry), _decoded(digest))
    number = int(parameter) if parameter.isdecimal() and len(parameter) < 6 else 0
    whole = str(made) == fingerprint and bool(made.entry) and len(made.digest) == hashlib.sha256().digest_size
    # A cap on the cost: a lock is foreign text, and scrypt takes a KiB for every step of it.
    stretched = algorithm == "scrypt" and made.stretch and 1 <= number <= MOST_COST
    if whole and (algorithm == "hmac" or stretched or (algorithm == "sha256" and number >= RANDOM_BITS)):
        return made
    raise SecretError(
        f"the lock holds a fingerprint of an unknown form, {algorithm[:20]!r} with the parameter {parameter[:20]!r}",
        "use the whsync that wrote it, or restore the lock from version control",
        code=Code.LOCK_UNREADABLE,
    )


def _steps_of(pairs: Iterable[Pair]) -> dict[Pair, Step]:
    """The slow step of each pair that takes one; only one of those that take the same is taken apart."""
    alike: dict[tuple[Secret, str], Step | None] = {}
    steps: dict[Pair, Step] = {}
    for pair in pairs:
        kind = pair.secret, pair.fingerprint.partition(".")[0]
        if kind not in alike:
            known = _readable(pair.fingerprint)
            alike[kind] = _step(pair.secret, known) if known is not None and known.algorithm == "scrypt" else None
        if (step := alike[kind]) is not None:
            steps[pair] = step
    return steps


def _step(secret: Secret, like: _Print) -> Step:
    return Step(secret, like.stretch, int(like.parameter))


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
