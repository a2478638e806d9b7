"""Vendors on a bad day during an apply: busy, slow, redirecting, ignoring what they are told, or changing meanwhile."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from tests.cli.world import CI_SECRET, World, events, hidden_in, hook, ledger, payments, wallet


def failure(world: World, *argv: str) -> dict:
    """The problem of the one webhook that an apply could not do."""
    result = world.apply("--format", "json", *argv)
    assert result.exit == 1, result
    (problem,) = [event["problem"] for event in events(result) if event["event"] == "failed"]
    return problem


@pytest.mark.parametrize("fault", ["429", "429-date", "429-reset", "403-retry"])
def test_a_busy_vendor_is_waited_for(world: World, fault: str) -> None:
    """A write that was refused for being one too many is repeated when the vendor says so, within `--max-wait`."""
    world.write({"ci": hook()})
    world.box["github"].fail(fault, method="POST", value=1)
    world.applied("--max-wait", "10")
    assert world.writes("github") == ["POST /repos/acme/api/hooks"] * 2
    assert len(world.box["github"].webhooks()) == 1


def test_no_longer_than_allowed(world: World) -> None:
    """A wait beyond `--max-wait` is not begun: kind rate_limited, with the time and the flag."""
    world.write({"ci": hook()})
    world.box["github"].fail("429", method="POST", value=3000)
    problem = failure(world, "--max-wait", "5")
    assert problem["kind"] == "rate_limited"
    assert "3000" in problem["summary"]
    assert "--max-wait" in problem["hint"]
    world.applied()


@pytest.mark.parametrize("name", ["ci", "ledger", "wallet", "payments"])
def test_a_redirect_is_not_followed(world: World, name: str) -> None:
    """A write that is redirected goes nowhere else, with or without credentials, and is no success."""
    blocks = {"ci": hook(), "ledger": ledger(), "wallet": wallet(), "payments": payments()}
    vendor = {"ci": "github", "ledger": "coinbase-payments", "wallet": "cryptofuse", "payments": "cryptopocket"}[name]
    elsewhere = "coinbase-payments" if name == "ci" else "github"
    world.write({name: blocks[name]})
    path = {"wallet": "/user/webhooks/", "payments": "/api/subscribe"}.get(name, "")
    world.box[vendor].fail("redirect", method="POST", path=path, to=world.box[elsewhere].url)
    result = world.apply()
    assert result.exit == 1
    assert "redirect" in result.stdout
    assert world.box[elsewhere].requests == []


def test_a_refusal_in_the_vendors_words(world: World) -> None:
    """A vendor's own validation is quoted, short and clean, and never with our secret in it."""
    world.write({"ci": hook(events=["push", "no_such_event"])})
    result = world.apply()
    assert result.exit == 1
    assert "no_such_event" in result.stdout + result.stderr
    assert hidden_in(CI_SECRET, result.stdout, result.stderr)
    assert world.lock == {}


def test_credentials_that_die_in_the_middle(world: World) -> None:
    """When the vendor refuses the token for the write, it is kind auth; what was done before stays recorded."""
    world.write({"ci": hook(), "ci2": hook(url="https://ci.acme.com/2")})
    world.box["github"].fail("401", method="POST", skip=1)
    problem = failure(world)
    assert problem["kind"] == "auth"
    assert len(world.lock) == 1
    world.applied()
    assert len(world.box["github"].webhooks()) == 2


def test_an_expired_oauth_token(world: World) -> None:
    """A token that ended between two calls is fetched again, once, and the work goes on."""
    world.write({"wallet": wallet()})
    world.box["cryptofuse"].expire_token(after=1)
    world.box["cryptofuse"].switch(expires_in=3600)
    world.applied()
    assert len(world.box["cryptofuse"].webhooks()) == 1


def test_an_oauth_token_without_the_scope(world: World) -> None:
    """A token that may only read: kind forbidden, naming the scope; nothing is open afterwards."""
    world.box["cryptofuse"].switch(granted="read", me_generation="older")
    world.write({"wallet": wallet()})
    problem = failure(world)
    assert problem["kind"] == "forbidden"
    assert "scope" in problem["summary"]
    assert not (world.folder / "webhooks.lock.json.journal").exists()


