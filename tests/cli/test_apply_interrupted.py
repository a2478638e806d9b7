"""Ctrl-C during an apply: what is in flight is finished and recorded, and the rest comes later."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.world import World, hook, ledger

COUNT = 6


def start(world: World, *argv: str) -> subprocess.Popen[str]:
    """The command in a process of its own."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2]), **world.environment}
    command = [sys.executable, "-m", "reconciler", *argv]
    return subprocess.Popen(
        command, cwd=world.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for(world: World, vendor: str, words: str, count: int = 1) -> None:
    """Until the vendor was asked that often."""
    deadline = time.monotonic() + 60
    while sum(f"{each.method} {each.path}".startswith(words) for each in world.box[vendor].requests) < count:
        assert time.monotonic() < deadline, "the vendor was never asked"
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_in_the_middle(world: World, number: signal.Signals) -> None:
    """It ends with 130 and says so; every hook that exists is in the lock; the next apply makes the others, once."""
    world.write({f"ci{at}": hook(url=f"https://ci.acme.com/{at}") for at in range(COUNT)})
    world.box["github"].latency = 0.4
    process = start(world, "apply", "--yes")
    wait_for(world, "github", "POST", 2)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, (out, err)
    assert "nterrupted" in out + err
    made = {str(each["id"]) for each in world.box["github"].webhooks()}
    assert 0 < len(made) < COUNT
    assert {entry["remote_id"] for entry in world.lock.values()} == made
    assert not (world.folder / "webhooks.lock.json.journal").exists()
    world.box["github"].latency = 0
    world.applied()
    assert len(world.box["github"].webhooks()) == COUNT
    assert set(world.actions().values()) == {"noop"}


def test_between_two_calls_of_one_webhook(world: World) -> None:
    """An inactive webhook needs two calls: interrupted between them, only the second is owed."""
    world.write({"ledger": ledger(status="inactive")})
    world.box["coinbase-payments"].latency = 0.4
    process = start(world, "apply", "--yes")
    wait_for(world, "coinbase-payments", "POST")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    world.box["coinbase-payments"].latency = 0
    (there,) = world.box["coinbase-payments"].webhooks()
    assert (world.folder / "secrets/ledger").read_text() == there["secret"]
    world.applied()
    assert world.box["coinbase-payments"].webhooks()[0]["status"] == "WEBHOOK_STATUS_DEACTIVATED"
    assert len(world.box["coinbase-payments"].webhooks()) == 1
    assert world.actions() == {"ledger": "noop"}


def test_while_reading(world: World) -> None:
    """Interrupted before anything was written: 130, no lock, no write; a plan ends the same way."""
    world.write({f"ci{at}": hook(scope={"repo": f"r{at}"}) for at in range(30)})
    world.box["github"].latency = 0.5
    for words in (("apply", "--yes"), ("plan",)):
        world.forget_requests()
        process = start(world, *words)
        wait_for(world, "github", "GET")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 130, (out, err)
        assert "Traceback" not in err
        assert len(world.box["github"].requests) < 30
    assert world.total_writes() == 0
    assert world.lock == {}


def test_twice(world: World) -> None:
    """A second Ctrl-C ends at once; the next apply reads before it writes, and makes no duplicate."""
    world.write({f"ci{at}": hook(url=f"https://ci.acme.com/{at}") for at in range(COUNT)})
    world.box["github"].latency = 0.4
    process = start(world, "apply", "--yes")
    wait_for(world, "github", "POST")
    process.send_signal(signal.SIGINT)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    while not world.box["github"].webhooks():  # the vendor still works on the call that was in flight
        time.sleep(0.01)
    world.box["github"].latency = 0
    world.applied()
    assert len(world.box["github"].webhooks()) == COUNT
    assert len({each["config"]["url"] for each in world.box["github"].webhooks()}) == COUNT


def test_a_reader_that_goes_away(world: World) -> None:
    """`whsync apply | head -1` does the whole job, although nobody listens to the end."""
    world.write({f"ci{at}": hook(url=f"https://ci.acme.com/{at}") for at in range(COUNT)})
    process = start(world, "apply", "--yes")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    process.stderr.read()
    process.wait(60)
    assert len(world.box["github"].webhooks()) == COUNT
    assert len(world.lock) == COUNT
    process.stderr.close()
