"""`method` and `with` on every call: an API whose reads, writes and pages are all POSTs to one path."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.conftest import Run
from tests.cli.graph import TEAM, Graph
from tests.cli.keys import Shop, served


class Place(Shop):
    """A folder with webhooks at the GraphQL vendor."""

    vendor: Graph

    def declare(self, *names: str, **changes: Any) -> None:
        """Write webhooks.yaml: one webhook for each name."""
        usual = {"events": ["Issue"], "scope": {"team": TEAM}}
        hooks = {name: {"url": f"https://hooks.acme.com/{name}", **usual, **changes} for name in names}
        whole = {
            "version": 1,
            "providers": {"own": self._provider},
            "webhooks": hooks,
            "policy": {"max_changed": "100%"},
        }
        (self.folder / "webhooks.yaml").write_text(yaml.safe_dump(whole), "utf-8")

    def actions(self, *argv: str, exit: int = 0) -> dict[str, str]:
        """What a plan would do, by name."""
        plan = json.loads(self("plan", "--format", "json", *argv, exit=exit).stdout)
        return {change["name"]: change["action"] for change in plan["changes"]}


@pytest.fixture
def place(run: Run, tmp_path: Path) -> Iterator[Place]:
    """A folder and its vendor; five webhooks are there, on three pages."""
    vendor = Graph()
    with served(vendor) as url:
        made = Place(run, tmp_path, vendor, url)
        made.declare("a", "b", "c", "d", "e")
        made("apply", "--yes")
        vendor.queries.clear()
        yield made


def test_a_plan_reads_by_post_page_by_page_and_writes_nothing(place: Place) -> None:
    """The cursor stands in the body of the next page's call; nothing but reads is asked."""
    assert set(place.actions().values()) == {"noop"}
    assert set(place.vendor.queries) == {"webhooks"}
    assert len(place.vendor.queries) >= 3
    assert place("drift").exit == 0


def test_the_whole_life_of_a_webhook(place: Place) -> None:
    """Changed by its id in the body, found changed at the vendor, deleted by its id; the others stay."""
    place.declare("a", "b", "c", "d", "e", status="inactive")
    place("apply", "--yes")
    assert [row["enabled"] for row in place.vendor.rows] == [False] * 5
    place.vendor.row("g3")["resourceTypes"] = ["Comment"]
    assert place.actions() == {"a": "noop", "b": "noop", "c": "update", "d": "noop", "e": "noop"}
    place.declare("a", "b", "d", "e", status="inactive")
    place("apply", "--yes", "--prune")
    assert [row["id"] for row in place.vendor.rows] == ["g1", "g2", "g4", "g5"]
    place("plan", "--detailed-exitcode")


def test_a_read_that_is_a_post_is_repeated_after_a_failure(place: Place) -> None:
    """503 to a read costs one call more, as it does where reads are GETs; nothing is noted of it."""
    place.environment["WHSYNC_MAX_WAIT"] = "30"
    place.vendor.broken = [503]
    assert set(place.actions().values()) == {"noop"}
    assert set(place.vendor.queries) == {"webhooks"}
    assert not (place.folder / "webhooks.lock.json.journal").exists()


def test_a_create_whose_answer_is_lost_is_found_by_a_read_and_not_sent_again(place: Place) -> None:
    """The same path and the same method, and yet only what writes is never repeated unseen."""
    place.declare("a", "b", "c", "d", "e", "f")
    real = place.vendor.answer

    def answer(method: str, path: list[str], body: Any) -> tuple[int, Any]:
        told = real(method, path, body)
        return (500, None) if "webhookCreate" in body["query"] else told

    place.vendor.answer = answer  # type: ignore[method-assign]
    place("apply", "--yes")
    assert place.vendor.queries.count("webhookCreate") == 1
    assert place.vendor.queries[-1] == "webhooks"
    assert place.actions()["f"] == "noop"


def test_a_refusal_inside_200_is_one(place: Place) -> None:
    """GraphQL's errors come with 200: reads that have them end the plan, writes that have them are not applied."""
    place.vendor.failing = {"webhookDelete"}
    place.declare("a", "b", "c", "d")
    assert "webhookDelete is refused" in place("apply", "--yes", "--prune", exit=1).stdout
    assert len(place.vendor.rows) == 5
    place.vendor.failing = {"webhooks"}
    assert "webhooks is refused" in place("plan", exit=1).stdout
