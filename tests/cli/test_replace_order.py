"""A replacement never takes away what it has just made; where the old webhook is in the way, that one may go first."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.conftest import Run
from tests.cli.keys import Fault, served
from tests.cli.mute import Mute, Place

NEW = "https://hooks.acme.com/elsewhere"
FIRST = {"replace": "delete_first"}


@pytest.fixture(params=["by list", "by id"])
def place(request: pytest.FixtureRequest, run: Run, tmp_path: Path) -> Iterator[Place]:
    """A folder with a vendor that cannot change an address, and one webhook."""
    vendor = Mute()
    with served(vendor) as url:
        made = Place(run, tmp_path, vendor, url, listed=request.param == "by list")
        made.declare("x")
        made.apply()
        yield made


def test_a_create_that_answers_the_old_id(place: Place) -> None:
    """The vendor has made the new one of the old one: it is told so, nothing is deleted, and all is well."""
    place.vendor.upserts = True
    place.declare("x", url=NEW)
    told = place.apply().stdout
    assert "replaced as m1" in told
    assert "it was changed in place, and nothing is deleted" in told
    assert place.vendor.writes() == ["POST /hooks"]
    assert place.urls() == {"m1": NEW}
    assert place.actions() == {"x": "noop"}


def test_a_create_that_answers_the_old_id_and_changes_nothing(place: Place) -> None:
    """What cannot be changed was not: not_converged, and the only webhook that there is stays."""
    place.vendor.upserts, place.vendor.frozen = True, {"url"}
    place.declare("x", url=NEW)
    told = place.apply(exit=1).stdout
    assert "replaced, but not whole: not_converged: url did not take effect" in told
    assert place.urls() == {"m1": "https://hooks.acme.com/x"}


def test_a_create_that_answers_the_id_of_what_is_pruned(place: Place) -> None:
    """A new name for the same thing at a vendor that upserts: the old name is forgotten, and nothing is deleted."""
    place.vendor.upserts = True
    place.declare("y", url=NEW)
    assert place.actions("--prune") == {"x": "delete", "y": "create"}
    assert "x  forgotten" in place.apply("--prune").stdout
    assert place.urls() == {"m1": NEW}
    assert place.lock()["y"]["remote_id"] == "m1"
    assert place.actions("--prune") == {"y": "noop"}


def _declare(place: Place, **hooks: dict[str, object]) -> None:
    """Write webhooks.yaml with webhooks that differ in more than their names."""
    place.declare(*hooks)
    file = place.folder / "webhooks.yaml"
    whole = yaml.safe_load(file.read_text("utf-8"))
    for name, changes in hooks.items():
        whole["webhooks"][name] |= changes
    file.write_text(yaml.safe_dump(whole), "utf-8")


@pytest.mark.parametrize("order", [{}, FIRST])
def test_a_create_that_answers_the_id_of_what_is_replaced(place: Place, order: dict[str, str]) -> None:
    """The old webhook of a replacement is another one's by then, in the same run: it is not deleted."""
    place.vendor.upserts = True
    _declare(place, a={}, x={"url": NEW, "description": "two", "lifecycle": order})
    assert place.actions() == {"a": "create", "x": "replace"}
    told = place.apply().stdout
    assert "the vendor has made a of the old one, so it is not deleted" in told
    assert place.urls() == {"m1": "https://hooks.acme.com/a", "m2": NEW}
    assert {name: entry["remote_id"] for name, entry in place.lock().items()} == {"a": "m1", "x": "m2"}
    assert place.actions() == {"a": "noop", "x": "noop"}


def test_a_refusal_names_the_way_out(place: Place) -> None:
    """Where the vendor refuses a second one, the message says how to delete the old one first; nothing is lost."""
    place.vendor.unique = True
    place.declare("x", url=NEW)
    told = place.apply(exit=1).stdout
    assert "replace failed: vendor: Mute answered 409" in told
    assert "`lifecycle: {replace: delete_first}` deletes that before it makes another" in told
    assert place.urls() == {"m1": "https://hooks.acme.com/x"}


def test_the_old_one_goes_first(place: Place) -> None:
    """The plan shows the order and the risk; one delete, one create, and the next plan is empty."""
    place.vendor.unique = True
    place.declare("x", url=NEW, lifecycle=FIRST)
    plan = json.loads(place("plan", "--format", "json").stdout)
    assert [call["method"] for call in plan["changes"][0]["calls"]] == ["DELETE", "POST"]
    plan = place("plan").stdout
    assert "the old one goes first: nothing is delivered until the new one is made" in plan
    told = place.apply().stdout
    assert "Apply complete: 1 applied, 0 failed, 0 skipped." in told
    assert place.vendor.writes() == ["DELETE /hooks/m1", "POST /hooks"]
    assert place.urls() == {"m2": NEW}
    assert place.actions() == {"x": "noop"}


def test_a_manifest_may_say_so_for_all(place: Place) -> None:
    """Where a vendor always needs it, the manifest says it, and one webhook may say otherwise."""
    manifest = place.folder / "vendors" / "own.yaml"
    manifest.write_text(f"{manifest.read_text('utf-8')}\nreplace: delete_first\n", "utf-8")
    orders = []
    for lifecycle in ({}, {"replace": "create_first"}):
        place.declare("x", url=NEW, lifecycle=lifecycle)
        plan = json.loads(place("plan", "--format", "json").stdout)
        orders.append([call["method"] for call in plan["changes"][0]["calls"]])
    assert orders == [["DELETE", "POST"], ["POST", "DELETE"]]


