"""A webhook that must be made anew: killed at every moment, there is one of it in the end, and the old one is gone."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.keys import Fault, served
from tests.cli.mute import Mute, Place

CALLS = ("POST /hooks", "GET /hooks", "DELETE /hooks/m1")


@pytest.fixture(params=["by list", "by id"])
def place(request: pytest.FixtureRequest, run: Run, tmp_path: Path) -> Iterator[Place]:
    """A folder with a vendor that cannot change an address, and one webhook that is to have another."""
    vendor = Mute()
    with served(vendor) as url:
        made = Place(run, tmp_path, vendor, url, listed=request.param == "by list")
        made.declare("x")
        made.apply()
        made.declare("x", url="https://hooks.acme.com/elsewhere")
        assert made.actions() == {"x": "replace"}
        yield made


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", ["POST /hooks", "DELETE /hooks/m1", "GET /hooks"])
def test_killed_at_every_moment(place: Place, call: str, moment: str) -> None:
    """The next apply ends with the new webhook alone; where no list shows what the dead run made, it asks first."""
    place.kill(call, moment)
    if call == "POST /hooks" and not place.listed:
        told = place.apply(exit=1).stdout
        assert "a new x was sent on" in told
        assert "its answer was lost; this API cannot be searched" in told
        assert place.vendor.writes() == []
        there = max(place.urls())
        said = place("adopt", "x", "--id", there, "--yes").stdout
        assert ("It replaces m1, which the next apply retires" in said) is (there == "m2")
    place.apply()
    assert place.urls() == {"m2": "https://hooks.acme.com/elsewhere"}
    assert place.actions() == {"x": "noop"}
    assert not (place.folder / "webhooks.lock.json.journal").exists()


@pytest.mark.parametrize("done", [True, False])
def test_the_answer_is_lost(place: Place, done: bool) -> None:
    """The run says that the next one looks, and that one makes no second webhook."""
    place.vendor.faults["POST /hooks"] = [Fault(done=done)]
    assert "replace failed: network" in place.apply(exit=1).stdout
    if not place.listed:
        assert "`whsync adopt x --id ID`" in place.apply(exit=1).stdout
        place("adopt", "x", "--id", max(place.urls()), "--yes")
    place.apply()
    assert list(place.urls()) == ["m2"]
    assert place.actions() == {"x": "noop"}


def test_the_old_one_will_not_go(place: Place) -> None:
    """The new one is there and recorded; the old one is retired by the first apply that can."""
    place.vendor.faults["DELETE /hooks/m1"] = [Fault(403, done=False)]
    assert "replaced, but not whole" in place.apply(exit=1).stdout
    assert len(place.urls()) == 2
    place.apply()
    assert place.vendor.writes() == ["DELETE /hooks/m1"]
    assert list(place.urls()) == ["m2"]
    assert place.actions() == {"x": "noop"}


class Dated(Mute):
    """Tells when a webhook was made."""

    def add(self, secret: str | None = None, created: str = "", **fields: Any) -> dict[str, Any]:
        """See `Vendor`."""
        return super().add(secret, made=datetime.now(UTC).isoformat(), **fields)


@pytest.fixture
def dated(run: Run, tmp_path: Path) -> Iterator[Place]:
    """The same at a vendor whose list tells when a webhook was made."""
    vendor = Dated()
    with served(vendor) as url:
        made = Place(run, tmp_path, vendor, url)
        manifest = tmp_path / "vendors" / "own.yaml"
        text = manifest.read_text("utf-8")
        manifest.write_text(text.replace("identity: {id: id}", "identity: {id: id, created_at: made}"), "utf-8")
        made.declare("x")
        made.apply()
        made.declare("x", url="https://hooks.acme.com/elsewhere")
        yield made


def test_the_file_goes_back_before_the_replacement_is_known(dated: Place) -> None:
    """The old webhook is wanted again and stays as it is; what was made to replace it is named, and goes."""
    dated.kill("POST /hooks", "after")
    dated.declare("x")
    assert "m2, left over from a replacement, is to go" in dated("plan").stdout
    dated.apply()
    assert dated.vendor.writes() == ["DELETE /hooks/m2"]
    assert dated.urls() == {"m1": "https://hooks.acme.com/x"}
    assert dated.actions() == {"x": "noop"}
    assert not (dated.folder / "webhooks.lock.json.journal").exists()


def test_the_file_goes_back_and_nothing_was_made(dated: Place) -> None:
    """Reading shows that, so there is nothing to do."""
    dated.kill("POST /hooks", "before")
    dated.declare("x")
    dated.apply()
    assert dated.vendor.writes() == []
    assert dated.urls() == {"m1": "https://hooks.acme.com/x"}
    assert not (dated.folder / "webhooks.lock.json.journal").exists()


def test_the_file_goes_back_and_the_new_one_may_be_a_strangers(place: Place) -> None:
    """Nothing proves whose it is, so it is not taken away: whsync names both and asks."""
    place.kill("POST /hooks", "after")
    place.declare("x")
    told = place.apply(exit=1).stdout
    assert place.vendor.writes() == []
    assert "a new x" in told
    assert not place.listed or "the file wants the old one again, and m2 may be the new one" in told
    place("adopt", "x", "--id", "m1", "--yes")
    place.apply()
    assert place.vendor.writes() == []
    assert place.actions() == {"x": "noop"}


@pytest.mark.parametrize(("call", "moment"), [("POST /hooks", "after"), ("DELETE /hooks/m1", "before")])
def test_the_file_drops_it_before_the_replacement_is_done(dated: Place, call: str, moment: str) -> None:
    """Both that are there are pruned; until then nothing is."""
    dated.kill(call, moment)
    dated.declare()
    dated.apply()
    assert dated.vendor.writes() == []
    dated.apply("--prune-all")
    assert sorted(dated.vendor.writes()) == ["DELETE /hooks/m1", "DELETE /hooks/m2"]
    assert dated.urls() == {}
    assert not (dated.folder / "webhooks.lock.json.journal").exists()


@pytest.mark.parametrize("back", [True, False])
def test_what_was_made_in_vain_may_be_wanted_by_another(dated: Place, back: bool) -> None:
    """Another webhook of the file with that address keeps it, whether the first one goes back or goes away."""
    dated.kill("POST /hooks", "after")
    dated.declare(*(["x"] if back else []), "elsewhere")
    dated.apply("--prune-all")
    assert dated.vendor.writes() == ([] if back else ["DELETE /hooks/m1"])
    assert dated.urls() == {"m2": "https://hooks.acme.com/elsewhere"} | (
        {"m1": "https://hooks.acme.com/x"} if back else {}
    )
    assert set(dated.actions().values()) == {"noop"}
