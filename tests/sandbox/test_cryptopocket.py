"""The simulated CryptoPocket keeps what its pages say, and both readings of what they leave open."""

from collections.abc import Iterator
from typing import Any

import pytest

from reconciler.sandbox import Sandbox
from tests.sandbox.client import Reply, send

URL = "https://example.com/hook?a=1&b=+#x"
SUBSCRIBE, UPDATE = "/api/subscribeToWebhook", "/api/updateWebhookSubscription"


@pytest.fixture
def vendor() -> Iterator[Any]:
    """A fresh CryptoPocket."""
    with Sandbox(["cryptopocket"]) as box:
        yield box["cryptopocket"]


def write(vendor: Any, path: str, type_: str = "PAY_IN", url: str = URL, **more: Any) -> Reply:
    """Subscribe or update with the static token."""
    form = {"type": type_, "url": url, **more}
    return send(vendor.url, "POST", path, headers={"auth": vendor.token}, form=form)


def code(reply: Reply) -> Any:
    """The error code inside a body of HTTP 200."""
    assert reply.status == 200
    return reply.json().get("error")


def test_a_token_is_had_for_key_and_secret_and_goes_into_the_auth_header(vendor: Any) -> None:
    """authenticate takes JSON; its token works in `auth`, not as a bearer."""
    reply = send(vendor.url, "POST", "/api/authenticate", json_body=vendor.credentials)
    token = reply.json()["data"]["token"]
    form = {"type": "PAY_IN", "url": URL}
    bearer = send(vendor.url, "POST", SUBSCRIBE, headers={"Authorization": f"Bearer {token}"}, form=form)
    assert code(bearer) == "authorization_incorrect"
    made = send(vendor.url, "POST", SUBSCRIBE, headers={"auth": token}, form=form)
    assert (made.status, made.json()) == (200, {"status": "ok", "data": "subscription_created"})


@pytest.mark.parametrize(
    ("shape", "paths"), [("token", ("token",)), ("data", ("data",)), ("data.token", ("data", "token"))]
)
def test_the_token_sits_where_the_switch_says(vendor: Any, shape: str, paths: tuple[str, ...]) -> None:
    """The answer's shape is undocumented, so it can be switched."""
    vendor.switch(token_shape=shape)
    found = send(vendor.url, "POST", "/api/authenticate", json_body=vendor.credentials).json()
    for key in paths:
        found = found[key]
    assert isinstance(found, str)


def test_wrong_credentials_and_tokens_are_errors_inside_http_200(vendor: Any) -> None:
    """A wrong secret, no token, and a token that ended in the middle all say `authorization_incorrect` with 200."""
    wrong = {**vendor.credentials, "api_secret": "no"}
    assert code(send(vendor.url, "POST", "/api/authenticate", json_body=wrong)) == "authorization_incorrect"
    assert code(send(vendor.url, "POST", SUBSCRIBE, form={"type": "PAY_IN", "url": URL})) == "authorization_incorrect"
    vendor.expire_token(after=1)
    assert code(write(vendor, SUBSCRIBE)) is None
    assert code(write(vendor, UPDATE)) == "authorization_incorrect"


def test_tokens_live_as_long_as_the_switch_says(vendor: Any) -> None:
    """An hour later a token is over."""
    token = send(vendor.url, "POST", "/api/authenticate", json_body=vendor.credentials).json()["data"]["token"]
    later = vendor.now() + 3601
    vendor.clock = lambda: later
    reply = send(vendor.url, "POST", SUBSCRIBE, headers={"auth": token}, form={"type": "PAY_IN", "url": URL})
    assert code(reply) == "authorization_incorrect"


def test_subscriptions_are_form_bodies_and_nothing_else(vendor: Any) -> None:
    """JSON is refused; a form's special characters arrive as meant."""
    body = {"type": "PAY_IN", "url": URL}
    assert code(send(vendor.url, "POST", SUBSCRIBE, headers={"auth": vendor.token}, json_body=body))
    assert vendor.webhooks() == []
    write(vendor, SUBSCRIBE)
    assert [(each["type"], each["url"]) for each in vendor.webhooks()] == [("PAY_IN", URL)]


