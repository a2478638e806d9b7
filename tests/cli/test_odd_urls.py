"""A vendor that writes URLs its own way, and texts that are no URLs and no text."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.keys import Fault, served
from tests.cli.mute import Mute, Place

OURS, THEIRS = "HTTPS://Hooks.Acme.com:443/%7Eci", "https://hooks.acme.com/~ci"
WRITTEN = f"{OURS}?token=a-token-of-ours"


class Tidy(Mute):
    """Keeps our URL in a spelling of its own."""

    def add(self, secret: str | None = None, created: str = "", **fields: Any) -> dict[str, Any]:
        """One more webhook."""
        return super().add(secret, created, **{**fields, "url": fields["url"].replace(OURS, THEIRS)})


@pytest.fixture
def place(run: Run, tmp_path: Path) -> Iterator[Place]:
    """A folder with that vendor."""
    vendor = Tidy()
    with served(vendor) as url:
        yield Place(run, tmp_path, vendor, url)


def test_another_spelling_of_a_url_is_no_difference(place: Place) -> None:
    """What the vendor made of our URL is our URL: nothing to do, no drift, and no secret of it anywhere."""
    place.declare("ci", url=WRITTEN)
    place.apply()
    assert place.actions() == {"ci": "noop"}
    assert place("drift").exit == 0
    said = [place(*words).stdout for words in (("plan",), ("drift", "--format", "json"), ("state", "show", "ci"))]
    assert "a-token-of-ours" not in "".join([*said, json.dumps(place.lock())])
    place.declare("ci", url=WRITTEN.replace("a-token-of-ours", "another-token"))
    assert place.actions() == {"ci": "replace"}


def test_a_lost_create_is_found_under_the_vendors_spelling(place: Place) -> None:
    """Nothing is made twice because the vendor writes our URL its own way, whether reading works at once or later."""
    place.declare("ci", url=WRITTEN)
    place.vendor.faults["POST /hooks"] = [Fault()]
    place.vendor.busy = 403
    place.apply(exit=1)
    place.vendor.heal()
    place.apply()
    assert len(place.vendor.rows) == 1
    assert place.actions() == {"ci": "noop"}


def test_a_lost_create_of_somebody_gone_is_found_too(place: Place) -> None:
    """The file has it no longer: by its URL, in any spelling, it is seen that the create may have made something."""
    place.declare("ci", url=WRITTEN)
    place.vendor.faults["POST /hooks"] = [Fault()]
    place.vendor.busy = 403
    place.apply(exit=1)
    place.vendor.heal()
    place.declare("other")
    assert "1 orphaned, 1 unverified" in place("plan").stdout
    place("plan", "--prune", exit=1)


@pytest.mark.parametrize("field", ["url", "text"])
def test_texts_of_others_end_no_plan(place: Place, field: str) -> None:
    """What nobody can read as a URL, or as text, is one odd webhook of somebody else; ours are compared as ever."""
    for text in ("https://[bad/z?k=s3cret", "https://a\u2100b?s3cret", "\ud800", "HTTPS://u:s3cret@h/x?k=s3cret"):
        place.vendor.add(**{"url": "https://x.example/x", field: text})
    place.declare("ci")
    place.apply()
    for words, exit in ((("plan",), 0), (("plan", "--format", "json"), 0), (("drift",), 2)):
        result = place(*words, exit=exit)
        assert "s3cret" not in result.stdout
    place.declare("ci", description="https://[bad] ask bob@acme.com")
    assert place.actions() == {"ci": "update"}


def test_our_own_webhook_with_half_a_character(place: Place) -> None:
    """A description that somebody broke at the vendor is a difference like any other, and can be adopted."""
    place.declare("ci")
    row = place.vendor.add(url="https://hooks.acme.com/ci", text="half \ud800", events=["a", "b"])
    place("adopt", "ci", "--id", row["id"], "--yes")
    assert place.lock()["ci"]["applied"]["description"] == "half \\ud800"
    assert place.actions() == {"ci": "update"}


def test_an_id_that_cannot_be_sent(place: Place) -> None:
    """The read fails with a sentence: nothing can be asked of such a webhook, nor can the lock hold its id."""
    place.declare("ci")
    place.vendor.add(url="https://x.example/x")["id"] = "\ud800x"
    result = place("plan", exit=1)
    assert "own could not be read: Mute sends a webhook" in result.stdout
    assert "cannot be encoded" in result.stdout
    assert "internal" not in result.stdout + result.stderr
