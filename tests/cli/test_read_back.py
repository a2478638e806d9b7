"""What a vendor's answers do not show is read back: once, after the writes, and before anything old goes."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.providers.engine.codec import Codec
from tests.cli.conftest import Run
from tests.cli.keys import Fault, served
from tests.cli.mute import Mute, Place
from tests.cli.world import World, hook, ledger, wallet


@pytest.fixture(params=["by list", "by id"])
def place(request: pytest.FixtureRequest, run: Run, tmp_path: Path) -> Iterator[Place]:
    """A folder with a vendor that answers nothing, and that can be read."""
    vendor = Mute()
    with served(vendor) as url:
        yield Place(run, tmp_path, vendor, url, listed=request.param == "by list")


@pytest.mark.parametrize("field", ["description", "events"])
def test_an_ignored_field_of_a_new_webhook(place: Place, field: str) -> None:
    """The answer shows nothing; reading does: not_converged, naming the field, and the lock has what is there."""
    place.vendor.frozen = {{"description": "text"}.get(field, field)}
    place.declare("x")
    told = place.apply(exit=1).stdout
    assert f"created, but not whole: not_converged: {field} did not take effect" in told
    assert place.lock()["x"]["applied"][field] == {"description": "", "events": ["a"]}[field]
    assert "1 failed" in told
    place.vendor.heal()
    assert place.actions() == {"x": "update"}
    place.apply()
    assert place.actions() == {"x": "noop"}


def test_an_ignored_field_of_an_update(place: Place) -> None:
    """It is told by every apply, never hidden by the lock, and what did take effect stays recorded."""
    place.declare("x")
    place.apply()
    place.vendor.frozen = {"state"}
    place.declare("x", status="inactive", description="two")
    for _ in range(2):
        told = place.apply(exit=1).stdout
        assert "updated, but not whole: not_converged: status did not take effect" in told
        applied = place.lock()["x"]["applied"]
        assert (applied["status"], applied["description"]) == ("active", "two")
    assert place.vendor.writes() == ["PUT /hooks/m1/state"]


def test_a_bug_while_reading_back_ends_no_run(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written stays written and recorded, and the run says what it could not look at."""
    place.declare("x")
    nothing: dict[str, str] = {}
    monkeypatch.setattr(Codec, "remote", lambda *_: nothing["a value"])
    told = place.apply()
    assert "could not be read back: an unforeseen KeyError" in told.stdout
    assert "a value" not in told.stdout + told.stderr
    assert place.lock()["x"]["remote_id"] == "m1"


def test_all_is_read_at_once(place: Place) -> None:
    """Three webhooks in one place: one list, or one read each, after all the writes; then all are done."""
    place.declare("x", "y", "z", status="inactive")
    assert place.apply().stdout.count("created as m") == 3
    writes = [number for number, call in enumerate(place.vendor.asked) if not call.startswith("GET")]
    after = place.vendor.asked[max(writes) + 1 :]
    assert len(writes) == 6
    assert sorted(after) in (["GET /hooks"], ["GET /hooks/m1", "GET /hooks/m2", "GET /hooks/m3"])
    assert set(place.actions().values()) == {"noop"}


def test_what_reads_do_not_show_is_not_read(place: Place) -> None:
    """A secret of ours and an option are write-only: nothing could be learned of them, so nothing is read."""
    place.declare("x", secret={"from": "env:OURS"}, options={"note": "one"})
    place.apply()
    place.environment["OURS"] = "another secret of our own"
    place.declare("x", secret={"from": "env:OURS"}, options={"note": "two"})
    place.apply()
    assert place.vendor.writes() == ["PATCH /hooks/m1"]
    assert place.vendor.asked[-1] == "PATCH /hooks/m1"


def test_a_read_that_fails_proves_nothing(place: Place) -> None:
    """The vendor said that it was done: applied, with a note; the next plan reads it."""
    place.vendor.busy = 403
    place.declare("x")
    told = place.apply().stdout
    assert "created as m1" in told
    assert "could not be read back" in told
    assert "403" in told
    assert not (place.folder / "webhooks.lock.json.journal").exists()
    place.vendor.heal()
    assert place.actions() == {"x": "noop"}


