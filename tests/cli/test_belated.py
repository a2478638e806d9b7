"""A key by a call that follows the create, over sockets; `tests/manifests/shapes/belated.yaml` describes the vendor."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.conftest import Result, Run
from tests.loopback import Answer, Asked, served

SHAPE = Path(__file__).parents[1] / "manifests" / "shapes" / "belated.yaml"
ENVIRONMENT = {"TOKEN": "token-of-the-account", "WHSYNC_MAX_WAIT": "0"}


class Belated:
    """The vendor.

    Attributes:
        rows: its hooks, by id.
        writes: every write: `POST /hooks/b1/key`.
        busy: what a call for a key is answered instead; 0 where all is well.
        meanwhile: called once a write has been carried out, before it is answered.
    """

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.writes: list[str] = []
        self.busy = 0
        self.meanwhile: Callable[[str], None] = lambda write: None

    def answer(self, asked: Asked) -> Answer:
        """What the vendor answers to one call."""
        if asked.method == "GET":
            shown = [
                {k: v for k, v in row.items() if k != "key"} | {"has_key": "key" in row} for row in self.rows.values()
            ]
            return Answer.of(200, {"hooks": shown})
        self.writes.append(f"{asked.method} {asked.path}")
        answered = self._written(asked)
        self.meanwhile(self.writes[-1])
        return answered

    def _written(self, asked: Asked) -> Answer:
        if asked.path == "/hooks":
            hook_id = f"b{len(self.rows) + 1}"
            self.rows[hook_id] = {"id": hook_id, "status": "on", **asked.document()}
            return Answer.of(201, {"id": hook_id})
        row = self.rows[asked.path.split("/")[2]]
        if self.busy:
            return Answer.of(self.busy, {"message": "not now"})
        row["key"] = f"key-number-{len(self.writes)}"
        return Answer.of(200, {"key": row["key"]})


class Place:
    """A folder with one webhook, `w`, at this vendor."""

    def __init__(self, run: Run, folder: Path, vendor: Belated, url: str) -> None:
        self.vendor, self.folder, self._run = vendor, folder, run
        (folder / "own.yaml").write_text(SHAPE.read_text("utf-8"), "utf-8")
        own = {"type": "./own.yaml", "base_url": url, "auth": {"token": "env:TOKEN"}}
        hook = {"url": "https://hooks.acme.com/w", "events": ["a"], "secret": {"to": "file:./key"}}
        whole = {"version": 1, "providers": {"own": own}, "webhooks": {"w": hook}}
        (folder / "webhooks.yaml").write_text(yaml.safe_dump(whole), "utf-8")

    def __call__(self, *argv: str, exit: int = 0) -> Result:
        """Start a command, which must end with `exit`, looking only at the writes from now on."""
        self.vendor.writes.clear()
        result = self._run(*argv, cwd=self.folder, env=ENVIRONMENT)
        assert result.exit == exit, result
        return result

    def begin(self, *argv: str) -> subprocess.Popen[bytes]:
        """Start a command in a process of its own."""
        root, pipe = str(Path(__file__).parents[2]), subprocess.PIPE
        command = [sys.executable, "-m", "reconciler", *argv]
        environment = {**ENVIRONMENT, "PYTHONPATH": root, "PATH": ""}
        return subprocess.Popen(command, cwd=self.folder, env=environment, stdout=pipe, stderr=pipe)

    @property
    def key(self) -> str:
        """What is in the sink."""
        return (self.folder / "key").read_text("utf-8")


@pytest.fixture
def place(run: Run, tmp_path: Path) -> Iterator[Place]:
    """A folder whose webhook is not there yet."""
    vendor = Belated()
    with served(partial(Belated.answer, vendor)) as url:
        yield Place(run, tmp_path, vendor, url)


def test_the_key_follows_the_create(place: Place) -> None:
    """One apply makes the webhook and its key, as the plan shows, and the key is in its sink."""
    assert "2 writes" in place("plan").stdout
    place("apply", "--yes")
    assert place.vendor.writes == ["POST /hooks", "POST /hooks/b1/key"]
    assert place.key == place.vendor.rows["b1"]["key"]
    assert "No changes." in place("plan").stdout


@pytest.mark.parametrize("busy", [403, 500])
def test_a_key_that_was_refused_is_owed_and_no_second_webhook_is_made(place: Place, busy: int) -> None:
    """The webhook is known with its id; the way out makes the key."""
    place.vendor.busy = busy
    told = place("apply", "--yes", exit=1).stdout
    assert "it was made, and its secret was not" in told
    assert "whsync rotate w" in told
    place("apply", "--yes", exit=1)
    assert (place.vendor.writes, len(place.vendor.rows)) == ([], 1)
    place.vendor.busy = 0
    place("rotate", "w", "--yes")
    assert place.key == place.vendor.rows["b1"]["key"]
    assert "No changes." in place("plan").stdout


@pytest.mark.parametrize("moment", ["POST /hooks", "POST /hooks/b1/key"])
def test_killed_around_the_key(place: Place, moment: str) -> None:
    """Whichever call it dies at: one webhook, and a key that is owed, or is stored in the end."""
    process = place.begin("apply", "--yes")
    place.vendor.meanwhile = lambda write: process.kill() if write == moment else None
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    place.vendor.meanwhile = lambda write: None
    assert "whsync rotate w" in place("apply", "--yes", exit=1).stdout
    place("rotate", "w", "--yes")
    assert len(place.vendor.rows) == 1
    assert place.key == place.vendor.rows["b1"]["key"]
    assert "No changes." in place("plan").stdout
