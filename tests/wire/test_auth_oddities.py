"""Credentials with signs that mean something on the way, packages that are not there, answers that are no token."""

import base64
import sys
from urllib.parse import unquote_plus

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reconciler.errors import ConfigError, Rejected, SecretError
from reconciler.providers.vendor import Basic, ClientCredentials, SignedJwt
from tests.wire.support import LIST, Vendor, answer, one

OAUTH = ClientCredentials(("id", "secret"), "/o/token/", "", "basic", lambda reply: reply.status == 401)
SEED = base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()


def test_client_credentials_are_form_encoded_within_basic() -> None:
    """A server that decodes both halves, as RFC 6749 says, gets what was given, colons and blanks included."""
    vendor = Vendor(answer(200, {"access_token": "T"}), answer(200))
    vendor.wire(OAUTH, {"id": "a:b", "secret": "a+b%41 c/ü"}).drive(one(LIST))
    packed = vendor.requests[0].headers["authorization"].removeprefix("Basic ")
    user, _, password = base64.b64decode(packed).decode().partition(":")
    assert (unquote_plus(user), unquote_plus(password)) == ("a:b", "a+b%41 c/ü")


def test_a_basic_user_has_no_colon() -> None:
    """`a:b` and `c` would arrive as `a` and `b:c`: refused before anything is sent, without showing either."""
    vendor = Vendor(answer(200))
    with pytest.raises(SecretError, match="colon") as caught:
        vendor.wire(Basic(("u", "p"), "{u}", "{p}"), {"u": "left:right", "p": "c"}).drive(one(LIST))
    assert "left" not in str(caught.value) + caught.value.hint
    assert vendor.requests == []


def test_a_basic_password_may_have_colons() -> None:
    """Only the first colon parts user and password."""
    vendor = Vendor(answer(200))
    vendor.wire(Basic(("p",), "u", "{p}"), {"p": "b:c:"}).drive(one(LIST))
    assert vendor.requests[0].headers["authorization"] == "Basic " + base64.b64encode(b"u:b:c:").decode()


@pytest.mark.parametrize("package", ["jwt", "cryptography.exceptions"])
def test_the_missing_package_is_named(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the optional packages, or with one of them alone, the error says what to install."""
    monkeypatch.setitem(sys.modules, package, None)
    scheme = SignedJwt(("id", "key"), "i", (), "uri", 60)
    with pytest.raises(ConfigError) as caught:
        Vendor(answer(200)).wire(scheme, {"id": "k", "key": SEED}).drive(one(LIST))
    assert "PyJWT[crypto]" in caught.value.hint


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"access_token":' * 200_000, b"\xff", b"", b"[]", b'"T"'])
def test_an_answer_that_is_no_token(body: bytes) -> None:
    """Whatever comes instead of a token, however deep, is the vendor's error."""
    vendor = Vendor(httpx.Response(200, content=body))
    with pytest.raises(Rejected, match="access_token") as caught:
        vendor.wire(OAUTH, {"id": "a", "secret": "b"}).drive(one(LIST))
    assert caught.value.kind == "vendor"
