"""Secrets that whsync makes are as long and as unguessable as asked."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import SecretError
from reconciler.secrets.generate import generate


@given(data=st.binary(min_size=16, max_size=128))
def test_every_random_byte_is_in_the_secret(data: bytes) -> None:
    """The text is URL-safe and holds all the randomness it was given, nothing less."""
    asked: list[int] = []

    def random(size: int) -> bytes:
        asked.append(size)
        return data

    text = generate(len(data), random).reveal()
    assert asked == [len(data)]
    assert base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) == data
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.parametrize("size", [-1, 0, 15])
def test_short_secrets_are_refused(size: int) -> None:
    """Fewer than 16 bytes could be guessed."""
    with pytest.raises(SecretError, match="too short"):
        generate(size, lambda count: b"x" * count)
