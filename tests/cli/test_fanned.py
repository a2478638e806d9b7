"""One object for each event at a vendor that lists them: what is one webhook, what is drift, and what is nobody's.

The vendor speaks as `tests/manifests/fanned/topics.yaml` describes it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import yaml

from reconciler.providers.registry import read_manifest
from reconciler.providers.rehearse import rehearse
from tests.cli.conftest import Result, Run
from tests.cli.keys import Fault, Vendor, served

MANIFEST = Path(__file__).parents[1] / "manifests" / "fanned" / "topics.yaml"
URL = "https://hooks.acme.com/shop"
SECRET = "a-secret-of-our-own"


class Topics(Vendor):
    """See `topics.yaml`."""

    kind = "topics"

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        """A status and a document."""
        last, _, query = path[-1].partition("?")
        match method, [*path[:-1], last]:
            case "GET", ["webhooks"]:
                size, page = (
                    int(parse_qs(query).get(name, [usual])[0]) for name, usual in (("per_page", "9"), ("page", "1"))
                )
                return 200, self.rows[(page - 1) * size : page * size]
            case "POST", ["webhooks"]:
                return 201, self.put(**body)
            case "GET", ["webhooks", row_id] if self.has(row_id):
                return 200, self.row(row_id)
            case "PUT", ["webhooks", row_id] if self.has(row_id):
                row = self.row(row_id)
                kept = {"id": row["id"], "date_created": row["date_created"]}
                self.secrets[row_id] = body.pop("secret", self.secrets[row_id])
                row.clear()
                row.update({**kept, **body})
                return 200, row
            case "DELETE", ["webhooks", row_id] if self.has(row_id):
                self.rows.remove(self.row(row_id))
                return 200, {"id": int(row_id)}
        return 404, {"message": "not there"}

    def put(self, secret: str = "theirs-and-never-shown", **fields: Any) -> dict[str, Any]:
        """One more object."""
        row = {"id": 11 + len(self.secrets), "date_created": "2026-01-01T00:00:00Z", "status": "active", **fields}
        self.rows.append(row)
        self.secrets[str(row["id"])] = secret
        return row

    def has(self, row_id: str) -> bool:
        """Whether it has an object of this id."""
        return any(str(row["id"]) == row_id for row in self.rows)

    def row(self, row_id: str) -> dict[str, Any]:
        """The object of this id."""
        return next(row for row in self.rows if str(row["id"]) == row_id)

    def topics(self, url: str = URL) -> list[str]:
        """The events that are sent to an address."""
        return sorted(row["topic"] for row in self.rows if row["delivery_url"] == url)


class Place:
    """A folder with webhooks at this vendor."""

    def __init__(self, run: Run, folder: Path, vendor: Topics, url: str) -> None:
        self.vendor, self.folder, self._run, self.url = vendor, folder, run, url
        (folder / "own.yaml").write_text(MANIFEST.read_text("utf-8"), "utf-8")

    def declare(self, **hooks: Any) -> None:
        """Write webhooks.yaml; a list of events stands for a webhook with these and the usual address."""
        own = {"type": "./own.yaml", "base_url": self.url, "auth": {"token": "env:TOKEN"}}
        blocks = {name: {"url": URL, "events": h} if isinstance(h, list) else h for name, h in hooks.items()}
        whole = {"version": 1, "providers": {"own": own}, "policy": {"max_changed": "100%"}, "webhooks": blocks}
        (self.folder / "webhooks.yaml").write_text(yaml.safe_dump(whole), "utf-8")

    def __call__(self, *argv: str, exit: int = 0) -> Result:
        """Start a command, which must end with `exit`, looking only at the calls from now on."""
        self.vendor.asked.clear()
        environment = {"TOKEN": "token-of-the-account", "OURS": SECRET, "WHSYNC_MAX_WAIT": "0"}
        result = self._run(*argv, cwd=self.folder, env=environment)
        assert result.exit == exit, result
        return result

    def plan(self, *argv: str, exit: int = 0) -> dict[str, Any]:
        """The plan."""
        made: dict[str, Any] = json.loads(self("plan", "--format", "json", *argv, exit=exit).stdout)
        return made

    def settled(self) -> None:
        """Nothing is to be done, and nobody's webhook is there."""
        plan = self.plan()
        assert {change["action"] for change in plan["changes"]} <= {"noop"}
        assert (plan["unmanaged"], plan["findings"]) == ([], [])


