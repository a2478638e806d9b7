"""What all simulated vendors share: switches, credentials, the record of requests, faults, and one lock.

A vendor is its subclass's `respond(request) -> Answer`, called with the lock held, so that each request is atomic.
Tests and the demo look at it from the side: `requests`, `webhooks()`, `fail(...)`, and `add` / `edit` / `remove`, which
are somebody at work in the vendor's dashboard. Used by every simulated vendor, `sandbox.box` and `sandbox.server`.
"""

import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from threading import Event, RLock
from typing import Any, ClassVar

from .exchange import Answer, Request, json_answer
from .faults import ELSEWHERE, Fault, Faults, did_you_mean

REASONS = {401: "unauthorized", 403: "forbidden", 404: "not found", 429: "too many requests", 500: "internal error"}


class SimulatedVendor:
    """One simulated vendor on its own port.

    `SWITCHES` names the behaviours that the vendor's documents leave open: a tuple lists the choices, the first is the
    default; any other value is the default of an open setting of that type (None: anything).
    """

    NAME: ClassVar[str]
    SWITCHES: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, settings: Mapping[str, Any] | None = None, *, latency: float = 0.0) -> None:
        self.settings: dict[str, Any] = {
            name: values[0] if isinstance(values, tuple) else values for name, values in self.SWITCHES.items()
        }
        self.switch(**(settings or {}))
        self.credentials: dict[str, str] = {}
        self.latency = latency
        self.clock: Callable[[], float] = time.time
        self.origin = ""
        self.faults = Faults()
        self.crashes: list[str] = []
        self.lock = RLock()
        self.stopping = Event()
        self._requests: list[Request] = []

    def __repr__(self) -> str:
        return f"<{self.NAME} at {self.url}>"

    @property
    def url(self) -> str:
        """The base URL to configure."""
        return self.origin

    def switch(self, **settings: Any) -> None:
        """Change switches, also while the vendor runs. Raises ValueError for an unknown switch or choice."""
        for name, value in settings.items():
            if name not in self.SWITCHES:
                hint = did_you_mean(name, self.SWITCHES)
                raise ValueError(f"{self.NAME} has no switch {name!r}{hint}; it has: {', '.join(self.SWITCHES)}")
            choices = self.SWITCHES[name]
            if isinstance(choices, tuple) and value not in choices:
                raise ValueError(f"{self.NAME}: switch {name!r} must be one of {choices}, not {value!r}")
        self.settings.update(settings)

    def fail(
        self,
        kind: str,
        *,
        method: str | None = None,
        path: str = "",
        times: int | None = 1,
        value: float | None = None,
        skip: int = 0,
        to: str = ELSEWHERE,
    ) -> None:
        """Let the next matching requests fail; see `faults.Fault`. Raises ValueError.

        Args:
            kind: how they fail.
            method: of the requests that match; None matches all.
            path: how their paths begin.
            times: how many of them fail; None: all.
            value: what the kind needs, such as seconds or a status.
            skip: how many matching requests are let through first.
            to: where a redirect leads.
        """
        self.faults.add(Fault(kind, method, path, times, value, skip, to))

    @property
    def requests(self) -> list[Request]:
        """Every request so far, in order of arrival."""
        with self.lock:
            return list(self._requests)

    def clear_requests(self) -> None:
        """Forget the requests so far."""
        with self.lock:
            self._requests.clear()

    def now(self) -> float:
        """The vendor's own clock, epoch seconds. Set `clock` to change it; the `Date` header follows."""
        return self.clock()

    def timestamp(self) -> str:
        """The vendor's time as RFC 3339, to the second."""
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.now()))

    def handle(self, request: Request) -> Answer | None:
        """Take one request through latency, faults and the vendor itself; None closes the connection in silence."""
        with self.lock:
            self._requests.append(request)
            kept = self._requests
            index = len(kept) - 1
        self.pause(self.latency)
        fault = self.faults.take(request)
        answer = self._respond(request) if fault is None or fault.commits else None
        if fault is not None:
            self.pause(fault.delay)
            answer = fault.spoil(request, answer, self.error, self.now())
        with self.lock:
            if answer is not None and index < len(kept) and kept[index] is request:
                kept[index] = replace(request, status=answer.status)
        return answer

    def pause(self, seconds: float) -> None:
        """Wait, but not longer than the sandbox lives."""
        if seconds > 0:
            self.stopping.wait(seconds)

    def _respond(self, request: Request) -> Answer:
        try:
            with self.lock:
                return self.respond(request)
        except Exception:  # noqa: BLE001 - the sandbox's own bug must not pass for the vendor's doing; raised on leaving
            self.crashes.append(traceback.format_exc())
            return json_answer(500, {"sandbox": "crashed"})

    def respond(self, request: Request) -> Answer:
        """Answer one request as the vendor would; the lock is held."""
        raise TypeError(f"{type(self).__name__} answers nothing")

    def error(self, status: int) -> Answer:
        """Word a bare refusal as this vendor does."""
        return json_answer(status, {"message": REASONS.get(status, "error")})

    def webhooks(self) -> list[dict[str, Any]]:
        """Return what exists at the vendor now, true secrets included, by the vendor's own field names."""
        raise TypeError(f"{type(self).__name__} holds nothing")
