"""Ctrl-C during an apply: what is in flight is finished and recorded, and the rest comes later."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.world import World, hook, ledger
from tests.waiting import PATIENCE, Gate, until

COUNT = 6


def around(world: World) -> dict[str, str]:
    """The environment of a process that runs whsync in this folder."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2]), **world.environment}


class Run:
    """A command in a process of its own, which leaves what it says in files."""

    def __init__(self, world: World, *argv: str) -> None:
        self._said = [world.folder / f"{argv[0]}.{name}" for name in ("stdout", "stderr")]
        command = [sys.executable, "-m", "reconciler", *argv]
        with self._said[0].open("wb") as out, self._said[1].open("wb") as err:
            self._process = subprocess.Popen(command, cwd=world.folder, env=around(world), stdout=out, stderr=err)

    @property
    def said(self) -> str:
        """What it has said so far, on stdout and on stderr."""
        return "".join(path.read_text(encoding="utf-8") for path in self._said)

    def interrupt(self, number: signal.Signals = signal.SIGINT) -> None:
        """Send a signal, and wait until it says that it took it."""
        self._process.send_signal(number)
        until(lambda: "Interrupted" in self.said, "the signal was not taken")

    def ended(self) -> int:
        """Its exit code, once it has one."""
        return self._process.wait(PATIENCE)

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_in_the_middle(world: World, number: signal.Signals) -> None:
    """It ends with 130 and says so; every hook that exists is in the lock; the next apply makes the others, once."""
    world.write({f"ci{at}": hook(url=f"https://ci.acme.com/{at}") for at in range(COUNT)})
    gate = Gate(world.box["github"], "POST", skip=1)
    run = Run(world, "apply", "--yes")
    until(gate.waiting.is_set, "nothing was written")
    run.interrupt(number)
    gate.open()
    assert run.ended() == 130, run.said
    assert "Apply interrupted: 2 applied, 0 failed, 4 skipped." in run.said
    made = {str(each["id"]) for each in world.box["github"].webhooks()}
    assert len(made) == 2
    assert {entry["remote_id"] for entry in world.lock.values()} == made
    assert not (world.folder / "webhooks.lock.json.journal").exists()
    world.applied()
    assert len(world.box["github"].webhooks()) == COUNT
    assert set(world.actions().values()) == {"noop"}


def test_between_two_calls_of_one_webhook(world: World) -> None:
    """An inactive webhook needs two calls: interrupted between them, only the second is owed."""
    world.write({"ledger": ledger(status="inactive")})
    gate = Gate(world.box["coinbase-payments"], "POST")
    run = Run(world, "apply", "--yes")
    until(gate.waiting.is_set, "nothing was written")
    run.interrupt()
    gate.open()
    assert run.ended() == 130
    assert "created, but not whole" in run.said
    (there,) = world.box["coinbase-payments"].webhooks()
    assert (world.folder / "secrets/ledger").read_text() == there["secret"]
    world.applied()
    assert world.box["coinbase-payments"].webhooks()[0]["status"] == "WEBHOOK_STATUS_DEACTIVATED"
    assert len(world.box["coinbase-payments"].webhooks()) == 1
    assert world.actions() == {"ledger": "noop"}


@pytest.mark.parametrize("words", [("apply", "--yes"), ("plan",)], ids=lambda words: words[0])
def test_while_reading(world: World, words: tuple[str, ...]) -> None:
    """Interrupted before anything was written: 130, no lock, no write; a plan ends the same way."""
    world.write({f"ci{at}": hook(scope={"repo": f"r{at}"}) for at in range(30)})
    gate = Gate(world.box["github"], "GET")
    run = Run(world, *words)
    until(gate.waiting.is_set, "nothing was read")
    run.interrupt()
    gate.open()
    assert run.ended() == 130, run.said
    assert "Traceback" not in run.said
    assert len(world.box["github"].requests) < 30
    assert world.total_writes() == 0
    assert world.lock == {}


def test_twice(world: World) -> None:
    """A second Ctrl-C ends at once; the next apply reads before it writes, and makes no duplicate."""
    world.write({f"ci{at}": hook(url=f"https://ci.acme.com/{at}") for at in range(COUNT)})
    gate = Gate(world.box["github"], "POST")
    run = Run(world, "apply", "--yes")
    until(gate.waiting.is_set, "nothing was written")
    run.interrupt()
    run.send(signal.SIGINT)
    assert run.ended() == 130
    gate.open()
    assert len(world.box["github"].webhooks()) == 1
    world.applied()
    assert len(world.box["github"].webhooks()) == COUNT
    assert len({each["config"]["url"] for each in world.box["github"].webhooks()}) == COUNT


def unheard(world: World, closed: str, *argv: str) -> int:
    """The exit code of a command whose `stdout` or `stderr` nobody reads, and whose other stream nobody keeps."""
    streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, closed: subprocess.PIPE}
    command = [sys.executable, "-m", "reconciler", *argv]
    with subprocess.Popen(
        command, cwd=world.folder, env=around(world), stdout=streams["stdout"], stderr=streams["stderr"]
    ) as process:
        reader = getattr(process, closed)
        assert reader is not None
        reader.close()
        return process.wait(PATIENCE)


def test_a_reader_that_goes_away(world: World) -> None:
    """`whsync apply | head -1` does the whole job, although nobody listens to the end."""
    world.write({f"ci{at}": hook(url=f"https://ci.acme.com/{at}") for at in range(COUNT)})
    unheard(world, "stdout", "apply", "--yes")
    assert len(world.box["github"].webhooks()) == COUNT
    assert len(world.lock) == COUNT


def test_a_terminal_that_goes_away_under_a_trace(world: World) -> None:
    """`whsync -v apply 2>&1 | head` does the job, too: what was done is recorded, and what was issued is stored."""
    world.write({"ledger": ledger()})
    assert unheard(world, "stderr", "-v", "apply", "--yes") == 0
    assert (world.folder / "secrets" / "ledger").read_text()
    assert set(world.lock) == {"ledger"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_a_log_that_is_full_under_masks(world: World) -> None:
    """A runner that cannot be told of a secret gets no more of our words; what was issued is stored all the same."""
    world.write({"ledger": ledger()})
    with open("/dev/full", "wb") as full:
        subprocess.run(
            [sys.executable, "-m", "reconciler", "apply", "--yes"],
            cwd=world.folder,
            env={**around(world), "GITHUB_ACTIONS": "true"},
            stdout=subprocess.DEVNULL,
            stderr=full,
            timeout=PATIENCE,
            check=True,
        )
    assert (world.folder / "secrets" / "ledger").read_text()
