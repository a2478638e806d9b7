"""How calls prove who sends them."""

import base64
import threading
from email.utils import formatdate
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa_key

from reconciler.errors import Rejected, SecretError, WhsyncError
from reconciler.model.secret import Secret
from reconciler.providers.protocol import Reply
from reconciler.providers.vendor import Assertion, Basic, ClientCredentials, Login, Scheme, SignedJwt, StaticCredentials
from tests.wire.support import BASE, CREATE, LIST, START, Time, Vendor, answer, one

CURVE = generate_private_key(SECP256R1())
EDWARDS = Ed25519PrivateKey.generate()
RAW = EDWARDS.private_bytes_raw() + EDWARDS.public_key().public_bytes_raw()
BEARER = StaticCredentials(("token",), (("Authorization", "Bearer {token}"),))
OAUTH = ClientCredentials(("id", "secret"), "/o/token/", "read write", "basic", lambda reply: reply.status == 401)
LOGIN = Login(
    ("key", "secret"),
    "/api/login",
    (("api_key", "{key}"), ("api_secret", "{secret}")),
    lambda reply: reply.body.decode().strip('"{}') or None,
    ("auth", "{token}"),
    lambda reply: b"bad token" in reply.body,
)
PAIR = {"id": "me", "secret": "hush", "key": "me"}


def pem(key: Any, kind: form.PrivateFormat) -> str:
    """A private key as PEM."""
    return str(key.private_bytes(form.Encoding.PEM, kind, form.NoEncryption()).decode())


@pytest.mark.parametrize(
    ("scheme", "credentials", "header", "value"),
    [
        (BEARER, {"token": "t"}, "authorization", "Bearer t"),
        (StaticCredentials(("a",), (("X-Key", "Token token={a}"),)), {"a": "t{b}"}, "x-key", "Token token=t{b}"),
        (
            Basic(("token",), "{token}", ""),
            {"token": "t"},
            "authorization",
            "Basic " + base64.b64encode(b"t:").decode(),
        ),
        (Basic(("u", "p"), "{u}/token", "{p}"), {"u": "ü", "p": "p"}, "authorization", "Basic w7wvdG9rZW46cA=="),
    ],
)
def test_fixed_credentials_ride_in_headers(
    scheme: Scheme, credentials: dict[str, str], header: str, value: str
) -> None:
    """Templates are filled once, and what a credential holds is never read as a template."""
    vendor = Vendor(answer(200))
    vendor.wire(scheme, credentials).drive(one(LIST))
    assert vendor.requests[0].headers[header] == value


def test_keys_ride_in_the_query() -> None:
    """A key for the query is escaped."""
    vendor = Vendor(answer(200))
    vendor.wire(StaticCredentials(("key",), (), (("api-key", "{key}"),)), {"key": "a&b"}).drive(one(LIST))
    assert vendor.requests[0].url.query == b"api-key=a%26b"


@pytest.mark.parametrize("value", ["hush\n", "hush\r\nx: y", " hush", "hu\x00sh", "hüsh", ""])
def test_credentials_that_no_header_can_carry_are_named(value: str) -> None:
    """A pasted line end is reported by the credential's name before anything is sent, never by its text."""
    vendor = Vendor(answer(200))
    with pytest.raises(SecretError, match="token") as caught:
        vendor.wire(BEARER, {"token": value}).drive(one(LIST))
    assert "sh" not in caught.value.summary.replace("shown", "")
    assert vendor.requests == []


def test_a_missing_credential_is_named() -> None:
    """What was not given is said by name."""
    with pytest.raises(SecretError, match="token"):
        Vendor(answer(200)).wire(BEARER).drive(one(LIST))


@pytest.mark.parametrize("style", ["basic", "body"])
def test_client_credentials_are_exchanged_once(style: Any) -> None:
    """Id and secret go to the token path as a form, slashes kept; later calls carry the token only."""
    vendor = Vendor(answer(200, {"access_token": "T", "expires_in": 3600}), answer(200))
    wire = vendor.wire(OAUTH._replace(style=style), PAIR)
    wire.drive(one(LIST))
    wire.drive(one(CREATE))
    asked, first, second = vendor.requests
    assert str(asked.url) == BASE + "/o/token/"
    body = b"grant_type=client_credentials&scope=read%20write"
    assert asked.content == (body if style == "basic" else body + b"&client_id=me&client_secret=hush")
    assert asked.headers.get("authorization") == ("Basic bWU6aHVzaA==" if style == "basic" else None)
    assert [first.headers["authorization"], second.headers["authorization"]] == ["Bearer T", "Bearer T"]
    assert (wire.reads, wire.writes) == (1, 1)


