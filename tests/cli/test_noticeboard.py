"""Events listed with everybody's URLs, over sockets; `tests/manifests/shapes/noticeboard.yaml` describes the vendor."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml

from tests.cli.conftest import Result, Run
from tests.loopback import Answer, Asked, served

SHAPE = Path(__file__).parents[1] / "manifests" / "shapes" / "noticeboard.yaml"
OURS, THEIRS = "https://hooks.acme.com/a?key=geheimes-wort", "https://others.example/b"


class Noticeboard:
    """The vendor.

    Attributes:
        urls: URL -> its events.
        writes: every write, with the URL that it names.
    """

    def __init__(self) -> None:
        self.urls: dict[str, list[str]] = {THEIRS: ["x", "y"]}
        self.writes: list[str] = []

    def answer(self, asked: Asked) -> Answer:
        """What the vendor answers to one call; it takes away nothing without a URL."""
        parts, body = urlsplit(asked.path), asked.document() or {}
        if asked.method != "GET":
            url = body.get("url") or dict(parse_qsl(parts.query)).get("url")
            if not url or (asked.method != "POST") != (url in self.urls):
                return Answer.of(400, {"message": "which URL?"})
            self.writes.append(f"{asked.method} {url}")
            if asked.method == "DELETE":
                del self.urls[url]
            else:
                self.urls[url] = body["events"]
        names = sorted({name for events in self.urls.values() for name in events})
        under = {name: {"urls": [url for url, events in self.urls.items() if name in events]} for name in names}
        return Answer.of(200, {"events": {**under, "unused": None}})


class Place:
    """A folder with at most one webhook, `w`, at this vendor."""

    def __init__(self, run: Run, folder: Path, vendor: Noticeboard, url: str) -> None:
        self.vendor, self.folder, self._run, self._url = vendor, folder, run, url
        (folder / "own.yaml").write_text(SHAPE.read_text("utf-8"), "utf-8")

    def declare(self, *events: str, url: str = OURS) -> None:
        """Write webhooks.yaml; without events there is no webhook in it."""
        own = {"type": "./own.yaml", "base_url": self._url, "auth": {"token": "env:TOKEN"}}
        hooks = {"w": {"url": url, "events": list(events)}} if events else {}
        whole = {"version": 1, "providers": {"own": own}, "webhooks": hooks}
        (self.folder / "webhooks.yaml").write_text(yaml.safe_dump(whole), "utf-8")

    def __call__(self, *argv: str, exit: int = 0) -> Result:
        """Start a command, which must end with `exit`, looking only at the writes from now on."""
        self.vendor.writes.clear()
        environment = {"TOKEN": "token-of-the-account", "WHSYNC_MAX_WAIT": "0"}
        result = self._run(*argv, cwd=self.folder, env=environment)
        assert result.exit == exit, result
        return result


@pytest.fixture
def place(run: Run, tmp_path: Path) -> Iterator[Place]:
    """A folder whose webhook has the events x and z, at a vendor where somebody else has x and y."""
    vendor = Noticeboard()
    with served(partial(Noticeboard.answer, vendor)) as url:
        here = Place(run, tmp_path, vendor, url)
        here.declare("x", "z")
        here("apply", "--yes")
        yield here


def test_a_url_with_its_events_is_a_webhook(place: Place) -> None:
    """What is made is known at once; other events of it are changed, and nobody else's."""
    assert "No changes." in place("plan").stdout
    place.declare("y", "z")
    place("apply", "--yes")
    assert place.vendor.writes == [f"PUT {OURS}"]
    assert place.vendor.urls == {THEIRS: ["x", "y"], OURS: ["y", "z"]}
    assert "No changes." in place("plan").stdout


def test_its_id_shows_nothing_of_its_url(place: Place) -> None:
    """The URL is what the vendor asks for, and the lock has a fingerprint of it; no output has its password."""
    lock = (place.folder / "webhooks.lock.json").read_text("utf-8")
    place.declare("y")
    told = [place("plan", "--format", "json"), place("apply", "--yes", "-vv"), place("state", "show", "w")]
    assert "geheimes-wort" not in "".join([lock, *(each.stdout + each.stderr for each in told)])
    assert len(json.loads(lock)["webhooks"]["w"]["remote_id"]) == 24


def test_another_url_is_another_webhook(place: Place) -> None:
    """The new one is made, then the old one goes; somebody else's stays where it is."""
    place.declare("x", "z", url="https://hooks.acme.com/new")
    place("apply", "--yes")
    assert place.vendor.writes == ["POST https://hooks.acme.com/new", f"DELETE {OURS}"]
    assert place.vendor.urls == {THEIRS: ["x", "y"], "https://hooks.acme.com/new": ["x", "z"]}


def test_pruning_names_the_url_as_it_was_read(place: Place) -> None:
    """The lock does not have it; the list does."""
    place.declare()
    place("apply", "--yes", "--prune", "--prune-all")
    assert place.vendor.writes == [f"DELETE {OURS}"]
    assert place.vendor.urls == {THEIRS: ["x", "y"]}
