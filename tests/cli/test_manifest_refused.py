"""Manifests that were called sound and did harm, or crashed: what a user sees of each now."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler.run.runtime import utc_now
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


NAMED = {"read": "text", "write": "/text", "sets": "create"}


@pytest.fixture
def without_urls(place: Place) -> Place:
    """A vendor that makes the URL itself, as of incoming webhooks; its own are told apart by a text."""
    path = place.folder / "vendors" / "own.yaml"
    words = yaml.safe_load(path.read_text("utf-8"))
    fields = {**words["fields"], "url": {"absent": "Mute makes the URL itself"}, "description": {"absent": "none"}}
    fields["status"] = {"absent": "none"}
    updates = [{"path": "/hooks/{id}", "covers": ["/events", "/secret"], "ok": [204]}]
    rewrite(place, fields=fields, options={"text": NAMED}, natural_key=["/options/text"], update=updates, examples=[])
    return place


def declare_texts(place: Place, *texts: str, **more: Any) -> None:
    """One webhook for each text."""
    hooks = {text: {"events": ["a"], "options": {"text": text}, **more} for text in texts}
    whole = {"version": 1, "providers": {"own": place._provider}, "webhooks": hooks}
    (place.folder / "webhooks.yaml").write_text(yaml.safe_dump(whole), "utf-8")


def test_no_url_is_needed_where_the_vendor_has_none(without_urls: Place) -> None:
    """Made, changed, found again without the lock, and removed; a stranger stays a stranger."""
    place = without_urls
    place.vendor.add(text="a stranger's", events=["a"], state="up")
    declare_texts(place, "x", "y")
    place.apply()
    told = place("plan").stdout
    assert "No changes" in told
    assert "own m1\n" in told  # and no arrow to nowhere
    declare_texts(place, "x", "y", events=["a", "b"])
    place.apply()
    assert [row["events"] for row in place.vendor.rows] == [["a"], ["a", "b"], ["a", "b"]]
    (place.folder / "webhooks.lock.json").unlink()
    assert set(place.actions().values()) == {"adopt"}
    place.apply("--max-changed", "100%")
    declare_texts(place, "x")
    place.apply("--prune", "--max-changed", "100%")
    assert [row["text"] for row in place.vendor.rows] == ["a stranger's", "x"]


def test_a_url_for_such_a_vendor_is_told_why_not(without_urls: Place) -> None:
    """With the manifest's reason."""
    declare_texts(without_urls, "x", url="https://hooks.acme.com/x")
    told = without_urls("validate", exit=1).stderr
    assert "Mute has no `url`" in told
    assert "Mute makes the URL itself" in told


def test_elsewhere_a_url_is_still_needed(place: Place) -> None:
    """Whoever forgets it is told, as before."""
    declare_texts(place, "x")
    assert "`x` has no `url`" in place("validate", exit=1).stderr


def test_a_lost_create_without_a_url_claims_no_stranger(without_urls: Place) -> None:
    """Where all URLs are alike, since there are none, a stranger is not taken for what a lost create has made."""
    place = without_urls
    declare_texts(place, "x")
    place.kill("POST /hooks", "before")
    place.vendor.add(text="a stranger's", events=["a"], state="up")
    place.apply("--max-changed", "100%")
    assert [row["text"] for row in place.vendor.rows] == ["a stranger's", "x"]
    assert place.lock()["x"]["remote_id"] == place.vendor.rows[1]["id"]


def test_a_create_that_is_no_longer_wanted_deletes_no_stranger(without_urls: Place) -> None:
    """The file lets go of a webhook whose create was lost: what was made just then is left to the user."""
    place = without_urls
    rewrite(place, identity={"id": "id", "created_at": "created"})
    declare_texts(place, "x")
    place.kill("POST /hooks", "before")
    place.vendor.add(text="a stranger's", events=["a"], state="up")["created"] = utc_now()
    declare_texts(place, "z")
    place.vendor.start_anew()
    told = place("apply", "--yes", "--prune", "--max-changed", "100%", exit=1)
    assert "look at the vendor for it and remove what is not wanted" in told.stdout
    assert "a stranger's" in [row["text"] for row in place.vendor.rows]
    assert not [call for call in place.vendor.writes() if call.startswith("DELETE")]
