"""The rules of an apply: asking, events as JSON, the lock held by another run, one failure among many."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.state.stores.base import Holder
from reconciler.state.stores.file import FileStore
from tests.cli.world import World, events, hook, ledger, payments, validate, wallet

ALL = {"ci": hook(), "ledger": ledger(), "wallet": wallet(), "payments": payments()}


def test_no_terminal_and_no_yes(world: World) -> None:
    """With neither a terminal nor `--yes`, an apply with changes is wrong usage that names the flag."""
    world.write(ALL)
    result = world("apply")
    assert result.exit == 64
    assert "--yes" in result.stderr
    assert "4 to add" in result.stdout
    assert world.total_writes() == 0
    assert world.lock == {}


def test_nothing_to_ask(world: World) -> None:
    """Without changes there is nothing to ask, so no flag is needed."""
    world.write(ALL)
    world.applied()
    assert world("apply").exit == 0


@pytest.mark.parametrize(
    ("typed", "done"), [("yes\n", True), ("y\n", False), ("YES\n", False), ("\n", False), ("", False)]
)
def test_only_yes(world: World, typed: str, done: bool) -> None:
    """On a terminal the plan is shown and exactly `yes` goes ahead."""
    world.write({"ci": hook()})
    result = world("apply", stdin=typed, terminal=True)
    assert result.exit == (0 if done else 1)
    assert bool(world.box["github"].webhooks()) is done
    if not done:
        assert "nothing was changed" in result.stderr
        assert world.lock == {}


def test_a_real_terminal(world: World) -> None:
    """Through a pseudo-terminal: the question is seen, `yes` is read from it, and the apply ends with 0."""
    world.write({"ci": hook()})
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "reconciler", "apply"]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2]), **world.environment}
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, cwd=world.folder, env=environment)
    os.close(slave)
    shown = b""
    while b"Only yes is accepted" not in shown:
        shown += os.read(master, 4096)
    assert world.total_writes() == 0
    os.write(master, b"yes\n")
    assert process.wait(60) == 0
    os.close(master)
    assert len(world.box["github"].webhooks()) == 1


def test_events_as_json(world: World) -> None:
    """One event a line on stdout, each valid, the plan for people on stderr; the last one counts."""
    world.write(ALL)
    result = world.apply("--format", "json")
    told = events(result)
    assert told[0] == {**told[0], "event": "started", "format": "whsync.event/1", "changes": 4}
    assert told[-1] == {**told[-1], "event": "finished", "applied": 4, "failed": 0}
    assert {event["name"] for event in told if event["event"] == "applied"} == set(ALL)
    assert {event["name"] for event in told if event["event"] == "secret_stored"} == {"ledger", "wallet"}
    assert "4 to add" in result.stderr
    first = [event["event"] for event in told if event.get("name") == "ledger"]
    assert first.index("intended") < first.index("secret_stored") < first.index("applied")


def test_an_apply_without_changes_as_json(world: World) -> None:
    """Also without changes, what stdout gets is events."""
    world.write(ALL)
    world.applied()
    told = events(world.apply("--format", "json"))
    assert [event["event"] for event in told] == ["started", "finished"]


def test_what_was_not_planned_as_json(world: World) -> None:
    """A watcher of events sees the plan's problems as well, so that exit code 1 is explained."""
    world.write(ALL)
    world.box["github"].fail("500", method="GET", times=None)
    result = world.apply("--format", "json")
    assert result.exit == 1
    told = events(result)
    (problem,) = [event["problem"] for event in told if event["event"] == "unplanned"]
    assert problem["provider"] == "github"
    assert (told[-1]["applied"], told[-1]["failed"], told[-1]["problems"]) == (3, 0, 1)


def test_an_error_as_json(world: World) -> None:
    """What ends an apply early is one JSON object with its kind."""
    world.write(ALL, policy={"allowed_hosts": ["example.com"]})
    result = world.apply("--format", "json")
    assert result.exit == 3
    error = json.loads(result.stdout.splitlines()[-1])["error"]
    assert error["kind"] == "unsafe"
    assert len(error["problems"]) == 4


def test_the_lock_is_held(world: World) -> None:
    """While another run works, an apply ends with 1 and says who, where and since when; a plan still works."""
    world.write(ALL)
    since = Holder("alice", "build-7", 4242, "2026-11-21T12:00:00Z", "apply")
    with FileStore(world.lock_path).lease(0, since):
        result = world.apply("--format", "json")
        assert world("plan").exit == 0
    assert result.exit == 1
    assert json.loads(result.stdout)["error"]["kind"] == "lock_held"
    for word in ("alice", "build-7", "4242", "2026-11-21T12:00:00Z"):
        assert word in result.stderr
    assert world.total_writes() == 0
    world.applied()


def test_a_dead_holder_never_blocks(world: World) -> None:
    """The guard of a run that was killed is free, whatever it left behind."""
    world.write({"ci": hook()})
    code = (
        "import os, sys, pathlib\n"
        "from reconciler.state.stores.file import FileStore\n"
        "from reconciler.state.stores.base import Holder\n"
        "with FileStore(pathlib.Path(sys.argv[1])).lease(0, Holder('bob', 'x', 1, '2026-11-21T12:00:00Z', 'apply')):\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    environment = {"PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, "-c", code, str(world.lock_path)], env=environment, check=False, timeout=60)
    world.applied()


@pytest.mark.parametrize("vendor", ["github", "coinbase-payments", "cryptofuse", "cryptopocket"])
def test_one_failure_stops_nothing_else(world: World, vendor: str) -> None:
    """Where one vendor refuses its write, the other three are done, and the exit code and summary tell."""
    world.write(ALL)
    world.box[vendor].fail("403", method="POST", times=None)
    result = world.apply()
    assert result.exit == 1
    assert "Apply incomplete: 3 applied, " in result.stdout
    assert len(world.lock) == 3
    world.box[vendor].faults.clear()
    world.applied()
    assert {name: len(world.box[name].webhooks()) for name in world.box} == dict.fromkeys(world.box, 1)


def test_one_of_many_in_one_place(world: World) -> None:
    """One refused create among many at one vendor: the others are made, and the next apply makes only that one."""
    world.write({f"ci{at}": hook(url=f"https://ci.acme.com/{at}") for at in range(6)})
    world.box["github"].fail("403", method="POST", skip=2)
    result = world.apply()
    assert result.exit == 1
    assert "5 applied, 1 failed" in result.stdout
    world.forget_requests()
    world.applied()
    assert len(world.writes("github")) == 1
    assert len({each["config"]["url"] for each in world.box["github"].webhooks()}) == 6


def test_the_journal_is_valid_while_it_lasts(world: World) -> None:
    """After a whole apply no journal is left; after an open question it is, mode 0600, and holds no secret."""
    world.write(ALL)
    world.box["cryptopocket"].fail("drop-after", path="/api/subscribe")
    assert world.apply().exit == 1
    journal = world.folder / "webhooks.lock.json.journal"
    assert journal.stat().st_mode & 0o777 == 0o600
    validate("lock", json.loads(world.lock_path.read_text()))
    assert "payments" in journal.read_text()
    assert "ledger" not in journal.read_text()
