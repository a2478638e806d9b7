"""Options that are maps or lists of objects, and what a receiver must do before it is taken; see `labelled.yaml`."""

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.conftest import Run
from tests.cli.keys import Shop, Vendor, served


class Labelled(Vendor):
    """See `labelled.yaml`."""

    kind = "labelled"

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        """A status and a document."""
        match method, path:
            case "GET", ["hooks"]:
                return 200, {"hooks": self.rows}
            case "POST", ["hooks"]:
                return 201, self.add(**body)
            case "PATCH", ["hooks", row_id]:
                self.row(row_id).update(body)
                return 200, self.row(row_id)
        return 404, {"message": "no such call"}


class Place(Shop):
    """A folder with one webhook."""

    def declare(self, **options: Any) -> None:
        """Write webhooks.yaml."""
        hook = {"url": "https://hooks.acme.com/x", "events": ["a"], "options": options}
        whole = {"version": 1, "providers": {"own": self._provider}, "webhooks": {"hook": hook}}
        (self.folder / "webhooks.yaml").write_text(yaml.safe_dump(whole), "utf-8")

    def settle(self) -> None:
        """Apply; the next plan finds nothing to do."""
        self("apply", "--yes")
        assert self.change()["action"] == "noop"


@pytest.fixture
def place(run: Run, tmp_path: Path, stack: ExitStack) -> Place:
    """A folder and its vendor."""
    vendor = Labelled()
    return Place(run, tmp_path, vendor, stack.enter_context(served(vendor)))


def test_a_map_is_one_value_whatever_the_order_of_its_keys(place: Place) -> None:
    """Made, kept, changed and emptied as a whole; a key that somebody adds is a difference."""
    place.declare(labels={"team": "ops", "on/call": True}, headers=[{"name": "X-Team", "value": "ops"}])
    place.settle()
    (row,) = place.vendor.rows
    assert row["labels"] == {"team": "ops", "on/call": True}
    assert row["delivery"] == {"headers": [{"name": "X-Team", "value": "ops"}]}
    row["labels"] = {"on/call": True, "team": "ops"}
    assert place.change()["action"] == "noop"
    row["labels"]["by"] = "hand"
    (field,) = place.change()["fields"]
    assert (field["path"], json.loads(field["before"])["by"]) == ("/options/labels", "hand")
    place.declare(labels={}, headers=[{"name": "X-Team", "value": "ops"}])
    place.settle()
    assert row["labels"] == {}


def test_an_address_in_a_map_hides_what_addresses_hide(place: Place) -> None:
    """Plans and the lock show no query of it, and it is no difference."""
    place.declare(labels={"docs": "https://docs.acme.com/x?token=hunter2-hunter2", "t": "x"})
    shown = place("plan").stdout
    place.settle()
    lock = (place.folder / "webhooks.lock.json").read_text("utf-8")
    assert "docs.acme.com" in lock
    assert "hunter2" not in shown + lock


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"labels": ["a"]}, "`labels` must be a mapping"),
        ({"labels": "a"}, "`labels` must be a mapping"),
        ({"headers": {"a": "b"}}, "`headers` must be a list of mappings"),
        ({"labels": {"a": [["b"]]}}, "holds a list of lists"),
        ({"lables": {"a": "b"}}, "no option `lables/a`"),
    ],
)
def test_another_kind_of_value_is_refused(place: Place, options: dict[str, Any], told: str) -> None:
    """With its place and what would be right."""
    place.declare(**options)
    assert told in place("validate", exit=1).stderr


@pytest.mark.parametrize("written", [[{"name": "x"}], {"x": "y", "z": "y"}])
def test_a_mapping_where_the_manifest_has_a_list_of_texts(place: Place, written: Any) -> None:
    """It is told once, and how a manifest of one's own would take it."""
    manifest = place.folder / "vendors" / "own.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace("type: objects", "type: list"), "utf-8")
    place.declare(headers=written)
    told = place("validate", exit=1).stderr
    assert told.count("`headers` must be a list of single values") == 1
    assert "or its manifest says `type: objects` (a list of mappings) or `type: map` (names of yours)" in told


def test_a_plan_says_what_the_receiver_must_do_first(place: Place) -> None:
    """Before it is made and before it gets another address, and not with any other change."""
    sentence = "The receiver must answer the GET with a challenge that comes first, or nothing is made."
    place.declare(labels={"a": "b"})
    assert sentence in place.change()["notes"]
    assert sentence.lower()[:20] in place("plan").stdout.lower()
    place.settle()
    place.declare(labels={"a": "c"})
    assert sentence not in place.change().get("notes", [])
    place.vendor.rows[0]["url"] = "https://elsewhere.example/x"
    assert sentence in place.change()["notes"]
