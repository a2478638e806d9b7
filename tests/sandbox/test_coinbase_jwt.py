"""The simulated Coinbase checks signed tokens: one JWT for one request."""

import base64
import secrets
import sys
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reconciler.sandbox import Sandbox
from tests.sandbox.client import Reply, send

PATH = "/api/v1/webhook-events"


@pytest.fixture
def vendor() -> Iterator[Any]:
    """A fresh Coinbase."""
    with Sandbox(["coinbase-payments"]) as box:
        yield box["coinbase-payments"]


def signed(vendor: Any, key: dict[str, str], *, header: Any = None, **changes: Any) -> str:
    """A JWT for GET on the history, right in every way but the changes (None leaves a claim out)."""
    kind, secret = "ES256", key["private_key"]
    loaded: Any = secret
    if "PRIVATE KEY" not in secret:
        kind, loaded = "EdDSA", Ed25519PrivateKey.from_private_bytes(base64.b64decode(secret)[:32])
    now = int(vendor.now())
    host = vendor.url.removeprefix("http://")
    claims = {
        "sub": key["key_id"],
        "iss": "cdp",
        "nbf": now,
        "exp": now + 120,
        "uris": [f"GET {host}{PATH}"],
        **changes,
    }
    top = {"kid": key["key_id"], "nonce": secrets.token_hex(8), "typ": "JWT", **(header or {})}
    return jwt.encode(
        {name: value for name, value in claims.items() if value is not None}, loaded, algorithm=kind, headers=top
    )


def read(vendor: Any, token: str, path: str = PATH, method: str = "GET") -> Reply:
    """Read the history with a token."""
    return send(vendor.url, method, path, headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize(
    ("kind", "encoding", "looks"),
    [("ES256", "pkcs8", "BEGIN PRIVATE KEY"), ("ES256", "sec1", "BEGIN EC PRIVATE KEY"), ("EdDSA", "pkcs8", "==")],
)
def test_each_kind_of_key_signs_requests(vendor: Any, kind: str, encoding: str, looks: str) -> None:
    """Both algorithms and both PEM encodings work; Ed25519 is base64 of 64 bytes."""
    key = vendor.new_key(kind, encoding)
    assert looks in key["private_key"]
    assert kind == "ES256" or len(base64.b64decode(key["private_key"])) == 64
    assert read(vendor, signed(vendor, key)).status == 200


def test_the_query_is_not_part_of_what_is_signed(vendor: Any) -> None:
    """The same path with a query takes a token for the path, and none that holds the query."""
    key = vendor.new_key()
    assert read(vendor, signed(vendor, key), PATH + "?limit=5").status == 200
    host = vendor.url.removeprefix("http://")
    assert read(vendor, signed(vendor, key, uris=[f"GET {host}{PATH}?limit=5"]), PATH + "?limit=5").status == 401


def test_a_token_serves_its_own_request_only_and_only_once(vendor: Any) -> None:
    """Another path, another method, and a second use are refused."""
    key = vendor.new_key()
    assert read(vendor, signed(vendor, key), "/api/v1/webhooks/wh_1").status == 401
    assert read(vendor, signed(vendor, key), method="POST").status == 401
    token = signed(vendor, key)
    assert [read(vendor, token).status for _ in range(2)] == [200, 401]


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": "other"},
        {"iss": "coinbase"},
        {"nbf": None},
        {"exp": None},
        {"uris": None},
        {"uris": ["GET payments.coinbase.com/api/v1/webhook-events"]},
        {"header": {"nonce": ""}},
        {"header": {"typ": "at+jwt"}},
        {"header": {"kid": "other"}},
    ],
)
def test_every_documented_part_is_needed(vendor: Any, changes: dict[str, Any]) -> None:
    """A token that lacks or misstates any part is refused."""
    assert read(vendor, signed(vendor, vendor.new_key(), **changes)).status == 401


@pytest.mark.parametrize(
    ("start", "life"), [(60, 120), (-200, 120), (0, 600)], ids=["not yet valid", "expired", "too long"]
)
def test_a_token_lives_two_minutes_by_the_vendors_clock(vendor: Any, start: int, life: int) -> None:
    """Too early, too late and too long are refused."""
    now = int(vendor.now()) + start
    assert read(vendor, signed(vendor, vendor.new_key(), nbf=now, exp=now + life)).status == 401


def test_a_clock_that_is_off_shows_in_the_date_header(vendor: Any) -> None:
    """A right token is refused by a vendor whose clock differs, and its Date tells."""
    token = signed(vendor, vendor.new_key())
    vendor.clock = lambda: 4_000_000_000.0
    reply = read(vendor, token)
    assert (reply.status, reply.headers["Date"]) == (401, "Tue, 02 Oct 2096 07:06:40 GMT")


def test_the_binding_claim_has_two_dialects(vendor: Any) -> None:
    """`uris` is an array, `uri` a text; the vendor takes the one it is switched to, or either."""
    key, uri = vendor.new_key(), f"GET {vendor.url.removeprefix('http://')}{PATH}"
    for mode, answers in (("uris", [200, 401]), ("uri", [401, 200]), ("either", [200, 200])):
        vendor.switch(uri_claim=mode)
        tokens = [signed(vendor, key), signed(vendor, key, uris=None, uri=uri)]
        assert [read(vendor, token).status for token in tokens] == answers


def test_an_audience_may_be_demanded(vendor: Any) -> None:
    """With the switch a token must name the service."""
    key = vendor.new_key()
    vendor.switch(audience="cdp_service")
    assert read(vendor, signed(vendor, key)).status == 401
    assert read(vendor, signed(vendor, key, aud=["cdp_service"])).status == 200


def test_a_foreign_signature_is_refused(vendor: Any) -> None:
    """A token signed by another key under a known key id is refused, and so is garbage."""
    known, foreign = vendor.new_key(), vendor.new_key()
    forged = {"key_id": known["key_id"], "private_key": foreign["private_key"]}
    assert read(vendor, signed(vendor, forged)).status == 401
    assert read(vendor, "a.b.c").status == 401
    assert read(vendor, "nothing").status == 401


def test_without_the_jwt_library_the_answer_says_so(vendor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The static token still works; a JWT gets 501 and the reason."""
    token = signed(vendor, vendor.new_key())
    monkeypatch.setitem(sys.modules, "jwt", None)
    reply = read(vendor, token)
    assert (reply.status, b"PyJWT" in reply.body) == (501, True)
    assert read(vendor, vendor.credentials["token"]).status == 200
