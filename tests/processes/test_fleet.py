"""A fleet whose processes are held, interrupted and killed: each tenant's fate stays its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from reconciler.sandbox import Sandbox
from tests.processes.forks import ROOT
from tests.waiting import PATIENCE, Gate, until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks at processes as Linux shows them"),
]
TEAMS = ("one", "two", "three")


class Scene:
    """A fleet of three teams with a GitHub each, so that each can be held by itself."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.vendors = {team: stack.enter_context(Sandbox(("github",)))["github"] for team in TEAMS}
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONPATH": str(ROOT)}
        for team, vendor in self.vendors.items():
            (folder / "teams" / team).mkdir(parents=True)
            self.environment[f"{team.upper()}_GITHUB_TOKEN"] = vendor.credentials["token"]
            self.environment[f"{team.upper()}_CI_SECRET"] = f"secret-of-{team}-5bd2f0c7"
            hook = {"scope": {"owner": "acme", "repo": "api"}, "url": "https://ci.acme.com/hooks", "events": ["push"]}
            whole = {
                "version": 1,
                "providers": {"github": {"base_url": vendor.url, "limits": {"per_second": 1000}}},
                "webhooks": {"ci": {**hook, "secret": {"from": "env:CI_SECRET"}}},
            }
            (folder / "teams" / team / "webhooks.yaml").write_text(json.dumps(whole), encoding="utf-8")
        text = 'version: 1\nfolders: ["teams/*"]\ndefaults: {environment: {prefix: "{TENANT}_"}}\n'
        (folder / "fleet.yaml").write_text(text, encoding="utf-8")

    @contextmanager
    def started(self, *argv: str) -> "Iterator[subprocess.Popen[str]]":
        """`whsync fleet …` as a process; it does not outlive the `with`."""
        with subprocess.Popen(
            [sys.executable, "-m", "reconciler", "fleet", *argv],
            cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            try:
                yield process
            finally:
                process.kill()

    def finished(self, *argv: str) -> tuple[int, str]:
        """How `whsync fleet …` ended, and what it printed."""
        with self.started(*argv) as process:
            out, _ = process.communicate(timeout=PATIENCE)
            return process.returncode, out

    def child(self, process: "subprocess.Popen[str]", team: str) -> int:
        """The process at work for a team: the fleet's child that runs in its folder."""
        there = str((self.folder / "teams" / team).resolve())
        children = Path(f"/proc/{process.pid}/task").glob("*/children")
        (found,) = {
            pid for file in children for pid in file.read_text().split() if os.readlink(f"/proc/{pid}/cwd") == there
        }
        return int(found)

    def hooks(self, team: str) -> int:
        """How many webhooks a team has at its vendor."""
        return len(self.vendors[team].webhooks())

    def result(self, team: str, command: str) -> dict[str, object] | None:
        """What was kept of a team's command; None: nothing."""
        path = self.folder / ".whsync-fleet" / f"{team}.{command}.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """See `Scene`."""
    with ExitStack() as stack:
        yield Scene(tmp_path, stack)


def test_a_tenant_that_is_killed_hurts_no_other(scene: Scene) -> None:
    """SIGKILL between a vendor's answer and the lock: others are applied, it is told, the next run makes no second."""
    gate = Gate(scene.vendors["two"], "POST")
    with scene.started("apply", "--yes") as process:
        until(gate.waiting.is_set, "two wrote nothing")
        until(lambda: scene.result("one", "apply") and scene.result("three", "apply"), "others were held up")
        os.kill(scene.child(process, "two"), signal.SIGKILL)
        out, _ = process.communicate(timeout=PATIENCE)
        gate.open()
    assert process.returncode == 1
    assert "its process was ended by SIGKILL" in out
    told = scene.result("two", "apply")
    assert told is not None
    assert (told["signal"], told["exit_code"]) == (9, 1)
    assert [scene.hooks(team) for team in TEAMS] == [1, 1, 1]
    assert scene.finished("status")[0] == 1
    assert scene.finished("apply", "--yes")[0] == 0
    assert [scene.hooks(team) for team in TEAMS] == [1, 1, 1]
    assert scene.finished("status")[0] == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_interrupted_all_stop_in_order(scene: Scene, number: signal.Signals) -> None:
    """What is in flight is finished and recorded, no other tenant is begun, what was done before is told: 130."""
    gate = Gate(scene.vendors["one"], "POST")
    with scene.started("apply", "--yes", "--parallelism", "1") as process:
        until(gate.waiting.is_set, "one wrote nothing")
        process.send_signal(number)
        told = process.stderr
        assert told is not None
        until(lambda: "Interrupted" in told.readline(), "the signal was not taken")
        gate.open()
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, (out, err)
    assert [scene.hooks(team) for team in TEAMS] == [1, 0, 0]
    lock = json.loads((scene.folder / "teams" / "one" / "webhooks.lock.json").read_text(encoding="utf-8"))
    assert list(lock["webhooks"]) == ["ci"]
    assert not (scene.folder / "teams" / "one" / "webhooks.lock.json.journal").exists()
    assert scene.result("two", "apply") is None
    assert scene.finished("apply", "--yes")[0] == 0
    assert [scene.hooks(team) for team in TEAMS] == [1, 1, 1]


def test_no_tenants_variables_are_in_anothers_process(scene: Scene) -> None:
    """What the system itself shows of each process at work: its own variables and the machine's, no other tenant's."""
    gates = {team: Gate(scene.vendors[team], "GET") for team in TEAMS}
    with scene.started("plan") as process:
        for team, gate in gates.items():
            until(gate.waiting.is_set, f"{team} read nothing")
            pid = scene.child(process, team)
            shown = Path(f"/proc/{pid}/environ").read_bytes() + Path(f"/proc/{pid}/cmdline").read_bytes()
            assert f"CI_SECRET=secret-of-{team}-5bd2f0c7".encode() in shown
            others = [each for each in TEAMS if each != team]
            assert not any(f"secret-of-{each}".encode() in shown for each in others)
            assert not any(f"{each.upper()}_".encode() in shown for each in TEAMS)
        for gate in gates.values():
            gate.open()
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, (out, err)
    assert "secret-of-" not in out + err


def test_results_outlive_the_fleet(scene: Scene) -> None:
    """The fleet itself killed: what had ended is kept whole, and nothing half written is taken for a result."""
    gate = Gate(scene.vendors["three"], "GET")
    with scene.started("plan") as process:
        until(lambda: scene.result("one", "plan") and scene.result("two", "plan"), "others were held up")
        until(gate.waiting.is_set, "three read nothing")
        process.kill()
        process.wait(PATIENCE)
        gate.open()
    code, out = scene.finished("status", "--format", "json")
    states = {each["name"]: each["state"] for each in json.loads(out)["tenants"]}
    assert (code, states) == (1, {"one": "differs", "two": "differs", "three": "never"})
