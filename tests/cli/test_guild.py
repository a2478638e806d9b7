"""Lists changed by what joins and leaves, over sockets; `tests/manifests/shapes/guild.yaml` describes the vendor.

Each event of a hook is an object below it; addresses are told by what joins and leaves. The vendor refuses what is
there already and what is not there.
"""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml

from tests.cli.conftest import Result, Run
from tests.loopback import Answer, Asked, served

SHAPE = Path(__file__).parents[1] / "manifests" / "shapes" / "guild.yaml"
ENVIRONMENT = {"TOKEN": "token-of-the-account", "WHSYNC_MAX_WAIT": "0"}


class Guild:
    """The vendor.

    Attributes:
        rows: its hooks, with their topics and addresses.
        writes: every write: `POST /hooks/g1/topics c`.
        refuses: of these topics it will hear nothing.
        meanwhile: called once a write has been carried out, before it is answered.
        blind: the lists of topics cannot be read.
    """

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.writes: list[str] = []
        self.refuses: set[str] = set()
        self.meanwhile: Callable[[str], None] = lambda write: None
        self.blind = False

    def answer(self, asked: Asked) -> Answer:
        """What the vendor answers to one call."""
        path, body = urlsplit(asked.path).path, asked.document()
        if asked.method == "GET":
            return self._shown(path)
        self.writes.append(" ".join(filter(None, (asked.method, path, (body or {}).get("name", "")))))
        answered = self._written(asked.method, path.split("/")[2:], body)
        self.meanwhile(self.writes[-1])
        return answered

    def _shown(self, path: str) -> Answer:
        if path == "/hooks":
            own = [{key: value for key, value in row.items() if key != "topics"} for row in self.rows.values()]
            return Answer.of(200, {"hooks": own})
        if self.blind:
            return Answer.of(503, {"message": "not now"})
        return Answer.of(200, {"topics": self.rows[path.split("/")[2]]["topics"]})

    def _written(self, method: str, where: list[str], body: Any) -> Answer:
        if not where:
            hook_id = f"g{len(self.rows) + 1}"
            self.rows[hook_id] = {"id": hook_id, "addresses": [], **body}
            return Answer.of(201, {"id": hook_id})
        row = self.rows[where[0]]
        match method, where[1:]:
            case "POST", ["topics"]:
                if body["name"] in self.refuses or body in row["topics"]:
                    return Answer.of(409, {"message": f"no {body['name']} here"})
                row["topics"].append(body)
                return Answer.of(200, {"name": body["name"]})
            case "DELETE", ["topics", name]:
                row["topics"].remove({"name": unquote(name)})
                return Answer.of(204, None)
            case "POST", ["addresses"]:
                assert not set(body.get("join", ())) & set(row["addresses"])
                row["addresses"] = sorted({*row["addresses"], *body.get("join", ())} - {*body.get("leave", ())})
        return Answer.of(200, {"id": row["id"], "addresses": row["addresses"]})

    def topics(self, hook_id: str) -> list[str]:
        """The names of a hook's topics."""
        return sorted(topic["name"] for topic in self.rows[hook_id]["topics"])


