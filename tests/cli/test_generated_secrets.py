"""Secrets that whsync makes have the form that the vendor's manifest says, at the vendor and in the sink."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import Run
from tests.cli.keys import served
from tests.cli.mute import Mute, Place


@pytest.fixture
def place(run: Run, tmp_path: Path) -> Iterator[Place]:
    """A vendor that takes secrets as Standard Webhooks has them."""
    vendor = Mute()
    with served(vendor) as url:
        made = Place(run, tmp_path, vendor, url)
        path = made.folder / "vendors" / "own.yaml"
        words = yaml.safe_load(path.read_text("utf-8"))
        words["secret"] |= {"prefix": "whsec_", "alphabet": "base64"}
        path.write_text(yaml.safe_dump(words), "utf-8")
        yield made


@pytest.mark.parametrize(("asked", "has"), [(16, 24), (32, 32), (64, 64)])
def test_a_made_secret_is_what_libraries_can_read(place: Place, asked: int, has: int) -> None:
    """Prefix, and padded Base64 of no fewer bytes than they take; the sink holds what the vendor holds."""
    place.declare("x", secret={"generate": asked, "to": "file:./secrets/hook"})
    place.apply()
    sent = place.vendor.secrets["m1"]
    assert sent == place.sink.read_text("utf-8")
    assert sent.startswith("whsec_")
    assert len(base64.b64decode(sent.removeprefix("whsec_"), validate=True)) == has
    assert "No changes" in place("plan").stdout


def test_more_than_they_take_is_an_error_of_the_file(place: Place) -> None:
    """At validation, with what would fit."""
    place.declare("x", secret={"generate": 65, "to": "file:./secrets/hook"})
    told = place("validate", exit=1).stderr
    assert "Mute takes secrets of 64 bytes at most" in told
    assert "write {generate: 64, to: SINK}" in told


def test_the_form_is_shown(place: Place) -> None:
    """`providers show` says what is special about a vendor's secrets."""
    told = place("providers", "show", "./vendors/own.yaml").stdout
    assert "prefix: whsec_" in told
    assert "fewest_bytes: 24" in told
    assert "most_bytes: 64" in told
