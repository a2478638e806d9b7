"""Answers that never end, connections that never come, and runs that are not to wait: against real sockets."""

import datetime
import gzip
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from reconciler.errors import Interrupted
from reconciler.wire.attempt import Attempt, GivenUp
from reconciler.wire.hands import Hands
from tests.waiting import PATIENCE
from tests.wire.support import CREATE, LIST, send
from tests.wire.test_client import serving

LONG = 600.0  # a timeout that no test waits for
HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
PACKED = HEAD.replace(b"OK\r\n", b"OK\r\nContent-Encoding: gzip\r\n") + b"14\r\n" + gzip.compress(b"") + b"\r\n"


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def hung_up(peer: socket.socket) -> None:
    """Wait until the other end is gone, and fail where it stays."""
    peer.settimeout(PATIENCE)
    try:
        while peer.recv(65536):
            pass
    except ConnectionError:
        pass


def dripping(clock: Clock, before: bytes, drop: bytes) -> Callable[[socket.socket], None]:
    """A vendor that says something, then some drops, each after the timeout's half, and then waits to be left."""

    def talk(peer: socket.socket) -> None:
        peer.sendall(before)
        with suppress(ConnectionError):  # it is left already
            for _ in range(10):
                clock.now += LONG / 2
                peer.sendall(drop)
        hung_up(peer)

    return talk


