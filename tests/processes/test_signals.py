"""Ctrl-C, SIGTERM, a closed terminal at a real `whsync`: what is in flight is finished and recorded, no more begun."""

import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.processes.aftermath import check, recover
from tests.processes.forks import ROOT
from tests.processes.scene import Scene
from tests.processes.started import COMMAND, Run, start
from tests.waiting import PATIENCE, Gate, until

INTERRUPTED = 130
ENDING = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
SIGNALS = pytest.mark.parametrize("number", ENDING, ids=lambda number: number.name)


@pytest.fixture
def running(scene: Scene) -> Iterator[ExitStack]:
    """Where started runs are kept, so that none outlives its test."""
    with ExitStack() as stack:
        yield stack


def interrupt(run: Run, number: signal.Signals) -> None:
    """Send a signal, and wait until the run says that it took it."""
    run.send(number)
    until(lambda: "Interrupted" in run.stderr, "the signal was not taken")


@SIGNALS
def test_while_reading(scene: Scene, running: ExitStack, number: signal.Signals) -> None:
    """Interrupted while it reads, it waits for no answer, ends with 130 and has written nothing, not even a lock."""
    gate = Gate(scene.vendors["github"], "GET")
    run = running.enter_context(start(scene, "apply", "--yes"))
    until(gate.waiting.is_set, "nothing was read")
    interrupt(run, number)
    assert run.ended() == INTERRUPTED
    gate.open()
    assert scene.writes() == 0
    assert not scene.lock_path.exists()
    recover(scene)
    check(scene)


@SIGNALS
def test_while_writing(scene: Scene, running: ExitStack, number: signal.Signals) -> None:
    """The call in flight is finished and recorded, its vendor gets no other, the summary counts what was not done."""
    gate = Gate(scene.vendors["github"], "POST")
    run = running.enter_context(start(scene, "apply", "--yes"))
    until(gate.waiting.is_set, "nothing was written")
    interrupt(run, number)
    gate.open()
    assert run.ended() == INTERRUPTED
    assert [each.method for each in scene.vendors["github"].requests].count("POST") == 1
    made = {str(each["id"]) for each in scene.vendors["github"].webhooks()}
    assert made == {entry["remote_id"] for entry in scene.lock.values() if entry["provider"] == "github"}
    assert not scene.journal.exists()
    assert github_skipped(run.stdout) == 4
    scene.forget_requests()
    recover(scene)
    check(scene)


def github_skipped(out: str) -> int:
    """How many of the five webhooks at GitHub were skipped, by what a run says."""
    hooks = ("ci[api]", "ci[web]", "deploy", "early", "gone")
    return sum(f"  {name}  create skipped: the run was interrupted" in out for name in hooks)


@SIGNALS
def test_between_the_login_and_the_write(scene: Scene, running: ExitStack, number: signal.Signals) -> None:
    """A write that was about to be sent, and was not, is skipped: nothing has failed, and nothing is left open."""
    pocket = scene.vendors["cryptopocket"]
    gate = Gate(pocket, "POST", "/api/authenticate")
    run = running.enter_context(start(scene, "apply", "--yes"))
    until(gate.waiting.is_set, "it did not log in")
    interrupt(run, number)
    gate.open()
    assert run.ended() == INTERRUPTED
    assert {each.path for each in pocket.requests} == {"/api/authenticate"}
    assert "  payments  create skipped: the run was interrupted" in run.stdout
    assert not scene.journal.exists()
    recover(scene)
    check(scene)


@SIGNALS
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_while_waiting_for_a_busy_vendor(scene: Scene, running: ExitStack, number: signal.Signals, method: str) -> None:
    """A run that was told to wait for half an hour does not wait any longer."""
    scene.vendors["github"].fail("429", method=method, value=1800)
    run = running.enter_context(start(scene, "apply", "--yes", "--max-wait", "3600"))
    until(lambda: any(each.status == 429 for each in scene.vendors["github"].requests), "it was not asked to wait")
    interrupt(run, number)
    assert run.ended() == INTERRUPTED
    assert scene.vendors["github"].webhooks() == []
    recover(scene)
    check(scene)


def test_the_second_signal_ends_at_once(scene: Scene, running: ExitStack) -> None:
    """With a call that never comes back, once more ends it all the same; the next run reads first and finds it."""
    gate = Gate(scene.vendors["github"], "POST")
    run = running.enter_context(start(scene, "apply", "--yes"))
    until(gate.waiting.is_set, "nothing was written")
    interrupt(run, signal.SIGINT)
    run.send(signal.SIGINT)
    assert run.ended() == INTERRUPTED
    gate.open()
    scene.settle()
    recover(scene)
    check(scene)


@SIGNALS
def test_while_waiting_for_the_lock(scene: Scene, running: ExitStack, number: signal.Signals) -> None:
    """Who waits for another run can be told to stop waiting; the other is not disturbed."""
    gate = Gate(scene.vendors["github"], "GET")
    first = running.enter_context(start(scene, "apply", "--yes"))
    until(gate.waiting.is_set, "nothing was read")
    second = running.enter_context(start(scene, "apply", "--yes", "--lock-timeout", "600"))
    until(lambda: "Waiting for another run" in second.stderr, "it does not wait")
    second.send(number)
    assert second.ended() == INTERRUPTED
    gate.open()
    assert first.ended() == 0
    check(scene)


