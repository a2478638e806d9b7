"""Applying where nobody can look (CryptoPocket): fan-out, orphan parts, odd answers, and the ways out."""

import pytest

from tests.cli.world import World, events, hidden_in, payments

SUBSCRIBE, UPDATE = "POST /api/subscribeToWebhook", "POST /api/updateWebhookSubscription"
NEW_URL = "https://hooks.acme.com/v2"


@pytest.fixture
def applied(world: World) -> World:
    """A world with one subscription to PAY_IN and one to COINS_SENT."""
    world.write({"payments": payments(events=["PAY_IN", "COINS_SENT"])})
    world.applied()
    world.forget_requests()
    return world


def test_another_url_is_one_update_an_event(applied: World) -> None:
    """Each subscription is updated by its own call, and never subscribed again."""
    applied.write({"payments": payments(events=["PAY_IN", "COINS_SENT"], url=NEW_URL)})
    applied.applied()
    assert applied.writes("cryptopocket") == [UPDATE] * 2
    assert {each["url"] for each in applied.box["cryptopocket"].webhooks()} == {NEW_URL}


def test_one_more_event_is_one_call(applied: World) -> None:
    """Only the new event is subscribed."""
    applied.write({"payments": payments(events=["PAY_IN", "COINS_SENT", "CRYPTO_RECEIVED"])})
    applied.applied()
    assert [dict(asked.form())["type"] for asked in applied.asked("cryptopocket")] == ["CRYPTO_RECEIVED"]
    assert applied.writes("cryptopocket") == [SUBSCRIBE]


def test_a_dropped_event_stays_as_an_orphan_part(applied: World) -> None:
    """It cannot be removed at this vendor: the plan says so, the apply succeeds, and the lock remembers."""
    applied.write({"payments": payments(events=["PAY_IN"])})
    shown = applied("plan")
    assert "orphan part: COINS_SENT stays at the vendor" in shown.stdout
    applied.applied()
    assert applied.writes("cryptopocket") == []
    (part,) = applied.lock["payments"]["orphan_parts"]
    assert "COINS_SENT" in part.values()
    assert applied.actions() == {"payments": "noop"}


def test_an_event_that_comes_back_is_not_subscribed_twice(applied: World) -> None:
    """An orphan part that is wanted again is known to be there: no second subscription."""
    applied.write({"payments": payments(events=["PAY_IN"])})
    applied.applied()
    applied.write({"payments": payments(events=["PAY_IN", "COINS_SENT"])})
    applied.applied()
    assert SUBSCRIBE not in applied.writes("cryptopocket")
    assert len(applied.box["cryptopocket"].webhooks()) == 2
    assert "orphan_parts" not in applied.lock["payments"] or not applied.lock["payments"]["orphan_parts"]


def test_a_dead_token_is_renewed_once(applied: World) -> None:
    """`authorization_incorrect` inside HTTP 200 is answered with one new login, and the work goes on."""
    applied.box["cryptopocket"].expire_token()
    applied.write({"payments": payments(events=["PAY_IN", "COINS_SENT"], url=NEW_URL)})
    applied.box["cryptopocket"].expire_token(after=1)
    applied.applied()
    logins = [asked for asked in applied.box["cryptopocket"].requests if asked.path == "/api/authenticate"]
    assert len(logins) <= 2
    assert {each["url"] for each in applied.box["cryptopocket"].webhooks()} == {NEW_URL}


def test_a_token_that_is_refused_for_good(world: World) -> None:
    """A fixed token that the vendor refuses ends in kind `auth`; nothing is recorded, nothing is open."""
    world.environment["POCKET_TOKEN"] = "not-a-token-of-theirs"
    world.write({"payments": payments()}, providers={"cryptopocket": {"auth": {"token": "env:POCKET_TOKEN"}}})
    failed = world.apply("--format", "json")
    assert failed.exit == 1
    (problem,) = [event["problem"] for event in events(failed) if event["event"] == "failed"]
    assert problem["kind"] == "auth"
    assert world.lock == {}
    assert hidden_in("not-a-token-of-theirs", failed.stdout, failed.stderr)


def test_wrong_login(world: World) -> None:
    """Wrong credentials end in kind `auth` and name what to look at; the answer's HTTP 200 is no success."""
    world.environment["POCKET_SECRET"] = "wrong secret"
    world.write({"payments": payments()})
    failed = world.apply("--format", "json")
    assert failed.exit == 1
    (problem,) = [event["problem"] for event in events(failed) if event["event"] == "failed"]
    assert problem["kind"] == "auth"
    assert world.box["cryptopocket"].webhooks() == []
    assert hidden_in("wrong secret", failed.stdout, failed.stderr)


@pytest.mark.parametrize("shape", ["status", "bare", "data"])
@pytest.mark.parametrize("status", [200, 422])
def test_an_error_inside_success(world: World, shape: str, status: int) -> None:
    """An error code in the body is a failure whatever the HTTP status; nothing is recorded as applied."""
    world.box["cryptopocket"].switch(error_shape=shape, error_status=status)
    world.box["cryptopocket"].add(type="PAY_IN", url="https://old.acme.com")
    world.write({"payments": payments()})
    failed = world.apply()
    assert failed.exit == 1
    assert "subscription_exists" in failed.stdout or "subscribed already" in failed.stdout
    assert "payments" not in world.lock


