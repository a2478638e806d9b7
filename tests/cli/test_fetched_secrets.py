"""Secrets that the vendor shows by a call of their own: asked for where nothing else tells, and stored."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.keys import Fault, Keysafe, Shop, served


@pytest.fixture
def keysafe(run: Run, tmp_path: Path) -> Iterator[Shop]:
    """A vendor that shows and replaces secrets by calls of their own, and a webhook whose secret is to be stored."""
    vendor = Keysafe()
    with served(vendor) as url:
        shop = Shop(run, tmp_path, vendor, url)
        shop.write()
        yield shop


def test_a_created_webhook_has_its_secret_fetched(keysafe: Shop) -> None:
    """The create's answer lacks the secret, so it is fetched and stored at once; later plans do not fetch it again."""
    keysafe("apply", "--yes")
    assert keysafe.agrees()
    assert keysafe.vendor.asked[-2:] == ["POST /endpoints", "GET /endpoints/k1/secret"]
    keysafe.vendor.asked.clear()
    assert keysafe.change()["action"] == "noop"
    assert keysafe.vendor.asked == ["GET /endpoints"]


def test_an_adopted_webhook_has_its_secret_fetched(keysafe: Shop) -> None:
    """The plan says that it will be stored, and the apply stores it without a write to the vendor."""
    keysafe.vendor.add(url="https://hooks.acme.com/x", topics=["a"])
    change = keysafe.change()
    assert (change["action"], change["secret"], change["secret_note"]) == ("adopt", "new", "will be stored")
    keysafe("apply", "--yes")
    assert keysafe.agrees()
    assert keysafe.vendor.writes() == []
    assert keysafe.change()["secret"] == "unverifiable"


def test_our_own_secret_is_compared_with_the_one_fetched(keysafe: Shop) -> None:
    """An adopted webhook that has our secret already is left alone; one that has another gets ours."""
    keysafe.vendor.add("ours-and-quite-long", url="https://hooks.acme.com/x", topics=["a"])
    keysafe.environment["OURS"] = "ours-and-quite-long"
    keysafe.write(secret={"from": "env:OURS"})
    assert keysafe.change()["secret"] == "unverifiable"
    keysafe.vendor.secrets["k1"] = "somebody else's secret"
    assert keysafe.change()["secret"] == "changed"
    keysafe("apply", "--yes")
    assert keysafe.vendor.secrets["k1"] == "ours-and-quite-long"


def test_a_secret_that_may_not_be_read_stops_its_webhook(keysafe: Shop) -> None:
    """Nothing goes on without the secret that the file wants stored, and the problem says what failed."""
    keysafe.vendor.add(url="https://hooks.acme.com/x", topics=["b"])
    keysafe.vendor.faults["GET /secret"] = [Fault(403)]
    result = keysafe("apply", "--yes", exit=1)
    assert "its secret could not be read" in result.stdout
    assert keysafe.vendor.writes() == []
    assert not keysafe.sink.exists()


@pytest.mark.parametrize("status", [403, 429, 500])
def test_a_secret_that_cannot_be_fetched_after_a_create_is_fetched_by_the_next_apply(
    status: int, keysafe: Shop
) -> None:
    """The webhook is made once; what is owed is said and made good."""
    keysafe.vendor.faults["GET /secret"] = [Fault(status)] * 5
    told = keysafe("apply", "--yes", exit=1).stdout
    assert "created, but not whole" in told
    assert "its new secret could not be read" in told
    assert "apply again: the secret is read first" in told
    keysafe.vendor.faults.clear()
    keysafe("apply", "--yes")
    assert keysafe.agrees()
    assert keysafe.vendor.writes() == ["POST /endpoints"]


def test_a_lost_create_has_its_secret_fetched(keysafe: Shop) -> None:
    """The answer is lost, the webhook is found by reading, and its secret is fetched."""
    keysafe.vendor.faults["POST /endpoints"] = [Fault()]
    keysafe("apply", "--yes")
    assert keysafe.agrees()
    assert keysafe.vendor.writes() == ["POST /endpoints"]
