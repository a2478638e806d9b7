"""Secrets that have calls of their own at the vendor: rotated, and never lost on the way."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.keys import Fault, Keysafe, Shop, Signet, opened

ROTATE = {"keysafe": "POST /rotate", "signet": "POST /signature-key"}


@pytest.fixture
def keysafe(run: Run, tmp_path: Path, stack: ExitStack) -> Shop:
    """A vendor that shows and replaces secrets by calls of their own."""
    return opened(Keysafe(), run, tmp_path, stack)


@pytest.fixture
def signet(run: Run, tmp_path: Path, stack: ExitStack) -> Shop:
    """A vendor that shows a new secret once."""
    return opened(Signet(), run, tmp_path, stack)


@pytest.fixture(params=[Keysafe, Signet])
def shop(request: pytest.FixtureRequest, run: Run, tmp_path: Path, stack: ExitStack) -> Shop:
    """Either of the two."""
    return opened(request.param(), run, tmp_path, stack)


def test_rotate_has_the_vendor_issue_another(shop: Shop) -> None:
    """One call replaces the secret, the sink has it at once, the lock its fingerprint, and nothing is left to do."""
    shop("apply", "--yes")
    before, known = shop.sink.read_text("utf-8"), shop.record()
    result = shop.rotate()
    assert [call for call in shop.vendor.writes() if not call.endswith(ROTATE[shop.vendor.kind].split()[1])] == []
    assert len(shop.vendor.writes()) == 1
    assert shop.agrees()
    assert shop.sink.read_text("utf-8") != before
    assert shop.record()["fingerprint"] != known["fingerprint"]
    assert shop.vendor.writes()[0].split()[1] in result.stdout
    assert shop.change()["action"] == "noop"


def test_the_plan_tells_order_and_overlap(keysafe: Shop, run: Run, tmp_path: Path, stack: ExitStack) -> None:
    """Where the old secret lives on, that is said for how long; where nobody says, what it means for deliveries."""
    keysafe("apply", "--yes")
    assert "the old secret stays valid for 24 h at the vendor" in keysafe.rotate().stdout
    folder = tmp_path / "other"
    folder.mkdir()
    other = opened(Signet(), run, folder, stack)
    other("apply", "--yes")
    words = "the vendor first, then the sink: deliveries in between are signed with the new one already"
    assert words[1:] in other.rotate().stdout


def test_rotate_changes_what_else_differs_first(shop: Shop) -> None:
    """Fields go by their own call before the secret does, and the plan shows both."""
    shop("apply", "--yes")
    shop.write(url="https://hooks.acme.com/y")
    shop.rotate()
    assert [call.split()[0] for call in shop.vendor.writes()] == [
        {"keysafe": "PATCH", "signet": "PUT"}[shop.vendor.kind],
        "POST",
    ]
    assert shop.agrees()
    assert shop.change()["action"] == "noop"


def test_a_webhook_that_is_not_ours_yet_is_adopted_with_a_new_secret(signet: Shop) -> None:
    """An unknown secret is owned by having another issued."""
    signet.vendor.add(notification_url="https://hooks.acme.com/x", event_types=["a"], enabled=True)
    change = signet.change()
    assert (change["action"], change["secret"]) == ("adopt", "unverifiable")
    assert "`whsync rotate hook` issues a new one and stores it" in change["secret_note"]
    signet.rotate()
    assert signet.agrees()
    assert signet.change()["secret"] == "unverifiable"


def test_a_secret_of_ours_goes_by_the_call_that_takes_it(keysafe: Shop) -> None:
    """A changed reference is an update by that call, and the plan tells the overlap."""
    keysafe.environment["OURS"] = "the first of our secrets"
    keysafe.write(secret={"from": "env:OURS"})
    keysafe("apply", "--yes")
    keysafe.environment["OURS"] = "the second of our secrets"
    change = keysafe.change()
    assert [call["url"].rpartition("/endpoints")[2] for call in change["calls"]] == ["/k1/secret/rotate"]
    assert change["notes"] == ["the old secret stays valid for 24 h at the vendor"]
    keysafe("apply", "--yes")
    assert keysafe.vendor.secrets["k1"] == "the second of our secrets"
    assert keysafe.change()["action"] == "noop"


def test_a_secret_that_whsync_makes_keeps_the_vendors_rules(keysafe: Shop) -> None:
    """Length and alphabet are the manifest's, the sink has it first, and the file may not ask for more than fits."""
    keysafe.write(secret={"generate": 16, "to": "file:./secrets/hook"})
    keysafe("apply", "--yes")
    first = keysafe.sink.read_text("utf-8")
    assert "sink first, then the vendor" in keysafe.rotate().stdout
    assert keysafe.agrees()
    for made in (first, keysafe.sink.read_text("utf-8")):
        assert 24 <= len(made) <= 48
        assert made.isalnum()
    keysafe.write(secret={"generate": 64, "to": "file:./secrets/hook"})
    told = keysafe("validate", exit=1)
    assert "takes secrets of 48 characters at most; 64 bytes need 86" in told.stdout + told.stderr
    assert "{generate: 35, to: SINK}" in told.stdout + told.stderr


# When it does not go well


