"""Waiting for what other processes and threads do, without ever counting on how fast a machine is.

Used where a test must strike at a moment: `until` it has come, and a `Gate` that holds it.
"""

import time
from collections.abc import Callable
from threading import Event
from typing import Any

from reconciler.sandbox import SimulatedVendor

PATIENCE = 60.0  # seconds


def until(condition: Callable[[], object], otherwise: str) -> None:
    """Wait for a condition, generously.

    Raises:
        AssertionError: it did not come true.
    """
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, otherwise
        time.sleep(0.002)


class Gate:
    """Holds a vendor's answers back: requests wait at it until it is opened. What is sent is done before it waits.

    Args:
        vendor: whose answers.
        method: only of requests with this method.
        path: only of requests whose path contains this.
        skip: how many of them pass first.
    """

    def __init__(self, vendor: SimulatedVendor, method: str, path: str = "", skip: int = 0) -> None:
        self._open, self.waiting = Event(), Event()
        handle, passed = vendor.handle, list[Any]()

        def gated(request: Any) -> Any:
            answer = handle(request)
            if request.method == method and path in request.path and not self._open.is_set():
                passed.append(request)
            if len(passed) > skip and passed[-1] is request:
                self.waiting.set()
                self._open.wait(PATIENCE)
            return answer

        setattr(vendor, "handle", gated)  # noqa: B010  # on this one vendor, not on its class

    def open(self) -> None:
        """Let everything through."""
        self._open.set()
