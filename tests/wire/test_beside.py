"""Reads beside each other: in flight together as far as account and run allow, elsewhere one after another."""

import threading
from contextlib import AbstractContextManager

import httpx
import pytest

from reconciler.errors import Rejected, WhsyncError
from reconciler.providers.protocol import Call, Reply, Steps
from reconciler.providers.rehearse import drive
from reconciler.providers.steps import beside
from reconciler.providers.vendor import CallLimits
from reconciler.run.connections import Connections
from tests.wire.support import Vendor, answer

PATIENCE = 10


def reading(name: str, begun: list[str] | None = None) -> Steps[str]:
    """Read one thing; what is answered 404 is refused."""
    if begun is not None:
        begun.append(name)
    reply = yield Call("GET", f"/hooks/{name}")
    if reply.status == 404:
        raise Rejected(f"no {name}", kind="not_found")
    return f"{name} {reply.status}"


def all_of(*names: str, begun: list[str] | None = None) -> Steps[list[str]]:
    """Read several."""
    return (yield from beside(reading(name, begun) for name in names))


def test_as_many_as_the_account_allows() -> None:
    """Three calls meet each other before any is answered, and never four; the results keep their order."""
    meeting = threading.Barrier(3)
    flying, most, guard = 0, 0, threading.Lock()

    def talk(request: httpx.Request) -> httpx.Response:
        nonlocal flying, most
        with guard:
            flying += 1
            most = max(most, flying)
        meeting.wait(PATIENCE)
        with guard:
            flying -= 1
        return answer(200)

    wire = Vendor(talk).wire(limits=CallLimits(reads=3))
    assert wire.drive(all_of(*"abcdef")) == [f"{each} 200" for each in "abcdef"]
    assert (most, wire.reads) == (3, 6)


def test_no_more_than_the_run_allows() -> None:
    """Where the run has room for one call, eight that might be in flight together are not."""
    connections = Connections(8, lambda name: None, 1)
    met, flying, guard = threading.Event(), 0, threading.Lock()

    def in_flight() -> AbstractContextManager[None]:
        return connections.used("it")

    def talk(request: httpx.Request) -> httpx.Response:
        nonlocal flying
        with guard:
            flying += 1
            if flying > 1:
                met.set()
        met.wait(0.05)
        with guard:
            flying -= 1
        return answer(200)

    wire = Vendor(talk).wire(limits=CallLimits(reads=8), in_flight=in_flight)
    assert len(wire.drive(all_of(*"abcdefgh"))) == 8
    assert not met.is_set()


def test_the_first_failure_ends_all() -> None:
    """What one of them raises is raised where the provider waits, and once it is known no further one is begun."""
    begun: list[str] = []
    vendor = Vendor(lambda request: answer(404 if request.url.path.endswith("/b") else 200))
    with pytest.raises(Rejected, match="no b"):
        vendor.wire(limits=CallLimits(reads=1)).drive(all_of("a", "b", *map(str, range(500)), begun=begun))
    assert begun[:2] == ["a", "b"]
    assert len(begun) < 500


def test_nothing_to_read() -> None:
    """None is no step at all."""
    assert Vendor(answer(500)).wire().drive(all_of()) == []


def test_one_after_another() -> None:
    """Who knows no threads carries the same steps out in turn, with the same results and the same failure."""
    there = drive(all_of("a", "b"), lambda call: Reply(200))
    assert there.result == ["a 200", "b 200"]
    assert [call.path for call in there.calls] == ["/hooks/a", "/hooks/b"]
    missing = drive(all_of("a", "b", "c"), lambda call: Reply(404 if call.path == "/hooks/b" else 200))
    assert isinstance(missing.error, WhsyncError)
    assert [call.path for call in missing.calls] == ["/hooks/a", "/hooks/b"]


def test_beside_within_beside() -> None:
    """A group may stand in a group."""

    def outer() -> Steps[list[list[str]]]:
        return (yield from beside([all_of("a", "b"), all_of("c")]))

    wanted = [["a 200", "b 200"], ["c 200"]]
    assert Vendor(answer(200)).wire(limits=CallLimits(reads=1)).drive(outer()) == wanted
    assert drive(outer(), lambda call: Reply(200)).result == wanted
