"""The simulated Cryptofuse keeps what its pages say."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from reconciler.sandbox import Sandbox
from tests.sandbox.client import Reply, send

HOOK = "/user/webhooks/"
URL = "https://example.com/hook"
GRANT = {"grant_type": "client_credentials", "scope": "read write"}


@pytest.fixture
def vendor() -> Iterator[Any]:
    """A fresh Cryptofuse."""
    with Sandbox(["cryptofuse"]) as box:
        yield box["cryptofuse"]


def basic(vendor: Any, secret: str | None = None) -> dict[str, str]:
    """The Authorization header of a token request."""
    pair = f"{vendor.credentials['client_id']}:{secret or vendor.credentials['client_secret']}"
    return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


def bearer(token: str) -> dict[str, str]:
    """The Authorization header of an API request."""
    return {"Authorization": f"Bearer {token}"}


def put(vendor: Any, body: Any = None) -> Reply:
    """Set the webhook with the static token."""
    return send(vendor.url, "POST", HOOK, headers=bearer(vendor.token), json_body=body or {"callback_url": URL})


def test_a_token_is_had_by_client_credentials_and_works(vendor: Any) -> None:
    """HTTP Basic and a form give a bearer token with its life and scopes."""
    reply = send(vendor.url, "POST", "/o/token/", headers=basic(vendor), form=GRANT)
    token = reply.json()
    assert (token["token_type"], token["expires_in"], token["scope"]) == ("Bearer", 3600, "read write")
    assert send(vendor.url, "GET", "/user/me/", headers=bearer(token["access_token"])).status == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({**GRANT, "grant_type": "password"}, "unsupported_grant_type"),
        ({**GRANT, "scope": "admin"}, "invalid_scope"),
    ],
)
def test_other_grants_and_scopes_are_refused(vendor: Any, form: dict[str, str], error: str) -> None:
    """Only client credentials for read and write exist."""
    reply = send(vendor.url, "POST", "/o/token/", headers=basic(vendor), form=form)
    assert (reply.status, reply.json()["error"]) == (400, error)


def test_the_client_proves_itself_by_basic_unless_switched(vendor: Any) -> None:
    """A wrong secret and JSON are refused; id and secret in the form work only by the switch."""
    assert send(vendor.url, "POST", "/o/token/", headers=basic(vendor, "no"), form=GRANT).status == 401
    assert send(vendor.url, "POST", "/o/token/", headers=basic(vendor), json_body=GRANT).status == 400
    form = {**GRANT, **vendor.credentials}
    assert send(vendor.url, "POST", "/o/token/", form=form).status == 401
    vendor.switch(body_credentials=True)
    assert send(vendor.url, "POST", "/o/token/", form=form).status == 200


def test_the_secret_is_shown_once_and_masked_later(vendor: Any) -> None:
    """The first setup has the full secret; later ones only the mask; a read masks it in another shape."""
    first = put(vendor).json()
    [webhook] = vendor.webhooks()
    assert first["secret"] == webhook["secret"]
    assert first["secret"].startswith("whsk_")
    later = put(vendor, {"callback_url": URL + "2"}).json()
    assert "secret" not in later
    assert later["masked_secret"].startswith(first["secret"][:7])
    me = send(vendor.url, "GET", "/user/me/", headers=bearer(vendor.token)).json()
    assert me["webhook_callback_url"] == URL + "2"
    assert me["webhook_secret_masked"] not in (None, later["masked_secret"], first["secret"])
    assert vendor.webhooks()[0]["secret"] == first["secret"]


def test_a_rotation_elsewhere_shows_in_both_masks(vendor: Any) -> None:
    """rotate_secret changes the masks and never the answers' shape."""
    put(vendor)
    before = (put(vendor).json()["masked_secret"], me_mask(vendor))
    assert vendor.rotate_secret() == vendor.webhooks()[0]["secret"]
    after = (put(vendor).json()["masked_secret"], me_mask(vendor))
    assert before[0] != after[0]
    assert before[1] != after[1]


def me_mask(vendor: Any) -> Any:
    """The mask that the account page shows."""
    return send(vendor.url, "GET", "/user/me/", headers=bearer(vendor.token)).json()["webhook_secret_masked"]


def test_a_lost_first_answer_loses_the_secret(vendor: Any) -> None:
    """After a dropped first answer the URL is set, and no later answer has the secret."""
    vendor.fail("commit-500", method="POST", path=HOOK)
    assert put(vendor).status == 500
    assert "secret" not in put(vendor).json()
    assert len(vendor.webhooks()) == 1


