"""Faults: the ways a vendor, or the network before it, can fail a request on demand.

Tests make them with `SimulatedVendor.fail(...)`; `whsync sandbox --faults SPEC` makes them with `parse_faults`:

    SPEC  = ITEM ("," ITEM)*
    ITEM  = VENDOR ":" KIND ["=" NUMBER] (":" OPTION)*
    OPTION = METHOD      one of GET HEAD POST PUT PATCH DELETE OPTIONS; default: any
           | PATH        starts with "/": only requests whose path contains it; default: any
           | TIMES       a number, or `always`; default: once
           | "+" SKIP    lets that many matching requests pass first; default: none

So `github:drop-after:POST:2,cryptofuse:429=5:/user/me/` loses the answers of the first two POSTs to one vendor, and
makes another ask once for a pause of five seconds. Kinds are listed in `KINDS`; `commit-KIND` lets the vendor do the
work first and then spoils the answer (`commit-500`, `commit-hang`, …).
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from difflib import get_close_matches
from email.utils import formatdate
from threading import Lock
from typing import Any

from .exchange import Answer, Request, html_answer, json_answer

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

KINDS: dict[str, tuple[float, str]] = {
    "500": (0, "an internal error, nothing done"),
    "502": (0, "a gateway's HTML error page, nothing done"),
    "503": (1, "unavailable, Retry-After N seconds"),
    "drop-before": (0, "the connection closes, nothing done"),
    "drop-after": (0, "the work is done, then the connection closes without an answer"),
    "hang": (30, "silence for N seconds, then the connection closes"),
    "slow": (1, "a correct answer after N seconds"),
    "html": (0, "200 with an HTML page"),
    "half-json": (0, "200 with JSON that stops in the middle"),
    "empty": (0, "200 with {}"),
    "huge": (64, "200 with N MiB of JSON"),
    "429": (1, "too many requests, Retry-After N seconds"),
    "429-date": (1, "too many requests, Retry-After as a date N seconds ahead"),
    "429-reset": (1, "too many requests, x-ratelimit-reset N seconds ahead"),
    "403-retry": (1, "forbidden with Retry-After N seconds: a secondary rate limit"),
    "401": (0, "the credentials are refused"),
    "403": (0, "forbidden"),
    "404": (0, "not found"),
    "redirect": (307, "a redirect of status N to another origin"),
}
ALWAYS = "always"
COMMITTED = ("drop-after", "slow")
ELSEWHERE = "http://elsewhere.invalid"


@dataclass(frozen=True)
class Fault:
    """One fault and which requests it meets.

    `value` is the kind's number (seconds, MiB or a redirect's status; see `KINDS`), `times` how often it strikes (None:
    always), `skip` how many matching requests pass first, `to` the origin that a redirect names.
    """

    kind: str
    method: str | None = None
    path: str = ""
    times: int | None = 1
    value: float | None = None
    skip: int = 0
    to: str = ELSEWHERE

    def __post_init__(self) -> None:
        if self.bare not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}{did_you_mean(self.kind, KINDS)}; known: {', '.join(KINDS)}")
        if self.method is not None and self.method not in METHODS:
            raise ValueError(f"unknown method {self.method!r}; known: {', '.join(METHODS)}")
        if (self.times is not None and self.times < 1) or self.skip < 0 or self.number < 0:
            raise ValueError(f"fault {self.kind!r}: times must be 1 or more, numbers not negative")
        if self.bare == "redirect" and self.number not in (301, 302, 303, 307, 308):
            raise ValueError("a redirect's number must be 301, 302, 303, 307 or 308")

    @property
    def bare(self) -> str:
        """The kind without `commit-`."""
        return self.kind.removeprefix("commit-")

    @property
    def commits(self) -> bool:
        """Whether the vendor does the work before the answer is spoilt."""
        return self.kind != self.bare or self.bare in COMMITTED

    @property
    def number(self) -> float:
        """The kind's number: the one given, else the usual one."""
        return KINDS[self.bare][0] if self.value is None else self.value

    @property
    def delay(self) -> float:
        """Seconds to wait before answering, or before closing."""
        return self.number if self.bare in ("hang", "slow") else 0.0

    def meets(self, request: Request) -> bool:
        """Tell whether a request is one of those this fault is for."""
        return self.method in (None, request.method) and self.path in request.path

    def spoil(
        self, request: Request, answer: Answer | None, error: Callable[[int], Answer], now: float
    ) -> Answer | None:
        """Return what the client gets instead of `answer` (None when the work was not done); None closes in silence.

        `error(status)` words a refusal as the vendor does; `now` is the vendor's clock, in epoch seconds.
        """
        kind, number = self.bare, self.number
        if kind in ("drop-before", "drop-after", "hang"):
            return None
        if kind == "slow":
            return answer
        if kind == "html":
            return html_answer(200, "Please wait")
        if kind == "502":
            return html_answer(502)
        if kind == "empty":
            return json_answer(200, {})
        if kind == "half-json":
            return half_json(answer)
        if kind == "huge":
            return Answer(200, b'["', (("Content-Type", "application/json"),), filler=int(number * 2**20))
        if kind == "redirect":
            return Answer(int(number), headers=(("Location", self.to.rstrip("/") + request.path),))
        return error(int(kind[:3])).plus(pause_headers(kind, number, now))


