"""`drift`: what changed at the vendors since the last apply, whatever the file says by now."""

import json

import pytest

from tests.cli.world import World, hook, ledger, payments, wallet

ALL = {"ci": hook(), "ledger": ledger(), "wallet": wallet(), "payments": payments()}


@pytest.fixture
def applied(world: World) -> World:
    """A world with one webhook at every vendor."""
    world.write(ALL)
    world.applied()
    world.forget_requests()
    return world


def report(world: World, exit: int) -> dict:
    """The report as JSON, by webhook name."""
    result = world("drift", "--format", "json")
    assert result.exit == exit, result
    return json.loads(result.stdout)


def test_none(applied: World) -> None:
    """Nobody changed anything: 0, whatever the file says meanwhile; what cannot be read is unverified."""
    applied.write({"ci": hook(events=["star"])})
    result = applied("drift")
    assert result.exit == 0
    assert "unverified" in result.stdout
    assert report(applied, 0)["webhooks"]
    assert applied.total_writes() == 0


def test_changed(applied: World) -> None:
    """A field changed at the vendor is 2, with before and after."""
    applied.box["github"].edit(applied.box["github"].webhooks()[0]["id"], events=["push"])
    result = applied("drift")
    assert result.exit == 2
    assert "~ ci" in result.stdout
    (webhook,) = [each for each in report(applied, 2)["webhooks"] if each["name"] == "ci"]
    (field,) = webhook["fields"]
    assert (field["path"], field["before"], field["after"]) == ("/events", ["pull_request", "push"], ["push"])
    assert applied.total_writes() == 0


def test_a_secret_that_moved(applied: World) -> None:
    """A secret that was taken away or renewed there is drift, and `plan` counts the same, even what it cannot mend."""
    applied.box["github"].edit(applied.box["github"].webhooks()[0]["id"], config={"secret": None})
    applied.box["cryptofuse"].rotate_secret()
    assert report(applied, 2)["summary"]["drift"] == 2
    assert applied.planned()["summary"]["drift"] == 2
    assert "2 drifted" in applied("plan").stdout
    applied.environment["CI_SECRET"] = "ours is another one now"
    assert applied.planned()["summary"]["drift"] == 1


def test_gone(applied: World) -> None:
    """A webhook that somebody deleted is drift, also where the file does not have it any more."""
    applied.box["github"].remove(applied.box["github"].webhooks()[0]["id"])
    applied.box["cryptofuse"].remove("account")
    applied.write({name: block for name, block in ALL.items() if name != "ci"})
    result = applied("drift")
    assert result.exit == 2
    assert "gone" in result.stdout
    gone = {each["name"] for each in report(applied, 2)["webhooks"] if each["certainty"] == "absent"}
    assert gone == {"ci", "wallet"}


def test_a_secret_removed(applied: World) -> None:
    """A secret that somebody took away is drift, though its value can never be read."""
    applied.box["github"].edit(applied.box["github"].webhooks()[0]["id"], config={"secret": None})
    result = applied("drift")
    assert result.exit == 2
    assert "secret" in result.stdout
    assert applied.change("ci")["secret"] == "changed"
    applied.applied()
    assert applied("drift").exit == 0


def test_a_read_that_fails(applied: World) -> None:
    """What cannot be read is a problem and 1, never drift; other drift is still told."""
    applied.box["github"].fail("500", method="GET", times=None)
    applied.box["coinbase-payments"].edit("wh_1001", events=["EVENT_TYPE_PAYMENT_VOIDED"])
    result = applied("drift")
    assert result.exit == 1
    assert "~ ledger" in result.stdout
    assert "github" in result.stdout + result.stderr
    told = report(applied, 1)
    assert [problem["provider"] for problem in told["problems"]] == ["github"]
    assert {each["name"]: each["certainty"] for each in told["webhooks"]}["ci"] == "unknown"


def test_targets(applied: World) -> None:
    """A target limits what is read; an unknown one is 64."""
    applied.box["github"].edit(applied.box["github"].webhooks()[0]["id"], events=["push"])
    assert applied("drift", "--target", "ledger").exit == 0
    assert applied("drift", "--target", "ci").exit == 2
    wrong = applied("drift", "--target", "legder")
    assert wrong.exit == 64
    assert "ledger" in wrong.stderr


def test_nothing_applied(world: World) -> None:
    """With nothing applied there is no drift, and no vendor is asked."""
    world.write(ALL)
    result = world("drift")
    assert result.exit == 0
    assert all(world.box[vendor].requests == [] for vendor in world.box)


def test_a_provider_that_is_gone(applied: World) -> None:
    """An entry whose provider the file no longer has is a problem with its way out."""
    applied.write({"ci": hook()}, drop=("coinbase",))
    result = applied("drift")
    assert result.exit == 1
    assert "whsync state rm ledger" in result.stdout + result.stderr


def test_a_field_that_leaves_the_file_is_no_difference(world: World) -> None:
    """From then on the vendor may have what it wants: plan and drift are silent, and the lock keeps its bytes."""
    world.write({"ci": hook(events=["push"], status="active")})
    world.applied()
    held = world.lock_path.read_bytes()
    world.write({"ci": {key: value for key, value in hook().items() if key not in ("events", "status")}})
    key = world.box["github"].webhooks()[0]["id"]
    world.box["github"].edit(key, events=["star"], active=False)
    assert world("plan", "--detailed-exitcode").exit == 0
    assert world("drift").exit == 0
    world.applied()
    assert world.lock_path.read_bytes() == held
    world.write({"ci": hook(events=["star"], status="active")})
    plan = world("plan").stdout
    assert "inactive -> active" in plan
    world.applied()
    assert world.box["github"].webhooks()[0]["active"] is True