ENDLESS = {
    "nothing": (b"", b""),
    "status line": (b"HTTP/1.1 200 ", b"O"),
    "early answers": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "head": (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
    "one header": (b"HTTP/1.1 200 OK\r\nX-A: ", b"b"),
    "body": (HEAD, b"1\r\nx\r\n"),
    "chunk extension": (HEAD + b"1;", b"x"),
    "trailers": (HEAD + b"1\r\nx\r\n0\r\n", b"X-A: b\r\n"),
    "packed padding": (PACKED, b"1\r\n\0\r\n"),
}


@pytest.mark.parametrize("call", [LIST, CREATE], ids=["read", "write"])
@pytest.mark.parametrize("kind", ENDLESS)
def test_no_part_of_an_answer_outlasts_the_deadline(kind: str, call: Any) -> None:
    """Whatever drips, or does not even drip, the attempt ends with its one deadline, and so does the connection."""
    clock = Clock()
    with serving(dripping(clock, *ENDLESS[kind])) as base:
        sent = send(base, call, timeout=LONG, monotonic=clock)
    assert (sent.reply.status, sent.reply.sent, sent.lasting) == (0, True, True)
    assert sent.reply.failure == f"the answer was not whole after {3 * LONG:g} s"


def test_the_deadline_holds_behind_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that drips is no better than a vendor that does."""
    clock = Clock()
    with serving(dripping(clock, *ENDLESS["head"])) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy)
        sent = send("http://a.test", timeout=LONG, monotonic=clock)
    assert sent.reply.failure == f"the answer was not whole after {3 * LONG:g} s"


@pytest.mark.parametrize("handshake", [True, False], ids=["in the answer", "in the handshake"])
def test_the_deadline_holds_where_it_is_encrypted(
    handshake: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TLS hides nothing from the deadline; before its handshake is done nothing was sent."""
    clock, left, context = Clock(), threading.Event(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate = own_certificate(tmp_path)
    context.load_cert_chain(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    def talk(server: socket.socket) -> None:
        raw, _ = server.accept()
        with raw:
            if not handshake:
                clock.now += 4 * LONG
                left.wait(PATIENCE)
                return
            with context.wrap_socket(raw, server_side=True) as peer:
                peer.recv(65536)
                dripping(clock, *ENDLESS["head"])(peer)

    with listening(talk) as port:
        reply = send(f"https://127.0.0.1:{port}", timeout=LONG, monotonic=clock).reply
        left.set()
    assert (reply.status, reply.sent) == (0, handshake)
    assert f"{3 * LONG:g} s" in reply.failure


def test_a_name_that_is_looked_up_for_ever_is_given_up(stuck: "Stuck") -> None:
    """Where not even a connection came, the call was certainly not sent."""
    clock = Clock()
    stuck.meanwhile = lambda: setattr(clock, "now", 4 * LONG)
    sent = send("http://localhost:1", CREATE, timeout=LONG, monotonic=clock)
    assert (sent.reply.sent, sent.lasting) == (False, True)
    assert sent.reply.failure == f"no connection to localhost:1 within {3 * LONG:g} s"


@pytest.mark.parametrize("kind", ENDLESS)
def test_a_read_is_given_up_when_the_run_is_to_end(kind: str) -> None:
    """A silent or dripping vendor keeps nobody who asked for the end, and its connection is closed."""
    stop = threading.Event()
    before, drop = ENDLESS[kind]

    def talk(peer: socket.socket) -> None:
        peer.sendall(before + drop)
        stop.set()
        hung_up(peer)

    with serving(talk) as base, pytest.raises(Interrupted):
        send(base, timeout=LONG, stopping=stop.is_set)


def test_a_write_that_was_sent_is_finished_when_the_run_is_to_end() -> None:
    """What the vendor has may have been done, so its answer is waited for, however often the user is asked."""
    stop, asked = threading.Event(), threading.Semaphore(0)

    def stopping() -> bool:
        asked.release()
        return stop.is_set()

    def talk(peer: socket.socket) -> None:
        stop.set()
        for _ in range(3):
            assert asked.acquire(timeout=PATIENCE)
        peer.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}")

    with serving(talk) as base:
        reply = send(base, CREATE, timeout=LONG, stopping=stopping).reply
    assert (reply.status, reply.body) == (201, b"{}")


def test_a_call_without_a_thread_was_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A write, too: nothing is in doubt where the machine has no thread for it."""

    def start(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with serving(lambda peer: peer.close()) as base, monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start)
        patch.setattr("reconciler.wire.attempt._HANDS", Hands("none is free"))
        sent = send(base, CREATE)
    assert (sent.reply.status, sent.reply.sent, sent.lasting) == (0, False, False)
    assert "has no more threads" in sent.reply.failure


def test_a_write_that_was_not_sent_never_is_once_the_run_is_to_end(stuck: "Stuck") -> None:
    """A write that still looks for its vendor is given up, and its connection, once it comes, carries nothing."""
    heard: list[bytes] = []
    stop = threading.Event()
    stuck.meanwhile = stop.set

    def talk(server: socket.socket) -> None:
        peer, _ = server.accept()
        with peer:
            peer.settimeout(PATIENCE)
            heard.append(peer.recv(65536))

    with listening(talk) as port:
        with pytest.raises(Interrupted):
            send(f"http://localhost:{port}", CREATE, timeout=LONG, stopping=stop.is_set)
        stuck.go_on.set()
    assert heard == [b""]


def test_a_connection_that_went_on_to_another_attempt_is_left_alone() -> None:
    """Who gives up an attempt at its very end does not cut off the next one, which has its connection."""
    ours, theirs = socket.socketpair()
    stop, asked = threading.Event(), threading.Event()

    def stopping() -> bool:
        if stop.is_set():
            asked.set()
        return stop.is_set()

    attempt = Attempt(late=bool, stopping=stopping, writes=False)

    def work() -> str:
        attempt.uses(ours)
        attempt.release()
        stop.set()
        assert asked.wait(PATIENCE)
        return "done"

    with ours, theirs:
        assert attempt.carry_out(work) == "done"
        ours.sendall(b"next")
        assert theirs.recv(4) == b"next"


def test_what_is_given_up_uses_nothing_any_more() -> None:
    """The thread of an attempt that nobody waits for stops at its next step."""
    given_up, ended = threading.Event(), threading.Event()
    attempt = Attempt(late=bool, stopping=lambda: True, writes=False)

    def work() -> None:
        assert given_up.wait(PATIENCE)
        try:
            attempt.uses(None, sends=True)
        except GivenUp:
            ended.set()

    with pytest.raises(GivenUp) as caught:
        attempt.carry_out(work)
    given_up.set()
    assert (caught.value.interrupted, caught.value.sent) == (True, False)
    assert ended.wait(PATIENCE)


class Stuck:
    """A resolver that does not answer until `go_on`; what happens `meanwhile`."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.meanwhile: Callable[[], object] = bool


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stuck]:
    """A resolver of names that is stuck."""
    resolver, resolve = Stuck(), socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        resolver.meanwhile()
        resolver.go_on.wait(PATIENCE)
        return resolve("127.0.0.1", port, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield resolver
    resolver.go_on.set()


@contextmanager
def listening(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A socket on loopback that `talk` accepts from, in a thread; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=talk, args=(server,), daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(PATIENCE)


def own_certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody else trusts, and its key, in one file."""
    key, name = generate_private_key(SECP256R1()), x509.Name([])
    begin = datetime.datetime(2020, 1, 1)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(datetime.datetime(2100, 1, 1))
        .add_extension(address, critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "own.pem"
    encoding = serialization.Encoding.PEM
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + made.public_bytes(encoding))
    return file
