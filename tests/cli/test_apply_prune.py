"""Removing, renaming and bringing back: prune deletes, switches off or is refused; a new name makes no call."""

import pytest

from tests.cli.world import World, hook, ledger, payments, wallet

OFF, ON = "WEBHOOK_STATUS_DEACTIVATED", "WEBHOOK_STATUS_ACTIVATED"


def test_github_deletes(world: World) -> None:
    """Pruning deletes at GitHub, exactly what the lock owns, and forgets it."""
    world.write({"ci": hook()})
    world.applied()
    stranger = world.box["github"].add("acme/api", events=["star"], config={"url": "https://other.acme.com/"})
    world.write({})
    assert world.actions() == {"ci": "orphan"}
    assert world.actions("--prune-all") == {"ci": "delete"}
    done = world.applied("--prune-all")
    assert "Plan: 0 to add, 0 to change, 1 to destroy." in done.stdout
    assert [each["id"] for each in world.box["github"].webhooks()] == [stranger]
    assert world.lock == {}


def test_gone_already_is_forgotten(world: World) -> None:
    """An orphan that is gone at the vendor is only forgotten."""
    world.write({"ci": hook()})
    world.applied()
    world.box["github"].remove(world.box["github"].webhooks()[0]["id"])
    world.write({})
    assert world.actions("--prune-all") == {"ci": "forget"}
    world.forget_requests()
    world.applied("--prune-all")
    assert world.total_writes() == 0
    assert world.lock == {}


def test_coinbase_switches_off_and_on_again(world: World) -> None:
    """Pruning switches off and keeps a tombstone; the same name later switches the same webhook on again."""
    world.write({"ledger": ledger(status="active")})
    world.applied()
    world.write({})
    assert world.actions("--prune-all") == {"ledger": "deactivate"}
    assert "switched off" in world("plan", "--prune-all").stdout
    world.applied("--prune-all")
    assert world.box["coinbase-payments"].webhooks()[0]["status"] == OFF
    assert world.lock["ledger"]["retired"] is True
    world.forget_requests()
    assert world.planned("--prune-all", "--detailed-exitcode")["summary"]["orphan"] == 0
    assert world("drift").exit == 0
    world.write({"ledger": ledger(status="active")})
    world.applied()
    (there,) = world.box["coinbase-payments"].webhooks()
    assert (there["id"], there["status"]) == ("wh_1001", ON)
    assert world.actions() == {"ledger": "noop"}
    assert "retired" not in world.lock["ledger"]


def test_coinbase_brought_back_without_a_status(world: World) -> None:
    """Without `status` in the file nothing switches it on, and the plan says so."""
    world.write({"ledger": ledger()})
    world.applied()
    world.write({})
    world.applied("--prune-all")
    world.write({"ledger": ledger()})
    assert "status: active" in world("plan").stdout
    world.applied()
    assert len(world.box["coinbase-payments"].webhooks()) == 1


def test_coinbase_deletes_where_the_account_can(world: World) -> None:
    """With the switch `delete`, pruning deletes."""
    world.box["coinbase-payments"].switch(delete=True)
    settings = {"coinbase": {"settings": {"delete": True}}}
    world.write({"ledger": ledger()}, providers=settings)
    world.applied()
    world.write({}, providers=settings)
    world.applied("--prune-all")
    assert world.box["coinbase-payments"].webhooks() == []
    assert world.lock == {}


@pytest.mark.parametrize("block", [hook(), ledger(), wallet(), payments()], ids=lambda block: block["provider"])
def test_a_new_name(world: World, block: dict) -> None:
    """`was:` carries the entry to its new name; no vendor is written to and nothing is made."""
    world.write({"old": block})
    world.applied()
    record = world.lock["old"]
    world.write({"new": {**block, "lifecycle": {"was": ["old"]}}})
    assert set(world.actions()) == {"new"}
    world.forget_requests()
    world.applied()
    writes = world.total_writes()
    assert writes == 0 or (block["provider"], writes) == ("coinbase", 1)  # the owner mark holds the name
    assert set(world.lock) == {"new"}
    assert world.lock["new"]["remote_id"] == record["remote_id"]
    assert world.lock["new"]["secret"] == record["secret"]
    assert world.actions() == {"new": "noop"}


def test_a_new_name_with_changes(world: World) -> None:
    """A rename and a change go together in one write."""
    world.write({"old": hook()})
    world.applied()
    world.write({"new": hook(events=["star"], lifecycle={"was": ["old"]})})
    world.forget_requests()
    world.applied()
    assert len(world.writes("github")) == 1
    assert set(world.lock) == {"new"}
    assert world.actions() == {"new": "noop"}


def test_a_new_name_without_saying_so(world: World) -> None:
    """The plan suggests `was:`; where the new one cannot be made beside the old, the old one is not pruned either."""
    world.write({"old": hook()})
    world.applied()
    world.write({"new": hook()})
    assert "was: [old]" in world("plan").stdout
    failed = world.apply("--prune")
    assert failed.exit == 1
    assert "1 failed, 1 skipped" in failed.stdout
    assert len(world.box["github"].webhooks()) == 1
    world.write({"new": hook(lifecycle={"was": ["old"]})})
    world.applied("--prune")
    assert world.actions("--prune") == {"new": "noop"}


def test_prune_of_a_provider_that_is_gone(world: World) -> None:
    """Where the file no longer has the provider, pruning is a problem with its way out, and others are pruned."""
    world.write({"ci": hook(), "ledger": ledger()})
    world.applied()
    world.write({}, drop=("coinbase",))
    result = world.apply("--prune-all")
    assert result.exit == 1
    assert "whsync state rm ledger" in result.stdout + result.stderr
    assert set(world.lock) == {"ledger"}
    assert world.box["github"].webhooks() == []


def test_another_scope_or_account_is_no_update(world: World) -> None:
    """A webhook that moved to another repository or account stops with a way out; nothing is made or left behind."""
    world.write({"ci": hook()})
    world.applied()
    world.write({"ci": hook(scope={"repo": "web"})})
    (problem,) = world.planned(exit=1)["problems"]
    assert "acme" in problem["summary"]
    assert "whsync state rm ci" in problem["hint"]
    world.forget_requests()
    assert world.apply().exit == 1
    assert world.total_writes() == 0


def test_retirements_come_last(world: World) -> None:
    """A delivery's new home exists before its old one goes."""
    world.write({"old": hook()})
    world.applied()
    world.write({"new": hook(url="https://ci.acme.com/v2")})
    world.forget_requests()
    world.applied("--prune-all")
    assert [call.partition(" ")[0] for call in world.writes("github")] == ["POST", "DELETE"]
