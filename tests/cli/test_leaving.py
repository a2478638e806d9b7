"""A deletion is believed only once reading shows it: until then the webhook is leaving, and every run tries again."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.keys import served
from tests.cli.mute import Mute, Place

STAYS = "not_converged: the vendor answered the deletion with success, and reading shows that it is still there"


@pytest.fixture(params=["by list", "by id"])
def place(request: pytest.FixtureRequest, run: Run, tmp_path: Path) -> Iterator[Place]:
    """A folder with two webhooks at a vendor, the second of which the file has no more and the vendor keeps."""
    vendor = Mute()
    with served(vendor) as url:
        made = Place(run, tmp_path, vendor, url, listed=request.param == "by list")
        made.declare("a", "b")
        made.apply()
        made.declare("a")
        vendor.undying = {"m2"}
        yield made


def test_a_delete_that_is_not_carried_out(place: Place) -> None:
    """It fails and says so, stays in the lock as leaving, and is tried again by every apply until it is gone."""
    assert STAYS in place.apply("--prune", exit=1).stdout
    assert place.lock()["b"]["leaving"] == ["m2"]
    plan = place("plan").stdout
    assert "its deletion was asked for, and nothing shows that it was carried out, so it is tried again" in plan
    assert "b  own    m2  https://hooks.acme.com/b  leaving" in place("state", "list").stdout
    assert STAYS in place.apply(exit=1).stdout
    assert place.vendor.writes() == ["DELETE /hooks/m2"]
    place.vendor.heal()
    assert "b  deleted" in place.apply().stdout
    assert list(place.lock()) == ["a"]
    assert place.actions() == {"a": "noop"}


def test_a_delete_that_is_carried_out_late(place: Place) -> None:
    """Once it is gone, the next apply lets go of it, pruning or not, without a call."""
    place.apply("--prune", exit=1)
    place.vendor.rows.pop()
    assert place.actions() == {"a": "noop", "b": "forget"}
    place.apply()
    assert place.vendor.writes() == []
    assert list(place.lock()) == ["a"]


def test_the_file_has_it_again_meanwhile(place: Place) -> None:
    """The plan says that it is one that was to go; it is kept, and is not leaving any more."""
    place.apply("--prune", exit=1)
    place.declare("a", "b")
    told = place("plan").stdout
    assert "nothing shows that it was carried out: it is kept, as the file has it again" in told
    place.apply()
    assert place.vendor.writes() == []
    assert "leaving" not in place.lock()["b"]
    assert place.actions() == {"a": "noop", "b": "noop"}


def test_another_webhook_does_not_take_it(place: Place) -> None:
    """What is dying is nobody's: a new webhook with its URL is made, not found there."""
    place.apply("--prune", exit=1)
    place.declare("c", url="https://hooks.acme.com/b")
    assert place.actions()["c"] == "create"


def test_all_are_read_back_at_once(place: Place) -> None:
    """One read for a place, however many were deleted there; what is gone is gone, whatever stays beside it."""
    place.declare("a", "b", "c")
    place.apply()
    place.declare("a")
    place.apply("--prune", exit=1)
    last = max(number for number, call in enumerate(place.vendor.asked) if not call.startswith("GET"))
    after = sorted(place.vendor.asked[last + 1 :])
    assert after[: 1 if place.listed else 2] == (["GET /hooks"] if place.listed else ["GET /hooks/m2", "GET /hooks/m3"])
    assert sorted(place.lock()) == ["a", "b"]


def test_it_cannot_be_read_back(place: Place) -> None:
    """The vendor said that it is gone: no failure, but the lock keeps it until reading shows it."""
    place.vendor.undying, place.vendor.busy = set(), 500
    assert "could not be read back" in place.apply("--prune").stdout
    assert place.lock()["b"]["leaving"] == ["m2"]
    place.vendor.heal()
    assert place.actions() == {"a": "noop", "b": "forget"}
    place.apply()
    assert list(place.lock()) == ["a"]


def test_killed_before_it_was_read_back(place: Place) -> None:
    """The next apply knows that it was asked to go, and finishes that without being told to prune."""
    process = place.begin("apply", "--yes", "--prune")

    def watch(call: str, moment: str) -> None:
        if place.vendor.writes() and call.startswith("GET"):
            process.kill()

    place.vendor.watch = watch
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    place.vendor.heal()
    assert place.actions()["b"] == "delete"
    place.apply()
    assert list(place.lock()) == ["a"]
    assert [row["id"] for row in place.vendor.rows] == ["m1"]


def test_the_old_one_of_a_replacement_stays(place: Place) -> None:
    """The new one is made and recorded; the old one is named, asked to go again, and is nobody's stranger meanwhile."""
    place.vendor.undying = {"m1"}
    place.declare("a", "b", url="https://hooks.acme.com/elsewhere")
    place.declare("a", url="https://hooks.acme.com/elsewhere")
    told = place.apply(exit=1).stdout
    assert "replaced, but not whole: not_converged" in told
    assert "reading shows that m1, which it replaces, is still there" in told
    assert (place.lock()["a"]["remote_id"], place.lock()["a"]["leaving"]) == ("m3", ["m1"])
    assert not (place.folder / "webhooks.lock.json.journal").exists()
    plan = place("plan").stdout
    assert "m1, left over from a replacement, is to go" in plan
    assert "Not managed" not in plan
    place.vendor.heal()
    place.apply()
    assert place.vendor.writes() == ["DELETE /hooks/m1"]
    assert "leaving" not in place.lock()["a"]
    assert place.actions() == {"a": "noop", "b": "orphan"}


def test_the_old_one_goes_late(place: Place) -> None:
    """Gone by itself, it is dropped from the lock, and nothing is asked for."""
    place.vendor.undying = {"m1"}
    place.declare("a", url="https://hooks.acme.com/elsewhere")
    place.apply(exit=1)
    place.vendor.rows = [row for row in place.vendor.rows if row["id"] != "m1"]
    assert "m1 is gone, as was asked" in place("plan").stdout
    place.apply()
    assert place.vendor.writes() == []
    assert "leaving" not in place.lock()["a"]


def test_nothing_is_read_where_nothing_was_written(place: Place) -> None:
    """An apply without differences reads once, to look, and writes nothing, the lock least of all."""
    place.declare("a", "b")
    before = (place.folder / "webhooks.lock.json").read_bytes()
    place.apply()
    assert len(place.reads()) == (1 if place.listed else 2)
    assert (place.folder / "webhooks.lock.json").read_bytes() == before
