"""The loop: what a provider gets back, what is repeated, and what is never done."""

import threading
from collections.abc import Callable, Generator
from datetime import datetime
from typing import Any

import httpx
import pytest

from reconciler import __version__
from reconciler.errors import ConfigError, Indeterminate, Interrupted, Rejected, VendorError
from reconciler.model.webhook import Fields
from reconciler.providers.protocol import Call, Progress, Reply
from reconciler.providers.vendor import CallLimits, ClientCredentials, StaticCredentials
from reconciler.support.activity import Activity
from reconciler.support.waits import Left, Wait
from reconciler.wire.encode import BaseUrl, destination
from tests.waiting import PATIENCE
from tests.wire.support import BASE, CREATE, LIST, PUT, START, Time, Vendor, answer, one

LOST = httpx.ReadError("cut")
UNREACHED = httpx.ConnectError("refused")
TOKEN = StaticCredentials(("token",), (("Authorization", "Bearer {token}"),), (("key", "{token}"),))
SECRET = "s3cr3t-t0ken"


def test_replies_and_progress_pass_in_order() -> None:
    """A provider's calls are answered one by one; its progress is handed on before it continues."""
    story: list[object] = []

    def provider() -> Generator[Call | Progress, Reply, str]:
        first = yield CREATE
        story.append(first.status)
        nothing = yield Progress("1", Fields())
        story.append(nothing)
        second = yield PUT
        return f"{first.status} {second.status}"

    wire = Vendor(answer(201), answer(200)).wire()
    assert wire.drive(provider(), lambda progress: story.append(progress.remote_id)) == "201 200"
    assert story == [201, "1", Reply(0)]
    assert (wire.reads, wire.writes) == (0, 2)


@pytest.mark.parametrize("fault", ["call", "progress"])
def test_the_provider_is_closed_when_something_fails(fault: str) -> None:
    """Whatever is raised outside, the provider's generator ends, and the error arrives unchanged."""
    ended = []

    def provider() -> Generator[Call | Progress, Reply, None]:
        try:
            yield Progress("1", Fields()) if fault == "progress" else Call("GET", "https://evil.test/")
        finally:
            ended.append(True)

    def refuse(progress: Progress) -> None:
        raise KeyError(progress.remote_id)

    steps = provider()
    with pytest.raises(KeyError if fault == "progress" else Rejected):
        Vendor(answer(200)).wire().drive(steps, refuse)
    assert ended == [True]


def test_a_provider_may_know_what_a_call_that_was_not_made_means() -> None:
    """What keeps a call from being made is raised where the provider waits for its reply, and may end there."""

    def provider() -> Generator[Call | Progress, Reply, str]:
        try:
            yield LIST
        except VendorError as error:
            return error.kind
        return "read"

    assert Vendor(answer(429, retry_after="3000")).wire().drive(provider()) == "rate_limited"


@pytest.mark.parametrize(
    ("call", "answers", "status", "sent"),
    [
        (LIST, [answer(502), answer(200)], 200, 2),
        (LIST, [LOST, LOST, answer(200)], 200, 3),
        (LIST, [answer(503)], 503, 4),
        (LIST, [LOST], 0, 4),
        (LIST, [answer(404)], 404, 1),
        (PUT, [LOST, answer(200)], 200, 2),
        (PUT, [answer(500), answer(409)], 409, 2),
        (CREATE, [LOST, answer(201)], 0, 1),
        (CREATE, [answer(500), answer(201)], 500, 1),
        (CREATE, [answer(503, retry_after="1"), answer(201)], 503, 1),
        (CREATE, [UNREACHED, answer(201)], 201, 2),
        (CREATE, [answer(429, retry_after="1"), answer(201)], 201, 2),
        (CREATE, [answer(403, retry_after="1"), answer(201)], 201, 2),
        (CREATE, [UNREACHED], 0, 4),
    ],
)
def test_attempts_and_the_reply_that_stands(call: Call, answers: list[Any], status: int, sent: int) -> None:
    """A create whose answer was lost is sent once; reads and repeatable writes try again; the last answer stands."""
    vendor = Vendor(*answers)
    wire = vendor.wire()
    assert wire.drive(one(call)).status == status
    assert len(vendor.requests) == sent
    assert (wire.reads, wire.writes) == ((0, 1) if call.writes else (1, 0))