class Place:
    """A folder with one webhook, `w`, at this vendor."""

    def __init__(self, run: Run, folder: Path, vendor: Guild, url: str) -> None:
        self.vendor, self.folder, self._run, self._url = vendor, folder, run, url
        (folder / "own.yaml").write_text(SHAPE.read_text("utf-8"), "utf-8")

    def declare(self, *events: str, addresses: list[str] | None = None) -> None:
        """Write webhooks.yaml."""
        own = {"type": "./own.yaml", "base_url": self._url, "auth": {"token": "env:TOKEN"}}
        hook = {"url": "https://hooks.acme.com/w", "events": list(events), "options": {"addresses": addresses or ["x"]}}
        whole = {"version": 1, "providers": {"own": own}, "webhooks": {"w": hook}}
        (self.folder / "webhooks.yaml").write_text(yaml.safe_dump(whole), "utf-8")

    def __call__(self, *argv: str, exit: int = 0) -> Result:
        """Start a command, which must end with `exit`, looking only at the writes from now on."""
        self.vendor.writes.clear()
        result = self._run(*argv, cwd=self.folder, env=ENVIRONMENT)
        assert result.exit == exit, result
        return result

    def begin(self, *argv: str) -> subprocess.Popen[bytes]:
        """Start a command in a process of its own."""
        self.vendor.writes.clear()
        root = str(Path(__file__).parents[2])
        return subprocess.Popen(
            [sys.executable, "-m", "reconciler", *argv],
            cwd=self.folder,
            env={**ENVIRONMENT, "PYTHONPATH": root, "PATH": ""},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def applied(self) -> list[str]:
        """The events in the lock."""
        lock = json.loads((self.folder / "webhooks.lock.json").read_text("utf-8"))
        events: list[str] = lock["webhooks"]["w"]["applied"]["events"]
        return events


@pytest.fixture
def place(run: Run, tmp_path: Path) -> Iterator[Place]:
    """A folder whose webhook has the events a and b."""
    vendor = Guild()
    with served(partial(Guild.answer, vendor)) as url:
        here = Place(run, tmp_path, vendor, url)
        here.declare("a", "b")
        here("apply", "--yes")
        yield here


def test_events_are_read_beside_their_hook(place: Place) -> None:
    """The list of hooks shows none; somebody else's event is drift, and goes by a call of its own."""
    assert "No changes." in place("plan").stdout
    place.vendor.rows["g1"]["topics"].append({"name": "z"})
    assert "- z" in place("plan").stdout
    place("apply", "--yes")
    assert place.vendor.writes == ["DELETE /hooks/g1/topics/z"]


def test_what_joins_goes_before_what_leaves(place: Place) -> None:
    """One call for each event that moves and none for those that stay, as the plan shows them."""
    place.declare("b", "c", "d")
    (change,) = json.loads(place("plan", "--format", "json").stdout)["changes"]
    planned = [(call["method"], urlsplit(call["url"]).path) for call in change["calls"]]
    assert planned == [("POST", "/hooks/g1/topics"), ("POST", "/hooks/g1/topics"), ("DELETE", "/hooks/g1/topics/a")]
    place("apply", "--yes")
    assert place.vendor.writes == ["POST /hooks/g1/topics c", "POST /hooks/g1/topics d", "DELETE /hooks/g1/topics/a"]
    assert place.vendor.topics("g1") == ["b", "c", "d"]
    assert "No changes." in place("plan").stdout


def test_other_addresses_are_told_by_what_joins_and_leaves(place: Place) -> None:
    """In one call, whatever else is there."""
    place.declare("a", "b", addresses=["y", "z"])
    place("apply", "--yes")
    assert place.vendor.writes == ["POST /hooks/g1/addresses"]
    assert place.vendor.rows["g1"]["addresses"] == ["y", "z"]
    assert "No changes." in place("plan").stdout


def test_a_refusal_in_the_middle_loses_nothing(place: Place) -> None:
    """What joined before is recorded, nothing has left yet, and the next apply does the rest only."""
    place.vendor.refuses = {"d"}
    place.declare("b", "c", "d")
    assert "no d here" in place("apply", "--yes", exit=1).stdout
    assert place.vendor.topics("g1") == place.applied() == ["a", "b", "c"]
    place.vendor.refuses.clear()
    place("apply", "--yes")
    assert place.vendor.writes == ["POST /hooks/g1/topics d", "DELETE /hooks/g1/topics/a"]
    assert place.vendor.topics("g1") == place.applied() == ["b", "c", "d"]


@pytest.mark.parametrize("moment", ["POST /hooks/g1/topics c", "POST /hooks/g1/topics d", "DELETE /hooks/g1/topics/a"])
def test_killed_between_two_calls(place: Place, moment: str) -> None:
    """At whatever call it dies, the next apply sends what is missing, and nothing twice."""
    place.declare("b", "c", "d")
    process = place.begin("apply", "--yes")
    place.vendor.meanwhile = lambda write: process.kill() if write == moment else None
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    place.vendor.meanwhile = lambda write: None
    done = list(place.vendor.writes)
    place("apply", "--yes")
    whole = ["POST /hooks/g1/topics c", "POST /hooks/g1/topics d", "DELETE /hooks/g1/topics/a"]
    assert done + place.vendor.writes == whole
    assert place.vendor.topics("g1") == ["b", "c", "d"]
    assert "No changes." in place("plan").stdout


def test_a_list_beside_it_that_cannot_be_read_is_no_empty_one(place: Place) -> None:
    """Then nothing is known of the webhook, and nothing is sent."""
    place.vendor.blind = True
    place.declare("a", "b", "c")
    assert "not now" in place("apply", "--yes", exit=1).stdout
    assert place.vendor.writes == []
