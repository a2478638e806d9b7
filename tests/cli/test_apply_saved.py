"""`apply PLAN`: exactly that plan, unasked, or a refusal before the first write."""

import json
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.keys import opened
from tests.cli.mute import Mute
from tests.cli.world import CI_SECRET, World, hook, ledger, payments, wallet

BEFORE = {"ci": hook(), "ledger": ledger()}
AFTER = {"ci": hook(events=["star"]), "ledger": ledger(), "wallet": wallet()}


@pytest.fixture
def saved(world: World) -> World:
    """A world with a saved plan: one update, one create, and `ledger` untouched."""
    world.write(BEFORE)
    world.applied()
    world.write(AFTER)
    assert world("plan", "--out", "saved").exit == 0
    world.forget_requests()
    return world


def stale(world: World) -> str:
    """Applying the saved plan must be refused with 1 before any write; what it said."""
    world.forget_requests()
    before = world.files()
    result = world("apply", "saved", "--format", "json")
    assert result.exit == 1, result
    assert world.total_writes() == 0
    assert world.files() == before
    assert json.loads(result.stdout.splitlines()[-1])["error"]["kind"] == "stale_plan"
    return result.stderr


def test_exactly_that(saved: World) -> None:
    """It is carried out without asking; planning again is empty."""
    result = saved("apply", "saved")
    assert result.exit == 0
    assert "2 applied" in result.stdout
    assert saved.writes("github") == [f"PATCH /repos/acme/api/hooks/{saved.lock['ci']['remote_id']}"]
    assert saved.writes("cryptofuse") == ["POST /user/webhooks/"]
    assert saved.writes("coinbase-payments") == []
    assert set(saved.actions().values()) == {"noop"}


def test_not_twice(saved: World) -> None:
    """A plan that was applied is stale afterwards."""
    assert saved("apply", "saved").exit == 0
    assert "the lock has changed" in stale(saved)


def test_another_file(saved: World) -> None:
    """The file changed since."""
    saved.write({**AFTER, "ci": hook(events=["fork"])})
    assert "files" in stale(saved)


def test_another_manifest(run: Run, tmp_path: Path, stack: ExitStack) -> None:
    """The user's own manifest changed since: other calls would be made than those that were reviewed."""
    shop = opened(Mute(), run, tmp_path, stack)
    shop.write(secret={"from": "env:TOKEN"})
    shop("plan", "--out", "saved")
    manifest = tmp_path / "vendors" / "own.yaml"
    manifest.write_text(manifest.read_text("utf-8") + "# as it should be\n", "utf-8")
    assert "manifests" in shop("apply", "saved", exit=1).stderr
    assert shop.vendor.writes() == []


def test_another_lock(saved: World) -> None:
    """The lock changed since."""
    assert saved("state", "rm", "ledger", "--yes").exit == 0
    assert "lock" in stale(saved)


def test_another_secret(saved: World) -> None:
    """A secret's value changed since: it would send what nobody reviewed."""
    saved.environment["CI_SECRET"] = "not what was planned"
    assert "ci" in stale(saved)
    assert saved.box["github"].webhooks()[0]["config"]["secret"] == CI_SECRET


def test_another_remote(saved: World) -> None:
    """A webhook that the plan would change is no longer as it saw it."""
    key = saved.box["github"].webhooks()[0]["id"]
    saved.box["github"].edit(key, active=False)
    assert "ci" in stale(saved)


def test_made_by_somebody_else(saved: World) -> None:
    """What the plan would create exists by now."""
    saved.box["cryptofuse"].add(callback_url="https://hooks.acme.com/cryptofuse")
    assert "wallet" in stale(saved)


def cannot_tell(world: World, kind: str) -> str:
    """Applying the saved plan must end with 1 and the problem of that kind, before any write; what it said."""
    world.forget_requests()
    result = world("apply", "saved", "--format", "json")
    assert result.exit == 1, result
    assert world.total_writes() == 0
    error = json.loads(result.stdout.splitlines()[-1])["error"]
    assert error["kind"] == kind
    assert {problem["kind"] for problem in error["problems"]} == {kind}
    return result.stderr


def test_a_remote_that_cannot_be_read(saved: World) -> None:
    """An affected webhook that cannot be read proves nothing, and the plan is not called stale for that."""
    saved.box["github"].fail("500", method="GET", times=None)
    assert "cannot be told: ci" in cannot_tell(saved, "vendor")


def test_a_token_that_is_refused(saved: World) -> None:
    """Wrong credentials are kind auth."""
    saved.environment["GITHUB_TOKEN"] = "wrong"
    cannot_tell(saved, "auth")


def test_a_secret_that_is_missing(saved: World) -> None:
    """A secret that the plan needs and that is not set is named."""
    del saved.environment["CI_SECRET"]
    assert "CI_SECRET is not set" in cannot_tell(saved, "secret")


def test_a_problem_elsewhere(saved: World) -> None:
    """What fails at a provider that the moved webhook is not at explains nothing."""
    saved.box["coinbase-payments"].fail("500", method="GET", times=None)
    saved.box["github"].edit(saved.box["github"].webhooks()[0]["id"], active=False)
    assert "no longer as the plan saw it: ci" in stale(saved)


def test_an_unaffected_remote(saved: World) -> None:
    """A webhook that the plan does not touch may move, or fail to be read; the plan still holds."""
    saved.box["coinbase-payments"].edit("wh_1001", description="by hand", events=["EVENT_TYPE_PAYMENT_VOIDED"])
    result = saved("apply", "saved")
    assert result.exit == 0
    assert saved.writes("coinbase-payments") == []


def test_an_offline_plan(world: World) -> None:
    """A plan that never saw the vendors is refused, and says how to make one that did."""
    world.write(BEFORE)
    assert world("plan", "--offline", "--out", "saved").exit == 0
    assert "--offline" in stale(world)


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"format": "whsync.lock/1"}', '{"format": "whsync.plan/9"}'])
def test_no_plan(world: World, content: str | None) -> None:
    """A missing, broken, foreign or newer plan is 1, with its name and a way out, before any call."""
    world.write(BEFORE)
    if content is not None:
        (world.folder / "saved").write_text(content)
    result = world("apply", "saved")
    assert result.exit == 1
    assert "saved" in result.stderr
    assert all(world.box[vendor].requests == [] for vendor in world.box)


def test_a_plan_with_options_of_its_own(saved: World) -> None:
    """Flags that would make it another plan are wrong usage."""
    for flag in (("--prune",), ("--prune-all",), ("--reassert",), ("--target", "ci"), ("--max-changed", "3")):
        assert saved("apply", "saved", *flag).exit == 64


def test_a_targeted_plan(world: World) -> None:
    """A plan for one target does only that."""
    world.write({"ci": hook(), "payments": payments()})
    assert world("plan", "--target", "payments", "--out", "saved").exit == 0
    assert world("apply", "saved").exit == 0
    assert set(world.lock) == {"payments"}


def test_a_refused_plan(world: World) -> None:
    """A plan that a policy refuses can be saved and shown, but its apply is refused with 3."""
    world.write(BEFORE, policy={"allowed_hosts": ["example.com"]})
    assert world("plan", "--out", "saved").exit == 3
    assert world("apply", "saved").exit == 3
    assert world.total_writes() == 0


def test_a_tampered_plan(saved: World) -> None:
    """What is carried out comes from file and vendor, so a plan edited by hand is stale, not obeyed."""
    path = saved.folder / "saved"
    path.write_text(path.read_text().replace('"star"', '"fork"'))
    assert "ci" in stale(saved)
