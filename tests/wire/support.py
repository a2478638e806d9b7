"""What the tests of the wire share: a clock that only moves when told, scripted vendors, and the shortest provider."""

import threading
from collections.abc import Callable, Generator, Mapping
from typing import Any

import httpx

from reconciler.model.secret import Secret
from reconciler.providers.protocol import Call, Progress, Reply
from reconciler.providers.vendor import CallLimits, Scheme
from reconciler.wire.account import Account, RunContext
from reconciler.wire.client import AttemptResult, Bounds, Client
from reconciler.wire.clock import Clock
from reconciler.wire.drive import Wire
from reconciler.wire.encode import BaseUrl, destination
from reconciler.wire.proof import Signature

BASE = "https://api.vendor.test/v1"
START = 1_800_000_000.0
LIST = Call("GET", "/hooks")
CREATE = Call("POST", "/hooks", body={"url": "https://x.test"}, writes=True)
PUT = Call("PUT", "/hooks/1", body={"url": "https://x.test"}, writes=True, safe_to_repeat=True)

USUAL = CallLimits()
FOR_NOTHING = Signature()

Handler = Callable[[httpx.Request], httpx.Response]


class Time:
    """A clock that stands still except while someone sleeps; `slept` is the sum."""

    def __init__(self) -> None:
        self.slept = 0.0
        self.nonces = 0
        self.while_asleep: Callable[[], object] | None = None
        self._lock = threading.Lock()

    def sleep(self, seconds: float) -> None:
        """Let time pass; `while_asleep` happens once, in the middle of it."""
        happening, self.while_asleep = self.while_asleep, None
        if happening is not None:
            happening()
        with self._lock:
            self.slept += seconds

    def nonce(self) -> str:
        """A text not used before."""
        with self._lock:
            self.nonces += 1
            return f"nonce-{self.nonces}"

    def clock(self) -> Clock:
        """This time as the wire wants it; jitter is always the greatest."""
        return Clock(
            now=lambda: START + self.slept,
            monotonic=lambda: self.slept,
            sleep=self.sleep,
            nonce=self.nonce,
            jitter=lambda: 1.0,
        )


class Vendor:
    """Answers requests from a list of answers (the last one repeats) and remembers what it was sent."""

    def __init__(self, *answers: httpx.Response | Exception | Handler) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self._lock = threading.Lock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        with self._lock:
            self.requests.append(request)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else answer(request)  # outside the lock: may take long

    def wire(
        self,
        scheme: Scheme | None = None,
        credentials: Mapping[str, str] | None = None,
        *,
        base: str = BASE,
        limits: CallLimits = USUAL,
        headers: tuple[tuple[str, str], ...] = (),
        time: Time | None = None,
        **more: Any,
    ) -> Wire:
        """A wire to this vendor."""
        secrets = {name: Secret(value) for name, value in (credentials or {}).items()}
        clock = (time or Time()).clock()
        context = RunContext(clock=clock, transport=httpx.MockTransport(self), **more)
        return Wire(Account(base, scheme, secrets, limits, headers), context)


def one(call: Call) -> Generator[Call | Progress, Reply, Reply]:
    """The shortest provider: one call, whose reply is the result."""
    return (yield call)


def answer(status: int, body: Any = None, **headers: str) -> httpx.Response:
    """An answer with a JSON body; underscores in header names stand for dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json=body if body is not None else {}, headers=named)


def send(base: str, call: Call = LIST, signature: Signature = FOR_NOTHING, **more: Any) -> AttemptResult:
    """One attempt with a fresh client."""
    bounds = Bounds(2, 5.0)._replace(**{name: more.pop(name) for name in Bounds._fields if name in more})
    settings: dict[str, Any] = {"monotonic": lambda: 0.0, **more}
    client = Client((), bounds, **settings)
    try:
        return client.send(call, destination(BaseUrl.of(base), call), signature)
    finally:
        client.close()
