"""Masks are no secrets, and secrets are no masks."""

import base64
import string
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.providers.engine.masked import is_mask

MASKS = (
    "********|whsk_6E***hT|whsec_****|a**|••••|●●●●|wh_secret_ab...|whsk_6E8F92D…|wh_...|whsec_ab..|......|--------"
    "|xxxxxxxx|XXXX-XXXX|____|whsec_xxxxxxxx|sk-XXXXXXXX|whsec_1f##########|0000000000|[REDACTED]|[secret hidden]"
    "|*** (hidden for your safety)|k3)q8v!#xu0@****|k3)q8v!#xu0@p1m%z&7+s4...|ab**********(0@p1m%z&7+s4|k3)***b*c"
    "|<hidden>|<redacted>|(secret)|{{secret}}|{hidden}|redacted|HIDDEN|whsec_hidden|masked"
).split("|")
SECRETS = (
    "whsec_abc|whsec_1|a*b|one.two.three|eyJhbGciOiJkaXIifQ..aXY.dGV4dA.dGFn|correct-horse---battery|key=a#b|x1x2x3x4"
    '|{"kty": "oct", "k": "c2VjcmV0"}|[1, "two"]|issued-1-xxxxxxx'
    "|-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA\n-----END PRIVATE KEY-----\n"
).split("|")
PREFIXES = ("", "whsec_", "whsk_", "sk-", "v1,", "iss_")


@pytest.mark.parametrize("text", MASKS)
def test_what_vendors_show_instead_of_a_secret_is_a_mask(text: str) -> None:
    """Stars, bullets, dots at the end, one character that fills up, and words in brackets are never a value."""
    assert is_mask(text)


@pytest.mark.parametrize("text", SECRETS)
def test_odd_secrets_are_no_masks(text: str) -> None:
    """Tokens with dots, keys with dashes, JSON and a lone star are values."""
    assert not is_mask(text)


@given(st.sampled_from(PREFIXES), st.lists(st.integers(0, 255), min_size=12, max_size=64, unique=True).map(bytes))
def test_random_secrets_are_no_masks(prefix: str, data: bytes) -> None:
    """Random bytes in base64, either alphabet, or in hex are values, however odd."""
    packed = base64.b64encode(data).decode(), base64.urlsafe_b64encode(data).decode(), data.hex(), data.hex().upper()
    for text in (*packed, *(each.rstrip("=") for each in packed)):
        assert not is_mask(prefix + text)


RICH = f"{string.ascii_lowercase}{string.digits}!@$%^&(-_=+)"


@pytest.mark.parametrize("seed", range(20))
def test_random_secrets_with_all_kinds_of_signs_are_no_masks(seed: int) -> None:
    """Two stars or three hashes in a row are chance there, wherever they stand."""
    text = "".join(Random(seed).choices(RICH, k=44)) + "!"
    for signs in ("**", "***", "###"):
        for at in (0, 1, 20, len(text)):
            assert not is_mask(text[:at] + signs + text[at:])


@given(st.text(string.ascii_letters + string.digits, min_size=3, max_size=6), st.sampled_from("*•#.xX-_"))
def test_a_secret_of_which_little_is_left_is_a_mask(left: str, filler: str) -> None:
    """Whatever few characters a vendor leaves readable, before the rest or behind it."""
    for text in (left + filler * 8, filler * 8 + left, f"whsec_{left[:3]}{filler * 12}"):
        assert is_mask(text)
