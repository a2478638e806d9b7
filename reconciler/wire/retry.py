"""Whether an answer is worth another attempt, and after how long. [pure]

Used by `wire.drive` after every attempt, and by `wire.auth` to read dates.

    answer                                        | any call             | safe to repeat, or a read
    ----------------------------------------------+----------------------+--------------------------
    429; 403 with Retry-After or nothing left     | wait, as told if so  | wait, as told if so
    no answer, certainly not sent                 | back off             | back off
    503 with Retry-After                          | give up              | wait as told
    no answer; 500, 502, 503, 504                 | give up              | back off
    anything else, or a failure that would last   | give up              | give up

Who backs off gives up after a few attempts. Who waits for a limit, or as told, does so as long as the user allows,
which the caller knows. Pauses grow, also beyond a named time that has not helped some times.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from reconciler.codes import Code
from reconciler.errors import Rejected
from reconciler.providers.protocol import Reply
from reconciler.support.waits import Left

ATTEMPTS = 4
BELIEVED = 8  # so many times in a row the time that a vendor names is taken for long enough
FIRST_BACKOFF, FIRST_LIMITED_BACKOFF, LONGEST_BACKOFF = 0.5, 2.0, 20.0
SHORTEST_TOLD, LONGEST_TOLD = 0.5, 86_400.0
EPOCH_FROM, MILLISECONDS_FROM = 1e9, 1e11
PREFIXES = ("x-ratelimit-", "x-rate-limit-", "ratelimit-")  # as vendors spell the headers of their quotas
UNAVAILABLE = frozenset({500, 502, 503, 504})


class Tries(NamedTuple):
    """Attempts made so far that ended in a back-off, and in a wait for a limit or as told."""

    blind: int = 0
    held: int = 0


class Wait(NamedTuple):
    """Try again after `seconds`, or after `least` where no more is allowed.

    `told` where the vendor named the time, so that it holds for the whole account.
    """

    seconds: float
    least: float
    tries: Tries
    told: bool


class GiveUp(NamedTuple):
    """No further attempt; the answer stands."""


def decide(reply: Reply, *, repeatable: bool, lasting: bool, tries: Tries, now: float, jitter: float) -> Wait | GiveUp:
    """Say what follows an attempt; see the table above.

    Args:
        repeatable: sending the call twice has the effect of sending it once.
        lasting: the failure would be the same again (an answer too large, a certificate that is not trusted).
        now: seconds since 1970.
        jitter: from 0 up to 1.
    """
    busy = limited(reply)
    unsent = reply.status == 0 and not reply.sent
    lost = reply.status == 0 or reply.status in UNAVAILABLE
    if lasting or not (busy or unsent or (repeatable and lost)):
        return GiveUp()
    told = told_wait(reply, now) if busy or reply.status == 503 else None
    if told is not None:
        longer = _doubled(SHORTEST_TOLD, tries.held - BELIEVED) if tries.held >= BELIEVED else 0.0
        return Wait(max(told, longer), told, tries._replace(held=tries.held + 1), True)
    if busy:
        pause = _doubled(FIRST_LIMITED_BACKOFF, tries.held) * (0.5 + 0.5 * jitter)
        return Wait(pause, min(pause, FIRST_LIMITED_BACKOFF), tries._replace(held=tries.held + 1), False)
    if tries.blind + 1 >= ATTEMPTS:
        return GiveUp()
    pause = _doubled(FIRST_BACKOFF, tries.blind) * (0.5 + 0.5 * jitter)
    return Wait(pause, pause, tries._replace(blind=tries.blind + 1), False)


def _doubled(first: float, times: int) -> float:
    return float(min(LONGEST_BACKOFF, first * 2 ** min(times, 10)))


def limited(reply: Reply) -> bool:
    """Whether the vendor refused the call unread because there were too many."""
    if reply.status == 403:
        return "retry-after" in reply.headers or reply.headers.get("x-ratelimit-remaining", "").strip() == "0"
    return reply.status == 429


def told_wait(reply: Reply, now: float) -> float | None:
    """The seconds that the vendor asks to wait, between half a second and a day; None where it names none.

    Dates and epochs are counted from the answer's own `Date` where it has one, so that a wrong clock here does no harm.
    """
    headers = reply.headers
    here = http_date(headers.get("date", "")) or now
    asked = _until(headers.get("retry-after", ""), here)
    if asked is None and limited(reply):
        asked = _until_reset(headers, here)
    return None if asked is None else min(max(asked, SHORTEST_TOLD), LONGEST_TOLD)


def calls_left(host: str, reply: Reply, now: float) -> Left | None:
    """How many more calls the vendor says it takes, and until when; None where it does not say."""
    headers = reply.headers
    for prefix in PREFIXES:
        if re.fullmatch(r"[0-9]{1,9}", number := headers.get(prefix + "remaining", "").strip()):
            here = http_date(headers.get("date", "")) or now
            asked = _first(headers, prefix, here)
            soon = asked is not None and 0 < asked <= LONGEST_TOLD
            return Left(host, int(number), now + asked if asked is not None and soon else None)
    return None


def http_date(text: str) -> float | None:
    """Seconds since 1970 of an HTTP date, UTC where it names no zone (`-0000`, too); None where it is none."""
    try:
        return _as_utc(parsedate_to_datetime(text)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _until_reset(headers: Mapping[str, str], here: float) -> float | None:
    """Seconds until the quota is full again; a vendor that has quota left means another limit and says nothing here."""
    empty = (prefix for prefix in PREFIXES if headers.get(prefix + "remaining", "0").strip() == "0")
    told = (_first(headers, prefix, here) for prefix in empty)
    return next((asked for asked in told if asked is not None), None)


def _first(headers: Mapping[str, str], prefix: str, here: float) -> float | None:
    """Seconds until a quota of that spelling is full again, None where that is not said."""
    told = (_until(headers.get(prefix + name, ""), here) for name in ("reset-after", "reset"))
    return next((asked for asked in told if asked is not None), None)


def _until(text: str, here: float) -> float | None:
    """Seconds from `here` to what a header names: so many seconds, seconds or milliseconds since 1970, or a date."""
    number = _seconds(text)
    if number is None:
        moment = http_date(text)
        moment = _iso_date(text) if moment is None else moment
        return None if moment is None else moment - here
    if number < EPOCH_FROM:
        return number
    return (number / 1000 if number > MILLISECONDS_FROM else number) - here


def _iso_date(text: str) -> float | None:
    """Seconds since 1970 of an ISO 8601 date with a time, UTC where it names no zone; None where it is none."""
    if not re.match(r"\d{4}-?\d{2}-?\d{2}T\d{2}", text := text.strip(), re.ASCII):
        return None
    try:
        return _as_utc(datetime.fromisoformat(text)).timestamp()
    except (ValueError, OverflowError):
        return None


def _as_utc(moment: datetime) -> datetime:
    """The moment, which is UTC where it names no zone, whatever zone this machine is in."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _seconds(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[0-9]{1,18}(\.[0-9]{1,9})?", text := text.strip()) else None


def waiting(host: str, reply: Reply, *, logs_in: bool = False) -> str:
    """Why the next attempt has to wait, in words."""
    many = "logins" if logs_in else "calls"
    why = f"has had too many {many}" if limited(reply) else "does not answer" if reply.status == 0 else "cannot answer"
    answered = f" ({reply.status})" if reply.status else ""
    return f"{host} {why}{answered}"


def too_busy(host: str, reply: Reply, now: float) -> Rejected:
    """The vendor had too many calls, and asks for more patience than is allowed."""
    told = told_wait(reply, now)
    asks = f"asks to wait {told:.0f} s" if told is not None else "does not say how long to wait"
    return Rejected(
        f"{host} has had too many calls ({reply.status}) and {asks}",
        "try again later, or allow longer waits with --max-wait",
        kind="rate_limited",
        code=Code.TOO_MANY_CALLS,
    )
