"""A vendor that keeps values its own way: sets sorted, texts trimmed, paths resolved, secrets behind stars."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import yaml

from tests.cli.conftest import Run
from tests.cli.keys import Fault, served
from tests.cli.mute import Mute, Place


class Keeper(Mute):
    """Tells in every answer what it keeps.

    Attributes:
        stars: it shows the last part of each URL, and every `tag`, behind asterisks.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stars = False

    def done(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        """What it does, and shows."""
        if isinstance(body, dict):
            body = {name: self.kept(name, value) for name, value in body.items()}
        status, document = super().done(method, path, body)
        if status == 201:
            return status, self.shown(self.row(document["id"]))
        if status == 204 and method == "PATCH":
            return 200, self.shown(self.row(path[1]))
        if status == 200 and "hooks" in document:
            return status, {"hooks": [self.shown(row) for row in document["hooks"]]}
        return status, self.shown(document) if status == 200 and "url" in document else document

    def kept(self, name: str, value: Any) -> Any:
        """What it makes of a value."""
        match name:
            case "regions":
                return sorted(set(value))
            case "text" | "note":
                return value.strip()
            case "url":
                return urljoin(value, value.split("example.com", 1)[1])
        return value

    def shown(self, row: dict[str, Any]) -> dict[str, Any]:
        """What it shows of a webhook."""
        if not self.stars:
            return row
        return {**row, "url": row["url"].rsplit("/", 1)[0] + "/********", **({"tag": "*****"} if "tag" in row else {})}


@pytest.fixture
def place(run: Run, tmp_path: Path) -> Iterator[Place]:
    """A folder with that vendor."""
    vendor = Keeper()
    with served(vendor) as url:
        found = Place(run, tmp_path, vendor, url)
        manifest = tmp_path / "vendors" / "own.yaml"
        whole = yaml.safe_load(manifest.read_text("utf-8"))
        whole["options"] = {
            "regions": {"read": "regions", "write": "/regions", "type": "list", "unordered": True},
            "note": {"read": "note", "write": "/note", "trim": True},
            "tag": {"read": "tag", "write": "/tag"},
        }
        whole["fields"]["description"]["trim"] = True
        more = ["/options/regions", "/options/tag", "/url"]
        whole["update"][0]["covers"] += more
        del whole["fields"]["url"]["sets"]
        whole["update"][0]["ok"] = [200]
        whole["examples"] = []
        manifest.write_text(yaml.safe_dump(whole, sort_keys=False), "utf-8")
        yield found


OPTIONS = {"regions": ["us", "eu", "us"], "note": " of ours\n", "tag": "blue"}
URL = "https://hooks.example.com/a/./b/../ci"


@pytest.mark.parametrize("stars", [False, True])
def test_the_plan_comes_to_rest(place: Place, stars: bool) -> None:
    """What it keeps otherwise is what we sent: no difference, no drift; and what is moved after all is one."""
    keeper = place.vendor
    assert isinstance(keeper, Keeper)
    keeper.stars = stars
    place.declare("ci", url=URL, description="two\nlines\n", options=OPTIONS)
    place.apply()
    for _ in range(2):
        assert place.actions() == {"ci": "noop"}
        assert "No drift" in place("drift").stdout
        place.apply()
        assert keeper.writes() == []
    assert "****" not in json.dumps(place.lock())
    place.declare("ci", url=URL, description="two\nlines\n", options={**OPTIONS, "tag": "red"})
    place.apply()
    assert keeper.rows[0]["tag"] == "red"
    assert place.actions() == {"ci": "noop"}
    keeper.rows[0]["regions"] = ["eu"]
    assert place("drift", exit=2).stdout.count("regions") == 1


def test_what_stands_around_a_mask_is_compared(place: Place) -> None:
    """Somebody who points the webhook at another host is seen, although the end of the address is hidden."""
    keeper = place.vendor
    assert isinstance(keeper, Keeper)
    keeper.stars = True
    place.declare("ci", url="https://hooks.example.com/a/s-3-c-r-e-t")
    place.apply()
    (change,) = json.loads(place("plan", "--format", "json").stdout)["changes"]
    assert change["reason"] == "as the file wants it, as far as the vendor shows it; compared with the lock only: url"
    keeper.rows[0]["url"] = "https://elsewhere.example.com/a/x"
    assert "elsewhere.example.com" in place("drift", exit=2).stdout
    assert place.actions() == {"ci": "update"}


def test_a_lost_lock_where_addresses_are_hidden(place: Place) -> None:
    """What may be ours behind the asterisks is neither adopted nor made a second time: it is asked about."""
    keeper = place.vendor
    assert isinstance(keeper, Keeper)
    keeper.stars = True
    place.declare("ci", url="https://hooks.example.com/a/s-3-c-r-e-t")
    place.apply()
    (place.folder / "webhooks.lock.json").unlink()
    place.apply(exit=1)
    assert len(keeper.rows) == 1
    plan = place("plan", exit=1).stdout
    assert "ci may be there already" in plan
    assert "whsync adopt ci --id m1" in plan
    place.declare("other", url="https://elsewhere.example.com/a/x")
    assert place.actions() == {"other": "create"}, "what stands around the asterisks tells it apart"
    place.declare("ci", url="https://hooks.example.com/a/s-3-c-r-e-t")
    place("adopt", "ci", "--id", "m1", "--yes")
    place.apply()  # once, for nobody knows what stands there
    assert place.actions() == {"ci": "noop"}


def test_a_lost_answer_where_addresses_are_hidden(place: Place) -> None:
    """Nobody can tell whether what stands there is what was sent: no second one is made, unless the file says so."""
    keeper = place.vendor
    assert isinstance(keeper, Keeper)
    keeper.stars = True
    place.declare("ci", url="https://hooks.example.com/a/s-3-c-r-e-t")
    keeper.faults["POST /hooks"] = [Fault()]
    keeper.busy = 403
    place.apply(exit=1)
    keeper.heal()
    place.apply(exit=1)
    assert len(keeper.rows) == 1
    place.declare("ci", url="https://hooks.example.com/a/s-3-c-r-e-t", lifecycle={"new": True})
    place.apply()
    assert len(keeper.rows) == 2


def test_what_was_not_verified_is_named(place: Place) -> None:
    """A plan without changes names each field that it could only hold against the lock, as text and as JSON."""
    keeper = place.vendor
    assert isinstance(keeper, Keeper)
    keeper.stars = True
    place.declare("ci", url="https://hooks.example.com/a/s-3-c-r-e-t", options={"tag": "blue"})
    place.apply()
    text = place("plan").stdout
    assert "Fields that cannot be verified\n  tag               ci\n  url               ci\n" in text
    (change,) = json.loads(place("plan", "--format", "json").stdout)["changes"]
    assert change["unseen"] == ["/options/tag", "/url"]
    place.declare("ci", url="https://hooks.example.com/a/s-3-c-r-e-t", options={"tag": "red"})
    (change,) = json.loads(place("plan", "--format", "json").stdout)["changes"]
    assert change["unseen"] == ["/url"], "what is sent is as the file wants it afterwards"
