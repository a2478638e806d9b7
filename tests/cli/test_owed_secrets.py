"""Secrets that a vendor issued and that did not come: they are owed until the user has them or lets go of them."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.keys import Fault, Shop, Signet, opened
from tests.cli.world import World, wallet

BY_HAND = "ask the vendor for one and put it into file:./secrets/wallet; then `whsync adopt wallet --id account`"


class Coy(Signet):
    """Shows something else than the secret in the answer to a create."""

    def __init__(self, shows: str | None) -> None:
        super().__init__()
        self._shows = shows

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        """See `Vendor`."""
        status, document = super().answer(method, path, body)
        if method == "POST" and path[1:] == ["subscriptions"]:
            document["subscription"]["signature_key"] = self._shows
        return status, document


def killed(shop: Shop, *argv: str) -> None:
    """A command that dies once the vendor has done what a POST asks for, and before its answer is there."""
    process = subprocess.Popen(
        [sys.executable, "-m", "reconciler", *argv, "--yes"],
        cwd=shop.folder,
        env={**os.environ, **shop.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    shop.vendor.meanwhile = lambda: os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    shop.vendor.meanwhile = None
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("shows", [None, "", "********", "whsec_ab...", "[REDACTED]", "--------"])
def test_a_create_whose_answer_has_no_secret(shows: str | None, run: Run, tmp_path: Path, stack: ExitStack) -> None:
    """It was made, and that is not all: every run says what is owed, until another secret is there."""
    shop = opened(Coy(shows), run, tmp_path, stack)
    told = " ".join(shop("apply", "--yes", exit=1).stdout.split())
    assert "created, but not whole: secret: its secret is owed: file:./secrets/hook" in told
    assert ("the answer has only what looks like a mask" in told) is bool(shows)
    for argv in (("plan",), ("apply", "--yes"), ("apply", "--yes")):
        told = shop(*argv, exit=1).stdout
        assert "its secret is owed" in told
        assert "`whsync rotate hook` issues a new one and stores it" in told
    assert not shop.sink.exists()
    assert shop.vendor.writes() == ["POST /v2/subscriptions"]
    shop.rotate()
    assert shop.agrees()
    assert shop.change()["secret"] == "same"


def test_fields_are_applied_while_a_secret_is_owed(run: Run, tmp_path: Path, stack: ExitStack) -> None:
    """What needs no secret goes on, and the secret stays owed."""
    shop = opened(Coy(None), run, tmp_path, stack)
    shop("apply", "--yes", exit=1)
    shop.write(events=["a", "b"])
    assert "its secret is owed" in shop("apply", "--yes", exit=1).stdout
    assert shop.vendor.rows[0]["event_types"] == ["a", "b"]
    assert "its secret is owed" in shop("plan", exit=1).stdout


def test_killed_between_the_vendor_and_the_sink(run: Run, tmp_path: Path, stack: ExitStack) -> None:
    """The webhook is found again, and its secret is not taken for granted, not even after a refused rotation."""
    shop = opened(Signet(), run, tmp_path, stack)
    killed(shop, "apply")
    for _ in range(2):
        assert "its secret is owed" in shop("apply", "--yes", exit=1).stdout
    shop.vendor.faults["POST /signature-key"] = [Fault(403, done=False)]
    shop.rotate(exit=1)
    assert "its secret is owed" in shop("plan", exit=1).stdout
    shop.rotate()
    assert shop.agrees()
    assert len(shop.vendor.rows) == 1
    assert shop.change()["action"] == "noop"


def test_killed_while_it_is_made_again(run: Run, tmp_path: Path, stack: ExitStack) -> None:
    """What the lock knows of the webhook that is gone says nothing of the new one's secret."""
    shop = opened(Signet(), run, tmp_path, stack)
    shop("apply", "--yes")
    shop.vendor.rows.clear()
    killed(shop, "apply")
    assert "its secret is owed" in shop("apply", "--yes", exit=1).stdout
    shop.rotate()
    assert shop.agrees()
    assert shop.change()["secret"] == "same"


def test_a_vendor_that_issues_no_second_one(world: World) -> None:
    """The way out is one that exists there: by hand, and then the user's word is taken for it."""
    world.write({"wallet": wallet()})
    world.box["cryptofuse"].fail("drop-after", method="POST", path="/user/webhooks/")
    assert BY_HAND in world.apply().stdout
    for argv in (("plan",), ("apply", "--yes"), ("rotate", "wallet", "--yes")):
        told = world(*argv)
        assert told.exit == 1
        assert BY_HAND in told.stdout
    assert world("adopt", "wallet", "--id", "account", "--yes").exit == 0
    world.forget_requests()
    world.applied()
    assert world.change("wallet")["secret"] == "unverifiable"
    assert world.total_writes() == 0


def test_a_singleton_that_is_made_again(world: World) -> None:
    """It has the id that it had before, and another secret, which is owed although the lock knew the old one."""
    vendor = world.box["cryptofuse"]
    world.write({"wallet": wallet()})
    world.applied()
    vendor.remove("account")
    vendor.fail("drop-after", method="POST", path="/user/webhooks/")
    vendor.fail("403", method="GET", skip=2, times=None)  # whose account it is, and the webhook, are read before
    assert world.apply().exit == 1
    vendor.faults.clear()
    told = world.apply()
    assert told.exit == 1
    assert BY_HAND in told.stdout
    assert world.lock["wallet"]["secret"]["fingerprint"] is None
