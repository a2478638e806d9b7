"""Work in lanes that take turns on a bounded number of threads: a thousand lanes need no thousand threads.

Called by `apply.scheduler`, `run.observe` and `run.discover`; `side_by_side`, for what has no lanes, also by
`run.accounts` and `run.event_names`. A lane says its work stage by stage. As many lanes are under way as there
are threads, each with as many tasks at once as it allows, and the next lane begins when one of them is done.
"""

import queue
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Stage(NamedTuple):
    """Tasks that may run beside each other, `at_once` at most; the lane goes on when all of them are done."""

    at_once: int
    tasks: Sequence[Callable[[], object]]


class Gate(NamedTuple):
    """The lane goes on as soon as `is_open` says so; only what other lanes do may open it."""

    is_open: Callable[[], bool]


Lane = Generator[Stage | Gate, None, None]
"""What it does between its stages is done in the thread that called `take_turns`, and must not take long."""


def take_turns(lanes: Iterable[Lane], threads: int, name: str) -> None:
    """Let every lane do its work.

    A task that raises ends its lane once the others of its stage are done, by raising there, and stops no other lane.

    Args:
        threads: as many tasks run beside each other.
        name: what the threads are called.

    Raises:
        BaseException: the first that ended a lane early; all lanes are done.
    """
    turns = _Turns(lanes, max(1, threads))
    with ThreadPoolExecutor(max_workers=turns.threads, thread_name_prefix=name) as pool:
        turns.run(pool)
    if turns.broken is not None:
        raise turns.broken


def side_by_side(do: Callable[[T], R], things: Sequence[T], threads: int) -> list[R]:
    """What `do` makes of each of some things, in their order; so many at once.

    Raises:
        whatever `do` raises, of the first thing that it is raised for; all are done.
    """
    with ThreadPoolExecutor(max_workers=max(1, min(threads, len(things)))) as pool:
        return [task.result() for task in [pool.submit(do, thing) for thing in things]]


class _Running:
    """A lane under way: what it has not begun of its stage, and how many tasks are in flight."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.at_once = 1
        self.left: deque[Callable[[], object]] = deque()
        self.in_flight = 0
        self.error: BaseException | None = None
        self.gate: Gate | None = None

    @property
    def can_start(self) -> bool:
        return bool(self.left) and self.in_flight < self.at_once


class _Turns:
    def __init__(self, lanes: Iterable[Lane], threads: int) -> None:
        self.threads = threads
        self.broken: BaseException | None = None
        self._coming = iter(lanes)
        self._under_way: deque[_Running] = deque()
        self._before_gates: list[_Running] = []
        self._done: queue.SimpleQueue[_Running] = queue.SimpleQueue()

    def run(self, pool: ThreadPoolExecutor) -> None:
        """Hand out tasks until all lanes are done."""
        busy = 0
        while True:
            while busy < self.threads and (running := self._next()) is not None:
                running.in_flight += 1
                busy += 1
                pool.submit(self._do, running, running.left.popleft())
            if not busy:
                assert not self._before_gates, "nobody is left who could open a gate"
                return
            running = self._done.get()
            busy -= 1
            running.in_flight -= 1
            if not running.in_flight and not running.left:
                self._under_way.remove(running)
                self._go_on(running)

    def _do(self, running: _Running, task: Callable[[], object]) -> None:
        try:
            task()
        except BaseException as error:  # noqa: BLE001 - raised again in the lane, whatever it is
            running.error = running.error or error
        finally:
            self._done.put(running)

    def _next(self) -> _Running | None:
        """The lane whose turn it is; a new one begins where those under way have nothing to start."""
        while True:
            for _ in range(len(self._under_way)):
                self._under_way.rotate(-1)
                if self._under_way[-1].can_start:
                    return self._under_way[-1]
            if len(self._under_way) >= self.threads or not self._begin():
                return None

    def _begin(self) -> bool:
        """Let one more lane go on: a new one, else one before a gate that is open by now; whether there was any."""
        lane = next(self._coming, None)
        if lane is not None:
            self._go_on(_Running(lane))
            return True
        for running in self._before_gates:
            if running.gate is not None and running.gate.is_open():
                self._before_gates.remove(running)
                self._go_on(running)
                return True
        return False

    def _go_on(self, running: _Running) -> None:
        """To the lane's next stage that has a task, to a gate, or to its end."""
        while True:
            try:
                step = running.lane.throw(running.error) if running.error else next(running.lane)
            except StopIteration:
                return
            except BaseException as error:  # noqa: BLE001 - raised again at the end, and no other lane is stopped
                self.broken = self.broken or error
                return
            running.error = None
            if isinstance(step, Gate):
                running.gate = step
                self._before_gates.append(running)
                return
            if step.tasks:
                running.at_once, running.left = max(1, step.at_once), deque(step.tasks)
                self._under_way.append(running)
                return
