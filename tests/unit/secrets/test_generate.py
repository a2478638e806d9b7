"""Secrets that whsync makes are as long and as unguessable as asked."""

import base64
from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from reconciler.errors import SecretError
from reconciler.model.secret_rule import URL_SAFE, SecretRule
from reconciler.providers.language.fields import SecretWords
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


HEX = "0123456789abcdef"
RULES = st.builds(
    SecretRule,
    st.integers(0, 80),
    st.just(0) | st.integers(80, 200),
    st.sampled_from([HEX, URL_SAFE, URL_SAFE[:62], "".join(map(chr, range(33, 127)))]),
    st.sampled_from(["", "whsec_"]),
    st.just(0),
    st.just(0),
)


@given(rule=RULES, size=st.integers(16, 128), seed=st.binary(min_size=1, max_size=300))
def test_the_vendors_rule_is_kept(rule: SecretRule, size: int, seed: bytes) -> None:
    """Length and alphabet are the vendor's, and the text has room for as many random bytes as were asked for."""
    if not rule.fits(size):
        assert size > rule.most
        with pytest.raises(SecretError, match=f"longer than the vendor's {rule.longest}"):
            generate(size, lambda count: (seed * count)[:count], rule)
        return
    text = generate(size, lambda count: (seed * count)[:count], rule).reveal()
    assert rule.shortest <= len(text) <= (rule.longest or len(text))
    made = text.removeprefix(rule.prefix)
    assert text == rule.prefix + made
    assert set(made) <= set(rule.alphabet)
    assert len(rule.alphabet) ** len(made) >= 2 ** (8 * size)


@given(rule=RULES.filter(lambda rule: rule.longest > 0))
def test_the_most_bytes_that_fit_are_known(rule: SecretRule) -> None:
    """What a message offers is right: so many bytes fit, and one more does not."""
    assert rule.fits(rule.most)
    assert not rule.fits(rule.most + 1)


def test_every_character_of_an_alphabet_is_used_evenly() -> None:
    """No character of ten is much likelier than another: 20,000 of them are within a tenth of the mean."""
    rule, dice = SecretRule(20_000, 0, "abcdefghij"), Random(7)
    counts = Counter(generate(16, dice.randbytes, rule).reveal())
    assert set(counts) == set(rule.alphabet)
    assert all(abs(count - 2000) < 200 for count in counts.values())


BASE64 = SecretWords(alphabet="base64", prefix="whsec_", lifecycle="supplied", write="/secret").rule


@given(data=st.binary(min_size=64, max_size=64), size=st.integers(16, 64))
def test_secrets_as_standard_webhooks_has_them(data: bytes, size: int) -> None:
    """`whsec_`, then Base64 with its padding of 24 to 64 random bytes, which any library of theirs reads strictly."""
    text = generate(size, lambda count: data[:count], BASE64).reveal()
    assert text.startswith("whsec_")
    key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    assert key == data[: max(size, 24)]
    assert 24 <= len(key) <= 64
    assert len(text) == BASE64.characters(size)


def test_more_bytes_than_they_take_are_refused() -> None:
    """With the bound as the vendor has it: in bytes."""
    assert not BASE64.fits(65)
    with pytest.raises(SecretError, match="longer than the vendor's 64 bytes") as caught:
        generate(65, lambda count: b"x" * count, BASE64)
    assert caught.value.hint == "ask for at most 64"


def test_other_bounds_are_the_manifests() -> None:
    """`bytes` says them."""
    rule = SecretWords(alphabet="base64", bytes=(32, 32), lifecycle="supplied", write="/secret").rule
    assert (rule.fits(32), rule.fits(33), rule.most) == (True, False, 32)
    assert len(base64.b64decode(generate(16, lambda count: b"x" * count, rule).reveal())) == 32


@pytest.mark.parametrize(
    "words",
    [
        {"alphabet": "base64", "length": (24, 64)},
        {"bytes": (24, 64)},
        {"alphabet": "base64", "bytes": (64, 24)},
        {"alphabet": "base64", "bytes": (8, 24)},
        {"prefix": "two words"},
        {"prefix": "a\n"},
    ],
)
def test_words_that_do_not_fit_are_refused(words: dict[str, Any]) -> None:
    """Characters are counted of an alphabet, bytes of Base64; a prefix is visible text."""
    with pytest.raises(ValidationError):
        SecretWords(lifecycle="supplied", write="/secret", **words)
