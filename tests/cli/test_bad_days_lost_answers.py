"""The answer of a write is lost: nothing is sent twice before the vendor was read, and what is owed is said."""

import pytest

from tests.cli.world import CI_SECRET, World, events, hook, ledger, wallet

LIST = {"coinbase": {"settings": {"list": True}}}


def failure(world: World, *argv: str) -> dict:
    """The one problem of an apply that must fail."""
    result = world.apply("--format", "json", *argv)
    assert result.exit == 1, result
    (problem,) = [event["problem"] for event in events(result) if event["event"] == "failed"]
    return problem


@pytest.mark.parametrize("fault", ["drop-after", "commit-500", "commit-html", "commit-half-json", "commit-502"])
def test_github_create(world: World, fault: str) -> None:
    """A create that happened although its answer was lost is found by reading: one hook, one POST, our secret known."""
    world.write({"ci": hook()})
    world.box["github"].fail(fault, method="POST")
    world.applied()
    assert world.actions() == {"ci": "noop"}
    assert world.change("ci")["secret"] == "same"
    world.applied()
    assert world.writes("github") == ["POST /repos/acme/api/hooks"]
    assert [each["config"]["secret"] for each in world.box["github"].webhooks()] == [CI_SECRET]


@pytest.mark.parametrize("fault", ["drop-before", "500", "html", "502"])
def test_github_create_that_did_not_happen(world: World, fault: str) -> None:
    """Where reading shows that nothing was made, the apply says so with 1, and the next one makes it."""
    world.write({"ci": hook()})
    world.box["github"].fail(fault, method="POST")
    problem = failure(world)
    assert "reading shows that it was not applied" in problem["summary"]
    assert "again" in problem["hint"]
    world.applied()
    assert len(world.box["github"].webhooks()) == 1
    assert world.writes("github") == ["POST /repos/acme/api/hooks"] * 2


def test_github_create_with_reading_broken_too(world: World) -> None:
    """Where reading fails as well, the question stays open; the next run reads first and finds the hook."""
    world.write({"ci": hook()})
    world.box["github"].fail("drop-after", method="POST")
    world.box["github"].fail("403", method="GET", skip=1, times=None)
    problem = failure(world)
    assert "reading it back failed as well" in problem["summary"]
    world.box["github"].faults.clear()
    assert world("state", "list").stdout.strip().endswith("not settled")
    world.applied()
    assert world.writes("github").count("POST /repos/acme/api/hooks") == 1
    assert [each["config"]["secret"] for each in world.box["github"].webhooks()] == [CI_SECRET]
    assert world.actions() == {"ci": "noop"}
    assert not (world.folder / "webhooks.lock.json.journal").exists()


@pytest.mark.parametrize("fault", ["drop-after", "commit-500", "commit-html", "commit-empty"])
def test_cryptofuse_first_post(world: World, fault: str) -> None:
    """The first POST is not repeated before the account was read; then: applied, and its secret is lost. Exit 1."""
    world.write({"wallet": wallet()})
    world.box["cryptofuse"].fail(fault, method="POST", path="/user/webhooks/")
    problem = failure(world)
    asked = [f"{each.method} {each.path}" for each in world.box["cryptofuse"].requests]
    post = asked.index("POST /user/webhooks/")
    assert "GET /user/me/" in asked[post:]
    assert asked.count("POST /user/webhooks/") == 1
    assert problem["kind"] == "secret"
    assert "its secret was in the answer that was lost" in problem["summary"]
    assert world.lock["wallet"]["remote_id"] == "account"
    assert not (world.folder / "secrets" / "wallet").exists()


def test_cryptofuse_first_post_that_did_not_happen(world: World) -> None:
    """Where reading shows no webhook, the next apply makes it and stores its secret."""
    world.write({"wallet": wallet()})
    world.box["cryptofuse"].fail("drop-before", method="POST", path="/user/webhooks/")
    assert "not applied" in failure(world)["summary"]
    world.applied()
    assert (world.folder / "secrets/wallet").read_text() == world.box["cryptofuse"].webhooks()[0]["secret"]


def test_coinbase_create_without_a_list(world: World) -> None:
    """Nobody can look: it stops, says how to adopt, and no later run sends it again."""
    world.write({"ledger": ledger()})
    world.box["coinbase-payments"].fail("drop-after", method="POST")
    problem = failure(world)
    assert "whsync adopt ledger --id" in problem["hint"]
    world.forget_requests()
    stopped = world.apply()
    assert stopped.exit == 1
    assert world.total_writes() == 0
    assert "whsync adopt ledger --id" in stopped.stdout + stopped.stderr
    assert world.actions(exit=1) == {"ledger": "noop"}