@pytest.mark.parametrize(("expires", "again"), [(100, True), ("100", True), (None, False), ("x", False), (0, False)])
def test_tokens_are_renewed_before_they_end(expires: object, again: bool) -> None:
    """A token is not used in the last tenth of its life; without a life it is used until it is refused."""
    time = Time()
    issued = iter("TU")

    def talk(request: httpx.Request) -> httpx.Response:
        asked = request.url.path.endswith("/o/token/")
        return answer(200, {"access_token": next(issued), "expires_in": expires} if asked else {})

    vendor = Vendor(talk)
    wire = vendor.wire(OAUTH, PAIR, time=time)
    used = []
    for pause in (0, 89, 2):
        time.sleep(pause)
        wire.drive(one(LIST))
        used.append(vendor.requests[-1].headers["authorization"])
    assert used == ["Bearer T", "Bearer T", "Bearer U" if again else "Bearer T"]


def test_a_dead_token_is_renewed_once() -> None:
    """A refused token is replaced and the call repeated, even a create: nothing was done."""
    tokens = (answer(200, {"access_token": text}) for text in "TU")
    vendor = Vendor(next(tokens), answer(401), next(tokens), answer(201))
    wire = vendor.wire(OAUTH, PAIR)
    assert wire.drive(one(CREATE)).status == 201
    assert [request.url.path for request in vendor.requests] == ["/v1/o/token/", "/v1/hooks"] * 2
    assert wire.writes == 1


def test_a_token_that_is_refused_twice_ends_the_call() -> None:
    """A vendor that refuses what it has just issued is reported, not asked for ever."""
    vendor = Vendor(answer(200, {"access_token": "T"}), answer(401), answer(200, {"access_token": "U"}), answer(401))
    with pytest.raises(Rejected, match="just issued") as caught:
        vendor.wire(OAUTH, PAIR).drive(one(LIST))
    assert caught.value.kind == "auth"
    assert len(vendor.requests) == 4


@pytest.mark.parametrize(
    ("told", "kind", "word"),
    [
        (answer(401, {"error": "hush"}), "auth", "refused"),
        (answer(400, {"error": "hush"}), "auth", "refused"),
        (answer(404, {"error": "hush"}), "vendor", "404"),
        (answer(301, location="https://evil.test/hush"), "vendor", "301"),
        (answer(200, {"token": "hush"}), "vendor", "access_token"),
        (httpx.Response(200, content=b"<html>hush"), "vendor", "access_token"),
        (httpx.Response(200, content=b"[" * 200_000), "vendor", "access_token"),
        (httpx.ReadError("hush"), "network", "broke"),
    ],
)
def test_a_failed_exchange_is_explained(told: Any, kind: str, word: str) -> None:
    """The error has the right kind and says where it looked, without the answer's text."""
    with pytest.raises(Rejected, match=word) as caught:
        Vendor(told).wire(OAUTH, PAIR).drive(one(LIST))
    assert caught.value.kind == kind
    assert "hush" not in caught.value.summary + caught.value.hint


def test_refused_credentials_are_tried_once() -> None:
    """Wrong credentials are not sent again for every webhook: accounts get locked that way."""
    vendor = Vendor(answer(401))
    wire = vendor.wire(OAUTH, PAIR)
    for _ in range(3):
        with pytest.raises(Rejected, match="refused"):
            wire.drive(one(LIST))
    assert len(vendor.requests) == 1


def test_threads_share_one_token() -> None:
    """Eight threads that start together ask for one token, and for one more when it dies."""
    issued = 0

    def vendor_of_tokens(request: httpx.Request) -> httpx.Response:
        nonlocal issued
        if request.url.path.endswith("/o/token/"):
            issued += 1
            return answer(200, {"access_token": f"T{issued}"})
        return answer(401 if request.headers["authorization"] == "Bearer T1" else 200)

    wire = Vendor(vendor_of_tokens).wire(OAUTH, PAIR)
    together = threading.Barrier(8)
    replies: list[Reply] = []

    def work() -> None:
        together.wait(10)
        replies.append(wire.drive(one(LIST)))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert [reply.status for reply in replies] == [200] * 8
    assert issued == 2