class Stubborn(BaseHTTPRequestHandler):
    """An account at Cryptofuse's address that answers success and keeps another URL."""

    kept: ClassVar[str] = "https://hooks.acme.com/old"

    def do_GET(self) -> None:
        """The account."""
        self._answer({"name": "x", "webhook_callback_url": self.kept, "webhook_secret_masked": "whsk_1..."})

    def do_POST(self) -> None:
        """Read the body, and answer with what was there all along."""
        self.rfile.read(int(self.headers["content-length"]))
        self._answer({"callback_url": self.kept, "masked_secret": "whsk_1****", "message": "Webhook URL changed."})

    def _answer(self, body: dict) -> None:
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def stubborn() -> Iterator[str]:
    """The base URL of a vendor that ignores what it is told."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Stubborn) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_vendor_that_ignores_a_field(world: World, stubborn: str) -> None:
    """Success that did not take effect is kind not_converged, names the field, and ends with 1 every time."""
    world.environment["FUSE_TOKEN"] = "static-token"
    settings = {"cryptofuse": {"base_url": stubborn, "auth": {"token": "env:FUSE_TOKEN"}}}
    world.write({"wallet": wallet(secret=None)}, providers=settings)
    for _ in range(2):
        problem = failure(world)
        assert problem["kind"] == "not_converged"
        assert "url" in problem["summary"]
        assert world.lock["wallet"]["applied"]["url"] == "https://hooks.acme.com/old"


def test_changed_between_plan_and_write(world: World) -> None:
    """Two people at once: the file wins what it manages, and the next plan is empty."""
    world.write({"ledger": ledger()})
    world.applied()
    world.box["coinbase-payments"].edit("wh_1001", events=["EVENT_TYPE_PAYMENT_VOIDED"])
    change = world.change("ledger")
    assert [field["cause"] for field in change["fields"]] == ["drift"]
    world.write({"ledger": ledger(events=["EVENT_TYPE_PAYMENT_REFUNDED"])})
    assert [field["cause"] for field in world.change("ledger")["fields"]] == ["conflict"]
    world.write({"ledger": ledger(events=["EVENT_TYPE_PAYMENT_VOIDED"])})
    world.forget_requests()
    world.applied()
    assert world.total_writes() == 0
    assert world.actions() == {"ledger": "noop"}


def test_what_is_not_managed_is_left_alone(world: World) -> None:
    """A field that the file leaves out is no difference, whatever the vendor has; dropping a field changes nothing."""
    world.write({"ci": hook(status="inactive")})
    world.applied()
    world.write({"ci": hook()})
    world.forget_requests()
    world.applied()
    assert world.total_writes() == 0
    assert world.box["github"].webhooks()[0]["active"] is False
    world.box["github"].edit(world.box["github"].webhooks()[0]["id"], active=True)
    assert world.actions() == {"ci": "noop"}
    assert "unmanaged field changed" in world("drift").stdout
    world.write({"ci": hook()}, policy={"drift": "managed"})
    assert world("drift").exit == 0


def test_adopting_by_the_natural_key(world: World) -> None:
    """A hook that exists with the wanted URL is adopted, not made again; only what differs is sent."""
    key = world.box["github"].add(
        "acme/api", events=["push"], config={"url": "https://ci.acme.com/hooks", "content_type": "json"}
    )
    world.write({"ci": hook(secret=None)})
    assert world.actions() == {"ci": "adopt"}
    world.applied()
    assert world.lock["ci"]["remote_id"] == str(key)
    assert [asked.method for asked in world.asked("github")] == ["PATCH"]
    assert world.actions() == {"ci": "noop"}


def test_adopting_with_a_secret_nobody_knows(world: World) -> None:
    """A masked secret is no value: adopting succeeds, leaves it, says that it is unverifiable and how to own it."""
    world.box["github"].add(
        "acme/api",
        events=["push", "pull_request"],
        config={"url": "https://ci.acme.com/hooks", "content_type": "json", "secret": "old"},
    )
    world.write({"ci": hook()})
    change = world.change("ci")
    assert (change["action"], change["secret"], change["calls"]) == ("adopt", "unverifiable", [])
    assert "whsync rotate ci" in world("plan").stdout
    world.applied()
    assert world.total_writes() == 0
    assert world.box["github"].webhooks()[0]["config"]["secret"] == "old"
    assert world.change("ci")["secret"] == "unverifiable"
    assert world.change("ci")["action"] == "noop"
