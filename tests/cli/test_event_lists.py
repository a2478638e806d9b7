"""Events that only the vendor knows, over sockets: what a plan asks, when, and what becomes of the answer."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from tests.cli.conftest import Result, Run
from tests.loopback import Answer, Asked, served
from tests.shapes.manifest import PLAIN

LISTS = [
    {
        "scope": "team",
        "path": "/teams/{team}/topics",
        "items": "topics",
        "name": "id",
        "pages": {"kind": "next_url", "path": "next"},
    },
    {"path": "/topics", "items": "topics", "name": "id"},
]
SWITCH = {"unknown_events": {"default": False, "choices": [False, True], "about": "Whether others are sent."}}


class Topical:
    """The vendor: hooks in memory, and lists of topics.

    Attributes:
        hooks: by id.
        topics: its list, by the path that it stands at; an answer in the place of one that fails.
        asked: the path of every read of a list of topics.
        writes: the method of every write.
    """

    def __init__(self) -> None:
        self.hooks: dict[str, dict[str, Any]] = {}
        self.topics: dict[str, list[str] | Answer] = {"/topics": ["a", "b", "order.paid"]}
        self.asked: list[str] = []
        self.writes: list[str] = []

    def answer(self, asked: Asked) -> Answer:
        """What the vendor answers to one call."""
        path = urlsplit(asked.path).path
        if path.endswith("/topics"):
            self.asked.append(asked.path)
            found = self.topics[asked.path]
            if isinstance(found, Answer):
                return found
            further = {"next": f"{path}?page=2"} if f"{asked.path}?page=2" in self.topics else {}
            return Answer.of(200, {"topics": [{"id": name} for name in found], **further})
        if asked.method == "GET":
            return Answer.of(200, {"hooks": list(self.hooks.values())})
        self.writes.append(asked.method)
        if asked.method == "DELETE":
            del self.hooks[path.rpartition("/")[2]]
            return Answer.of(204, None)
        one = path.rpartition("/")[2] if asked.method == "PATCH" else str(len(self.hooks) + 1)
        self.hooks[one] = {"active": True, **self.hooks.get(one, {}), **asked.document(), "id": one}
        self.hooks[one].pop("secret", None)
        return Answer.of(201 if asked.method == "POST" else 200, self.hooks[one])


class Place:
    """A folder with webhooks at this vendor."""

    def __init__(self, run: Run, folder: Path, vendor: Topical, url: str) -> None:
        self.vendor, self.folder, self._run, self.url = vendor, folder, run, url
        self.teach()

    def teach(self, **catalogue: Any) -> None:
        """Write the manifest; of events it has a list of its own beside what `catalogue` says."""
        events = {**PLAIN["fields"]["events"], "catalogue": {"names": ["a"], "read": LISTS, **catalogue}}
        scopes = {
            "scope": [{"path": ""}, {"path": "/teams/{team}"}],
            "settings": SWITCH if "open_when" in catalogue else {},
        }
        whole = {**PLAIN, **scopes, "fields": {**PLAIN["fields"], "events": events}}
        (self.folder / "own.yaml").write_text(yaml.safe_dump(whole), "utf-8")

    def declare(self, hooks: dict[str, list[str]], settings: dict[str, bool] | None = None, **more: Any) -> None:
        """Write webhooks.yaml: the events of each webhook by its name."""
        provider = {
            "type": "./own.yaml",
            "base_url": self.url,
            "auth": {"token": "env:TOKEN"},
            "settings": settings or {},
        }
        webhooks = {
            name: {"url": f"https://hooks.acme.com/{name}", "events": events, **more} for name, events in hooks.items()
        }
        whole = {"version": 1, "providers": {"own": provider}, "webhooks": webhooks}
        (self.folder / "webhooks.yaml").write_text(yaml.safe_dump(whole), "utf-8")

    def __call__(self, *argv: str, exit: int = 0) -> Result:
        """Start a command, which must end with `exit`, looking only at the calls from now on."""
        self.vendor.asked.clear()
        self.vendor.writes.clear()
        result = self._run(*argv, cwd=self.folder, env={"TOKEN": "token-of-the-account", "WHSYNC_MAX_WAIT": "0"})
        assert result.exit == exit, result
        return result

    def planned(self, exit: int = 0) -> Any:
        """The plan as JSON."""
        return json.loads(self("plan", "--format", "json", exit=exit).stdout)


@pytest.fixture
def place(run: Run, tmp_path: Path) -> Iterator[Place]:
    """A folder of such webhooks."""
    vendor = Topical()
    with served(partial(Topical.answer, vendor)) as url:
        yield Place(run, tmp_path, vendor, url)


def test_what_the_manifest_knows_is_not_asked_for(place: Place) -> None:
    """Nor is anything offline, and validation needs no network."""
    place.declare({"one": ["a"], "two": ["a"]})
    place("plan")
    assert place.vendor.asked == []
    place.declare({"one": ["nonsense"]})
    place("validate")
    place("plan", "--offline")
    assert place.vendor.asked == []


def test_one_call_for_all_that_is_new(place: Place) -> None:
    """What the list has is fine; it is asked for once in a run, and no more once the vendor has taken the events."""
    place.declare({"one": ["a", "b"], "two": ["order.paid"]})
    assert place.planned()["summary"] | {"create": 2, "reads": 2, "problems": 0} == place.planned()["summary"]
    assert place.vendor.asked == ["/topics"]
    place("apply", "--yes")
    assert place.vendor.asked == ["/topics"]
    assert place.planned()["summary"]["noop"] == 2
    assert place.vendor.asked == []


def test_what_the_list_lacks_stops_its_webhook_and_no_other(place: Place) -> None:
    """With the name that was meant, at its place, before any write; the other webhook is made."""
    place.declare({"one": ["order.piad"], "two": ["order.paid"]})
    plan = place.planned(exit=1)
    (problem,) = plan["problems"]
    assert problem["code"] == "unknown-event"
    assert problem["kind"] == "config"
    assert problem["summary"] == "one: Shaped has no event `order.piad` for this account, says its own list"
    assert "order.paid" in problem["hint"]
    assert problem["at"].startswith("webhooks.yaml:")
    result = place("apply", "--yes", exit=1)
    assert "order.piad" in result.stdout + result.stderr
    assert [each["events"] for each in place.vendor.hooks.values()] == [["order.paid"]]


@pytest.mark.parametrize(
    "answer",
    [
        Answer.of(403, {"message": "may not list topics"}),
        Answer.of(500, {"message": "down"}),
        Answer.of(200, {"topics": []}),
        Answer.of(200, {"topics": [{"id": "a"}, {"no": "name"}]}),
        Answer(200, b"<html>"),
    ],
    ids=["forbidden", "down", "empty", "half", "no list"],
)
def test_a_list_that_cannot_be_had_stops_nothing(place: Place, answer: Answer) -> None:
    """It proves nothing: the plan says that it could not look, and applying does what is wanted."""
    place.vendor.topics["/topics"] = answer
    place.declare({"one": ["b"]})
    plan = place.planned()
    assert [(each["kind"], each["code"], each["name"]) for each in plan["findings"]] == [
        ("events_unchecked", "events-unchecked", "one")
    ]
    assert plan["problems"] == []
    assert plan["summary"]["create"] == 1
    assert "is not known" in place("plan").stdout
    place("apply", "--yes")
    assert [each["events"] for each in place.vendor.hooks.values()] == [["b"]]


def test_whoever_insists_is_told_and_not_stopped(place: Place) -> None:
    """`open_when`: the list is asked all the same, since a typing mistake is one."""
    place.teach(open_when={"unknown_events": True})
    place.declare({"one": ["beta"]})
    assert place.planned(exit=1)["problems"]
    place.declare({"one": ["beta"]}, settings={"unknown_events": True})
    plan = place.planned()
    assert [each["kind"] for each in plan["findings"]] == ["unknown_event"]
    place("apply", "--yes")
    assert place.planned()["findings"] == []


def test_a_closed_list_is_asked_of_nobody_until_it_is_opened(place: Place) -> None:
    """Closed, an unknown name is an error of the file; opened, the vendor is asked whether it has it."""
    place.teach(closed=True, open_when={"unknown_events": True})
    place.declare({"one": ["b"]})
    place("plan", exit=1)
    assert place.vendor.asked == []
    place.declare({"one": ["b"]}, settings={"unknown_events": True})
    assert place.planned()["findings"] == []
    assert place.vendor.asked == ["/topics"]


def test_what_is_there_already_is_none_of_ours_to_doubt(place: Place) -> None:
    """An event that the vendor shows on the webhook is one that it takes, whatever its list says."""
    place.vendor.hooks["1"] = {
        "id": "1",
        "url": "https://hooks.acme.com/one",
        "events": ["secret-beta"],
        "active": True,
    }
    place.declare({"one": ["secret-beta"]})
    assert place.planned()["summary"]["adopt"] == 1
    assert place.vendor.asked == []


def test_a_list_of_each_scope_with_all_its_pages(place: Place) -> None:
    """What hangs on a place is asked for it, once for each place, and to its last page."""
    place.vendor.topics |= {"/teams/x/topics": ["a"], "/teams/x/topics?page=2": ["far"], "/teams/y/topics": ["a"]}
    place.declare({"one": ["far"], "two": ["far"]}, scope={"team": "x"})
    assert place.planned()["problems"] == []
    assert place.vendor.asked == ["/teams/x/topics", "/teams/x/topics?page=2"]
    place.declare({"one": ["far"]}, scope={"team": "y"})
    assert [each["name"] for each in place.planned(exit=1)["problems"]] == ["one"]


def test_a_place_that_could_not_be_read_is_not_asked_about(place: Place) -> None:
    """Its problem is told already; one more call would tell nothing."""
    place.vendor.topics["/topics"] = Answer.of(500, None)
    place.declare({"one": ["b"]})
    (place.folder / "own.yaml").write_text(
        (place.folder / "own.yaml").read_text("utf-8").replace("items: hooks", "items: nothing"), "utf-8"
    )
    place("plan", exit=1)
    assert place.vendor.asked == []


def test_the_vendor_tells_its_events_to_whoever_asks(place: Place) -> None:
    """`providers show --events`: with the credentials of an account, read only, and no file is needed."""
    at = ("--url", place.url, "--auth", "token=env:TOKEN")
    told = json.loads(place("providers", "show", "./own.yaml", "--events", *at, "--format", "json").stdout)
    assert told["events"] == {"names": ["a", "b", "order.paid"], "told_by": "the vendor, just now"}
    assert "names: a, b, order.paid" in place("providers", "show", "./own.yaml", "--events", *at).stdout
    assert place.vendor.asked == ["/topics"]
    assert place.vendor.writes == []
    place.vendor.topics["/topics"] = Answer.of(403, {"message": "may not list topics"})
    assert "may not list topics" in place("providers", "show", "./own.yaml", "--events", *at, exit=1).stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["github", "--events"], "GitHub has no call that lists events"),
        (["./own.yaml", "--events"], "Shaped has no usual address"),
        (
            ["./own.yaml", "--events", "--scope", "tem=x", "--url", "http://127.0.0.1:1"],
            "give no --scope or --scope team=…",
        ),
        (["./own.yaml", "--scope", "team=x"], "are for --events"),
    ],
)
def test_what_cannot_be_asked_is_told_with_the_way_out(place: Place, words: list[str], told: str) -> None:
    """Before anybody is asked."""
    assert told in place("providers", "show", *words, exit=64).stderr
    assert place.vendor.asked == []
