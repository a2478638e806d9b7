"""Two runs at once: one works, the other says who does, or waits; who is dead blocks nobody."""

import getpass
import json
import os
import signal
from contextlib import ExitStack

import pytest

from tests.processes.aftermath import check, recover
from tests.processes.scene import Scene
from tests.processes.started import Run, start
from tests.waiting import Gate, until


def at_work(scene: Scene, stack: ExitStack) -> tuple[Run, Gate]:
    """An apply whose first write waits for its answer."""
    gate = Gate(scene.vendors["github"], "POST")
    stack.callback(gate.open)
    run = stack.enter_context(start(scene, "apply", "--yes"))
    until(gate.waiting.is_set, "nothing was written")
    return run, gate


@pytest.mark.parametrize("argv", [("apply", "--yes"), ("rotate", "deploy", "--yes"), ("state", "rm", "early", "--yes")])
def test_the_second_says_who_works(scene: Scene, argv: tuple[str, ...]) -> None:
    """It ends with 1, names user, host, process, command and start of the first, and how to wait; it asks no vendor."""
    with ExitStack() as stack:
        first, gate = at_work(scene, stack)
        second = scene(*argv)
        assert second.exit == 1
        assert not any(label.startswith("send") for label in second.effects)
        holder = json.loads((scene.folder / "webhooks.lock.json.holder").read_text(encoding="utf-8"))
        assert holder["pid"] == first.pid
        facts = (getpass.getuser(), os.uname().nodename, str(first.pid), holder["since"], "whsync apply")
        for fact in (*facts, "--lock-timeout"):
            assert fact in second.stderr
        gate.open()
        assert first.ended() == 0
    check(scene)


def test_the_second_as_json(scene: Scene) -> None:
    """A script finds the kind `lock_held`."""
    with ExitStack() as stack:
        first, gate = at_work(scene, stack)
        second = scene("apply", "--yes", "--format", "json")
        assert second.exit == 1
        assert '"lock_held"' in second.stdout
        gate.open()
        assert first.ended() == 0


def test_a_plan_needs_no_lock(scene: Scene) -> None:
    """Looking is allowed while another run works; of what that one is writing, it says whose that is and since when."""
    with ExitStack() as stack:
        first, gate = at_work(scene, stack)
        assert scene("state", "list").exit == 0
        beside = scene("plan")
        assert beside.exit == 1, scene.heard[-1]
        holder = json.loads((scene.folder / "webhooks.lock.json.holder").read_text(encoding="utf-8"))
        who = f"{getpass.getuser()} on {os.uname().nodename} (process {first.pid})"
        assert f"an apply by {who} is running since {holder['since']}" in beside.stdout
        assert "wait until that run has ended" in beside.stdout
        assert "answer was lost" not in beside.stdout
        gate.open()
        assert first.ended() == 0
        assert scene("plan").exit == 0


def test_a_run_that_died_is_not_at_work(scene: Scene) -> None:
    """What it was writing is settled by reading, whatever note it left behind."""
    with ExitStack() as stack:
        first, gate = at_work(scene, stack)
        os.kill(first.pid, signal.SIGKILL)
        first.ended()
        gate.open()
    told = scene("plan").stdout
    assert "is running since" not in told


def test_who_waits_gets_its_turn(scene: Scene) -> None:
    """With --lock-timeout the second says that it waits, works afterwards, and finds nothing left to do."""
    with ExitStack() as stack:
        first, gate = at_work(scene, stack)
        second = stack.enter_context(start(scene, "apply", "--yes", "--lock-timeout", "600"))
        until(lambda: "Waiting for another run" in second.stderr, "it does not wait")
        gate.open()
        assert (first.ended(), second.ended()) == (0, 0)
        assert "No changes" in second.stdout
    check(scene)


def test_waiting_ends(scene: Scene) -> None:
    """When the time is over, the one that waits says who works, and that is all."""
    with ExitStack() as stack:
        first, gate = at_work(scene, stack)
        second = scene("apply", "--yes", "--lock-timeout", "0.3")
        assert second.exit == 1
        assert str(first.pid) in second.stderr
        gate.open()
        assert first.ended() == 0


def test_who_is_killed_blocks_nobody(scene: Scene) -> None:
    """After `kill -9` the next run starts at once, also one that does not want to wait, and finishes the work."""
    with ExitStack() as stack:
        first, gate = at_work(scene, stack)
        first.send(signal.SIGKILL)
        assert first.ended() == -signal.SIGKILL
        gate.open()
        scene.settle()
        recover(scene)
    check(scene)


@pytest.mark.parametrize("part", [0, 1])
def test_a_call_that_nobody_can_see(scene: Scene, part: int) -> None:
    """Killed while an unreadable vendor answers: nothing is sent again before the user has said what is there."""
    with ExitStack() as stack:
        gate = Gate(scene.vendors["cryptopocket"], "POST", "/api/subscribe", skip=part)
        stack.callback(gate.open)
        run = stack.enter_context(start(scene, "apply", "--yes", "--parallelism", "1"))
        until(gate.waiting.is_set, "nothing was subscribed")
        run.send(signal.SIGKILL)
        assert run.ended() == -signal.SIGKILL
    scene.settle()
    there = scene.vendors["cryptopocket"].webhooks()
    assert len(there) == part + 1
    asked = scene.apply()
    assert asked.exit == 1
    assert "whsync adopt payments --id" in asked.said
    assert scene.vendors["cryptopocket"].webhooks() == there
    recover(scene)
    check(scene)


def test_who_waits_for_one_that_is_killed(scene: Scene) -> None:
    """The death of the holder is noticed by the one that waits, which reads what it left and finishes the work."""
    with ExitStack() as stack:
        first, gate = at_work(scene, stack)
        second = stack.enter_context(start(scene, "apply", "--yes", "--lock-timeout", "600"))
        until(lambda: "Waiting for another run" in second.stderr, "it does not wait")
        gate.open()
        until(lambda: len(scene.vendors["github"].webhooks()) > 1, "the first does not go on")
        first.send(signal.SIGKILL)
        assert first.ended() in (-signal.SIGKILL, 0)
        assert second.ended() in (0, 1)
    scene.settle()
    recover(scene)
    check(scene)
