"""JSON Patches, calls that are chosen by a field's value, calls without a body: what such vendors are sent."""

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import yaml

from tests.cli.conftest import Run
from tests.cli.keys import Fault, Shop, Vendor, served


class Patchwork(Vendor):
    """See `patchwork.yaml`: it knows no operation but `replace` of what is there and `add` of what is not."""

    kind = "patchwork"

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        """A status and a document."""
        match method, path:
            case "GET", ["webhooks"]:
                return 200, {"webhooks": self.rows}
            case "POST", ["webhooks"]:
                return 201, self.add(**{"meta": {}, **body})
            case "PATCH", ["webhooks", row_id]:
                row = self.row(row_id)
                for each in body:
                    *above, last = each["path"].split("/")[1:]
                    holder = row
                    for key in above:
                        holder = holder[key]
                    if (last in holder) != (each["op"] == "replace"):
                        return 400, {"message": f"{each['op']} at {each['path']}"}
                    holder[last] = each["value"]
                return 200, row
            case "DELETE", ["webhooks", row_id]:
                self.rows.remove(self.row(row_id))
                return 204, None
            case _:
                return 404, {"message": "no such call"}


class Lifecycle(Vendor):
    """See `lifecycle.yaml`.

    Attributes:
        bodies: what came with each call that writes.
    """

    kind = "lifecycle"

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[Any] = []

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        """A status and a document."""
        if method != "GET":
            self.bodies.append(body)
        match method, path:
            case "GET", ["hooks"]:
                return 200, {"hooks": self.rows}
            case "POST", ["hooks"]:
                row = self.add(**body, status="ACTIVE")
                return 201, {**row, "key": self.secrets[row["id"]]}
            case "PUT", ["hooks", row_id]:
                row = self.row(row_id)
                kept = {"id": row_id, "status": row["status"]}
                row.clear()
                row.update({**body, **kept})
                return 200, row
            case "POST", ["hooks", row_id, "activate" | "deactivate" as what]:
                self.row(row_id)["status"] = "ACTIVE" if what == "activate" else "INACTIVE"
                return 200, self.row(row_id)
            case "DELETE", ["hooks", row_id] if self.row(row_id)["status"] == "INACTIVE":
                self.rows.remove(self.row(row_id))
                return 204, None
            case "POST", ["hooks", row_id, "key"] if body == {}:
                self.secrets[row_id] = self.issue()
                return 200, {**self.row(row_id), "key": self.secrets[row_id]}
            case _:
                return 400, {"message": "no such call"}


class Place(Shop):
    """A folder with one webhook."""

    def declare(self, **changes: Any) -> None:
        """Write webhooks.yaml."""
        hook = {"url": "https://hooks.acme.com/x", "events": ["a"], **changes}
        whole = {"version": 1, "providers": {"own": self._provider}, "webhooks": {"hook": hook}}
        (self.folder / "webhooks.yaml").write_text(yaml.safe_dump(whole), "utf-8")

    def settle(self) -> None:
        """Apply; the next plan finds nothing to do."""
        self("apply", "--yes")
        assert self.change()["action"] == "noop"


def made(vendor: Vendor, run: Run, folder: Path, stack: ExitStack) -> Place:
    """A folder, its vendor, and one webhook that was applied."""
    place = Place(run, folder, vendor, stack.enter_context(served(vendor)))
    place.declare()
    place.settle()
    vendor.asked.clear()
    return place


def test_a_patch_says_what_changes_and_nothing_else(run: Run, tmp_path: Path, stack: ExitStack) -> None:
    """A place that is there is replaced, one that is not is added; what others added stays."""
    vendor = Patchwork()
    place = made(vendor, run, tmp_path, stack)
    vendor.rows[0]["labels"] = {"team": "ops"}
    place.declare(url="https://hooks.acme.com/y", events=["a", "b"], description="ours")
    place.settle()
    (row,) = vendor.rows
    assert row["url"] == "https://hooks.acme.com/y"
    assert row["event_types"] == [{"name": "a"}, {"name": "b"}]
    assert (row["meta"], row["labels"]) == ({"label": "ours"}, {"team": "ops"})
    assert vendor.writes() == ["PATCH /webhooks/p1"]
    row["event_types"] = [{"name": "c"}]
    place.settle()
    assert row["event_types"] == [{"name": "a"}, {"name": "b"}]


def test_a_status_is_set_by_the_call_for_it(run: Run, tmp_path: Path, stack: ExitStack) -> None:
    """Off and on again are two calls without a body; the plan names them, and the rest is merged."""
    vendor = Lifecycle()
    place = made(vendor, run, tmp_path, stack)
    vendor.rows[0]["headers"] = ["by hand"]
    place.declare(status="inactive", description="ours")
    assert [call["url"].rpartition("/")[2] for call in place.change()["calls"]] == ["l1", "deactivate"]
    vendor.bodies.clear()
    place.settle()
    assert vendor.rows[0]["headers"] == ["by hand"]
    place.declare(status="active", description="ours")
    place.settle()
    assert vendor.writes() == ["PUT /hooks/l1", "POST /hooks/l1/deactivate", "POST /hooks/l1/activate"]
    assert vendor.bodies[1:] == [None, None]
    vendor.rows[0]["status"] = "INACTIVE"
    assert json.loads(place("drift", "--format", "json", exit=2).stdout)
    place.settle()


def test_a_call_without_words_may_have_to_be_an_object(run: Run, tmp_path: Path, stack: ExitStack) -> None:
    """`body: empty` sends `{}`, which this vendor demands of a rotation."""
    vendor = Lifecycle()
    place = made(vendor, run, tmp_path, stack)
    place.declare(secret={"to": "file:./secrets/hook"})
    place.rotate()
    assert place.agrees()


def test_what_only_goes_when_it_is_off_is_switched_off_first(run: Run, tmp_path: Path, stack: ExitStack) -> None:
    """The plan says so; a vendor that then refuses the delete leaves it to the next apply, which needs one call."""
    vendor = Lifecycle()
    place = made(vendor, run, tmp_path, stack)
    whole = {"version": 1, "providers": {"own": place._provider}, "policy": {"max_changed": "100%"}, "webhooks": {}}
    (tmp_path / "webhooks.yaml").write_text(yaml.safe_dump(whole), "utf-8")
    prune = ("--prune", "--prune-all")
    planned = json.loads(place("plan", *prune, "--format", "json").stdout)["changes"][0]["calls"]
    assert [call["url"].rpartition("/")[2] for call in planned] == ["deactivate", "l1"]
    vendor.faults["DELETE /l1"] = [Fault(409, done=False)]
    place("apply", "--yes", *prune, exit=1)
    assert vendor.writes() == ["POST /hooks/l1/deactivate", "DELETE /hooks/l1"]
    vendor.asked.clear()
    place("apply", "--yes", *prune)
    assert (vendor.writes(), vendor.rows) == (["DELETE /hooks/l1"], [])