def half_json(answer: Answer | None) -> Answer:
    """Return the first half of a JSON answer, its length honest, so that only the JSON is broken."""
    if answer is None or len(answer.body) < 2:
        return Answer(200, b'{"id": "cut o', (("Content-Type", "application/json"),))
    return Answer(answer.status, answer.body[: len(answer.body) // 2], answer.headers)


def pause_headers(kind: str, seconds: float, now: float) -> dict[str, str]:
    """Return the headers by which a refusal asks for a pause of some seconds."""
    if kind in ("429", "503", "403-retry"):
        return {"Retry-After": f"{seconds:g}"}
    if kind == "429-date":
        return {"Retry-After": formatdate(now + seconds, usegmt=True)}
    if kind == "429-reset":
        return {"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(now + seconds))}
    return {}


class Faults:
    """The faults that wait for one vendor's requests; safe for many threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: list[tuple[Fault, list[int]]] = []

    def add(self, fault: Fault) -> None:
        """Let a fault wait; earlier ones strike first."""
        with self._lock:
            self._waiting.append((fault, [0]))

    def clear(self) -> None:
        """Forget every waiting fault."""
        with self._lock:
            self._waiting.clear()

    def take(self, request: Request) -> Fault | None:
        """Return the fault that strikes this request, if any, and count it as used."""
        with self._lock:
            for waiting in self._waiting:
                fault, met = waiting
                if not fault.meets(request):
                    continue
                met[0] += 1
                if met[0] <= fault.skip:
                    continue
                if fault.times is not None and met[0] >= fault.skip + fault.times:
                    self._waiting.remove(waiting)
                return fault
        return None


def did_you_mean(word: str, known: Collection[str]) -> str:
    """Return a suggestion such as `, did you mean 'github'?`, or an empty string."""
    near = get_close_matches(word, known, n=1)
    return f", did you mean {near[0]!r}?" if near else ""


def parse_item(item: str, vendors: Collection[str]) -> tuple[str, Fault]:
    """Read one ITEM of the grammar above. Raises ValueError with what would be right."""
    vendor, *rest = [part.strip() for part in item.strip().split(":")]
    if vendor not in vendors:
        raise ValueError(f"unknown vendor {vendor!r} in fault {item.strip()!r}{did_you_mean(vendor, vendors)}")
    if not rest or not rest[0]:
        raise ValueError(f"fault {item.strip()!r} names no kind; write VENDOR:KIND, for example {vendor}:500")
    kind, equals, number = rest[0].partition("=")
    met: dict[str, Any] = {}
    for word in rest[1:]:
        option = _option(word)
        if option is None:
            raise ValueError(f"fault {item.strip()!r}: {word!r} is no METHOD, /PATH, TIMES, `always` or +SKIP")
        met |= option
    if ALWAYS in rest[1:]:
        met["times"] = None
    try:
        value = float(number) if equals else None
    except ValueError:
        raise ValueError(f"fault {item.strip()!r}: {number!r} is no number") from None
    return vendor, Fault(kind, value=value, **met)


def _option(word: str) -> dict[str, Any] | None:
    """What one OPTION says of the requests that a fault meets, by `Fault`'s names; None where it is none."""
    if word in METHODS:
        return {"method": word}
    if word.startswith("/"):
        return {"path": word}
    if word == ALWAYS:
        return {}  # it outweighs TIMES, wherever that stands
    if word.isdecimal():
        return {"times": int(word)}
    if word[:1] == "+" and word[1:].isdecimal():
        return {"skip": int(word[1:])}
    return None