@pytest.fixture
def place(run: Run, tmp_path: Path) -> Iterator[Place]:
    """A folder, its vendor, and one webhook of two events that was applied."""
    vendor = Topics()
    with served(vendor) as url:
        made = Place(run, tmp_path, vendor, url)
        made.declare(shop=["order.created", "order.updated"])
        made("apply", "--yes")
        yield made


def test_the_examples_hold() -> None:
    """The manifest means what its examples say."""
    assert list(rehearse(read_manifest(MANIFEST))) == []


def test_two_objects_are_one_webhook(place: Place) -> None:
    """The lock has one entry with both, and the next plan reads once and does nothing."""
    assert place.vendor.topics() == ["order.created", "order.updated"]
    lock = json.loads((place.folder / "webhooks.lock.json").read_text("utf-8"))
    (entry,) = lock["webhooks"].values()
    assert entry["remote_id"] == "11,12"
    assert [(part["key"], part["remote_id"]) for part in entry["parts"]] == [
        ("order.created", "11"),
        ("order.updated", "12"),
    ]
    place.settled()
    assert place.vendor.writes() == []


def test_an_object_of_a_foreign_event_with_our_address_is_drift_and_no_stranger(place: Place) -> None:
    """It is told as a difference of the events, and the apply removes that one object."""
    place.vendor.put(topic="customer.created", delivery_url=URL)
    drift = json.loads(place("drift", "--format", "json", exit=2).stdout)
    assert json.dumps(drift).count("customer.created") >= 1
    plan = place.plan()
    (change,) = plan["changes"]
    assert [field["path"] for field in change["fields"]] == ["/events"]
    assert [call["method"] for call in change["calls"]] == ["DELETE"]
    assert plan["unmanaged"] == []
    place("apply", "--yes")
    assert place.vendor.writes() == ["DELETE /webhooks/13"]
    place.settled()


def test_an_object_of_ours_that_somebody_deleted_is_made_again_alone(place: Place) -> None:
    """Whichever it is: the webhook stays the one that it is."""
    for row_id in ("11", "12"):
        place.vendor.rows.remove(place.vendor.row(row_id))
        (change,) = place.plan()["changes"]
        assert (change["action"], [call["method"] for call in change["calls"]]) == ("update", ["POST"])
        place("apply", "--yes")
        assert place.vendor.writes() == ["POST /webhooks"]
        place.settled()


def test_dropping_an_event_deletes_one_object(place: Place) -> None:
    """And adding one makes one."""
    place.declare(shop=["order.updated", "order.deleted"])
    place("apply", "--yes")
    assert place.vendor.writes() == ["POST /webhooks", "DELETE /webhooks/11"]
    place.settled()


@pytest.mark.parametrize("done", [True, False])
def test_a_lost_create_is_found_by_its_address_and_event(run: Run, tmp_path: Path, done: bool) -> None:
    """Nothing is made twice, whether the object was made or not."""
    vendor = Topics()
    with served(vendor) as url:
        place = Place(run, tmp_path, vendor, url)
        place.declare(shop=["a", "b", "c"])
        real, calls = vendor.answer, [0]

        def answer(method: str, path: list[str], body: Any) -> tuple[int, Any]:
            calls[0] += method == "POST"
            lost = method == "POST" and calls[0] == 2
            told = real(method, path, body) if done or not lost else (0, None)
            return (500, None) if lost else told

        vendor.answer = answer  # type: ignore[method-assign]
        place("apply", "--yes", exit=1)
        vendor.answer = real  # type: ignore[method-assign]
        place("apply", "--yes")
        assert vendor.topics() == ["a", "b", "c"]
        place.settled()


def test_another_address_moves_every_object_and_a_failure_in_the_middle_loses_none(place: Place) -> None:
    """What has moved and what has not is still one webhook: the next apply goes on where this one ended."""
    new = "https://hooks.acme.com/new"
    place.vendor.faults["PUT /webhooks/12"] = [Fault(422, done=False)]
    place.declare(shop={"url": new, "events": ["order.created", "order.updated"]})
    place("apply", "--yes", exit=1)
    assert (place.vendor.topics(new), place.vendor.topics()) == (["order.created"], ["order.updated"])
    plan = place.plan()
    assert plan["unmanaged"] == []
    assert [call["url"].rpartition("/")[2] for call in plan["changes"][0]["calls"]] == ["12"]
    place("apply", "--yes")
    assert place.vendor.writes() == ["PUT /webhooks/12"]
    assert place.vendor.topics(new) == ["order.created", "order.updated"]
    place.settled()