@pytest.mark.parametrize(
    "later", [UNREACHED, answer(429), answer(429, retry_after="9999"), answer(401), answer(403)], ids=str
)
def test_a_doubtful_write_stays_doubtful(later: Any) -> None:
    """When a repeat fails for its own reasons, the provider is told that the first attempt may have been done."""
    reply = Vendor(LOST, later).wire().drive(one(PUT))
    assert (reply.status, reply.sent) == (0, True)


def test_an_unreached_write_is_certainly_undone() -> None:
    """Where no attempt was sent, the reply says so."""
    reply = Vendor(UNREACHED).wire().drive(one(PUT))
    assert (reply.status, reply.sent) == (0, False)


def test_the_vendors_time_is_waited_for_exactly() -> None:
    """The next attempt follows when the vendor said, neither sooner nor later."""
    time = Time()
    Vendor(answer(429, retry_after="7"), answer(200)).wire(time=time).drive(one(LIST))
    assert time.slept == pytest.approx(7)


@pytest.mark.parametrize(("call", "status"), [(LIST, 429), (CREATE, 429), (LIST, 403)])
def test_a_wait_beyond_the_budget_is_an_error_that_names_it(call: Call, status: int) -> None:
    """A vendor that asks for an hour is not waited for: the error says how long and which option allows more."""
    time = Time()
    vendor = Vendor(answer(status, retry_after="3600"))
    with pytest.raises(Rejected, match="3600 s") as caught:
        vendor.wire(time=time, max_wait=300).drive(one(call))
    assert (caught.value.kind, time.slept, len(vendor.requests)) == ("rate_limited", 0, 1)
    assert "--max-wait" in caught.value.hint


@pytest.mark.parametrize("headers", [{}, {"retry_after": "1"}, {"retry_after": "60"}], ids=str)
@pytest.mark.parametrize("call", [LIST, CREATE])
def test_a_vendor_that_never_relents_is_waited_for_as_long_as_allowed(call: Call, headers: dict[str, str]) -> None:
    """Endless refusals end when the user's patience does, whatever time they name, and then as a rate limit."""
    time = Time()
    with pytest.raises(Rejected, match="too many calls") as caught:
        Vendor(answer(429, **headers)).wire(time=time, max_wait=900).drive(one(call))
    assert caught.value.kind == "rate_limited"
    assert time.slept == pytest.approx(900)


@pytest.mark.parametrize("named", ["1", "60"])
def test_a_vendor_that_relents_late_is_waited_out(named: str) -> None:
    """A quota that is full again after a quarter of an hour is waited for where that is allowed."""
    time = Time()
    vendor = Vendor(lambda _: answer(200) if time.slept >= 900 else answer(429, retry_after=named))
    assert vendor.wire(time=time, max_wait=1000).drive(one(CREATE)).status == 200
    assert 900 <= time.slept <= 1000


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        (answer(429, retry_after="60"), "has had too many calls (429): waiting 60 s"),
        (answer(503, retry_after="60"), "cannot answer (503): waiting 60 s"),
        (answer(429), "has had too many calls (429): waiting 2 s"),
        (answer(429, retry_after="0"), None),
        (answer(502), None),
    ],
)
def test_a_wait_is_told_with_its_end(refusal: httpx.Response, told: str | None) -> None:
    """Who has to wait for longer than a moment is told why and until when, by the clock on the wall."""
    lines: list[str] = []
    time = Time()
    Vendor(refusal, answer(200)).wire(time=time, activity=told_to(lines.append, time)).drive(one(LIST))
    end = datetime.fromtimestamp(START + time.slept).astimezone()
    assert lines == ([f"api.vendor.test {told}, until {end:%Y-%m-%d %H:%M:%S}"] if told else [])


def told_to(tell: Callable[[str], object], time: Time) -> Activity:
    """Tells waits by this clock."""
    return Activity(tell, now=lambda: START + time.slept)