def test_nothing_set_reads_as_null(vendor: Any) -> None:
    """Before the first setup both fields of the account are null."""
    me = send(vendor.url, "GET", "/user/me/", headers=bearer(vendor.token)).json()
    assert (me["webhook_callback_url"], me["webhook_secret_masked"]) == (None, None)


@pytest.mark.parametrize("path", ["/o/token", "/user/webhooks", "/user/me"])
def test_a_missing_slash_is_a_permanent_redirect(vendor: Any, path: str) -> None:
    """Without the last slash nothing is done and 301 leads to the path with it."""
    reply = send(vendor.url, "POST", path, headers=bearer(vendor.token), json_body={"callback_url": URL})
    assert (reply.status, reply.headers["Location"], vendor.webhooks()) == (301, path + "/", [])


@pytest.mark.parametrize("url", [None, "", "example.com", "ftp://example.com", "https://", 7])
def test_a_bad_url_is_400_invalid_url(vendor: Any, url: Any) -> None:
    """The documented error for a URL that is none."""
    reply = put(vendor, {"callback_url": url})
    assert (reply.status, reply.json()["error"]["code"], vendor.webhooks()) == (400, "invalid_url", [])


def test_a_form_body_is_415(vendor: Any) -> None:
    """The webhook is set by JSON only."""
    assert send(vendor.url, "POST", HOOK, headers=bearer(vendor.token), form={"callback_url": URL}).status == 415


def test_tokens_end(vendor: Any) -> None:
    """An unknown token, one past its time and one ended in the middle of a run are 401 authentication_failed."""
    refused = send(vendor.url, "GET", "/user/me/", headers=bearer("no"))
    assert (refused.status, refused.json()["error"]["code"]) == (401, "authentication_failed")
    token = send(vendor.url, "POST", "/o/token/", headers=basic(vendor), form=GRANT).json()["access_token"]
    vendor.expire_token(after=1)
    assert [send(vendor.url, "GET", "/user/me/", headers=bearer(token)).status for _ in range(2)] == [200, 401]
    vendor.switch(expires_in=5)
    token = send(vendor.url, "POST", "/o/token/", headers=basic(vendor), form=GRANT).json()["access_token"]
    later = vendor.now() + 6
    vendor.clock = lambda: later
    assert send(vendor.url, "GET", "/user/me/", headers=bearer(token)).status == 401


def test_a_missing_scope_is_403_and_says_which(vendor: Any) -> None:
    """Reading needs both scopes, writing needs write; the refusal names needed and present scopes."""
    vendor.switch(granted="read")
    token = send(vendor.url, "POST", "/o/token/", headers=basic(vendor), form=GRANT).json()["access_token"]
    for method, path, needs in (("POST", HOOK, ["write"]), ("GET", "/user/me/", ["read", "write"])):
        reply = send(vendor.url, method, path, headers=bearer(token))
        error = reply.json()["error"]
        assert (reply.status, error["code"]) == (403, "permission_denied")
        assert error["details"] == {"required_scopes": needs, "token_scopes": ["read"]}
    vendor.switch(me_generation="older")
    assert send(vendor.url, "GET", "/user/me/", headers=bearer(token)).status == 200


@pytest.mark.parametrize("status", [405, 404])
def test_the_webhook_cannot_be_read_or_deleted(vendor: Any, status: int) -> None:
    """GET and DELETE on the webhook path do not exist."""
    vendor.switch(missing=status)
    for method in ("GET", "DELETE", "PUT", "PATCH"):
        assert send(vendor.url, method, HOOK, headers=bearer(vendor.token)).status == status
    assert send(vendor.url, "GET", "/nowhere/", headers=bearer(vendor.token)).status == 404


def test_unsetting_goes_both_ways(vendor: Any) -> None:
    """An empty URL is refused by default and takes the webhook away by the switch."""
    put(vendor)
    assert put(vendor, {"callback_url": ""}).status == 400
    vendor.switch(unset="allow")
    assert put(vendor, {"callback_url": ""}).status == 200
    assert vendor.webhooks() == []


def test_the_dashboard_can_set_change_and_unset(vendor: Any) -> None:
    """`add`, `edit` and `remove` act behind the API's back; the secret issued there is never seen."""
    key = vendor.add(callback_url=URL)
    vendor.edit(key, callback_url=URL + "2")
    assert vendor.webhooks()[0]["callback_url"] == URL + "2"
    assert "masked_secret" in put(vendor).json()
    vendor.remove(key)
    assert vendor.webhooks() == []
    with pytest.raises(KeyError):
        vendor.edit(key, callback_url=URL)
