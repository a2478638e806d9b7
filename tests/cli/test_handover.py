"""Events that pass from one webhook to another, at a vendor that has one subscription an event and ends none."""

import pytest

from tests.cli.world import Block, World, payments

A, B = "https://hooks.acme.com/a", "https://hooks.acme.com/b"
MOVE = "POST /api/updateWebhookSubscription"


def write(world: World, **events: list[str]) -> None:
    """A file in which `a` and `b` have these events."""
    blocks: dict[str, Block] = {
        name: payments(url=f"https://hooks.acme.com/{name}", events=names) for name, names in events.items()
    }
    world.write(blocks)


def there(world: World) -> dict[str, str]:
    """Where each event goes; one subscription for each."""
    found = world.box["cryptopocket"].webhooks()
    assert len({each["type"] for each in found}) == len(found)
    return {each["type"]: each["url"] for each in found}


def begun(world: World) -> None:
    """`a` has two events, `b` has one."""
    write(world, a=["PAY_IN", "COINS_SENT"], b=["CRYPTO_RECEIVED"])
    world.applied()
    world.forget_requests()


def at_rest(world: World) -> bool:
    """Whether nothing is left to do or to tell."""
    result = world("plan", "--detailed-exitcode")
    return result.exit == 0 and "orphan" not in result.stdout


def test_an_event_passes_to_another_webhook(world: World) -> None:
    """Its subscription is pointed to the other, not made twice, and neither file nor lock is left with an orphan."""
    begun(world)
    write(world, a=["PAY_IN"], b=["CRYPTO_RECEIVED", "COINS_SENT"])
    plan = world("plan").stdout
    assert "COINS_SENT passes to b" in plan
    assert "orphan part" not in plan
    world.applied()
    assert world.writes("cryptopocket") == [MOVE]
    assert there(world) == {"PAY_IN": A, "COINS_SENT": B, "CRYPTO_RECEIVED": B}
    assert "orphan_parts" not in world.lock["a"]
    assert at_rest(world)


def test_two_webhooks_swap_their_events(world: World) -> None:
    """Each takes what the other gives up, with one call an event."""
    begun(world)
    write(world, a=["CRYPTO_RECEIVED"], b=["PAY_IN", "COINS_SENT"])
    world.applied()
    assert world.writes("cryptopocket") == [MOVE] * 3
    assert there(world) == {"PAY_IN": B, "COINS_SENT": B, "CRYPTO_RECEIVED": A}
    assert at_rest(world)


def test_a_new_webhook_takes_over_what_was_an_orphan(world: World) -> None:
    """An event that was dropped earlier is still there, and a webhook that wants it later takes it."""
    begun(world)
    write(world, a=["PAY_IN"], b=["CRYPTO_RECEIVED"])
    world.applied()
    assert "orphan_parts" in world.lock["a"]
    write(world, a=["PAY_IN"], b=["CRYPTO_RECEIVED"], c=["COINS_SENT"])
    world.applied()
    assert world.writes("cryptopocket") == [MOVE]
    assert there(world)["COINS_SENT"] == "https://hooks.acme.com/c"
    assert at_rest(world)


def test_a_webhook_that_left_the_file_is_done_once_another_has_all_it_had(world: World) -> None:
    """What cannot be pruned at the vendor is inherited, and then the lock lets go of it."""
    begun(world)
    write(world, b=["CRYPTO_RECEIVED", "COINS_SENT"])
    world.applied()
    assert world.lock["a"]["applied"]["events"] == ["PAY_IN"]
    write(world, b=["CRYPTO_RECEIVED", "COINS_SENT", "PAY_IN"])
    assert "a  forgotten" in world.applied().stdout
    assert set(world.lock) == {"b"}
    assert set(there(world).values()) == {B}
    assert at_rest(world)


def test_only_the_one_that_takes(world: World) -> None:
    """With --target the taker alone is changed at the vendor; the lock does not claim the event for both."""
    begun(world)
    write(world, a=["PAY_IN"], b=["CRYPTO_RECEIVED", "COINS_SENT"])
    world.applied("--target", "b")
    assert world.lock["a"]["applied"]["events"] == ["PAY_IN"]
    assert there(world)["COINS_SENT"] == B
    assert at_rest(world)


@pytest.mark.parametrize("fault", ["403", "drop-after"])
def test_the_move_does_not_succeed(world: World, fault: str) -> None:
    """Refused or lost, the subscription is never made a second time; the next way that works moves it."""
    begun(world)
    write(world, a=["PAY_IN"], b=["CRYPTO_RECEIVED", "COINS_SENT"])
    world.box["cryptopocket"].fail(fault, method="POST", path="/api/updateWebhookSubscription")
    assert world.apply().exit == 1
    world.apply()
    world.applied("--reassert")
    assert "POST /api/subscribeToWebhook" not in world.writes("cryptopocket")
    assert there(world) == {"PAY_IN": A, "COINS_SENT": B, "CRYPTO_RECEIVED": B}
    assert at_rest(world)


def test_an_event_belongs_to_one_webhook(world: World) -> None:
    """An update names nothing but the event, so two webhooks that both want it would move it back and forth."""
    write(world, a=["PAY_IN", "COINS_SENT"], b=["CRYPTO_RECEIVED", "COINS_SENT"])
    result = world("validate")
    assert result.exit == 1
    assert (
        "`b` and `a` mean the same remote webhook (CryptoPocket has one subscription for each event: COINS_SENT)"
        in (result.stderr + result.stdout)
    )
    assert "leave each event to one of the two" in result.stderr + result.stdout
    assert world.writes("cryptopocket") == []
