"""Threads that go from one piece of work to the next."""

import threading
from collections.abc import Callable
from queue import SimpleQueue

import pytest

from reconciler.wire import hands
from reconciler.wire.hands import Hands

PATIENCE = 20.0


def who(hands: Hands, wait: threading.Event | None = None) -> "SimpleQueue[int]":
    """Where the number of the thread that does it will be told, once it may go on."""
    told: SimpleQueue[int] = SimpleQueue()

    def work() -> Callable[[], object]:
        if wait is not None:
            assert wait.wait(PATIENCE)
        mine = threading.get_ident()
        return lambda: told.put(mine)

    hands.do(work)
    return told


def test_one_thread_does_what_comes_one_after_the_other() -> None:
    """Who is told that it is done finds the thread free again."""
    ours = Hands("ours")
    assert len({who(ours).get(timeout=PATIENCE) for _ in range(50)}) == 1


def test_what_comes_meanwhile_has_a_thread_of_its_own() -> None:
    """Work that hangs keeps nobody waiting, and its thread is used again later."""
    ours, go_on = Hands("ours"), threading.Event()
    hanging = [who(ours, go_on) for _ in range(3)]
    one = who(ours).get(timeout=PATIENCE)
    assert who(ours).get(timeout=PATIENCE) == one
    go_on.set()
    others = {told.get(timeout=PATIENCE) for told in hanging}
    assert len(others) == 3
    assert one not in others


def test_threads_that_have_nothing_to_do_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what comes just then is done all the same, once."""
    monkeypatch.setattr(hands, "IDLE", 0.001)
    ours = Hands("that end soon")
    for number in range(200):
        told = who(ours)
        told.get(timeout=PATIENCE)
        assert told.empty()
        threading.Event().wait(0.001 * (number % 3))
    for thread in threading.enumerate():
        if thread.name == "that end soon":
            thread.join(PATIENCE)
            assert not thread.is_alive()