def test_logins_are_json_and_their_token_rides_in_its_header() -> None:
    """A vendor's own login call is filled from the credentials; errors inside HTTP 200 renew the token once."""
    vendor = Vendor(answer(200, "T"), answer(200, "bad token"), answer(200, "U"), answer(200, "fine"))
    assert vendor.wire(LOGIN, PAIR).drive(one(LIST)).body == b'"fine"'
    assert vendor.requests[0].content == b'{"api_key":"me","api_secret":"hush"}'
    assert [vendor.requests[n].headers["auth"] for n in (1, 3)] == ["T", "U"]


@pytest.mark.parametrize(("said", "kind"), [("", "vendor"), ("bad token", "auth")])
def test_a_login_without_a_token_is_explained(said: str, kind: str) -> None:
    """No token where the manifest looks is the vendor's or the manifest's fault, unless the answer says refused."""
    scheme = LOGIN._replace(token=lambda reply: None)
    with pytest.raises(Rejected, match="/api/login") as caught:
        Vendor(answer(200, said)).wire(scheme, PAIR).drive(one(LIST))
    assert caught.value.kind == kind


KEYS: dict[str, tuple[str, Any, str]] = {
    "PKCS8": (pem(CURVE, form.PrivateFormat.PKCS8), CURVE, "ES256"),
    "SEC1": (pem(CURVE, form.PrivateFormat.TraditionalOpenSSL), CURVE, "ES256"),
    "spelt out": (pem(CURVE, form.PrivateFormat.PKCS8).replace("\n", "\\n"), CURVE, "ES256"),
    "seed and public": (base64.b64encode(RAW).decode(), EDWARDS, "EdDSA"),
    "seed": (base64.b64encode(RAW[:32]).decode(), EDWARDS, "EdDSA"),
    "Edwards PEM": (pem(EDWARDS, form.PrivateFormat.PKCS8), EDWARDS, "EdDSA"),
}


@pytest.mark.parametrize("claim", ["uris", "uri"])
@pytest.mark.parametrize("key", KEYS)
def test_signed_tokens_are_bound_to_the_request(key: str, claim: Any) -> None:
    """Each attempt carries its own token for exactly the method, host and path that are sent, prefix included."""
    text, private, algorithm = KEYS[key]
    scheme = SignedJwt(("id", "key"), "issuer", ("svc",), claim, 120)
    vendor = Vendor(answer(502), answer(200))
    call = LIST._replace(path="/a%2Fb/", query=(("page", "2"),))
    vendor.wire(scheme, {"id": "k1", "key": text}, base="https://A.test:8443/api/v3").drive(one(call))
    nonces = set()
    for request, moment in zip(vendor.requests, (START, START + 0.5), strict=True):
        token = request.headers["authorization"].removeprefix("Bearer ")
        header = jwt.get_unverified_header(token)
        unchecked: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
        claims = jwt.decode(
            token, private.public_key(), [algorithm], options=unchecked, audience="svc", issuer="issuer"
        )
        bound = f"GET {request.headers['host']}{request.url.raw_path.decode().partition('?')[0]}"
        assert bound == "GET a.test:8443/api/v3/a%2Fb/"
        assert claims[claim] == ([bound] if claim == "uris" else bound)
        assert (claims["sub"], header["kid"], header["typ"]) == ("k1", "k1", "JWT")
        assert (claims["nbf"], claims["exp"]) == (int(moment), int(moment) + 120)
        nonces.add(header["nonce"])
    assert len(nonces) == 2


@pytest.mark.parametrize(
    "text",
    [
        "hush",
        "",
        "-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----",
        base64.b64encode(RAW[:31]).decode(),
        base64.b64encode(RAW[:32] + bytes(32)).decode(),
        pem(generate_private_key(SECP384R1()), form.PrivateFormat.PKCS8),
    ],
    ids=["text", "nothing", "no PEM", "too short", "halves that do not fit", "another curve"],
)
def test_a_wrong_key_is_named_and_not_shown(text: str) -> None:
    """What cannot sign is reported by the credential's name; no part of it is in the error or its causes."""
    vendor = Vendor(answer(200))
    with pytest.raises(SecretError, match="the credential key") as caught:
        vendor.wire(SignedJwt(("id", "key"), "i", (), "uri", 60), {"id": "k", "key": text}).drive(one(LIST))
    shown = repr((caught.value, caught.value.__cause__, caught.value.__context__))
    assert not text or text[-60:] not in shown
    assert "hush" not in shown
    assert vendor.requests == []