def test_a_wait_is_told_once() -> None:
    """Threads that wait for the same moment are one wait; a listener that fails changes nothing."""
    lines: list[str] = []

    def tell(line: str) -> None:
        lines.append(line)
        raise OSError(28, "No space left on device")

    time = Time()
    vendor = Vendor(lambda _: answer(429, retry_after="10") if len(vendor.requests) <= 2 else answer(200))
    wire = vendor.wire(time=time, activity=told_to(tell, time))
    first = wire._attempts(LIST, destination(BaseUrl.of(BASE), LIST))
    second = wire._attempts(LIST, destination(BaseUrl.of(BASE), LIST))
    assert [next(first).status, next(second).status] == [429, 429]
    time.while_asleep = lambda: next(second)
    assert next(first).status == 200
    assert len(lines) == 1


def test_calls_that_are_spaced_out_are_waits_with_an_end() -> None:
    """A manifest that allows a call every two minutes keeps a run as a vendor's limit does: not in silence."""
    time, seen = Time(), list[Wait]()
    activity = told_to(lambda line: None, time)
    wire = Vendor(answer(200)).wire(limits=CallLimits(per_second=0.01), time=time, activity=activity)
    wire.drive(one(LIST))
    time.while_asleep = lambda: seen.extend(activity.seen().waits)
    wire.drive(one(LIST))
    assert seen == [
        Wait(
            "api.vendor.test",
            "calls to api.vendor.test are spaced out, 0.01 a second at most",
            START,
            START + 100,
        )
    ]
    assert activity.seen().waits == ()


def test_a_call_without_an_answer_is_a_wait() -> None:
    """Until a vendor answers, it is known which call is waited for, and when it is given up; no query is shown."""
    time, seen = Time(), list[Wait]()
    activity = told_to(lambda line: None, time)

    def slow(request: httpx.Request) -> httpx.Response:
        seen.extend(activity.seen().waits)
        return answer(200)

    call = Call("GET", "/hooks", query=(("key", SECRET),))
    Vendor(slow).wire(time=time, timeout=20, activity=activity).drive(one(call))
    (wait,) = seen
    assert wait.what.startswith("no answer yet to GET https://api.vendor.test/v1/hooks?key=***")
    assert (wait.until, wait.sure, wait.told) == (START + 60, False, False)


def test_a_login_that_is_limited_is_told() -> None:
    """A vendor that limits logins keeps all calls waiting: the reason and the end are told as of any other limit."""
    lines: list[str] = []
    time = Time()
    scheme = ClientCredentials(("id", "secret"), "/token", "", "body", lambda reply: False)
    token = answer(200, {"access_token": "t0k3n", "expires_in": 600})
    vendor = Vendor(answer(429, retry_after="221"), token, answer(200))
    vendor.wire(scheme, {"id": "me", "secret": SECRET}, time=time, activity=told_to(lines.append, time)).drive(
        one(LIST)
    )
    assert [line.partition(", until")[0] for line in lines] == [
        "api.vendor.test has had too many logins (429): waiting 221 s"
    ]


@pytest.mark.parametrize(
    ("headers", "left"),
    [
        ({}, None),
        ({"x_ratelimit_remaining": "4812"}, Left("api.vendor.test", 4812)),
        (
            {"x_ratelimit_remaining": "7", "x_ratelimit_reset": f"{START + 60:.0f}"},
            Left("api.vendor.test", 7, START + 60),
        ),
        ({"ratelimit_remaining": "0", "ratelimit_reset": "30"}, Left("api.vendor.test", 0, START + 30)),
        ({"x_rate_limit_remaining": "-1"}, None),
        ({"x_ratelimit_remaining": "many"}, None),
        ({"x_ratelimit_remaining": "7", "x_ratelimit_reset": "5"}, Left("api.vendor.test", 7, START + 5)),
        ({"x_ratelimit_remaining": "7", "x_ratelimit_reset": "99999999999999"}, Left("api.vendor.test", 7)),
    ],
)
def test_how_many_calls_are_left_is_known(headers: dict[str, str], left: Left | None) -> None:
    """What a vendor says of its quota is kept, as far as it can be true."""
    activity = Activity()
    Vendor(answer(200, **headers)).wire(activity=activity).drive(one(LIST))
    assert activity.seen().left == ((left,) if left else ())