def test_a_webhook_that_reading_does_not_show(place: Place) -> None:
    """Late or a lie: a problem that says so, and no second webhook once it shows."""
    place.vendor.hidden = {"m1"}
    place.declare("x")
    told = place.apply(exit=1).stdout
    assert "created, but not whole: not_converged" in told
    assert "reading does not show the webhook" in told
    place.vendor.heal()
    assert place.actions() == {"x": "noop"}
    place.apply()
    assert place.vendor.writes() == []


def test_nothing_goes_before_its_new_home_is_proven(place: Place) -> None:
    """What is pruned goes after the new webhook was read, and stays where that one cannot be seen."""
    place.declare("old")
    place.apply()
    place.vendor.hidden = {"m2"}
    place.declare("new")
    told = place.apply("--prune", exit=1).stdout
    assert "delete skipped: another webhook could not be made there" in told
    assert place.vendor.writes() == ["POST /hooks"]
    place.vendor.heal()
    place.vendor.rows.pop()
    place.apply("--prune")
    assert place.vendor.writes() == ["POST /hooks", "DELETE /hooks/m1"]
    between = place.vendor.asked[place.vendor.asked.index("POST /hooks") + 1 :]
    assert between[0].startswith("GET /hooks")
    assert place.vendor.asked[-1] == "DELETE /hooks/m1"


def test_a_lost_answer_is_settled_as_ever(place: Place) -> None:
    """Where the answer did not come at all, reading says what is there; a list finds it, else whsync asks."""
    place.vendor.faults["POST /hooks"] = [Fault()]
    place.declare("x")
    told = place("apply", "--yes", exit=0 if place.listed else 1).stdout
    assert ("found by reading" in told) is place.listed
    assert place.vendor.writes() == ["POST /hooks"]


def reads_after_writes(place: Place) -> bool:
    """Whether the last call was a read, after writes."""
    return bool(place.vendor.writes()) and place.vendor.asked[-1].startswith("GET")


@pytest.mark.parametrize("frozen", [False, True])
def test_killed_before_it_was_read_back(place: Place, frozen: bool) -> None:
    """The next apply closes what is as wanted, without a write, and sends again what is not."""
    place.declare("x", "y")
    place.vendor.frozen = {"text"} if frozen else set()
    process = place.begin("apply", "--yes")
    place.vendor.watch = lambda call, moment: process.kill() if reads_after_writes(place) else None
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert len(place.vendor.rows) == 2
    place.vendor.heal()
    place.apply()
    assert len(place.vendor.writes()) == (2 if frozen else 0)
    assert not (place.folder / "webhooks.lock.json.journal").exists()
    assert place.actions() == {"x": "noop", "y": "noop"}
    assert len(place.vendor.rows) == 2


def test_interrupted_before_it_was_read_back(place: Place) -> None:
    """Ctrl-C: what was written is recorded and closed, with a note, and the run ends with 130."""
    place.declare("x")
    process = place.begin("apply", "--yes")
    place.vendor.meanwhile = lambda: process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, (out, err)
    assert "could not be read back: interrupted" in out
    assert place.vendor.asked[-1] == "POST /hooks"
    assert not (place.folder / "webhooks.lock.json.journal").exists()
    assert place.actions() == {"x": "noop"}


@pytest.mark.parametrize(("vendor", "block"), [("github", hook()), ("coinbase", ledger()), ("cryptofuse", wallet())])
def test_answers_that_show_all_are_enough(world: World, vendor: str, block: dict) -> None:
    """Where the answer to a write shows it, nothing is read after it; but for a mask, once."""
    name = {"coinbase": "coinbase-payments"}.get(vendor, vendor)
    world.write({"it": block})
    world.applied()
    reads = [asked.path for asked in world.box[name].requests if asked.method == "GET"]
    world.forget_requests()
    world.write({"it": {**block, "url": f"{block['url']}/v2"}})
    world.applied()
    methods = [asked.method for asked in world.box[name].requests if "token" not in asked.path]
    assert methods[-1] != "GET"
    # Before its first write, Cryptofuse is asked once whose account it is.
    assert len(reads) == {"github": 1, "coinbase": 0, "cryptofuse": 3}[vendor]
