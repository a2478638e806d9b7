"""One attempt, against sockets that misbehave and against a scripted vendor."""

import gzip
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import certifi
import httpx
import pytest
import respx

from reconciler.errors import VendorError
from reconciler.model.secret import Secret
from reconciler.providers.protocol import Call
from reconciler.wire import client as module
from reconciler.wire.client import Bounds, Client
from reconciler.wire.encode import BaseUrl, destination
from reconciler.wire.proof import Signature
from tests.wire.support import FOR_NOTHING, LIST, send

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@contextmanager
def serving(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server on loopback that reads one request, lets `talk` answer it, and hangs up; gives its base URL."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            try:
                peer, _ = server.accept()
            except OSError:  # nobody came
                return
            with peer:
                while b"\r\n\r\n" not in peer.recv(65536):
                    pass
                talk(peer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join(10)


@pytest.mark.parametrize(
    "words",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal",
        b"220 smtp ready\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 20\r\n\r\n" + gzip.compress(b"x" * 999)[:20],
    ],
    ids=["dropped", "half a head", "half a body", "half a chunk", "not http", "half a gzip"],
)
def test_a_broken_answer_is_no_answer(words: bytes) -> None:
    """When the connection breaks, nobody knows whether the request was carried out, and nothing half is believed."""
    with serving(lambda peer: peer.sendall(words)) as base:
        reply = send(base).reply
    assert (reply.status, reply.sent, reply.body) == (0, True, b"")
    assert "broke" in reply.failure


def test_silence_ends_with_the_timeout() -> None:
    """A vendor that accepts and then says nothing is given up, and the request may have been done."""
    over = threading.Event()

    def wait(peer: socket.socket) -> None:
        over.wait(10)

    with serving(wait) as base:
        reply = send(base, timeout=0.05).reply
        over.set()
    assert (reply.status, reply.sent) == (0, True)
    assert "within 0.05 s" in reply.failure


def test_an_endless_answer_is_cut_off() -> None:
    """More than the cap is not read, and asking again is pointless."""

    def flood(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                peer.sendall(b"x" * 65536)
        except OSError:
            pass

    with serving(flood) as base:
        sent = send(base, largest=1 << 20)
    assert sent.lasting
    assert sent.reply.failure == "the answer is larger than 1 MiB"


def test_a_dripping_answer_is_given_up() -> None:
    """An answer that arrives byte by byte does not hold the run for longer than three timeouts."""
    now = [0.0]

    def drip() -> Iterator[bytes]:
        for _ in range(1000):
            now[0] += 4
            yield b"x"

    vendor = httpx.MockTransport(lambda _: httpx.Response(200, content=drip()))
    sent = send("https://a.test", transport=vendor, timeout=5.0, monotonic=lambda: now[0])
    assert sent.reply.failure == "the answer was not whole after 15 s"
    assert now[0] == 16


def test_a_refused_connection_was_certainly_not_sent() -> None:
    """Where nobody listens nothing can have happened."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    reply = send(f"http://127.0.0.1:{port}").reply
    assert (reply.status, reply.sent) == (0, False)
    assert reply.failure == f"127.0.0.1:{port} refused the connection"


@respx.mock
@pytest.mark.parametrize(
    ("error", "sent"),
    [
        (httpx.ConnectError("x"), False),
        (httpx.ConnectTimeout("x"), False),
        (httpx.PoolTimeout("x"), False),
        (httpx.ProxyError("x"), False),
        (httpx.LocalProtocolError("x"), False),
        (httpx.ReadTimeout("x"), True),
        (httpx.ReadError("x"), True),
        (httpx.WriteError("x"), True),
        (httpx.WriteTimeout("x"), True),
        (httpx.RemoteProtocolError("x"), True),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_failure_says_whether_it_may_have_arrived(error: Exception, sent: bool) -> None:
    """Only failures before the first byte are certain; the library's own words are not repeated."""
    respx.get("https://a.test/hooks").mock(side_effect=error)
    reply = send("https://a.test").reply
    assert (reply.status, reply.sent) == (0, sent)
    assert reply.failure
    assert "x" not in reply.failure.split()


@respx.mock
def test_waiting_for_a_free_connection_is_told_as_that() -> None:
    """It takes the timeout of answers, not that of connecting."""
    respx.get("https://a.test/hooks").mock(side_effect=httpx.PoolTimeout("x"))
    assert send("https://a.test", timeout=30.0).reply.failure == "no free connection to a.test within 30 s"


@respx.mock
def test_calls_become_requests() -> None:
    """Method, headers, query and body arrive as described; header names of the answer are in lower case."""
    route = respx.post("https://a.test/hooks").respond(201, json={"id": 1}, headers={"X-Thing": "y"})
    call = Call("POST", "/hooks", (("q", "a b"),), (("X-Mine", "1"),), {"s": Secret("hush")})
    signature = Signature((("Authorization", Secret("Bearer t")),), (("key", Secret("k&k")),))
    reply = send("https://a.test", call, signature).reply
    request = route.calls.last.request
    assert (reply.status, reply.headers["x-thing"], reply.body) == (201, "y", b'{"id":1}')
    assert request.content == b'{"s":"hush"}'
    assert request.url.query == b"q=a%20b&key=k%26k"
    sent = {name: request.headers[name] for name in ("authorization", "x-mine", "content-type", "accept-encoding")}
    assert sent == {
        "authorization": "Bearer t",
        "x-mine": "1",
        "content-type": "application/json",
        "accept-encoding": "gzip",
    }


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (Call("POST", "/hooks", body={"a": 1}), "application/vnd.api+json"),
        (Call("POST", "/token", body={"a": "1"}, encoding="form"), "application/x-www-form-urlencoded"),
        (Call("GET", "/hooks"), None),
        (Call("DELETE", "/hooks/1", writes=True), None),
    ],
    ids=["json", "form", "read", "no body"],
)
@respx.mock
def test_a_manifests_content_type_is_for_its_json_bodies(call: Call, kind: str | None) -> None:
    """A dialect of JSON has its own; a form (of a token call, say) stays a form, and what has no body has no type."""
    route = respx.route(host="a.test").respond(200)
    target = destination(BaseUrl.of("https://a.test"), call)
    client = Client((("Content-Type", "application/vnd.api+json"),), Bounds(2, 5.0), monotonic=lambda: 0.0)
    client.send(call, target, FOR_NOTHING)
    client.close()
    assert route.calls.last.request.headers.get("content-type") == kind