def test_the_budget_is_the_accounts() -> None:
    """All waits of a run for one account come out of one budget."""
    time = Time()
    vendor = Vendor(lambda _: answer(429, retry_after="40") if len(vendor.requests) % 2 else answer(200))
    wire = vendor.wire(time=time, max_wait=100)
    for _ in range(2):
        wire.drive(one(LIST))
    with pytest.raises(Rejected):
        wire.drive(one(LIST))
    assert time.slept == pytest.approx(80)


@pytest.mark.parametrize("call", [LIST, CREATE])
def test_an_interrupted_run_starts_nothing(call: Call) -> None:
    """After Ctrl-C no call begins, not even the first, and none is counted."""
    vendor = Vendor(answer(200))
    wire = vendor.wire(stopping=lambda: True)
    with pytest.raises(Interrupted) as caught:
        wire.drive(one(call))
    assert (caught.value.exit_code, vendor.requests, wire.reads + wire.writes) == (130, [], 0)


def test_an_interrupt_ends_a_long_wait() -> None:
    """A wait of minutes ends within a fraction of a second."""
    time = Time()
    vendor = Vendor(answer(429, retry_after="200"))
    with pytest.raises(Interrupted):
        vendor.wire(time=time, stopping=lambda: time.slept >= 1).drive(one(CREATE))
    assert 1 <= time.slept < 1.5
    assert len(vendor.requests) == 1


def test_an_interrupt_ends_a_read_that_gets_no_answer() -> None:
    """A vendor that never answers keeps nobody who asked for the end; what it says afterwards is heard by nobody."""
    stop, over = threading.Event(), threading.Event()

    def silent(request: httpx.Request) -> httpx.Response:
        stop.set()
        over.wait(PATIENCE)
        return answer(200)

    try:
        with pytest.raises(Interrupted):
            Vendor(silent).wire(stopping=stop.is_set).drive(one(LIST))
        assert stop.is_set()
    finally:
        over.set()


def test_an_interrupt_hides_no_doubt() -> None:
    """Where an attempt may have been done already, the provider still hears of it."""
    vendor = Vendor(LOST)
    reply = vendor.wire(stopping=lambda: bool(vendor.requests)).drive(one(PUT))
    assert (reply.status, reply.sent, len(vendor.requests)) == (0, True, 1)


def test_calls_are_paced() -> None:
    """Five calls at two a second take two seconds, whoever makes them."""
    time = Time()
    wire = Vendor(answer(200)).wire(limits=CallLimits(per_second=2), time=time)
    for _ in range(5):
        wire.drive(one(LIST))
    assert time.slept == pytest.approx(2)