def test_the_old_one_is_not_deleted(place: Place) -> None:
    """A refused deletion changes nothing, and nothing is made."""
    place.vendor.faults["DELETE /hooks/m1"] = [Fault(403, done=False)]
    place.declare("x", url=NEW, lifecycle=FIRST)
    place.apply(exit=1)
    assert place.vendor.writes() == ["DELETE /hooks/m1"]
    assert place.actions() == {"x": "replace"}


def test_the_new_one_is_refused(place: Place) -> None:
    """The message says that there is none now; the next apply makes it."""
    place.vendor.faults["POST /hooks"] = [Fault(400, done=False)]
    place.declare("x", url=NEW, lifecycle=FIRST)
    told = place.apply(exit=1).stdout
    assert "the old one is deleted, and the new one is not made" in told
    assert "apply again: it is made anew; until then there is none" in told
    assert "0 applied, 1 failed" in told
    assert place.actions() == {"x": "create"}
    place.apply()
    assert place.urls() == {"m2": NEW}


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", ["DELETE /hooks/m1", "POST /hooks"])
def test_killed_in_between(place: Place, call: str, moment: str) -> None:
    """The next apply ends with the new one alone; where no list shows what a dead run made, it asks first."""
    place.declare("x", url=NEW, lifecycle=FIRST)
    place.kill(call, moment)
    if call == "POST /hooks" and not place.listed:
        assert "a create of x was sent on" in place.apply(exit=1).stdout
        assert place.vendor.writes() == []
        place("adopt", "x", "--id", "m2", "--yes") if moment == "after" else place("state", "rm", "x", "--yes")
    place.apply()
    assert list(place.urls().values()) == [NEW]
    assert place.actions() == {"x": "noop"}


def test_the_old_one_stays_although_it_goes_first(place: Place) -> None:
    """A deletion that is not carried out is told, and asked for again."""
    place.vendor.undying = {"m1"}
    place.declare("x", url=NEW, lifecycle=FIRST)
    assert "m1, which it replaces, is still there" in place.apply(exit=1).stdout
    assert place.lock()["x"]["leaving"] == ["m1"]
    place.vendor.heal()
    place.apply()
    assert list(place.urls().values()) == [NEW]


@pytest.mark.parametrize("fault", [Fault(400, done=False), Fault(0, done=False)])
def test_the_new_one_is_refused_and_its_secret_is_stored(place: Place, fault: Fault) -> None:
    """What was put into the sink for the one that was not made is known to be ours, and the next apply goes on."""
    made = {"generate": 32, "to": "file:./made"}
    place.declare("x", secret=made)
    place("rotate", "x", "--yes")
    place.vendor.faults["POST /hooks"] = [fault]
    place.declare("x", url=NEW, lifecycle=FIRST, secret=made)
    place.apply(exit=1)
    assert place.vendor.rows == []
    if not place.listed and fault.status == 0:
        place("state", "rm", "x", "--yes")
    place.apply()
    assert list(place.urls().values()) == [NEW]
    assert list(place.vendor.secrets.values())[-1] == (place.folder / "made").read_text("utf-8").strip()
    assert place.actions() == {"x": "noop"}


RULE = "errors: {rules: [{status: [409], kind: vendor, says: there is one with this address}]}"


def _lasting(place: Place, rule: str = RULE) -> None:
    """Let the vendor keep a description for ever, and its manifest say what its refusals mean."""
    manifest = place.folder / "vendors" / "own.yaml"
    text = manifest.read_text("utf-8").replace("{read: text, write: /text}", "{read: text, write: /text, sets: create}")
    manifest.write_text(f"{text.replace(' /description,', '')}\n{rule}\n", "utf-8")


def test_a_refused_second_one_teaches_the_order(place: Place) -> None:
    """Where only the old one can be in the way, the refusal is kept: the next plan deletes it first, and says why."""
    _lasting(place)
    place.vendor.alone = "url"
    place.declare("x", description="two")
    told = place.apply(exit=1).stdout
    assert ("which the next plan does" in told) is place.listed
    if not place.listed:  # who cannot list does not know what else is there
        assert "replace" not in place.lock()["x"]
        return
    assert place.lock()["x"]["replace"] == "delete_first"
    assert place.vendor.writes() == ["POST /hooks"]
    told = place.apply().stdout
    assert "the vendor has refused a second one beside it, so the old one goes first: nothing is delivered" in told
    assert place.vendor.writes() == ["DELETE /hooks/m1", "POST /hooks"]
    assert place.actions() == {"x": "noop"}


@pytest.mark.parametrize(
    "doubt", ["no rule", "a passing refusal", "another address", "somebody's beside it", "create_first"]
)
def test_a_refusal_that_may_mean_something_else_deletes_nothing(place: Place, doubt: str) -> None:
    """A quota, a moment, somebody's webhook, or the user's own word: whoever means it writes `delete_first`."""
    rules = {"no rule": "", "a passing refusal": RULE.replace("kind: vendor", "kind: rate_limited")}
    _lasting(place, rules.get(doubt, RULE))
    changes: dict[str, dict[str, Any]] = {
        "another address": {"url": NEW},
        "create_first": {"lifecycle": {"replace": "create_first"}},
    }
    if doubt == "somebody's beside it":
        place.vendor.add(url="https://hooks.acme.com/x", text="theirs", events=["a"], state="up")
    place.declare("x", **{"description": "two", **changes.get(doubt, {})})
    there = place.urls()
    for _ in range(2):
        place.vendor.faults["POST /hooks"] = [Fault(409, done=False)]
        told = place.apply(exit=1).stdout
        assert "the next plan does" not in told
        assert place.vendor.writes() == ["POST /hooks"]
    assert "replace" not in place.lock()["x"]
    assert place.urls() == there