@pytest.mark.parametrize("ahead", [300, -300, 10])
def test_a_wrong_clock_is_said(ahead: int) -> None:
    """A refused signed token comes with the clocks' difference where it is more than a minute."""

    def provider() -> Any:
        reply = yield LIST
        raise Rejected(f"answered {reply.status}", "check the key", kind="auth")

    vendor = Vendor(answer(401, date=formatdate(START - ahead, usegmt=True)))
    scheme = SignedJwt(("id", "key"), "i", (), "uri", 60)
    with pytest.raises(WhsyncError) as caught:
        vendor.wire(scheme, {"id": "k", "key": KEYS["seed"][0]}).drive(provider())
    assert caught.value.hint.startswith("check the key")
    assert ("clock" in caught.value.hint) is (abs(ahead) > 60)
    assert ("ahead" in caught.value.hint) is (ahead > 60)
    assert caught.value.problems[0].hint == caught.value.hint


@pytest.mark.parametrize("part", ["all", "signature"])
def test_a_token_that_an_answer_repeats_is_known_from_then_on(part: str) -> None:
    """What was signed for one attempt is told only where a vendor quotes it, since nothing else could show it."""
    told: list[Secret] = []

    def echo(request: httpx.Request) -> httpx.Response:
        token = request.headers["authorization"].removeprefix("Bearer ")
        return httpx.Response(401, json={"message": f"bad: {token if part == 'all' else token.rpartition('.')[2]}!"})

    scheme = SignedJwt(("id", "key"), "i", (), "uri", 60)
    vendor = Vendor(echo, answer(200))
    wire = vendor.wire(scheme, {"id": "k", "key": KEYS[next(iter(KEYS))][0]}, learned=told.append)
    wire.drive(one(LIST))
    sent = vendor.requests[0].headers["authorization"].removeprefix("Bearer ")
    assert Secret(sent.rpartition(".")[2]) in told
    assert (Secret(sent) in told) == (part == "all")
    told.clear()
    wire.drive(one(LIST))
    assert told == []


RSA = generate_rsa_key(65537, 2048)
EXCHANGE = Login(
    ("app", "place", "key"),
    "/app/{place}/tokens",
    (),
    lambda reply: reply.body.decode().strip('"') or None,
    ("authorization", "Bearer {token}"),
    lambda reply: reply.status == 401,
    Assertion("{app}", "key", 540),
)


@pytest.mark.parametrize("kind", [form.PrivateFormat.PKCS8, form.PrivateFormat.TraditionalOpenSSL])
def test_a_login_that_a_key_signs(kind: form.PrivateFormat) -> None:
    """A short JWT of the issuer's goes along, without a body; what the path names is within one segment."""
    time = Time()
    vendor = Vendor(answer(201, "T"), answer(200))
    given = {"app": "4711", "place": "4/2", "key": pem(RSA, kind)}
    vendor.wire(EXCHANGE, given, time=time).drive(one(LIST))
    asked, call = vendor.requests
    assert (asked.url.raw_path.decode(), asked.content) == ("/v1/app/4%2F2/tokens", b"")
    proof = asked.headers["authorization"].removeprefix("Bearer ")
    claims = jwt.decode(
        proof, RSA.public_key(), algorithms=["RS256"], options={"verify_exp": False, "verify_iat": False}
    )
    assert claims == {"iss": "4711", "iat": int(START) - 60, "exp": int(START) + 540}
    assert call.headers["authorization"] == "Bearer T"


def test_an_app_that_is_not_found_names_what_the_path_took() -> None:
    """Nothing at the address: it is the base URL or what was filled in."""
    given = {"app": "4711", "place": "42", "key": pem(RSA, form.PrivateFormat.PKCS8)}
    with pytest.raises(Rejected, match="answered 404 instead of a token") as caught:
        Vendor(answer(404)).wire(EXCHANGE, given).drive(one(LIST))
    assert caught.value.hint == "check the base URL and the credential place"


def test_short_keys_are_refused() -> None:
    """An RSA key that anybody can factor proves nothing."""
    weak = pem(generate_rsa_key(65537, 1024), form.PrivateFormat.PKCS8)
    vendor = Vendor(answer(201, "T"))
    with pytest.raises(SecretError, match="the credential key is no private key"):
        vendor.wire(EXCHANGE, {"app": "1", "place": "2", "key": weak}).drive(one(LIST))
    assert vendor.requests == []
