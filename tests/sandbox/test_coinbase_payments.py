"""The simulated Coinbase webhooks API keeps what its pages say, and both readings of what they leave open."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from reconciler.sandbox import Sandbox
from tests.sandbox.client import Reply, send

BASE = "/api/v1/webhooks"
URL = "https://example.com/hook"
EVENTS = ["EVENT_TYPE_PAYMENT_CAPTURED"]
ON, OFF = "WEBHOOK_STATUS_ACTIVATED", "WEBHOOK_STATUS_DEACTIVATED"
FULL = {"url": URL, "events": EVENTS, "identifier": "ledger", "description": "Ledger"}
Call = Callable[..., Reply]


@pytest.fixture
def vendor() -> Iterator[Any]:
    """A fresh Coinbase."""
    with Sandbox(["coinbase-payments"]) as box:
        yield box["coinbase-payments"]


@pytest.fixture
def call(vendor: Any) -> Call:
    """Send a request with the static token."""

    def send_it(method: str, path: str = BASE, json_body: Any = None, **more: Any) -> Reply:
        headers = {"Authorization": f"Bearer {vendor.credentials['token']}"}
        return send(vendor.url, method, path, headers=headers, json_body=json_body, **more)

    return send_it


def test_create_gives_an_activated_webhook_with_its_secret(vendor: Any, call: Call) -> None:
    """The answer has the documented fields, and the secret is the one the vendor holds."""
    reply = call("POST", BASE, FULL)
    made = reply.json()
    assert reply.status == 200
    assert FULL.items() <= made.items()
    assert (made["entity"], made["status"], made["createdAt"]) == ("webhook", ON, made["updatedAt"])
    assert [made] == vendor.webhooks()
    assert call("GET", f"{BASE}/{made['id']}").json() == made


@pytest.mark.parametrize(
    "body",
    [
        {**FULL, "status": OFF},
        {**FULL, "secret": "mine"},
        {"url": URL},
        {"events": EVENTS},
        {**FULL, "events": []},
        {**FULL, "events": ["PAYMENT_CAPTURED"]},
        {**FULL, "events": EVENTS[0]},
        {**FULL, "url": "example.com"},
        {**FULL, "description": 7},
        [],
    ],
)
def test_a_create_that_does_not_fit_is_400(vendor: Any, call: Call, body: Any) -> None:
    """No status on create, no unknown fields, no missing ones, no unknown events."""
    assert (call("POST", BASE, body).status, vendor.webhooks()) == (400, [])


def test_only_json_is_understood(vendor: Any, call: Call) -> None:
    """A form body and a broken body are refused."""
    assert call("POST", form={"url": URL}).status == 400
    assert call("POST", body=b"{").status == 400


@pytest.mark.parametrize("mode", ["clear", "keep"])
def test_fields_left_out_of_a_put_go_both_ways(vendor: Any, call: Call, mode: str) -> None:
    """They are cleared, and the webhook switched off, or kept."""
    key = vendor.add(**FULL)
    vendor.switch(put_omit=mode)
    reply = call("PUT", f"{BASE}/{key}", {"url": URL + "2"})
    left = {"url": URL + "2", "events": [], "identifier": "", "description": "", "status": OFF}
    kept = {**FULL, "url": URL + "2", "status": ON}
    assert reply.status == 200
    assert (left if mode == "clear" else kept).items() <= vendor.webhooks()[0].items()
    assert call("PUT", f"{BASE}/{key}", {"status": ON}).status == (400 if mode == "clear" else 200)


def test_a_whole_put_changes_everything_but_the_secret(vendor: Any, call: Call) -> None:
    """All five fields are taken; id and secret stay; an unknown status is refused."""
    key = vendor.add(**FULL)
    secret = vendor.webhooks()[0]["secret"]
    body = {**FULL, "description": "new", "status": OFF, "events": ["EVENT_TYPE_REWARD_SENT"]}
    assert body.items() <= call("PUT", f"{BASE}/{key}", body).json().items()
    assert vendor.webhooks()[0]["secret"] == secret
    assert call("PUT", f"{BASE}/{key}", {**body, "status": "WEBHOOK_STATUS_ACTIVE"}).status == 400


@pytest.mark.parametrize(("mode", "status"), [("accept", 200), ("refuse", 400), ("ignore", 200)])
def test_clearing_a_text_goes_three_ways(vendor: Any, call: Call, mode: str, status: int) -> None:
    """An empty description clears, is refused, or means nothing."""
    key = vendor.add(**FULL)
    vendor.switch(clear_text=mode, put_omit="keep")
    assert call("PUT", f"{BASE}/{key}", {**FULL, "description": ""}).status == status
    assert vendor.webhooks()[0]["description"] == ("" if mode == "accept" else "Ledger")


@pytest.mark.parametrize("mode", ["always", "once", "masked"])
def test_the_secret_is_shown_as_switched(vendor: Any, call: Call, mode: str) -> None:
    """Always in full at creation; later in full, not at all, or masked."""
    vendor.switch(secret=mode)
    made = call("POST", BASE, FULL).json()
    truth = vendor.webhooks()[0]["secret"]
    assert made["secret"] == truth
    later = call("GET", f"{BASE}/{made['id']}").json().get("secret")
    assert (later == truth, later is None) == (mode == "always", mode == "once")
    assert later == call("PUT", f"{BASE}/{made['id']}", FULL).json().get("secret")


def test_an_active_webhook_may_read_outside_the_enum(vendor: Any, call: Call) -> None:
    """One page's example says ACTIVE, and the switch makes it so."""
    key = vendor.add(**FULL)
    vendor.switch(status_word="ACTIVE")
    assert call("GET", f"{BASE}/{key}").json()["status"] == "WEBHOOK_STATUS_ACTIVE"