def test_coinbase_adopting_the_lost_one(world: World) -> None:
    """Adopting by id settles it: no second webhook, and its secret, which this vendor shows, is stored."""
    world.write({"ledger": ledger()})
    world.box["coinbase-payments"].fail("drop-after", method="POST")
    assert world.apply().exit == 1
    adopted = world("adopt", "ledger", "--id", "wh_1001", "--yes")
    assert adopted.exit == 0
    world.forget_requests()
    world.applied()
    assert world.total_writes() == 0
    assert (world.folder / "secrets/ledger").read_text() == world.box["coinbase-payments"].webhooks()[0]["secret"]
    assert world.actions() == {"ledger": "noop"}


def test_coinbase_forgetting_the_attempt(world: World) -> None:
    """The user looked and there is nothing: `state rm` lets the next apply create."""
    world.write({"ledger": ledger()})
    world.box["coinbase-payments"].fail("drop-before", method="POST")
    assert world.apply().exit == 1
    assert world("state", "rm", "ledger", "--yes").exit == 0
    world.applied()
    assert len(world.box["coinbase-payments"].webhooks()) == 1
    assert world.actions() == {"ledger": "noop"}


def test_coinbase_with_a_list(world: World) -> None:
    """Where the account can list, a lost create is found by its owner mark, and the secret it shows is stored."""
    world.box["coinbase-payments"].switch(list=True)
    world.write({"ledger": ledger()}, providers=LIST)
    world.box["coinbase-payments"].fail("drop-after", method="POST")
    world.applied()
    assert world.writes("coinbase-payments") == ["POST /api/v1/webhooks"]
    assert (world.folder / "secrets/ledger").read_text() == world.box["coinbase-payments"].webhooks()[0]["secret"]
    assert world.actions() == {"ledger": "noop"}


def test_coinbase_mark_survives_another_url(world: World) -> None:
    """The owner mark finds a webhook whose URL somebody changed while the lock was lost."""
    world.box["coinbase-payments"].switch(list=True)
    world.write({"ledger": ledger()}, providers=LIST)
    world.applied()
    world.lock_path.unlink()
    world.box["coinbase-payments"].edit("wh_1001", url="https://hooks.acme.com/moved")
    assert world.actions() == {"ledger": "adopt"}
    world.applied()
    assert [each["url"] for each in world.box["coinbase-payments"].webhooks()] == ["https://hooks.acme.com/coinbase"]


def test_coinbase_second_call_lost(world: World) -> None:
    """The call that switches off is lost: reading it back settles the question."""
    world.write({"ledger": ledger(status="inactive")})
    world.box["coinbase-payments"].fail("drop-after", method="PUT", times=None)
    world.apply()
    world.box["coinbase-payments"].faults.clear()
    world.applied()
    assert world.actions() == {"ledger": "noop"}
    assert len(world.box["coinbase-payments"].webhooks()) == 1


@pytest.mark.parametrize("fault", ["drop-after", "commit-500", "commit-half-json"])
def test_github_update(world: World, fault: str) -> None:
    """A lost update that took effect is recorded as it is; one more plan is empty."""
    world.write({"ci": hook()})
    world.applied()
    world.write({"ci": hook(events=["star"])})
    world.box["github"].fail(fault, method="PATCH", times=None)
    world.apply()
    world.box["github"].faults.clear()
    world.applied()
    assert world.box["github"].webhooks()[0]["events"] == ["star"]
    assert world.box["github"].webhooks()[0]["config"]["secret"] == CI_SECRET
    assert world.actions() == {"ci": "noop"}


def test_github_lost_secret_change(world: World) -> None:
    """Whether a lost secret reached the vendor cannot be read: the next apply sends it again and settles it."""
    world.write({"ci": hook()})
    world.applied()
    world.environment["CI_SECRET"] = "rotated"
    world.box["github"].fail("drop-after", method="PATCH", times=None)
    assert world.apply().exit == 1
    world.box["github"].faults.clear()
    world.applied()
    assert world.box["github"].webhooks()[0]["config"]["secret"] == "rotated"
    assert world.actions() == {"ci": "noop"}


def test_github_delete(world: World) -> None:
    """A delete whose answer was lost is proven by reading: gone is gone."""
    world.write({"ci": hook()})
    world.applied()
    world.write({})
    world.box["github"].fail("drop-after", method="DELETE", times=None)
    world.applied("--prune-all")
    assert world.box["github"].webhooks() == []
    assert world.lock == {}
