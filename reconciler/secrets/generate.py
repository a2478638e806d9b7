"""Making a secret. Called by `apply` and `rotate` for `secret: {generate: BYTES, to: SINK}`."""

import base64
from collections.abc import Callable

from reconciler.errors import SecretError
from reconciler.secret import Secret

FEWEST_BYTES = 16


def generate(size: int, random: Callable[[int], bytes]) -> Secret:
    """A new secret of `size` random bytes as URL-safe text (letters, digits, `-`, `_`).

    Args:
        random: gives that many bytes nobody can guess (`secrets.token_bytes`).

    Raises:
        SecretError: fewer than 16 bytes are asked for.
    """
    if size < FEWEST_BYTES:
        raise SecretError(f"a generated secret of {size} bytes is too short", f"ask for at least {FEWEST_BYTES}")
    return Secret(base64.urlsafe_b64encode(random(size)).rstrip(b"=").decode())
