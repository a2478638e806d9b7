"""Credentials that die in mid-run: asked for again once, by one of all threads, and not where that cannot help."""

import threading
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from reconciler.codes import Code
from reconciler.errors import Interrupted, Rejected, SecretError
from reconciler.model.secret import Secret
from reconciler.providers.protocol import Call, Reply
from reconciler.providers.vendor import Basic, ClientCredentials, Scheme, StaticCredentials
from reconciler.wire.account import Account, RunContext
from reconciler.wire.drive import Wire
from tests.waiting import PATIENCE
from tests.wire.support import BASE, CREATE, LIST, PUT, Time, Vendor, answer, one

BEARER = StaticCredentials(("token",), (("Authorization", "{token}"),))
BASIC = Basic(("token",), "me", "{token}")
OAUTH = ClientCredentials(("id", "secret"), "/token", "", "body", lambda reply: reply.status == 401)


class Source:
    """Where the credentials are from: the next text each time that they are asked for, the last one for ever."""

    def __init__(self, *texts: str, name: str = "token") -> None:
        self.texts, self.name, self.asked = list(texts), name, 0

    def first(self) -> Mapping[str, Secret]:
        """What they are at the beginning."""
        return {"id": Secret("me"), self.name: Secret(self.texts[0])}

    def __call__(self, dead: Mapping[str, Secret]) -> Mapping[str, Secret]:
        """Ask again."""
        self.asked += 1
        return {"id": Secret("me"), self.name: Secret(self.texts[min(self.asked, len(self.texts) - 1)])}