@pytest.mark.parametrize("fault", ["empty", "html", "half-json"])
def test_neither_yes_nor_no(world: World, fault: str) -> None:
    """`{}`, HTML and broken JSON are no success: the apply stops with 1 and the next run asks instead of repeating."""
    world.write({"payments": payments()})
    world.box["cryptopocket"].fail(fault, path="/api/subscribeToWebhook")
    failed = world.apply()
    assert failed.exit == 1
    assert "cannot be read" in failed.stdout
    world.forget_requests()
    stopped = world.apply()
    assert stopped.exit == 1
    assert world.total_writes() == 0
    said = stopped.stdout + stopped.stderr
    assert "whsync adopt payments --id" in said
    assert "whsync state rm payments" in said


def lose_the_answer(world: World) -> None:
    """A subscription is made and its answer is lost."""
    world.write({"payments": payments()})
    world.box["cryptopocket"].fail("drop-after", path="/api/subscribeToWebhook")
    assert world.apply().exit == 1
    world.forget_requests()


def test_the_way_out_by_adopting(world: World) -> None:
    """The user looked and it is there: adopting it settles the question, with an update and no second subscription."""
    lose_the_answer(world)
    assert world("adopt", "payments", "--id", "PAY_IN", "--yes").exit == 0
    world.applied()
    assert SUBSCRIBE not in world.writes("cryptopocket")
    assert world.actions() == {"payments": "noop"}
    assert len(world.box["cryptopocket"].webhooks()) == 1


def test_the_way_out_by_forgetting(world: World) -> None:
    """The user looked and it is not there: forgetting the attempt lets the next apply subscribe."""
    lose_the_answer(world)
    world.box["cryptopocket"].remove(1)
    assert world("state", "rm", "payments", "--yes").exit == 0
    world.applied()
    assert world.writes("cryptopocket") == [SUBSCRIBE]
    assert world.actions() == {"payments": "noop"}


def test_the_way_out_by_reasserting(applied: World) -> None:
    """A lost update stops the next run too; `--reassert` sends it again."""
    applied.write({"payments": payments(events=["PAY_IN", "COINS_SENT"], url=NEW_URL)})
    applied.box["cryptopocket"].fail("drop-before", path="/api/update", times=None)
    assert applied.apply().exit == 1
    applied.box["cryptopocket"].faults.clear()
    applied.forget_requests()
    stopped = applied.apply()
    assert stopped.exit == 1
    assert applied.total_writes() == 0
    assert "--reassert --target payments" in stopped.stdout + stopped.stderr
    applied.applied("--reassert", "--target", "payments")
    assert {each["url"] for each in applied.box["cryptopocket"].webhooks()} == {NEW_URL}
    assert applied.actions() == {"payments": "noop"}


def test_reassert_sends_again_what_cannot_be_read(applied: World) -> None:
    """Somebody changed it unseen: a plan calls it unverified, `--reassert` puts it right."""
    applied.box["cryptopocket"].edit(1, url="https://elsewhere.acme.com")
    assert applied.actions() == {"payments": "noop"}
    assert "unverified" in applied("plan").stdout
    assert applied.actions("--reassert") == {"payments": "update"}
    applied.applied("--reassert")
    assert {each["url"] for each in applied.box["cryptopocket"].webhooks()} == {"https://hooks.acme.com/cryptopocket"}


def test_some_parts_done_some_not(world: World) -> None:
    """When the second subscription fails, the first is recorded, and the next apply makes only the second."""
    world.write({"payments": payments(events=["COINS_SENT", "PAY_IN"])})
    world.box["cryptopocket"].fail("403", path="/api/subscribe", skip=1)
    assert world.apply().exit == 1
    world.forget_requests()
    world.applied()
    assert [dict(asked.form())["type"] for asked in world.asked("cryptopocket")] == ["PAY_IN"]
    assert len(world.box["cryptopocket"].webhooks()) == 2


def test_a_half_done_create_does_not_advise_to_forget_what_was_made(world: World) -> None:
    """One part is there, another is in doubt: letting go of it would subscribe the first one again."""
    world.write({"payments": payments(events=["COINS_SENT", "PAY_IN"])})
    world.box["cryptopocket"].fail("empty", path="/api/subscribeToWebhook", skip=1)
    failed = world.apply()
    assert "whsync adopt payments --id ID` with those of its parts that are there" in failed.stdout + failed.stderr
    assert "state rm" not in failed.stdout + failed.stderr
    world.box["cryptopocket"].clear_requests()
    there = ",".join(sorted(each["type"] for each in world.box["cryptopocket"].webhooks()))
    assert world("adopt", "payments", "--id", there, "--yes").exit == 0
    world.applied()
    assert sorted(each["type"] for each in world.box["cryptopocket"].webhooks()) == ["COINS_SENT", "PAY_IN"]
