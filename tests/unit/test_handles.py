"""File handles are divided so that calls never take those that secrets are stored with."""

import errno
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.run.connections import Connections
from reconciler.secrets import handle_reserve
from reconciler.support import handles


@given(st.integers(0, 200), st.integers(40, 5000))
def test_what_is_divided_is_there(parallelism: int, free: int) -> None:
    """Connections and secrets together take no more than there are, and each has some."""
    parts = handles.division(parallelism, free)
    assert parts.stores is not None
    assert parts.connections + parts.stores * handles.A_STORE <= free
    assert 1 <= parts.workers <= max(1, parallelism)
    assert parts.stores >= 1
    assert parts.workers <= parts.connections


def test_unlimited_handles_limit_nothing() -> None:
    """Where no limit is known, as many calls as wanted are in flight, and nothing is held."""
    assert handles.division(16, None) == handles.Division(128, 16, None)


@pytest.mark.parametrize("code", [errno.EMFILE, errno.ENFILE])
def test_it_is_named_with_the_way_out(code: int) -> None:
    """Who runs out of handles reads what that is and what helps, not `Too many open files`."""
    said = handles.words(OSError(code, "Too many open files"))
    assert "no file handle is left" in said
    assert "ulimit -n" in said
    assert "--parallelism" in said
    assert handles.words(OSError(errno.EACCES, "Permission denied")) == "Permission denied"


def test_a_cause_is_found() -> None:
    """Libraries wrap the system's error in their own."""
    error = RuntimeError("wrapped")
    error.__cause__ = OSError(errno.EMFILE, "Too many open files")
    assert handles.exhausted(error)
    assert not handles.exhausted(RuntimeError("other"))


def test_idle_connections_make_room() -> None:
    """A thousand accounts, one after the other, never have more connections open than there may be."""
    closed: list[str] = []
    connections = Connections(10, closed.append, 16)
    for number in range(1000):
        with connections.used(f"p{number}"):
            assert number + 1 - len(closed) <= 10
    assert closed == [f"p{number}" for number in range(990)]


def test_what_is_in_use_is_not_closed() -> None:
    """A call in flight keeps its connection, however many others come and however often it is called done."""
    closed: list[str] = []
    connections = Connections(2, closed.append, 16)
    with connections.used("busy"):
        connections.done("busy")
        for number in range(5):
            with connections.used(f"p{number}", hosts=2):
                pass
        assert "busy" not in closed
    connections.done("busy")
    connections.done("busy")
    assert closed.count("busy") == 1


def test_shares_are_lent_one_by_one() -> None:
    """No more secrets are stored beside each other than handles are held for, and each finds its own free."""
    inside, most = 0, 0
    guard = threading.Lock()

    def store() -> None:
        nonlocal inside, most
        with handle_reserve.lent():
            with guard:
                inside += 1
                most = max(most, inside)
            with guard:
                inside -= 1

    with handle_reserve.held(2):
        before = handles.free()
        with handle_reserve.lent():
            during = handles.free()
        assert before is None or during == before + handles.A_STORE
        threads = [threading.Thread(target=store) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert most <= 2
        assert handles.free() == before
    with handle_reserve.lent():
        pass
