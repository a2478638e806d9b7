"""How much is more than anybody honestly has, so that nothing fills the memory before it is called an error. [pure]

Used by `config.load`, `config.files` and `config.expand` for what the files say, and by `providers.registry` and
`providers.engine.interpret` for what vendors send. Ten thousand webhooks are usual, a hundred thousand must work; who
needs more sets `WHSYNC_BOUNDS`.
"""

from collections.abc import Mapping
from typing import NamedTuple

VARIABLE = "WHSYNC_BOUNDS"
MEBIBYTE = 1 << 20


class Bounds(NamedTuple):
    """The most that there may be.

    Args:
        webhooks: of one configuration, after `for_each`; also in one list of a vendor.
        files: of one configuration.
        file_bytes: in all these files.
        pages: of one list of a vendor.
        list_bytes: in all these pages.
    """

    webhooks: int = 200_000
    files: int = 10_000
    file_bytes: int = 256 * MEBIBYTE
    pages: int = 10_000
    list_bytes: int = 512 * MEBIBYTE


USUAL = Bounds()
MORE = f"set {VARIABLE}=2 for twice as much, or more"
"""The way out for who needs more."""


def bounds_of(environment: Mapping[str, str]) -> Bounds:
    """The usual bounds, times what the variable says.

    Raises:
        ValueError: that is no whole number from 1 to 1000.
    """
    text = environment.get(VARIABLE) or "1"
    times = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= times <= 1000:
        raise ValueError(f"{VARIABLE} must be a whole number from 1 to 1000")
    return Bounds(*(times * each for each in USUAL))