def test_a_change_of_one_object_is_drift_of_the_webhook(place: Place) -> None:
    """One of two is switched off: whatever the file says of the status, that is a difference; all get it."""
    place.declare(shop={"url": URL, "events": ["order.created", "order.updated"], "status": "active"})
    place("apply", "--yes")
    place.vendor.row("12")["status"] = "paused"
    (change,) = place.plan()["changes"]
    assert [field["path"] for field in change["fields"]] == ["/status"]
    place("apply", "--yes")
    assert [row["status"] for row in place.vendor.rows] == ["active", "active"]
    place.settled()


def test_what_others_set_in_an_object_goes_back_with_it(place: Place) -> None:
    """Each object is merged with what was read of it, and not with what was read of its neighbour."""
    place.vendor.row("11")["filter"] = "one"
    place.vendor.row("12")["filter"] = "two"
    place.declare(shop={"url": URL, "events": ["order.created", "order.updated"], "description": "ours"})
    place("apply", "--yes")
    assert [(row["filter"], row["name"]) for row in place.vendor.rows] == [("one", "ours"), ("two", "ours")]
    place.settled()


def test_a_secret_of_ours_is_in_every_object(place: Place) -> None:
    """In those that are made with it, and in those that get it later."""
    hook = {"url": URL, "events": ["order.created", "order.updated"], "secret": {"from": "env:OURS"}}
    place.declare(shop=hook)
    place("apply", "--yes", "--own-secrets")
    assert set(place.vendor.secrets.values()) == {SECRET}
    place.declare(shop={**hook, "events": ["order.created", "order.updated", "order.deleted"]})
    place("apply", "--yes")
    assert list(place.vendor.secrets.values()) == [SECRET] * 3
    plan = place.plan()
    assert (plan["changes"][0]["action"], plan["changes"][0]["secret"]) == ("noop", "unverifiable")


def test_a_webhook_that_goes_takes_all_its_objects(place: Place) -> None:
    """Those of another address stay, and are one webhook that nobody manages."""
    other = "https://elsewhere.example/x"
    place.vendor.put(topic="order.created", delivery_url=other)
    place.vendor.put(topic="order.updated", delivery_url=other)
    place.declare(second={"url": "https://hooks.acme.com/second", "events": ["order.created"]})
    place("apply", "--yes", "--prune")
    assert [each for each in place.vendor.writes() if "DELETE" in each] == [
        "DELETE /webhooks/11",
        "DELETE /webhooks/12",
    ]
    assert place.vendor.topics(other) == ["order.created", "order.updated"]
    plan = place.plan()
    assert [each["remote_id"] for each in plan["unmanaged"]] == ["13,14"]
    assert list(json.loads((place.folder / "webhooks.lock.json").read_text("utf-8"))["webhooks"]) == ["second"]


def test_an_object_that_stays_although_it_was_deleted_is_told(place: Place) -> None:
    """A deletion counts once reading shows that no object of the webhook is left."""
    real = place.vendor.answer

    def answer(method: str, path: list[str], body: Any) -> tuple[int, Any]:
        return (200, {"id": 12}) if (method, path[-1]) == ("DELETE", "12") else real(method, path, body)

    place.vendor.answer = answer  # type: ignore[method-assign]
    place.declare(second={"url": "https://hooks.acme.com/second", "events": ["order.created"]})
    told = place("apply", "--yes", "--prune", exit=1).stdout
    assert "shop" in told
    place.vendor.answer = real  # type: ignore[method-assign]
    place("apply", "--yes", "--prune")
    assert place.vendor.topics() == []


def test_a_second_object_of_the_same_event_is_not_ours(place: Place) -> None:
    """Nothing of it is deleted, and it is told."""
    place.vendor.put(topic="order.created", delivery_url=URL)
    plan = place.plan()
    assert [change["action"] for change in plan["changes"]] == ["noop"]
    assert [each["remote_id"] for each in plan["unmanaged"]] == ["13"]
    place("apply", "--yes")
    assert place.vendor.writes() == []


def test_what_is_there_is_adopted_as_a_whole(place: Place) -> None:
    """By any of its objects, or all; and found by its address where nothing is known."""
    (place.folder / "webhooks.lock.json").unlink()
    place("adopt", "shop", "--id", "12", "--yes")
    place.settled()
    place.vendor.put(topic="customer.created", delivery_url=URL)
    (change,) = place.plan()["changes"]
    assert [call["method"] for call in change["calls"]] == ["DELETE"]
