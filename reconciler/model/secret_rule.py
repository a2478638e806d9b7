"""What a vendor takes as a secret: how many characters or bytes, which ones, how it begins. [pure]

Used by `model.secret`, and by whoever makes a secret or says what would fit: `secrets.generate`, `config`,
`providers.language`.
"""

import math
from typing import NamedTuple

FEWEST_BYTES = 16
"""A secret made of fewer random bytes could be guessed."""
URL_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

BASE64_BYTES = (24, 64)
"""How many random bytes a secret in Base64 has where a vendor's pages say nothing else: as Standard Webhooks has it."""


class SecretRule(NamedTuple):
    """What a vendor takes as a secret.

    Args:
        shortest, longest: how many characters it has (`longest` 0: no bound is known).
        alphabet: which ones.
        prefix: how each begins; it counts among the characters.
        fewest_bytes, most_bytes: where it is Base64, with its padding, of as many random bytes; else 0.
    """

    shortest: int = 0
    longest: int = 0
    alphabet: str = URL_SAFE
    prefix: str = ""
    fewest_bytes: int = 0
    most_bytes: int = 0

    @property
    def is_base64(self) -> bool:
        """Whether a secret is whole bytes as Base64, rather than characters of an alphabet."""
        return self.most_bytes > 0

    def characters(self, size: int) -> int:
        """How many characters hold `size` random bytes, no fewer than the vendor demands."""
        if self.is_base64:
            return len(self.prefix) + 4 * math.ceil(max(size, self.fewest_bytes) / 3)
        return max(len(self.prefix) + math.ceil(size * 8 / math.log2(len(self.alphabet))), self.shortest)

    def fits(self, size: int) -> bool:
        """Whether a secret of `size` random bytes is short enough for the vendor."""
        if self.is_base64:
            return size <= self.most_bytes
        return not self.longest or self.characters(size) <= self.longest

    @property
    def most(self) -> int:
        """The most random bytes that fit; of use where a bound is known."""
        if self.is_base64:
            return self.most_bytes
        return int((self.longest - len(self.prefix)) * math.log2(len(self.alphabet)) // 8)

    @property
    def bound(self) -> str:
        """The most that fits, in words."""
        return f"{self.most_bytes} bytes" if self.is_base64 else f"{self.longest} characters"

    def excess(self, size: int) -> str:
        """In words, what a secret of `size` random bytes goes beyond."""
        needs = "" if self.is_base64 else f"; {size} bytes need {self.characters(size)}"
        return f"{self.bound} at most{needs}"
