"""When another attempt follows, and after how long."""

import math
import time
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.providers.protocol import Reply
from reconciler.wire.retry import ATTEMPTS, BELIEVED, GiveUp, Tries, Wait, decide, http_date, told_wait

NOW = 1_800_000_000.0
FRESH = Tries()
writings = (
    st.text()
    | st.text("0123456789.- \t\x1f")
    | st.datetimes().map(lambda moment: f"{moment:%a, %d %b %Y %T} GMT")
    | st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat())
)


def verdict(
    reply: Reply, *, repeatable: bool = True, lasting: bool = False, tries: Tries = FRESH, jitter: float = 1.0
) -> Wait | GiveUp:
    """What `decide` says, with the usual surroundings."""
    return decide(reply, repeatable=repeatable, lasting=lasting, tries=tries, now=NOW, jitter=jitter)


@pytest.mark.parametrize(
    ("reply", "repeatable", "again"),
    [
        (Reply(200), True, False),
        (Reply(301), True, False),
        (Reply(400), True, False),
        (Reply(401), True, False),
        (Reply(403), True, False),
        (Reply(404), True, False),
        (Reply(409), True, False),
        (Reply(501), True, False),
        (Reply(500), True, True),
        (Reply(502), True, True),
        (Reply(503), True, True),
        (Reply(504), True, True),
        (Reply(0, failure="cut"), True, True),
        (Reply(0, failure="refused", sent=False), True, True),
        (Reply(429), True, True),
        (Reply(500), False, False),
        (Reply(502), False, False),
        (Reply(503, {"retry-after": "3"}), False, False),
        (Reply(504), False, False),
        (Reply(0, failure="cut"), False, False),
        (Reply(0, failure="refused", sent=False), False, True),
        (Reply(429), False, True),
        (Reply(403, {"retry-after": "3"}), False, True),
        (Reply(403, {"x-ratelimit-remaining": "0"}), False, True),
        (Reply(403, {"x-ratelimit-remaining": "17"}), False, False),
    ],
)
def test_only_what_is_safe_is_repeated(reply: Reply, repeatable: bool, again: bool) -> None:
    """A write that may have been done is never sent twice; refusals for being too many are, and so are reads."""
    assert isinstance(verdict(reply, repeatable=repeatable), Wait) is again


def test_a_lasting_failure_ends_at_once() -> None:
    """Nobody waits for a certificate that will not be trusted the next time either."""
    assert verdict(Reply(0, sent=False), lasting=True) == GiveUp()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after": formatdate(NOW + 90, usegmt=True)}, 90),
        ({"retry-after": formatdate(NOW + 90, usegmt=True), "date": formatdate(NOW + 80, usegmt=True)}, 10),
        ({"retry-after": formatdate(NOW - 90, usegmt=True)}, 0.5),
        ({"retry-after": "0"}, 0.5),
        ({"retry-after": "999999999"}, 86400),
        ({"retry-after": str(int(NOW) + 30)}, 30),
        ({"retry-after": f"{int(NOW) + 30}000"}, 30),
        ({"retry-after": "2027-01-15T08:00:30Z"}, 30),
        ({"x-ratelimit-reset": str(int(NOW) + 30)}, 30),
        ({"x-ratelimit-reset": f"{int(NOW) + 30}000"}, 30),
        ({"x-ratelimit-reset": str(int(NOW) - 30)}, 0.5),
        ({"ratelimit-reset": "12"}, 12),
        ({"x-ratelimit-reset": "12", "x-ratelimit-remaining": "0"}, 12),
        ({"x-ratelimit-reset": "3600", "x-ratelimit-remaining": "41"}, None),
        ({"x-ratelimit-reset": "2027-01-15T08:00:30.500Z"}, 30.5),
        ({"x-ratelimit-reset": "2027-01-15T09:00:30+01:00"}, 30),
        ({"x-ratelimit-reset": "2027-01-15T08:00:30"}, 30),
        ({"x-ratelimit-reset": "2027-01-15T08:00:30", "date": formatdate(NOW + 20, usegmt=True)}, 10),
        ({"x-ratelimit-reset": "2027-13-15T08:00:30Z"}, None),
        ({"x-ratelimit-reset-after": "2.5"}, 2.5),
        ({"x-ratelimit-reset-after": "2", "x-ratelimit-reset": str(int(NOW) + 30)}, 2),
        ({"x-ratelimit-reset-after": "2", "x-ratelimit-remaining": "41"}, None),
        ({"x-rate-limit-reset": f"{int(NOW) + 30}000"}, 30),
        ({"retry-after": "2", "x-ratelimit-reset": "3600"}, 2),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "9" * 400}, None),
        ({"retry-after": ""}, None),
        ({}, None),
    ],
)
def test_the_vendor_says_how_long(headers: dict[str, str], seconds: float | None) -> None:
    """Retry-After comes first, then the reset headers, each as seconds, an epoch or a date; nonsense is silence."""
    assert told_wait(Reply(429, headers), NOW) == seconds


