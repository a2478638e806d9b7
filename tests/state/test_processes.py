"""Two runs at once, and runs that die: with real processes and the operating system's own lock."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.errors import LockHeldError
from reconciler.state.lock import Lock, to_json
from reconciler.state.stores.file import FileStore
from tests.state.values import HOLDER, applied, intended

ROOT = Path(__file__).parents[2]

RUN = """\
import sys
from pathlib import Path
from reconciler.state.stores.file import FileStore
from reconciler.state.stores.holder import this_process
from tests.state.values import applied, intended

with FileStore(Path(sys.argv[1])).lease(0, this_process("2026-11-21T12:00:00Z", "whsync apply --yes")) as lease:
    lease.append(applied("a"), sync=False)
    lease.append(intended("b"))
    print("working", flush=True)
    sys.stdin.readline()
"""
"""A run that applies one webhook, is about to create another, and then waits to be told to go on."""


def start(path: Path) -> subprocess.Popen[str]:
    """A run in a process of its own, after it has begun to work."""
    run = subprocess.Popen(
        [sys.executable, "-c", RUN, str(path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    assert run.stdout.readline() == "working\n"
    return run


def test_the_second_process_says_who_works(tmp_path: Path) -> None:
    """The second run names the first one's process, host, start and command; after its end it gets the lock."""
    path = tmp_path / "webhooks.lock.json"
    with start(path) as run:
        with pytest.raises(LockHeldError) as caught, FileStore(path).lease(0, HOLDER):
            pytest.fail("two runs at once")
        for fact in (str(run.pid), os.uname().nodename, "2026-11-21T12:00:00Z", "whsync apply --yes", str(path)):
            assert fact in caught.value.summary
        with pytest.raises(LockHeldError):
            FileStore(path).force_unlock()
        run.communicate("go on\n")
    assert run.returncode == 0
    with FileStore(path).lease(0, HOLDER) as lease:
        assert lease.lock == Lock({"a": applied("a").entry}, {"b": intended("b")})


def test_waiting_gets_the_lock_when_it_is_free(tmp_path: Path) -> None:
    """With a lock timeout the second run goes on as soon as the first is done."""
    path = tmp_path / "webhooks.lock.json"
    with start(path) as run:
        assert run.stdin is not None
        run.stdin.write("go on\n")
        run.stdin.flush()
        with FileStore(path).lease(60, HOLDER) as lease:
            assert lease.lock.entries.keys() == {"a"}


def test_a_killed_run_blocks_nobody_and_loses_nothing(tmp_path: Path) -> None:
    """After `kill -9` the next run starts at once and finds what was applied and what was about to be."""
    path = tmp_path / "webhooks.lock.json"
    with start(path) as run:
        run.send_signal(signal.SIGKILL)
        run.wait()
    assert not path.exists()
    assert FileStore(path).read().lock.intents.keys() == {"b"}
    with FileStore(path).lease(0, HOLDER) as lease:
        assert lease.lock == Lock({"a": applied("a").entry}, {"b": intended("b")})
        assert path.read_text() == to_json(Lock({"a": applied("a").entry}))
