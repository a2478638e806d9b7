"""Where a vendor replaces the whole object, a plan names what an update takes away, and no mask is sent back."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import Run
from tests.cli.keys import served
from tests.cli.mute import Mute, Place
from tests.cli.world import validate


@pytest.fixture
def place(run: Run, tmp_path: Path) -> Iterator[Place]:
    """A folder with one webhook at a vendor with whole-body updates; somebody has switched signing on there."""
    vendor = Mute()
    with served(vendor) as url:
        made = Place(run, tmp_path, vendor, url)
        manifest = made.folder / "vendors" / "own.yaml"
        words = yaml.safe_load(manifest.read_text("utf-8"))
        words |= {"update": [{"method": "PUT", "path": "/hooks/{id}", "body": "full", "ok": [204]}], "examples": []}
        words["secret"] = {"lifecycle": "none"}
        words["options"] = {"note": {"read": "note", "write": "/note"}}
        manifest.write_text(yaml.safe_dump(words), "utf-8")
        made.declare("x")
        made.apply()
        vendor.rows[0]["signing"] = {"key": "k-1"}
        made.declare("x", description="two")
        yield made


def test_what_gets_lost_is_named(place: Place) -> None:
    """In text and in JSON, and a saved plan that says it is carried out as any other."""
    note = "this API replaces the whole object: what the vendor has in signing, which its manifest lacks, gets lost"
    assert note in place("plan", "--out", "saved.plan").stdout
    plan = json.loads(place("plan", "--format", "json").stdout)
    validate("plan", plan)
    assert [call.get("loses") for call in plan["changes"][0]["calls"]] == [["signing"]]
    assert note in place("show", "saved.plan").stdout
    place("apply", "saved.plan")
    assert place.vendor.writes()[-1] == "PUT /hooks/m1"


def test_a_mask_stops_the_change_and_not_the_others(place: Place) -> None:
    """The webhook is blocked, with a way out, and nothing is sent for it; its neighbour is made."""
    place.vendor.rows[0]["note"] = "********"
    place.declare("x", "y", description="two")
    told = place.apply(exit=1).stdout
    assert "Mute replaces the whole webhook, and shows its options.note masked; a mask is not sent back" in told
    assert "give options.note a value in the file, or leave the webhook as it is" in told
    assert place.vendor.writes() == ["POST /hooks"]
    assert place.vendor.rows[0]["text"] == "one"