@pytest.mark.parametrize("status", [405, 404])
def test_list_and_delete_do_not_exist_unless_switched(vendor: Any, call: Call, status: int) -> None:
    """The documents show neither; the switches add both."""
    key = vendor.add(**FULL)
    vendor.switch(missing=status)
    assert [call("GET").status, call("DELETE", f"{BASE}/{key}").status] == [status, status]
    vendor.switch(list=True, delete=True)
    assert [webhook["id"] for webhook in call("GET").json()["webhooks"]] == [key]
    assert call("DELETE", f"{BASE}/{key}").status == 204
    assert call("GET", f"{BASE}/{key}").status == 404


def test_lists_come_in_pages_by_cursor(vendor: Any, call: Call) -> None:
    """Ten a page unless asked, at most 25, each webhook once; foreign cursors and limits are refused."""
    vendor.switch(list=True)
    made = [vendor.add(**FULL) for _ in range(23)]
    seen, cursor, sizes = [], "", []
    while True:
        page = call("GET", f"{BASE}?next={cursor}").json()
        seen += [webhook["id"] for webhook in page["webhooks"]]
        sizes.append(len(page["webhooks"]))
        cursor = page["pagination"]["next"]
        if not cursor:
            break
    assert (seen, sizes) == (made, [10, 10, 3])
    assert len(call("GET", f"{BASE}?limit=25").json()["webhooks"]) == 23
    for query in ("limit=26", "limit=0", "limit=x", "next=nonsense"):
        assert call("GET", f"{BASE}?{query}").status == 400


@pytest.mark.parametrize(("mode", "end"), [("empty", {"next": ""}), ("absent", {}), ("null", {"next": None})])
def test_the_last_page_says_so_in_three_ways(vendor: Any, call: Call, mode: str, end: dict[str, Any]) -> None:
    """The cursor of the last page is empty, absent or null."""
    vendor.switch(list=True, last_next=mode)
    assert call("GET").json() == {"webhooks": [], "pagination": {"limit": 10, **end}}


def test_the_history_embeds_webhooks_and_cannot_be_written(vendor: Any, call: Call) -> None:
    """Deliveries are read newest first, each with its webhook."""
    key = vendor.add(**FULL)
    assert call("GET", "/api/v1/webhook-events").json()["webhookEvents"] == []
    vendor.fire(key, EVENTS[0])
    [event] = call("GET", "/api/v1/webhook-events").json()["webhookEvents"]
    assert (event["eventType"], event["webhook"]["id"]) == (EVENTS[0], key)
    assert call("POST", "/api/v1/webhook-events", {}).status == 405


def test_a_lost_answer_to_a_create_leaves_a_webhook(vendor: Any, call: Call) -> None:
    """After `drop-after` the webhook exists although nobody was told."""
    vendor.fail("drop-after", method="POST")
    with pytest.raises(ConnectionError):
        call("POST", BASE, FULL)
    assert len(vendor.webhooks()) == 1


@pytest.mark.parametrize("path", [BASE + "/", BASE + "/wh_1/secret", "/webhooks", BASE + "/wh_0"])
def test_other_paths_are_404(call: Call, path: str) -> None:
    """Slashes, sub-resources and unknown ids lead nowhere."""
    assert call("GET", path).status == 404


@pytest.mark.parametrize("shape", ["rpc", "cdp", "text"])
def test_errors_have_three_shapes(vendor: Any, call: Call, shape: str) -> None:
    """The error schema is undocumented, so it can be switched."""
    vendor.switch(error_shape=shape)
    reply = call("GET", f"{BASE}/wh_0")
    assert reply.status == 404
    assert b"webhook not found" in reply.body


def test_the_dashboard_can_change_everything(vendor: Any) -> None:
    """`add`, `edit` and `remove` act behind the API's back."""
    key = vendor.add(**FULL)
    vendor.edit(key, status=OFF)
    assert vendor.webhooks()[0]["status"] == OFF
    vendor.remove(key)
    assert vendor.webhooks() == []
