"""A vendor whose ids are numbers, over sockets; it speaks as `tests/manifests/shapes/ticketed.yaml` describes it.

A create's answer is empty and tells the id in `Location` only; what is changed or deleted stands in the body, as a
number; a team and a user of it list their hooks in other words.
"""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml

from tests.cli.conftest import Result, Run
from tests.loopback import Answer, Asked, served

SHAPE = Path(__file__).parents[1] / "manifests" / "shapes" / "ticketed.yaml"


class Ticketed:
    """The vendor.

    Attributes:
        rows: its hooks; `user` is whose they are.
        asked: every call: `GET /teams/ops/hooks`.
        tells: whether a create's answer has its header.
    """

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.tells = True

    def answer(self, asked: Asked) -> Answer:
        """What the vendor answers to one call; it refuses queries and ids of another kind."""
        parts = urlsplit(asked.path)
        self.asked.append(f"{asked.method} {parts.path}")
        body, query = asked.document(), dict(parse_qsl(parts.query))
        match asked.method, parts.path:
            case "GET", "/teams/ops/hooks":
                user = query.get("user")
                if query != ({"whose": "user", "user": user} if user else {"whose": "team"}):
                    return Answer.of(400, {"message": f"whose? {query}"})
                return Answer.of(200, {"hooks": [row for row in self.rows if row.get("user") == user]})
            case "POST", "/teams/ops/hooks" if not query:
                self.rows.append({"id": 41 + len(self.rows), **body})
                where = f"https://elsewhere.example/hooks/{self.rows[-1]['id']}?fresh=1"
                return Answer.of(201, None, **({"Location": where} if self.tells else {}))
            case "POST", "/hooks/change":
                row = next(row for row in self.rows if row["id"] == body["id"])
                row.update(body)
                return Answer.of(200, row)
            case "DELETE", "/hooks":
                self.rows = [row for row in self.rows if row["id"] not in body["ids"]]
                return Answer.of(202, None)
        return Answer.of(404, {"message": "no such call"})


class Place:
    """A folder with webhooks of a team, and of one of its users, at this vendor."""

    def __init__(self, run: Run, folder: Path, vendor: Ticketed, url: str) -> None:
        self.vendor, self.folder, self._run, self._url = vendor, folder, run, url
        (folder / "own.yaml").write_text(SHAPE.read_text("utf-8"), "utf-8")

    def declare(self, *names: str, **changes: Any) -> None:
        """Write webhooks.yaml; what is called `kims` is Kim's."""
        own = {"type": "./own.yaml", "base_url": self._url, "auth": {"token": "env:TOKEN"}, "scope": {"team": "ops"}}
        hooks = {name: {"url": f"https://hooks.acme.com/{name}", "events": ["a"], **changes} for name in names}
        if "kims" in hooks:
            hooks["kims"]["scope"] = {"user": "kim"}
        whole = {"version": 1, "providers": {"own": own}, "policy": {"max_changed": "100%"}, "webhooks": hooks}
        (self.folder / "webhooks.yaml").write_text(yaml.safe_dump(whole), "utf-8")

    def __call__(self, *argv: str, exit: int = 0) -> Result:
        """Start a command, which must end with `exit`, looking only at the calls from now on."""
        self.vendor.asked.clear()
        environment = {"TOKEN": "token-of-the-account", "WHSYNC_MAX_WAIT": "0"}
        result = self._run(*argv, cwd=self.folder, env=environment)
        assert result.exit == exit, result
        return result

    def ids(self) -> dict[str, str]:
        """The ids in the lock."""
        lock = json.loads((self.folder / "webhooks.lock.json").read_text("utf-8"))
        return {name: entry["remote_id"] for name, entry in lock["webhooks"].items()}


@pytest.fixture
def place(run: Run, tmp_path: Path) -> Iterator[Place]:
    """A folder and its vendor, where nothing is yet."""
    vendor = Ticketed()
    with served(partial(Ticketed.answer, vendor)) as url:
        yield Place(run, tmp_path, vendor, url)


def test_an_id_in_the_header_of_a_create_is_known_at_once(place: Place) -> None:
    """Nothing counts as lost; what the empty answer does not show is read back, and the next plan is empty."""
    place.declare("builds")
    done = place("apply", "--yes")
    assert place.ids() == {"builds": "41"}
    assert "found by reading" not in done.stdout + done.stderr
    assert place.vendor.asked == ["GET /teams/ops/hooks", "POST /teams/ops/hooks", "GET /teams/ops/hooks"]
    assert "No changes." in place("plan").stdout


def test_without_the_header_the_webhook_is_found_by_reading(place: Place) -> None:
    """A header that is left out once costs a read, and makes no second webhook."""
    place.vendor.tells = False
    place.declare("builds")
    assert "found by reading" in place("apply", "--yes").stdout
    assert place.ids() == {"builds": "41"}
    assert len(place.vendor.rows) == 1


def test_each_scope_lists_in_its_own_words_and_ids_go_as_numbers(place: Place) -> None:
    """The list of a team and that of a user ask differently; an update and a prune name what they mean by numbers."""
    place.declare("builds", "kims")
    place("apply", "--yes")
    assert place.ids() == {"builds": "41", "kims": "42"}
    place.declare("builds", "kims", description="mine")
    place("apply", "--yes")
    assert [row["note"] for row in place.vendor.rows] == ["mine", "mine"]
    place.declare("kims", description="mine")
    place("apply", "--yes", "--prune")
    assert [row["id"] for row in place.vendor.rows] == [42]
    assert "No changes." in place("plan").stdout
