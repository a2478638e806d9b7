"""Compute each value once in a run, however many threads ask at the same time.

Used by `secrets.source` and `secrets.stretch`, and by `run.runtime`.
"""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Once(Generic[K, V]):
    """A function's results by its argument; an error is a result too and is raised again for everyone who asks."""

    def __init__(self, compute: Callable[[K], V]) -> None:
        self._compute = compute
        self._results: dict[K, Future[V]] = {}
        self._guard = threading.Lock()

    def __call__(self, key: K) -> V:
        """The result for `key`: computed by the first who asks, awaited by the others."""
        with self._guard:
            result = self._results.get(key)
            first = result is None
            if result is None:
                result = self._results[key] = Future()
        if first:
            self._fill(result, key)
        return result.result()

    def __contains__(self, key: object) -> bool:
        """Whether somebody has asked for it already."""
        return key in self._results

    def _fill(self, result: Future[V], key: K) -> None:
        try:
            result.set_result(self._compute(key))
        except BaseException as error:
            result.set_exception(error)
            raise