@respx.mock
def test_redirects_are_answers() -> None:
    """A redirect is handed back, and nothing is sent to where it points."""
    respx.post("https://a.test/hooks").respond(307, headers={"location": "https://b.test/"})
    elsewhere = respx.route(host="b.test").respond(200)
    assert send("https://a.test", Call("POST", "/hooks")).reply.status == 307
    assert not elsewhere.called


def test_no_cookie_is_kept() -> None:
    """Each call stands alone: what a vendor sets in one answer is not sent with the next."""
    seen: list[str | None] = []

    def vendor(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("cookie"))
        return httpx.Response(200, headers={"set-cookie": "session=1; Path=/"})

    client = Client((), Bounds(connections=1, timeout=1), monotonic=lambda: 0.0, transport=httpx.MockTransport(vendor))
    for _ in range(2):
        client.send(LIST, destination(BaseUrl.of("https://a.test"), LIST), FOR_NOTHING)
    client.close()
    assert seen == [None, None]


def test_the_librarys_log_stays_silent(caplog: pytest.LogCaptureFixture) -> None:
    """Even with logging turned all the way up, the HTTP library writes no URL and no header."""
    with caplog.at_level(logging.DEBUG), serving(lambda peer: peer.sendall(b"HTTP/1.1 204 No\r\n\r\n")) as base:
        send(base, signature=Signature((("authorization", Secret("hush")),), (("key", Secret("hush")),)))
    assert "hush" not in caplog.text
    assert [record.name for record in caplog.records if record.name.startswith("http")] == []


def test_loopback_needs_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sandbox on this machine is reached directly, also where the network is behind a proxy."""
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.test:1")
    with serving(lambda peer: peer.sendall(b"HTTP/1.1 204 No\r\n\r\n")) as base:
        assert send(base).reply.status == 204


def test_other_hosts_go_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The usual variable decides: the request for a foreign host arrives at the proxy."""
    with serving(lambda peer: peer.sendall(b"HTTP/1.1 204 No\r\n\r\n")) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy)
        assert send("http://a.test").reply.status == 204


@pytest.mark.parametrize(
    ("name", "value"), [("HTTPS_PROXY", "nonsense://u:hush@p.test"), ("SSL_CERT_FILE", "/nowhere/hush.pem")]
)
def test_unusable_settings_of_the_machine_are_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """The variables to look at are named; their values, which may hold a password, are not shown."""
    monkeypatch.setenv(name, value)
    with pytest.raises(VendorError) as caught:
        send("https://a.test")
    assert name in caught.value.hint
    assert "hush" not in repr((caught.value, caught.value.__cause__, caught.value.__context__))


def test_own_certificates_are_trusted_by_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """SSL_CERT_FILE replaces the bundled certificates, once for all accounts."""
    monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
    first = module._trusted(destination(BaseUrl.of("https://a.test"), LIST))
    assert first is module._trusted(destination(BaseUrl.of("https://b.test"), LIST))
    assert first.verify_mode.name == "CERT_REQUIRED"
    assert first.check_hostname
