"""A webhook that must be made anew: killed at every moment, there is one of it in the end, and the old one is gone."""

import signal
from collections.abc import Iterator
from pathlib import Path

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


def killed(place: Place, call: str, moment: str) -> None:
    """Apply, and die before the vendor does what it is asked, or after."""
    process = place.begin("apply", "--yes")

    def watch(now: str, when: str) -> bool:
        if not place.vendor.writes() or not now.startswith(call) or when != moment:
            return True
        process.kill()
        process.wait(60)
        return False

    place.vendor.watch = watch
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    place.vendor.heal()


def urls(place: Place) -> dict[str, str]:
    """What is at the vendor."""
    return {row["id"]: row["url"] for row in place.vendor.rows}


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", ["POST /hooks", "DELETE /hooks/m1", "GET /hooks"])
def test_killed_at_every_moment(place: Place, call: str, moment: str) -> None:
    """The next apply ends with the new webhook alone; where no list shows what the dead run made, it asks first."""
    killed(place, call, moment)
    if call == "POST /hooks" and not place.listed:
        told = place.apply(exit=1).stdout
        assert "a new x was sent on" in told
        assert "its answer was lost; this API cannot be searched" in told
        assert place.vendor.writes() == []
        there = max(urls(place))
        said = place("adopt", "x", "--id", there, "--yes").stdout
        assert ("It replaces m1, which the next apply retires" in said) is (there == "m2")
    place.apply()
    assert urls(place) == {"m2": "https://hooks.acme.com/elsewhere"}
    assert place.actions() == {"x": "noop"}
    assert not (place.folder / "webhooks.lock.json.journal").exists()


@pytest.mark.parametrize("done", [True, False])
def test_the_answer_is_lost(place: Place, done: bool) -> None:
    """The run says that the next one looks, and that one makes no second webhook."""
    place.vendor.faults["POST /hooks"] = [Fault(done=done)]
    assert "replace failed: network" in place.apply(exit=1).stdout
    if not place.listed:
        assert "`whsync adopt x --id ID`" in place.apply(exit=1).stdout
        place("adopt", "x", "--id", max(urls(place)), "--yes")
    place.apply()
    assert list(urls(place)) == ["m2"]
    assert place.actions() == {"x": "noop"}


def test_the_old_one_will_not_go(place: Place) -> None:
    """The new one is there and recorded; the old one is retired by the first apply that can."""
    place.vendor.faults["DELETE /hooks/m1"] = [Fault(403, done=False)]
    assert "replaced, but not whole" in place.apply(exit=1).stdout
    assert len(urls(place)) == 2
    place.apply()
    assert place.vendor.writes() == ["DELETE /hooks/m1"]
    assert list(urls(place)) == ["m2"]
    assert place.actions() == {"x": "noop"}
