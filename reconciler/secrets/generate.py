"""Making a secret. Called by `secrets.custody.store` for `secret: {generate: BYTES, to: SINK}`."""

import base64
import math
from collections.abc import Callable

from reconciler.codes import Code
from reconciler.errors import SecretError
from reconciler.model.secret import Secret
from reconciler.model.secret_rule import FEWEST_BYTES, SecretRule

SPARE_BYTES = 16
"""More than is needed, so that no character is likelier than another by more than 1 in 2^128."""


def generate(size: int, random: Callable[[int], bytes], rule: SecretRule = SecretRule()) -> Secret:  # noqa: B008 - frozen
    """A new secret of at least `size` random bytes as text, by the vendor's rule (the usual one: URL-safe, any length).

    Args:
        random: gives that many bytes nobody can guess (`secrets.token_bytes`).

    Raises:
        SecretError: fewer than 16 bytes are asked for, or more than the vendor takes.
    """
    if size < FEWEST_BYTES:
        raise SecretError(
            f"a generated secret of {size} bytes is too short",
            f"ask for at least {FEWEST_BYTES}",
            code=Code.SECRET_LENGTH,
        )
    if not rule.fits(size):
        what = f"a generated secret of {size} bytes is longer than the vendor's {rule.bound}"
        raise SecretError(what, f"ask for at most {rule.most}", code=Code.SECRET_LENGTH)
    if rule == SecretRule():
        return Secret(base64.urlsafe_b64encode(random(size)).rstrip(b"=").decode())
    if rule.is_base64:
        return Secret(rule.prefix + base64.b64encode(random(max(size, rule.fewest_bytes))).decode())
    length, choices = rule.characters(size) - len(rule.prefix), len(rule.alphabet)
    number = int.from_bytes(random(math.ceil(length * math.log2(choices) / 8) + SPARE_BYTES), "big")
    letters = []
    for _ in range(length):
        number, at = divmod(number, choices)
        letters.append(rule.alphabet[at])
    return Secret(rule.prefix + "".join(letters))