@pytest.mark.parametrize(
    "form",
    [{"type": "PAY_IN"}, {"url": URL}, {"type": "NOPE", "url": URL}, {"type": "PAY_IN", "url": "example.com"},
     {"type": "PAY_IN", "url": URL, "events": "x"}, [("type", "PAY_IN"), ("type", "COINS_SENT"), ("url", URL)]],
)  # fmt: skip
def test_parameters_are_checked(vendor: Any, form: Any) -> None:
    """Missing, unknown and repeated parameters and unknown types are errors, in 200 or 422 as switched."""
    headers = {"auth": vendor.token}
    assert code(send(vendor.url, "POST", SUBSCRIBE, headers=headers, form=form))
    vendor.switch(error_status=422)
    assert send(vendor.url, "POST", SUBSCRIBE, headers=headers, form=form).status == 422
    assert vendor.webhooks() == []


def test_update_changes_the_url_of_its_type_only(vendor: Any) -> None:
    """Update is keyed by type and leaves other types alone."""
    for type_ in ("PAY_IN", "RAMPOFF_FINISHED", "TRANSFER_RAMPOFF_FINISHED"):
        write(vendor, SUBSCRIBE, type_)
    assert write(vendor, UPDATE, "PAY_IN", "https://new.example.com").json()["data"] == "subscription_updated"
    assert [each["url"] for each in vendor.webhooks()] == ["https://new.example.com", URL, URL]


@pytest.mark.parametrize(("switch", "present"), [("error", 0), ("upsert", 1)])
def test_update_before_subscribe_goes_both_ways(vendor: Any, switch: str, present: int) -> None:
    """An error with nothing made, or an upsert."""
    vendor.switch(update_missing=switch)
    assert bool(code(write(vendor, UPDATE))) == (switch == "error")
    assert len(vendor.webhooks()) == present


@pytest.mark.parametrize(("switch", "urls"), [("error", ["1"]), ("duplicate", ["1", "2"]), ("ok", ["2"])])
def test_subscribing_twice_goes_three_ways(vendor: Any, switch: str, urls: list[str]) -> None:
    """An error, a duplicate, or the newer URL in the place of the older."""
    vendor.switch(subscribe_twice=switch)
    write(vendor, SUBSCRIBE, url="https://example.com/1")
    assert bool(code(write(vendor, SUBSCRIBE, url="https://example.com/2"))) == (switch == "error")
    assert [each["url"][-1] for each in vendor.webhooks()] == urls


@pytest.mark.parametrize("word", ["ok", "success", "sucess"])
def test_success_has_three_spellings(vendor: Any, word: str) -> None:
    """The status of success is what the switch says."""
    vendor.switch(ok_word=word)
    assert write(vendor, SUBSCRIBE).json()["status"] == word


@pytest.mark.parametrize(("shape", "body"), [("bare", {"error", "message"}), ("data", {"status", "data"})])
def test_errors_have_other_shapes_too(vendor: Any, shape: str, body: set[str]) -> None:
    """The error's keys are undocumented, so they can be switched."""
    vendor.switch(error_shape=shape)
    assert set(write(vendor, SUBSCRIBE, "NOPE").json()) == body


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", SUBSCRIBE), ("DELETE", SUBSCRIBE), ("POST", SUBSCRIBE + "/"), ("GET", "/api/webhooks"), ("POST", "/api")],
)  # fmt: skip
def test_there_is_no_way_to_read_or_delete(vendor: Any, method: str, path: str) -> None:
    """Everything else is an HTML 404."""
    reply = send(vendor.url, method, path, headers={"auth": vendor.token})
    assert (reply.status, reply.headers["Content-Type"].split(";")[0]) == (404, "text/html")


def test_the_dashboard_can_change_everything(vendor: Any) -> None:
    """`add`, `edit` and `remove` act behind the API's back."""
    key = vendor.add(type="PAY_IN", url=URL)
    vendor.edit(key, url="https://moved.example.com")
    assert vendor.webhooks() == [{"id": key, "type": "PAY_IN", "url": "https://moved.example.com"}]
    vendor.remove(key)
    assert vendor.webhooks() == []
