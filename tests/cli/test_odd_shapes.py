"""A vendor with many odd habits, over sockets; it speaks as `tests/manifests/shapes/targets.yaml` describes it.

Its lists always name a next page and are no document where there is nothing; ids are addresses; events have two keys;
the address stands in a list; what is left out of an update is forgotten.
"""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from tests.cli.conftest import Result, Run
from tests.loopback import Answer, Asked, served

SHAPE = Path(__file__).parents[1] / "manifests" / "shapes" / "targets.yaml"


class Targets:
    """The vendor.

    Attributes:
        asked: every call: `GET /policies`.
        admits: whether its links say that there is nothing behind the last page.
    """

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.admits = True
        self.size = 2
        self.url = ""
        self._made = 0

    def listed(self, query: str) -> tuple[int, Any, str]:
        """A page: a status, a document, a link."""
        at = int(parse_qs(query).get("cursor", ["0"])[0])
        more = str(at + self.size < len(self.rows) or not self.admits).lower()
        link = f'<{self.url}/policies?cursor={at + self.size}>; rel="next"; results="{more}"'
        return (200, self.rows[at : at + self.size], link) if self.rows else (204, None, link)

    def answer(self, method: str, path: str, query: str, body: Any) -> tuple[int, Any, str]:
        """A status, a document, and a link."""
        self.asked.append(f"{method} {path}")
        _, _, row_id = path[1:].partition("/")
        row = next((row for row in self.rows if row["self"].endswith(f"/{row_id}")), None) if row_id else None
        match method:
            case "GET" if not row_id:
                return self.listed(query)
            case "POST":
                self._made += 1
                row = {"self": f"{self.url}/policies/{self._made}", "enabled": True, **body}
                self.rows.append(row)
                return 201, row, ""
            case _ if row is None:
                return 204, None, ""
            case "PUT":
                self.rows[self.rows.index(row)] = {"self": row["self"], **body}
                return 200, {"self": row["self"], **body}, ""
            case "DELETE":
                self.rows.remove(row)
                return 204, None, ""
        return 200, row, ""


def answered(vendor: Targets, asked: Asked) -> Answer:
    """What the vendor answers to one call."""
    parts = urlsplit(asked.path)
    status, document, link = vendor.answer(asked.method, parts.path, parts.query, asked.document())
    return Answer.of(status, document, **({"link": link} if link else {}))


class Place:
    """A folder with webhooks at this vendor."""

    def __init__(self, run: Run, folder: Path, vendor: Targets) -> None:
        self.vendor, self.folder, self._run = vendor, folder, run
        (folder / "own.yaml").write_text(SHAPE.read_text("utf-8"), "utf-8")

    def declare(self, *names: str, **changes: Any) -> None:
        """Write webhooks.yaml."""
        own = {"type": "./own.yaml", "base_url": self.vendor.url, "auth": {"token": "env:TOKEN"}}
        usual = {"events": ["VERSION.CREATED", "MODEL"]}
        hooks = {name: {"url": f"https://hooks.acme.com/{name}", **usual, **changes} for name in names}
        whole = {"version": 1, "providers": {"own": own}, "policy": {"max_changed": "100%"}, "webhooks": hooks}
        (self.folder / "webhooks.yaml").write_text(yaml.safe_dump(whole), "utf-8")

    def __call__(self, *argv: str, exit: int = 0) -> Result:
        """Start a command, which must end with `exit`, looking only at the calls from now on."""
        self.vendor.asked.clear()
        environment = {"TOKEN": "token-of-the-account", "WHSYNC_MAX_WAIT": "0"}
        result = self._run(*argv, cwd=self.folder, env=environment)
        assert result.exit == exit, result
        return result

    def actions(self) -> dict[str, str]:
        """What a plan would do, by name."""
        plan = json.loads(self("plan", "--format", "json").stdout)
        return {change["name"]: change["action"] for change in plan["changes"]}


@pytest.fixture
def place(run: Run, tmp_path: Path) -> Iterator[Place]:
    """A folder and its vendor, where nothing is yet."""
    vendor = Targets()
    with served(partial(answered, vendor)) as vendor.url:
        yield Place(run, tmp_path, vendor)


def test_the_first_webhook_is_made_where_a_list_of_none_is_no_document(place: Place) -> None:
    """204 is an empty list; what is made is found by the end of its address, with both halves of its events."""
    place.declare("a")
    place("apply", "--yes")
    (row,) = place.vendor.rows
    assert row["targets"] == [{"type": "http", "address": "https://hooks.acme.com/a"}]
    assert row["event_types"] == [{"entity": "MODEL"}, {"entity": "VERSION", "action": "CREATED"}]
    lock = json.loads((place.folder / "webhooks.lock.json").read_text("utf-8"))
    assert lock["webhooks"]["a"]["remote_id"] == "1"
    assert place.actions() == {"a": "noop"}


@pytest.mark.parametrize("admits", [True, False])
def test_lists_end_although_a_next_page_is_always_named(place: Place, admits: bool) -> None:
    """Where the link tells that nothing is behind it, after the last page; else after two that are empty."""
    place.declare("a", "b", "c")
    place("apply", "--yes")
    place.vendor.admits = admits
    assert place.actions() == {"a": "noop", "b": "noop", "c": "noop"}
    assert place.vendor.asked == ["GET /policies"] * (2 if admits else 4)


def test_an_item_of_a_list_is_changed_and_keeps_what_stands_beside_it(place: Place) -> None:
    """Found again by its id, changed in its place; what others set there is sent back, and others' events are drift."""
    place.declare("a", "b")
    place("apply", "--yes")
    place.vendor.rows[0]["targets"][0]["skip_cert_verify"] = True
    place.vendor.rows[1]["event_types"].append({"entity": "MODEL", "action": "DELETED"})
    assert place.actions() == {"a": "noop", "b": "update"}
    place.declare("a", "b", description="mine")
    place("apply", "--yes")
    first, second = place.vendor.rows
    assert first["targets"] == [{"type": "http", "address": "https://hooks.acme.com/a", "skip_cert_verify": True}]
    assert second["event_types"] == [{"entity": "MODEL"}, {"entity": "VERSION", "action": "CREATED"}]
    place.declare("b", description="mine")
    place("apply", "--yes", "--prune")
    assert place.vendor.asked.count("DELETE /policies/1") == 1
    assert place.actions() == {"b": "noop"}
