"""Manifests that were called sound and did harm, or crashed: what a user sees of each now."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.conftest import Run
from tests.cli.keys import served
from tests.cli.mute import Mute, Place


class Terse(Mute):
    """It makes webhooks, and answers nothing at all."""

    terse = False

    def done(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        """As the others, without a word."""
        status, answer = super().done(method, path, body)
        return (status, None) if self.terse and method == "POST" else (status, answer)


@pytest.fixture
def place(run: Run, tmp_path: Path) -> Iterator[Place]:
    """A folder beside a vendor, which has no webhook yet."""
    vendor = Terse()
    with served(vendor) as url:
        yield Place(run, tmp_path, vendor, url)


def rewrite(place: Place, **changes: Any) -> str:
    """Give the manifest other words; its path."""
    path = place.folder / "vendors" / "own.yaml"
    words = {**yaml.safe_load(path.read_text("utf-8")), **changes}
    path.write_text(yaml.safe_dump(words, sort_keys=False, allow_unicode=True), "utf-8")
    return "vendors/own.yaml"


def test_a_delete_of_a_collection_is_never_sent(place: Place) -> None:
    """A path that forgets `{id}` would take everybody's webhooks away: no command uses such a manifest."""
    place.declare("x", "y")
    place.apply()
    rewrite(place, retire=[{"how": "delete", "path": "/hooks"}])
    place.declare("x")
    told = place.apply("--prune", "--max-changed", "100%", exit=1)
    assert "retire.0.path: this call names no webhook, so that it removes whatever is at that place" in told.stderr
    assert "write `{id}` into its path (`/hooks/{id}`) or its query" in told.stderr
    assert place.vendor.writes() == []
    assert len(place.vendor.rows) == 2


ONE = {"read": "event", "write": "/event", "codec": {"kind": "one"}}


def one_event(place: Place) -> None:
    """A vendor with one event a webhook."""
    path = place.folder / "vendors" / "own.yaml"
    words = yaml.safe_load(path.read_text("utf-8"))
    rewrite(place, fields={**words["fields"], "events": ONE}, examples=[])


def test_two_events_for_a_vendor_of_one_are_refused_at_validation(place: Place) -> None:
    """With the line of the file and what to write instead; no internal error."""
    one_event(place)
    place.declare("x", events=["a", "b"])
    told = place("validate", exit=1)
    assert "a webhook of Mute has one event, and `x` has 2" in told.stderr
    assert "write one webhook for each event; `for_each: {event: […]}` makes them of one block" in told.stderr
    assert "webhooks.yaml:" in told.stderr
    assert "internal" not in told.stdout + told.stderr


def test_one_event_each_works(place: Place) -> None:
    """What the refusal advises is made, and planned again as nothing."""
    one_event(place)
    block = {
        "for_each": {"event": ["a", "b"]},
        "url": "https://hooks.acme.com/${each.event}",
        "events": ["${each.event}"],
    }
    whole = {"version": 1, "providers": {"own": place._provider}, "webhooks": {"x": block}}
    (place.folder / "webhooks.yaml").write_text(yaml.safe_dump(whole), "utf-8")
    place.apply()
    assert sorted(row["event"] for row in place.vendor.rows) == ["a", "b"]
    assert "No changes" in place("plan").stdout


def test_an_answer_without_a_body_is_not_called_lost(place: Place) -> None:
    """Some vendors document a 201 without a body: the webhook is found by reading, and the words say what is so."""
    assert isinstance(place.vendor, Terse)
    place.vendor.terse = True
    place.declare("x")
    told = place.apply().stdout
    assert "its answer did not tell; found by reading" in told
    assert "lost" not in told
    assert "No changes" in place("plan").stdout
