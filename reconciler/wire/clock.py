"""Time and chance as the wire sees them; handed in, so that tests are exact. Used by `wire.account`."""

import random
import secrets
import time
from collections.abc import Callable
from typing import NamedTuple


def _nonce() -> str:
    return secrets.token_hex(16)


class Clock(NamedTuple):
    """What a run asks of the world beside the network.

    Args:
        now: seconds since 1970, for dates that vendors name and for signed tokens.
        monotonic: seconds that never jump, for waits and deadlines.
        sleep: waits for so many seconds.
        nonce: a new text that nobody can guess.
        jitter: a number from 0 up to 1 that spreads waits.
    """

    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    nonce: Callable[[], str] = _nonce
    jitter: Callable[[], float] = random.random


SYSTEM = Clock()
