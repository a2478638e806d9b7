"""The slow step between a secret and its fingerprint: once for each secret in a run, on all processors.

Used by `secrets.fingerprint` and `secrets.compared`. scrypt leaves the interpreter free while it works, so threads
are enough.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

from reconciler.errors import Interrupted
from reconciler.model.secret import Secret
from reconciler.secrets.once import Once

MOST_AT_ONCE = 8
"""Each takes 16 MiB while it is made."""
_BLOCK, _PARALLEL = 8, 1
T = TypeVar("T")
R = TypeVar("R")


class Step(NamedTuple):
    """One slow step: scrypt with n = 2^`cost`, r = 8, p = 1."""

    secret: Secret
    salt: bytes
    cost: int


class Stretcher:
    """Does slow steps, each once; threads may share it.

    Args:
        stopping: whether the user wants the run to end.
    """

    def __init__(self, stopping: Callable[[], bool] = lambda: False) -> None:
        self._stopping = stopping
        self._once = Once(_stretched)

    def __call__(self, step: Step) -> bytes:
        """32 bytes."""
        return self._once(step)

    def ahead(self, steps: Iterable[Step]) -> None:
        """Do these steps, on all processors.

        Raises:
            Interrupted: the user stopped the run.
        """
        self.each(self._once, list(dict.fromkeys(step for step in steps if step not in self._once)))

    def each(self, work: Callable[[T], R], tasks: Sequence[T]) -> list[R]:
        """The results of slow work, in order, done on all processors.

        Raises:
            Interrupted: the user stopped the run.
        """

        def one(task: T) -> R:
            if self._stopping():
                raise Interrupted("interrupted while secrets were compared")
            return work(task)

        at_once = min(_processors(), MOST_AT_ONCE, len(tasks))
        if at_once < 2:
            return [one(task) for task in tasks]
        with ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="stretch") as pool:
            return list(pool.map(one, tasks))


def scrypt(data: bytes, salt: bytes, cost: int) -> bytes:
    """32 bytes, which take some 50 ms and 16 MiB at the cost 14."""
    n = 2**cost
    memory = 128 * _BLOCK * (n + _PARALLEL + 2)
    return hashlib.scrypt(data, salt=salt, n=n, r=_BLOCK, p=_PARALLEL, maxmem=memory, dklen=32)


def bytes_of(secret: Secret) -> bytes:
    """What is hashed."""
    # A vendor's JSON may hold half a surrogate pair; the encoder's error would carry the secret along.
    return secret.reveal().encode(errors="surrogatepass")


def _stretched(step: Step) -> bytes:
    return scrypt(bytes_of(step.secret), step.salt, step.cost)


def _processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
