"""Ways to authenticate, as the wire gets them."""

from typing import Any

import pytest
from pydantic import ValidationError

from reconciler.providers.engine.interpret import CompiledVendor
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.protocol import Reply
from reconciler.providers.registry import Registry
from reconciler.providers.rehearse import drive
from reconciler.providers.vendor import Basic, ClientCredentials, Login, Scheme, SignedJwt, StaticCredentials
from tests.unit.providers.rig import SMALL, answer, script, small


def schemes(name: str, **settings: str | bool) -> tuple[Scheme, ...]:
    """The schemes of a built-in manifest."""
    return Registry().vendor(name, settings, "").schemes


def test_bearer_tokens() -> None:
    """The ordinary case needs a `token`."""
    ordinary = (StaticCredentials(("token",), headers=(("Authorization", "Bearer {token}"),)),)
    assert schemes("github")[:1] == ordinary


def test_other_headers_basic_and_query(tmp_path: object) -> None:
    """A header without a prefix, fixed halves of Basic and keys in the query are data too."""
    flags = Registry().vendor("tests/manifests/shapes/flags.yaml", {}, ".").schemes
    assert flags == (StaticCredentials(("token",), headers=(("PRIVATE-TOKEN", "{token}"),)),)
    basic, query = Registry().vendor("tests/manifests/shapes/wrapped.yaml", {}, ".").schemes
    assert basic == Basic(("key",), "api", "{key}")
    assert query == StaticCredentials(("key",), query=(("api-key", "{key}"),))


def test_client_credentials_follow_the_settings() -> None:
    """Path and style are the user's to switch; only a 401 means a dead token."""
    _, scheme = schemes("cryptofuse", token_path="/o/token", credentials_in="body")
    assert isinstance(scheme, ClientCredentials)
    assert scheme[:4] == (("client_id", "client_secret"), "/o/token", "read write", "body")
    assert scheme.expired(Reply(401))
    assert not scheme.expired(Reply(403))


@pytest.mark.parametrize(
    ("document", "token"),
    [
        ({"token": "t"}, "t"),
        ({"auth": "t"}, "t"),
        ({"status": "ok", "data": {"token": "t"}}, "t"),
        ({"status": "ok", "data": {"auth": "t"}}, "t"),
        ({"status": "ok", "data": "t"}, "t"),
        ({"status": "ok", "data": {"other": "t"}}, None),
        ({"status": "ok", "data": 5}, None),
        ({}, None),
        (None, None),
    ],
)
def test_a_login_finds_its_token_in_the_plausible_places(document: object, token: str | None) -> None:
    """Nothing is taken for a token that is not a text at one of them."""
    _, scheme = schemes("cryptopocket")
    assert isinstance(scheme, Login)
    assert scheme.token(answer(document)) == token
    assert scheme.header == ("auth", "{token}")
    assert scheme.needs == ("api_key", "api_secret")


def test_a_login_looks_where_the_user_says() -> None:
    """`token_path` wins over every guess; a nonsense path finds nothing."""
    _, scheme = schemes("cryptopocket", token_path="session.id")
    assert isinstance(scheme, Login)
    assert scheme.token(answer({"token": "no", "session": {"id": "t"}})) == "t"
    _, nonsense = schemes("cryptopocket", token_path="]")
    assert isinstance(nonsense, Login)
    assert nonsense.token(answer({"token": "no"})) is None


def test_a_dead_token_may_be_told_inside_http_200() -> None:
    """The error code counts wherever it stands; other answers do not end a token."""
    _, scheme = schemes("cryptopocket")
    assert isinstance(scheme, Login)
    assert scheme.expired(answer({"error": "authorization_incorrect"}))
    assert scheme.expired(answer({"status": "error", "data": {"deep": ["authorization_incorrect"]}}))
    assert not scheme.expired(answer({"status": "ok", "data": "subscription_created"}))
    assert not scheme.expired(Reply(200, {}, b"<html>authorization_incorrect"))


def test_signed_tokens_follow_the_settings() -> None:
    """The claim's dialect and the audience are switches; the first dialect is the vendor's own SDK's."""
    _, plain = schemes("coinbase-payments")
    assert plain == SignedJwt(("key_id", "private_key"), "cdp", (), "uris", 120)
    _, other = schemes("coinbase-payments", uri_claim="uri", audience="cdp_service other")
    assert other == SignedJwt(("key_id", "private_key"), "cdp", ("cdp_service", "other"), "uri", 120)


@pytest.mark.parametrize(
    "word",
    [
        {"kind": "header", "headers": {"X-Key": "Token {api-key}"}},
        {"kind": "header", "headers": {"X-Key": "{{json}} {key}"}},
        {"kind": "query", "params": {"key": "{key!r}"}},
        {"kind": "basic", "user": "{user:>9}"},
        {"kind": "basic", "user": "{}"},
        {"kind": "login", "path": "/x", "body": {"key": "{key"}, "token": "t", "header": ["auth", "{token}"]},
        {"kind": "bearer", "token": "api-key"},
        {"kind": "oauth2_client_credentials", "path": "/x", "client_id": "a b"},
        {"kind": "jwt", "issuer": "i", "key_id": ""},
    ],
)
def test_names_of_credentials_are_words(word: dict[str, object]) -> None:
    """What the wire would not fill in is refused where it stands, so that no braces are sent to a vendor."""
    with pytest.raises(ValidationError):
        Manifest.model_validate({**SMALL, "auth": [word]})


def test_every_name_in_a_text_is_needed() -> None:
    """The text that is checked is the text that is filled: each name in braces, and no other."""
    word = {"kind": "header", "headers": {"X-Key": "Token {api_key}, id={id2}:{api_key}"}}
    (scheme,) = CompiledVendor(Manifest.model_validate({**SMALL, "auth": [word]})).schemes
    assert scheme.needs == ("api_key", "id2")


PATHS = {"kind": "path", "names": ["token"]}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"auth": [PATHS, {"kind": "bearer"}]}, "every way of `auth` is `kind: path` with the same `names`"),
        ({"auth": [PATHS], "scope": [{"path": "/bot{token}"}]}, "token would be a credential and something else"),
        ({"auth": [{"kind": "path", "names": ["id"]}]}, "id would be a credential and something else"),
        ({"auth": [{"kind": "body", "parts": {"/key": "{key}"}}]}, "GET /hooks has no body"),
    ],
)
def test_credentials_have_a_place_and_a_name_of_their_own(words: dict[str, Any], told: str) -> None:
    """A manifest that leaves open what stands in a path, or whose calls lack a body for them, is a wrong one."""
    with pytest.raises(ValidationError, match=told):
        small(**words)


def test_paths_keep_the_names_of_credentials() -> None:
    """Whatever a scope holds, only the manifest's own braces are names."""
    way = [{"how": "list", "path": "/bot{token}/{team}/hooks"}]
    vendor = small(auth=[PATHS], scope=[{"query": {"team": "{team}"}}], read=way)
    outcome = drive(vendor.observe((("team", "{token}"),), frozenset()), script(answer([])))
    assert outcome.calls[0].path == "/bot{token}/%7Btoken%7D/hooks"