def test_a_refused_rotation_changes_nothing(shop: Shop) -> None:
    """The vendor said no, so the stored secret is still the one, and the lock knows it."""
    shop("apply", "--yes")
    known = shop.record()
    shop.vendor.faults[ROTATE[shop.vendor.kind]] = [Fault(403, done=False)]
    shop.rotate(exit=1)
    assert shop.agrees()
    assert shop.record() == known
    assert shop.change()["secret"] == "unverifiable"


def test_a_lost_answer_is_settled_by_fetching(keysafe: Shop) -> None:
    """The secret is fetched instead of rotating again, whether or not the vendor has replaced it."""
    keysafe("apply", "--yes")
    keysafe.vendor.faults["POST /rotate"] = [Fault()]
    assert "found by reading" in keysafe.rotate().stdout
    assert keysafe.agrees()
    assert len(keysafe.vendor.writes()) == 1
    keysafe.vendor.faults["POST /rotate"] = [Fault(500, done=False)]
    assert "its secret was not replaced" in keysafe.rotate(exit=1).stdout
    assert keysafe.agrees()
    assert len(keysafe.vendor.writes()) == 1
    assert keysafe.change()["secret"] == "unverifiable"


def test_a_lost_answer_that_nobody_can_read_is_owed(signet: Shop) -> None:
    """No apply rotates by itself: the webhook stops until the user rotates, for its sink may hold the old secret."""
    signet("apply", "--yes")
    signet.vendor.faults["POST /signature-key"] = [Fault()]
    told = signet.rotate(exit=1).stdout
    assert "whether its secret was replaced cannot be read" in told
    assert "`whsync rotate hook` issues a new one" in told
    assert len(signet.vendor.writes()) == 1
    assert signet.change(exit=1)["secret"] == "unverifiable"
    signet.vendor.asked.clear()
    told = signet("apply", "--yes", exit=1).stdout
    assert "its secret is owed: file:./secrets/hook may not have the one that the vendor issued last" in told
    assert "`whsync rotate hook` issues a new one and stores it" in told
    assert signet.vendor.writes() == []
    signet.rotate()
    assert signet.agrees()
    assert signet.change()["secret"] == "unverifiable"


@pytest.mark.parametrize("status", [403, 429, 500])
def test_a_new_secret_that_cannot_be_fetched_is_fetched_by_the_next_apply(status: int, keysafe: Shop) -> None:
    """The vendor has replaced it; nothing claims that the stored one is still good, and no second rotation is made."""
    keysafe("apply", "--yes")
    keysafe.vendor.faults["GET /secret"] = [Fault(status)] * 5
    told = keysafe.rotate(exit=1).stdout
    assert "updated, but not whole" in told
    assert "its new secret could not be read" in told
    assert "apply again: the secret is read first" in told
    keysafe.vendor.faults.clear()
    assert not keysafe.agrees()
    assert keysafe.record()["fingerprint"] is None
    keysafe("apply", "--yes")
    assert keysafe.agrees()
    assert len(keysafe.vendor.writes()) == 1


def test_a_sink_that_fails_leaves_the_new_secret_in_a_rescue_file(shop: Shop) -> None:
    """What the vendor will not show again is not lost, and the message names the file."""
    shop("apply", "--yes")
    folder = shop.sink.parent

    def full() -> None:
        shop.sink.unlink()
        shop.sink.mkdir()

    shop.vendor.meanwhile = full
    result = shop.rotate(exit=1)
    assert "it is safe in" in result.stdout + result.stderr
    rescued = [path.read_text("utf-8") for path in shop.folder.rglob("*") if path.is_file() and path.parent != folder]
    assert next(iter(shop.vendor.secrets.values())) in rescued


@pytest.mark.parametrize("settled", [True, False])
def test_killed_after_the_vendor_has_replaced_it(settled: bool, run: Run, tmp_path: Path, stack: ExitStack) -> None:
    """A process that dies between answer and sink: the next apply fetches the secret, or says that it is owed."""
    shop = opened(Keysafe() if settled else Signet(), run, tmp_path, stack)
    shop("apply", "--yes")
    command = [sys.executable, "-m", "reconciler", "rotate", "hook", "--yes"]
    environment = {**os.environ, **shop.environment}
    process = subprocess.Popen(
        command, cwd=shop.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    shop.vendor.meanwhile = lambda: os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    shop.vendor.meanwhile = None
    assert not shop.agrees()
    shop.vendor.asked.clear()
    told = shop("apply", "--yes", exit=0 if settled else 1).stdout
    assert ("its secret is owed" in told) is not settled
    assert shop.vendor.writes() == []
    if not settled:
        shop.rotate()
    assert shop.agrees()
    assert shop.change()["secret"] == "unverifiable"


def test_providers_show_tells_what_can_be_done_with_secrets(shop: Shop) -> None:
    """A manifest's words for secrets are said back to its author."""
    told = shop("providers", "show", "vendors/own.yaml").stdout
    assert "reissues: true" in told
    assert ("fetchable: true" in told) is (shop.vendor.kind == "keysafe")
    assert ("the old one stays valid for 24 h" in told) is (shop.vendor.kind == "keysafe")
