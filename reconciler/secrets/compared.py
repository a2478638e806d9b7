"""Many secrets compared by one slow step, where this machine has found all of them to be the same before.

Used by `secrets.fingerprint`.

A *tag* vouches for a set of pairs of a secret and a fingerprint:

    K = scrypt(every fingerprint of the set with its secret, the machine's salt, the cost of the fingerprints)
    TAG = HMAC-SHA256(the machine's key, K)

It is kept only once each pair of the set was compared and fits, so it says what is true for ever, and a set with one
other secret has another tag. Who has it, the key and the lock can try a guess at one of the secrets only if he knows
all others of the set, and then at the price that the lock asks: one scrypt of the same cost. So nothing here is cheaper
to guess at than the lock, which `docs/guarantees.md` works out; the key only keeps others from writing tags.

Sets are made so that little is done again after a change: all pairs are one set; where that is not known, its quarters
are looked at, by a hash of the fingerprints, and so on down to a few pairs, which are compared one by one.
"""

import hashlib
import hmac
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import NamedTuple

from reconciler.model.secret import Secret
from reconciler.secrets.stretch import Step, Stretcher, bytes_of, scrypt

FEWEST = 4
"""Of fewer different secrets nobody makes a set: a tag of one secret would be a second fingerprint of it."""
FEW = 24
"""So many are not divided any more."""
_DEEPEST = 12


class Pair(NamedTuple):
    """A secret and the fingerprint that it is compared with."""

    secret: Secret
    fingerprint: str


class MachineKey(NamedTuple):
    """What this machine makes tags with: both are random, and neither is anywhere else."""

    key: bytes
    salt: bytes


class Looked(NamedTuple):
    """What tags tell.

    Args:
        vouched: pairs that fit.
        left: pairs of which no tag tells.
        used: the tags that told.
        sets: those of which no tag was known, by the tag that would vouch for them.
    """

    vouched: frozenset[Pair]
    left: tuple[Pair, ...]
    used: tuple[bytes, ...]
    sets: dict[bytes, tuple[Pair, ...]]


class Comparing(NamedTuple):
    """How sets are looked up.

    Args:
        machine: makes their tags.
        steps: the slow step that each pair takes by itself.
        stretcher: does what is slow.
    """

    machine: MachineKey
    steps: Mapping[Pair, Step]
    stretcher: Stretcher

    def look(self, known: Container[bytes]) -> Looked:
        """What the `known` tags tell of all these pairs.

        Raises:
            Interrupted: the user stopped the run.
        """
        vouched: list[Pair] = []
        left: list[Pair] = []
        used: list[bytes] = []
        sets: dict[bytes, tuple[Pair, ...]] = {}
        level, depth = [tuple(sorted(self.steps, key=_order))], 0
        while level:
            worthwhile = [each for each in level if self._different(each) >= FEWEST]
            left.extend(pair for each in level if self._different(each) < FEWEST for pair in each)
            level = []
            for each, tag in zip(worthwhile, self.stretcher.each(self._tag, worthwhile), strict=True):
                if tag in known:
                    vouched.extend(each)
                    used.append(tag)
                    continue
                sets[tag] = each
                if self._different(each) <= FEW or depth == _DEEPEST:
                    left.extend(each)
                else:
                    level.extend(_quarters(each, depth))
            depth += 1
        return Looked(frozenset(vouched), tuple(left), tuple(used), sets)

    def _tag(self, pairs: Sequence[Pair]) -> bytes:
        whole = b"".join(_framed(part) for pair in pairs for part in (pair.fingerprint.encode(), bytes_of(pair.secret)))
        cost = max(self.steps[pair].cost for pair in pairs)
        return hmac.digest(self.machine.key, scrypt(whole, self.machine.salt, cost), "sha256")

    def _different(self, pairs: Iterable[Pair]) -> int:
        return len({self.steps[pair] for pair in pairs})


def _order(pair: Pair) -> tuple[str, bytes]:
    return pair.fingerprint, bytes_of(pair.secret)


def _framed(part: bytes) -> bytes:
    """With its length in front, so that two sets never read alike."""
    return len(part).to_bytes(8, "big") + part


def _quarters(pairs: Iterable[Pair], depth: int) -> list[tuple[Pair, ...]]:
    """Four sets, by two bits of each fingerprint's hash: a pair that comes or goes moves no other."""
    parts: list[list[Pair]] = [[], [], [], []]
    for pair in pairs:
        digest = hashlib.blake2b(pair.fingerprint.encode(), digest_size=16).digest()
        parts[digest[depth // 4] >> 2 * (depth % 4) & 3].append(pair)
    return [tuple(part) for part in parts if part]
