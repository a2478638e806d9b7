"""A provider's steps, beside each other and one after another. [pure]

Used by `providers.engine` where reads need nothing of each other, and by all who drive steps: `wire.drive`, and
`providers.rehearse` and `run.trial_hand`, which take all in turn.
"""

from collections.abc import Generator, Iterable
from typing import Any, TypeVar

from reconciler.errors import WhsyncError
from reconciler.providers.protocol import Beside, Call, Progress, Reply, Steps

T = TypeVar("T")


def beside(reads: Iterable[Steps[T]]) -> Steps[list[T]]:
    """What each of some reads returns, in their order; their calls may be in flight together, as far as limits allow.

    Raises:
        WhsyncError: one of them failed; others may have been begun.
    """
    steps = tuple(reads)
    return list((yield Beside(steps)).results) if steps else []


def in_turn(steps: Steps[T]) -> Generator[Call | Progress, Reply, T]:
    """The same steps, with what may be done beside each other done one after another."""
    answer: Reply | WhsyncError | None = None
    while True:
        try:
            step = advance(steps, answer)
        except StopIteration as end:
            result: T = end.value
            return result
        try:
            answer = (yield from _all_of(step)) if isinstance(step, Beside) else (yield step)
        except WhsyncError as error:
            answer = error


def advance(steps: Steps[Any], answer: Reply | WhsyncError | None) -> Call | Progress | Beside:
    """The next step, given what became of the last one; None before the first."""
    if answer is None:
        return next(steps)
    return steps.throw(answer) if isinstance(answer, WhsyncError) else steps.send(answer)


def _all_of(group: Beside) -> Generator[Call | Progress, Reply, Reply]:
    results = []
    for each in group.steps:
        results.append((yield from in_turn(each)))  # noqa: PERF401 - no comprehension can yield
    return Reply(0, results=tuple(results))