class Doorkeeper:
    """A vendor that takes some tokens only, which may change, and remembers whom it let in."""

    def __init__(self, *takes: str) -> None:
        self.takes = set(takes)
        self.done: list[str] = []
        self._lock = threading.Lock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Let one in, or not."""
        shown = request.headers["authorization"]
        with self._lock:
            if shown not in self.takes:
                return answer(401)
            self.done.append(request.method)
            return answer(200)


def wire(vendor: Any, source: Any, scheme: Scheme = BEARER, **more: Any) -> Wire:
    """A way to this vendor, whose credentials come from there."""
    account = Account(BASE, scheme, source.first(), renew=source)
    return Wire(account, RunContext(clock=Time().clock(), transport=httpx.MockTransport(vendor), **more))


@pytest.mark.parametrize("call", [LIST, CREATE, PUT], ids=["read", "create", "put"])
def test_the_run_goes_on_with_others(call: Call) -> None:
    """A call that met a dead token is made with the next one, also where it writes: refused unread, it did nothing."""
    source, vendor = Source("one", "two"), Doorkeeper("one")
    ours = wire(vendor, source)
    ours.drive(one(LIST))
    vendor.takes = {"two"}
    assert ours.drive(one(call)).status == 200
    assert (vendor.done, source.asked) == (["GET", call.method], 1)
    assert (ours.reads + ours.writes) == 2


def test_every_death_is_outlived() -> None:
    """A token that lives for minutes is no trouble to a run that takes hours."""
    source, vendor = Source("t0", "t1", "t2", "t3"), Doorkeeper("t0")
    ours = wire(vendor, source)
    for age in range(4):
        vendor.takes = {f"t{age}"}
        assert ours.drive(one(LIST)).status == 200
    assert source.asked == 3


def test_other_ways_to_prove_it() -> None:
    """Whatever the credentials are made into, they are asked for again."""
    seen: list[str] = []

    def vendor(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["authorization"])
        return answer(401 if len(seen) == 2 else 200)

    ours = wire(vendor, Source("one", "two"), BASIC)
    assert [ours.drive(one(LIST)).status for _ in range(2)] == [200, 200]
    assert seen[0] == seen[1] != seen[2]


def test_what_never_worked_is_not_asked_for_again() -> None:
    """Wrong credentials are wrong, and the vendor is told so once."""
    source, vendor = Source("wrong", "two"), Doorkeeper("two")
    assert wire(vendor, source).drive(one(LIST)).status == 401
    assert source.asked == 0


@pytest.mark.parametrize("texts", [("one", "two"), ("one", "one")], ids=["refused, too", "the same"])
def test_a_second_refusal_is_one(texts: tuple[str, ...]) -> None:
    """Where others do not help, or are none, the refusal stands, and nobody asks again in this run."""
    source, vendor = Source(*texts), Doorkeeper("one")
    ours = wire(vendor, source)
    ours.drive(one(LIST))
    vendor.takes = set()
    assert [ours.drive(one(CREATE)).status for _ in range(3)] == [401, 401, 401]
    assert source.asked == 1
    assert vendor.done == ["GET"]


def test_who_refuses_some_calls_only_is_asked_about_once() -> None:
    """A place that answers 401 where others let us in costs one question, not one for each of its calls."""
    source = Source("one", "two", "three")
    ours = wire(Vendor(lambda request: answer(200 if request.method == "GET" else 401)), source)
    for _ in range(3):
        assert ours.drive(one(LIST)).status == 200
        assert ours.drive(one(CREATE)).status == 401
    assert source.asked == 1


def test_threads_ask_once() -> None:
    """Calls that meet the dead token together go on with one new token."""
    source, vendor, together = Source("one", "two", "three"), Doorkeeper("one"), threading.Barrier(4)

    def gathering(request: httpx.Request) -> httpx.Response:
        reply = vendor(request)
        if reply.status_code == 401:
            together.wait(PATIENCE)  # no one hears of it before all are refused
        return reply

    ours = wire(gathering, source)
    ours.drive(one(LIST))
    vendor.takes = {"two", "three"}
    replies: list[Reply] = []
    threads = [threading.Thread(target=lambda: replies.append(ours.drive(one(LIST)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert [reply.status for reply in replies] == [200] * 4
    assert source.asked == 1


@pytest.mark.parametrize("error", [SecretError("the command failed", code=Code.COMMAND_FAILED), Interrupted("stop")])
def test_where_none_can_be_had(error: Exception) -> None:
    """Who cannot be asked is told of, and the call did nothing; an interrupt stays one."""
    vendor = Doorkeeper("one")

    class Broken(Source):
        def __call__(self, dead: Mapping[str, Secret]) -> Mapping[str, Secret]:
            self.asked += 1
            raise error

    source = Broken("one")
    ours = wire(vendor, source)
    ours.drive(one(LIST))
    vendor.takes = set()
    with pytest.raises(Rejected if isinstance(error, SecretError) else Interrupted) as caught:
        ours.drive(one(CREATE))
    assert str(error) in str(caught.value)
    if isinstance(error, SecretError):
        assert (caught.value.kind, caught.value.code) == ("auth", Code.COMMAND_FAILED)
        assert ours.drive(one(LIST)).status == 401
        assert source.asked == 1


def test_what_a_token_is_fetched_with_may_die_too() -> None:
    """A client's secret that is refused when the next token is fetched is asked for again, and not twice in vain."""
    good, asked = ["secret=one"], list[str]()

    def vendor(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/token"):
            asked.append(request.content.decode().rpartition("&")[2].replace("client_", ""))
            return answer(200, {"access_token": asked[-1]}) if asked[-1] in good else answer(401)
        return answer(200 if request.headers["authorization"].removeprefix("Bearer ") in good else 401)

    source = Source("one", "two", "three", name="secret")
    ours = wire(vendor, source, OAUTH)
    assert ours.drive(one(LIST)).status == 200
    good[:] = ["secret=two"]
    assert ours.drive(one(CREATE)).status == 200
    good.clear()
    for _ in range(2):
        with pytest.raises(Rejected, match="refused the credentials"):
            ours.drive(one(CREATE))
    assert asked == ["secret=one", "secret=one", "secret=two", "secret=two", "secret=three"]


def test_without_a_source_a_refusal_stands() -> None:
    """Where nobody can be asked, nothing is sent twice."""
    vendor = Vendor(answer(200), answer(401))
    ours = vendor.wire(BEARER, {"token": "one"})
    assert [ours.drive(one(LIST)).status for _ in range(2)] == [200, 401]
    assert len(vendor.requests) == 2