@pytest.mark.parametrize("command", [("plan",), ("drift",), ("apply", "--yes")], ids=lambda words: words[0])
def test_during_the_last_read(scene: Scene, running: ExitStack, command: tuple[str, ...]) -> None:
    """Interrupted when only one answer is still to come, it ends with 130 all the same, and shows no result."""
    scene.write({"deploy": scene.declared["deploy"]})
    assert scene.apply().exit == 0
    gate = Gate(scene.vendors["github"], "GET")
    run = running.enter_context(start(scene, *command))
    until(gate.waiting.is_set, "nothing was read")
    interrupt(run, signal.SIGINT)
    gate.open()
    assert run.ended() == INTERRUPTED
    assert run.stdout == ""


@SIGNALS
def test_while_a_command_is_asked_for_a_secret(scene: Scene, running: ExitStack, number: signal.Signals) -> None:
    """A `cmd:` reference that takes its time, as one that waits for a hardware key, is not waited for."""
    asking = {"from": "cmd:touch begun; sleep 600"}
    scene.write({"deploy": {**scene.declared["deploy"], "secret": asking}})
    run = running.enter_context(start(scene, "plan"))
    until((scene.folder / "begun").exists, "the command was not asked")
    interrupt(run, number)
    assert run.ended() == INTERRUPTED


def test_hung_up_twice(scene: Scene, running: ExitStack) -> None:
    """A closed terminal tells the shell and its jobs, and the shell tells them again: the work is still recorded."""
    gate = Gate(scene.vendors["github"], "POST")
    run = running.enter_context(start(scene, "apply", "--yes"))
    until(gate.waiting.is_set, "nothing was written")
    interrupt(run, signal.SIGHUP)
    run.send(signal.SIGHUP)
    gate.open()
    assert run.ended() == INTERRUPTED
    assert not scene.journal.exists()
    assert scene.lock
    recover(scene)
    check(scene)


def test_a_terminal_that_is_closed(scene: Scene) -> None:
    """Nobody is there to read what it says; the call in flight is finished and recorded all the same."""
    gate = Gate(scene.vendors["github"], "POST")
    ours, started = on_a_terminal(scene, "apply", "--yes")
    with started as process:
        until(gate.waiting.is_set, "nothing was written")
        os.close(ours)
        gate.open()
        assert process.wait(PATIENCE) == INTERRUPTED
    made = {str(each["id"]) for each in scene.vendors["github"].webhooks()}
    assert made == {entry["remote_id"] for entry in scene.lock.values() if entry["provider"] == "github"}
    assert not scene.journal.exists()
    recover(scene)
    check(scene)


def test_nohup(scene: Scene) -> None:
    """Who asks for it to go on without a terminal gets that."""
    gate = Gate(scene.vendors["github"], "POST")
    with subprocess.Popen(
        ["/usr/bin/env", "nohup", *COMMAND, "apply", "--yes"],
        cwd=scene.folder,
        env={**scene.environment, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        until(gate.waiting.is_set, "nothing was written")
        process.send_signal(signal.SIGHUP)
        gate.open()
        assert process.wait(PATIENCE) == 0
    check(scene)


@pytest.mark.parametrize(
    ("answer", "code"),
    [(signal.SIGINT, INTERRUPTED), (signal.SIGTERM, INTERRUPTED), (b"no\n", 1), (b"\x03", INTERRUPTED), (b"yes\n", 0)],
    ids=str,
)
def test_at_the_question(scene: Scene, answer: signal.Signals | bytes, code: int) -> None:
    """At the question on a terminal, a signal or Ctrl-C ends with 130, `no` with 1; neither writes anything."""
    ours, started = on_a_terminal(scene, "apply")
    said = b""
    try:
        with started as process:
            while b"Only yes is accepted" not in said:
                said += os.read(ours, 4096)
            if isinstance(answer, bytes):
                os.write(ours, answer)
            else:
                process.send_signal(answer)
            said += rest(ours)
            assert process.wait(PATIENCE) == code, said
    finally:
        os.close(ours)
    assert (scene.writes() > 0) == (code == 0)
    recover(scene)
    check(scene)


def on_a_terminal(scene: Scene, *argv: str) -> tuple[int, "subprocess.Popen[bytes]"]:
    """Start a command at a terminal of its own; our end of that, and the process."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *argv],
        cwd=scene.folder,
        env={**scene.environment, "PYTHONPATH": str(ROOT)},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        preexec_fn=own_terminal,  # noqa: PLW1509  # no threads there yet that could hold a lock
    )
    os.close(theirs)
    return ours, process


def own_terminal() -> None:
    """Make the terminal at stdin this process's own, so that Ctrl-C typed there is a signal to it."""
    import fcntl
    import termios

    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def rest(descriptor: int) -> bytes:
    """What is said until the other end of a terminal is closed."""
    said = b""
    try:
        while part := os.read(descriptor, 4096):
            said += part
    except OSError:
        pass
    return said
