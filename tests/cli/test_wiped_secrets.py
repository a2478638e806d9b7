"""A vendor that drops the secret from every update that leaves it out: the manifest says so in one word."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.conftest import Run
from tests.cli.keys import served
from tests.cli.mute import OURS, Mute, Place

WIPED = "wiped"


class Forgetful(Mute):
    """It takes a PATCH for the whole of what matters: without the secret there is none any more."""

    def done(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        """As the others, and then the secret is gone."""
        wipes = method == "PATCH" and "secret" not in body
        answer = super().done(method, path, body)
        if wipes and path[1:2]:
            self.secrets[path[1]] = WIPED
        return answer


@pytest.fixture
def place(run: Run, tmp_path: Path) -> Iterator[Place]:
    """A folder with one webhook that was made with a secret of ours."""
    vendor = Forgetful()
    with served(vendor) as url:
        made = Place(run, tmp_path, vendor, url)
        manifest = made.folder / "vendors" / "own.yaml"
        words = yaml.safe_load(manifest.read_text("utf-8"))
        words["secret"] |= {"wiped_if_omitted": True}
        manifest.write_text(yaml.safe_dump(words), "utf-8")
        made.declare("x", secret={"from": "env:OURS"})
        made.apply()
        assert vendor.secrets["m1"] == OURS
        yield made


def test_the_secret_goes_along_with_every_change(place: Place) -> None:
    """Another description is one call, with the secret in it, so that the vendor still has it; then all is well."""
    place.declare("x", secret={"from": "env:OURS"}, description="two")
    place.apply()
    assert place.vendor.writes() == ["PATCH /hooks/m1"]
    assert place.vendor.rows[0]["text"] == "two"
    assert place.vendor.secrets["m1"] == OURS
    assert "No changes" in place("plan").stdout


def test_a_call_that_cannot_set_the_secret_goes_without_it(place: Place) -> None:
    """The switch of its own covers nothing but the status."""
    place.declare("x", secret={"from": "env:OURS"}, status="inactive")
    place.apply()
    assert place.vendor.writes() == ["PUT /hooks/m1/state"]
    assert place.vendor.secrets["m1"] == OURS


def test_without_the_secret_the_change_is_refused_with_the_way_out(place: Place) -> None:
    """Whoever takes the secret out of the file does not lose it at the vendor by another description."""
    place.declare("x", description="two")
    told = place("plan", exit=1)
    assert "Mute would lose the secret if description changed without it, and the file has none" in told.stdout
    assert "`whsync rotate x` sets it and changes the rest with it" in told.stdout
    place.apply(exit=1)
    assert place.vendor.writes() == []
    assert place.vendor.secrets["m1"] == OURS


def test_a_secret_that_may_be_another_is_not_sent_by_itself(place: Place) -> None:
    """Of a webhook that was there before, nobody knows which secret it has: told, with the command that sends ours."""
    (place.folder / "webhooks.lock.json").unlink()
    place.declare("x", secret={"from": "env:OURS"}, description="two")
    told = place.apply("--max-changed", "100%", exit=1)
    assert "is not known to be the file's" in told.stdout
    assert place.vendor.secrets["m1"] == OURS
    place.apply("--own-secrets", "--max-changed", "100%")
    assert place.vendor.secrets["m1"] == OURS
    assert place.vendor.rows[0]["text"] == "two"


def test_what_a_create_leaves_for_an_update_takes_the_secret_along(place: Place) -> None:
    """The update that follows a create must not undo its secret."""
    manifest = place.folder / "vendors" / "own.yaml"
    words = yaml.safe_load(manifest.read_text("utf-8"))
    words["options"] = {"note": {"write": "/note", "sets": "update", "initially": ""}}
    manifest.write_text(yaml.safe_dump(words), "utf-8")
    place.declare("x", "y", secret={"from": "env:OURS"}, options={"note": "n"})
    place.apply()
    assert place.vendor.writes() == ["PATCH /hooks/m1", "POST /hooks", "PATCH /hooks/m2"]
    assert set(place.vendor.secrets.values()) == {OURS}