@pytest.mark.parametrize(("call", "most"), [(LIST, 3), (CREATE, 2)])
def test_no_more_calls_are_in_flight_than_allowed(call: Call, most: int) -> None:
    """Many threads fill the account's slots and no more; the rest come later, reads and writes apart."""
    flying, answered, open_ = 0, 0, threading.Event()
    changed = threading.Condition()

    def talk(request: httpx.Request) -> httpx.Response:
        nonlocal flying, answered
        with changed:
            flying += 1
            changed.notify_all()
        open_.wait(10)
        with changed:
            answered += 1
        return answer(200)

    wire = Vendor(talk).wire(limits=CallLimits(reads=3, writes=2))
    threads = [threading.Thread(target=wire.drive, args=(one(call),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    with changed:
        assert changed.wait_for(lambda: flying == most, 10)
        assert not changed.wait_for(lambda: flying > most, 0.1)
    open_.set()
    for thread in threads:
        thread.join(10)
    assert answered == 8


def test_a_vendors_wait_holds_for_the_whole_account() -> None:
    """While the vendor wants quiet, calls of other threads are held back too."""
    time = Time()
    moments: list[float] = []

    def talk(request: httpx.Request) -> httpx.Response:
        moments.append(time.slept)
        return answer(429, retry_after="10") if len(moments) == 1 else answer(200)

    wire = Vendor(talk).wire(time=time)
    time.while_asleep = lambda: wire.drive(one(LIST))
    wire.drive(one(LIST))
    assert moments[:2] == pytest.approx([0, 10])


def test_a_link_to_another_host_gets_nothing() -> None:
    """A paging link elsewhere ends the read before a credential leaves."""
    vendor = Vendor(answer(200))
    with pytest.raises(VendorError, match="another host") as caught:
        vendor.wire(TOKEN, {"token": SECRET}).drive(one(Call("GET", "https://evil.test/v1/hooks?page=2")))
    assert caught.value.kind == "vendor"
    assert vendor.requests == []


def test_a_redirect_is_the_providers_to_judge() -> None:
    """A redirect comes back as it is, and nothing is sent twice or elsewhere."""
    vendor = Vendor(answer(308, location="https://evil.test/"))
    assert vendor.wire(TOKEN, {"token": SECRET}).drive(one(CREATE)).status == 308
    assert [request.url.host for request in vendor.requests] == ["api.vendor.test"]


def test_the_trace_tells_each_attempt_and_no_secret() -> None:
    """One line an attempt, with method, URL, status and time; query values and credentials are masked."""
    lines: list[str] = []
    call = LIST._replace(query=(("cursor", SECRET),))
    vendor = Vendor(answer(502, {"secret": SECRET}), UNREACHED, answer(200))
    vendor.wire(TOKEN, {"token": SECRET}, trace=lines.append).drive(one(call))
    assert [line.partition("?")[0] for line in lines] == ["GET https://api.vendor.test/v1/hooks"] * 3
    assert lines[0].endswith(" 502, 0 ms")
    assert lines[1].endswith(" no answer (api.vendor.test cannot be reached), 0 ms, attempt 2")
    assert lines[2].endswith(" 200, 0 ms, attempt 3")
    assert SECRET not in "".join(lines)
    assert "key=" not in "".join(lines)


def test_a_trace_that_cannot_be_told_changes_nothing() -> None:
    """What was sent was sent: an answer that came is given to the provider, whoever could not listen."""

    def full(line: str) -> None:
        raise OSError(28, "No space left on device")

    vendor = Vendor(answer(201))
    assert vendor.wire(trace=full).drive(one(CREATE)).status == 201
    assert len(vendor.requests) == 1


def test_nothing_shows_a_secret() -> None:
    """Neither the wire's own text nor an error that it raises holds a credential."""
    scheme = ClientCredentials(("id", "secret"), "/token", "", "body", lambda reply: False)
    wire = Vendor(answer(400, {"error": SECRET})).wire(scheme, {"id": "me", "secret": SECRET})
    with pytest.raises(Rejected) as caught:
        wire.drive(one(LIST))
    seen = [repr(wire), repr(vars(wire)), str(caught.value), caught.value.hint, repr(caught.value.problems)]
    assert SECRET not in "".join(seen)


def test_the_vendors_headers_ride_along() -> None:
    """Every call carries the manifest's headers and who we are; a call's own header wins."""
    vendor = Vendor(answer(200))
    ours = (("Accept", "application/vnd.x+json"), ("X-Version", "1"))
    wire = vendor.wire(headers=ours)
    wire.drive(one(LIST))
    wire.drive(one(LIST._replace(headers=(("x-version", "2"),))))
    first, second = (request.headers for request in vendor.requests)
    assert (first["accept"], first["x-version"]) == ("application/vnd.x+json", "1")
    assert (second["x-version"], second["user-agent"]) == ("2", f"whsync/{__version__}")


def test_what_the_provider_raises_arrives() -> None:
    """The provider's verdict is the driver's."""

    def provider() -> Generator[Call | Progress, Reply, None]:
        yield CREATE
        raise Indeterminate("nobody knows")

    with pytest.raises(Indeterminate, match="nobody knows"):
        Vendor(answer(500)).wire().drive(provider())


def test_a_wire_is_made_without_the_network() -> None:
    """Opening is lazy, closing is always possible, and a bad base URL is found at once."""
    Vendor(answer(200)).wire().close()
    with pytest.raises(ConfigError):
        Vendor(answer(200)).wire(base="api.vendor.test")
