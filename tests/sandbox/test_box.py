"""The sandbox as a whole: starting, stopping, what it remembers, and what it refuses to be told."""

import http.client
import socket
import threading
import time
from typing import Any

import pytest

from reconciler.sandbox import VENDORS, Sandbox
from reconciler.sandbox.exchange import Request
from tests.sandbox.client import send

UA = {"User-Agent": "test"}


def test_every_vendor_listens_on_a_loopback_port_of_its_own() -> None:
    """All vendors start together, each with a URL and credentials to configure."""
    with Sandbox() as box:
        assert set(box) == set(VENDORS)
        assert len({box[name].url for name in box}) == len(VENDORS)
        assert all(box[name].url.startswith("http://127.0.0.1:") and box[name].credentials for name in box)


def test_one_connection_serves_many_requests() -> None:
    """Connections are kept alive, and state outlives each of them."""
    with Sandbox(["github"]) as box:
        host = box["github"].url.removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=20)
        for path in ("/repos/a/b", "/repos/a/c"):
            connection.request("GET", path, headers=UA)
            assert connection.getresponse().read()
            assert connection.sock is not None
        connection.close()
        assert [request.path for request in box["github"].requests] == ["/repos/a/b", "/repos/a/c"]


def test_requests_remember_what_was_sent_and_answered_but_do_not_print_it() -> None:
    """The record has method, path, query, headers, body and status; its repr shows neither headers nor body."""
    with Sandbox(["github"]) as box:
        send(
            box["github"].url, "POST", "/repos/a/b/hooks?x=1", headers={**UA, "Authorization": "Bearer no"}, body=b"{}"
        )
        [request] = box["github"].requests
        assert (request.method, request.path, request.query) == ("POST", "/repos/a/b/hooks", {"x": "1"})
        assert (request.header("Authorization"), request.body, request.status) == ("Bearer no", b"{}", 401)
        assert "Bearer" not in repr(request)
        box["github"].clear_requests()
        assert box["github"].requests == []


def test_leaving_closes_listener_and_open_connections() -> None:
    """After the sandbox is left, a kept connection is at its end and the port refuses new ones."""
    with Sandbox(["github"]) as box:
        host = box["github"].url.removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=20)
        connection.request("GET", "/repos/a/b", headers=UA)
        connection.getresponse().read()
        kept = connection.sock
    assert kept.recv(1) == b""
    connection.close()
    with pytest.raises(ConnectionRefusedError):
        send(f"http://{host}", "GET", "/")


def test_many_clients_at_once_lose_nothing() -> None:
    """Creates from several threads each make one hook with an id of its own."""
    with Sandbox(["github"]) as box:
        vendor = box["github"]
        auth = {**UA, "Authorization": f"Bearer {vendor.credentials['token']}"}

        def create(repo: int) -> None:
            config = {"url": f"https://example.com/{repo}"}
            send(vendor.url, "POST", f"/repos/a/r{repo}/hooks", headers=auth, json_body={"config": config})

        threads = [threading.Thread(target=create, args=(repo,)) for repo in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len({hook["id"] for hook in vendor.webhooks()}) == 8


def test_a_crash_of_the_simulation_itself_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug inside a simulated vendor surfaces when the sandbox is left."""

    def broken(request: Request) -> Any:
        raise ZeroDivisionError

    box = Sandbox(["github"]).start()
    monkeypatch.setattr(box["github"], "respond", broken)
    assert send(box["github"].url, "GET", "/", headers=UA).status == 500
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        box.__exit__(None, None, None)


def test_waiting_ends_when_the_sandbox_is_stopped() -> None:
    """`wait` blocks a thread until somebody stops the sandbox, which wakes sleeping faults too."""
    box = Sandbox(["github", "cryptofuse"]).start()
    box["github"].fail("hang", value=3600)
    waiting = threading.Thread(target=box.wait)
    waiting.start()
    with socket.create_connection(("127.0.0.1", int(box["github"].url.rpartition(":")[2]))) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        while not box["github"].requests:
            time.sleep(0.01)
        box.stop()
        assert client.recv(1) == b""
    waiting.join(timeout=20)
    assert not waiting.is_alive()


def test_a_stopped_sandbox_starts_again_with_what_it_held() -> None:
    """State belongs to the vendor, not to its ports."""
    box = Sandbox(["cryptopocket"])
    with box:
        box["cryptopocket"].add(type="PAY_IN", url="https://example.com")
    with box:
        assert send(box["cryptopocket"].url, "GET", "/").status == 404
        assert len(box["cryptopocket"].webhooks()) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"vendors": ["githb"]}, "did you mean 'github'"),
        ({"vendors": ["github"], "settings": {"cryptofuse": {}}}, "not started"),
        ({"vendors": ["github"], "settings": {"github": {"prefixx": "/x"}}}, "did you mean 'prefix'"),
        ({"vendors": ["github"], "settings": {"github": {"events_order": "odd"}}}, "must be one of"),
        ({"vendors": ["github"], "faults": "cryptofuse:500"}, "not started"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, Any], words: str) -> None:
    """Unknown vendors, switches and choices are refused with what would be right."""
    with pytest.raises(ValueError, match=words):
        Sandbox(**arguments)


def test_a_base_port_gives_the_vendors_consecutive_ports() -> None:
    """With a base port the second vendor listens on the next one."""
    with Sandbox(["github"]) as probe:
        free = int(probe["github"].url.rpartition(":")[2])
    with Sandbox(["cryptopocket"], port=free) as box:
        assert box["cryptopocket"].url.endswith(f":{free}")
        with pytest.raises(OSError, match="in use"), Sandbox(["github"], port=free):
            pass