def test_reset_headers_of_other_answers_are_not_waits() -> None:
    """A vendor that always sends its quota's reset does not make a server error last an hour."""
    wait = verdict(Reply(503, {"x-ratelimit-reset": "3600"}))
    assert isinstance(wait, Wait)
    assert (wait.seconds, wait.told) == (0.5, False)


def test_backing_off_doubles_and_ends() -> None:
    """Failures are met with growing pauses and at most four attempts."""
    tries, waits = Tries(), []
    while isinstance(step := verdict(Reply(502), tries=tries), Wait):
        waits.append(step.seconds)
        tries = step.tries
    assert waits == [0.5, 1.0, 2.0]
    assert len(waits) + 1 == ATTEMPTS


def pauses(reply: Reply, count: int) -> list[float]:
    """The first pauses between refusals that are always the same."""
    tries, waits = Tries(), []
    for _ in range(count):
        step = verdict(reply, tries=tries)
        assert isinstance(step, Wait)
        assert step.least <= step.seconds
        waits.append(step.seconds)
        tries = step.tries
    assert tries.blind == 0
    return waits


def test_a_limit_is_waited_for_as_often_as_it_takes() -> None:
    """No count ends it: how long in all is the user's to say. A short time that does not help is believed less."""
    told = pauses(Reply(429, {"retry-after": "1"}), 1000)
    assert told[: BELIEVED + 5] == [1.0] * (BELIEVED + 1) + [1.0, 2.0, 4.0, 8.0]
    assert set(told[BELIEVED + 6 :]) == {20.0}
    assert set(pauses(Reply(429, {"retry-after": "60"}), 1000)) == {60.0}
    assert pauses(Reply(429), 1000)[:6] == [2.0, 4.0, 8.0, 16.0, 20.0, 20.0]
    assert set(pauses(Reply(503, {"retry-after": "30"}), 1000)) == {30.0}


@given(writings, writings, writings, st.sampled_from([429, 403, 503]), st.floats(0, 0.999))
def test_no_header_makes_a_wait_unreasonable(after: str, reset: str, date: str, status: int, jitter: float) -> None:
    """Whatever a vendor writes, a wait is a number between nothing and a day."""
    headers = {"retry-after": after, "x-ratelimit-reset": reset, "date": date}
    step = verdict(Reply(status, headers), jitter=jitter)
    assert isinstance(step, GiveUp) or (math.isfinite(step.seconds) and 0 < step.seconds <= 86_400)


@pytest.mark.parametrize("zone", ["-0000", "+0000", "GMT", ""])
@pytest.mark.parametrize("here", ["America/New_York", "Asia/Tokyo", "UTC"])
def test_a_date_without_a_zone_is_utc(zone: str, here: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where this machine stands makes no wait longer."""
    monkeypatch.setenv("TZ", here)
    time.tzset()
    try:
        assert http_date(f"Fri, 15 Jan 2027 08:00:30 {zone}") == NOW + 30
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("text", ["", "yesterday", "Mon, 99 Foo 9999", "0", "Wed, 21 Oct 99999999999 07:28:00 GMT"])
def test_what_is_no_date_is_none(text: str) -> None:
    """A broken date is no reason to fail."""
    assert http_date(text) is None
