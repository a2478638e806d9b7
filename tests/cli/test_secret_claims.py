"""What the lock claims of a secret is true: after lost answers, refusals, and webhooks that were made anew."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.keys import Fault, Keysafe, Shop, Signet, served
from tests.cli.world import World, hook

FIRST, SECOND = "the-first-secret-41d2", "the-second-secret-9b7e"


@pytest.fixture(params=[Keysafe, Signet])
def shop(request: pytest.FixtureRequest, run: Run, tmp_path: Path) -> Iterator[Shop]:
    """A vendor that issues secrets, with one webhook applied."""
    with ExitStack() as stack:
        vendor = request.param()
        shop = Shop(run, tmp_path, vendor, stack.enter_context(served(vendor)))
        shop.write()
        shop("apply", "--yes")
        yield shop


def held(world: World) -> list[str]:
    """The secrets at the vendor."""
    return [each["config"]["secret"] for each in world.box["github"].webhooks()]


@pytest.mark.parametrize("fault", ["500", "drop-after"])
@pytest.mark.parametrize("then", [FIRST, SECOND])
def test_a_secret_on_its_way_is_sent_again(world: World, fault: str, then: str) -> None:
    """Nobody knows whether the vendor took it: the next apply sends what the reference has then, even the old one."""
    world.write({"ci": hook()})
    world.environment["CI_SECRET"] = FIRST
    world.applied()
    world.environment["CI_SECRET"] = SECOND
    world.box["github"].fail(fault, method="PATCH", times=None)
    assert world.apply().exit == 1
    world.box["github"].faults.clear()
    world.environment["CI_SECRET"] = then
    assert world.change("ci")["secret"] == "changed"
    world.applied()
    assert held(world) == [then]
    assert world.change("ci")["secret"] == "unverifiable"


def test_a_refused_secret_was_not_taken(world: World) -> None:
    """The vendor said no, so the old secret is still known, and going back to it is no change."""
    world.write({"ci": hook()})
    world.environment["CI_SECRET"] = FIRST
    world.applied()
    known = world.lock["ci"]["secret"]
    world.environment["CI_SECRET"] = SECOND
    world.box["github"].fail("403", method="PATCH")
    assert world.apply().exit == 1
    assert world.lock["ci"]["secret"] == known
    world.environment["CI_SECRET"] = FIRST
    assert world.change("ci")["secret"] == "unverifiable"


def test_a_webhook_made_anew_does_not_have_the_old_secret(shop: Shop) -> None:
    """It was deleted at the vendor, and the answer to the create was lost: nobody calls the stored secret the same."""
    shop.vendor.rows.clear()
    shop.vendor.faults["POST /endpoints" if shop.vendor.kind == "keysafe" else "POST /v2/subscriptions"] = [Fault(500)]
    readable = shop.vendor.kind == "keysafe"
    shop("apply", "--yes", exit=0 if readable else 1)
    assert shop.agrees() is readable
    assert (shop.record()["fingerprint"] is not None) is readable


@pytest.mark.parametrize("key", [None, "********"])
def test_a_new_secret_that_is_not_shown_is_no_success(run: Run, tmp_path: Path, key: str | None) -> None:
    """The vendor replaced it, and the call that should show it does not: exit 1, and nothing claims the old one."""
    vendor = Keysafe()
    with served(vendor) as url:
        shop = Shop(run, tmp_path, vendor, url)
        shop.write()
        shop("apply", "--yes")
        answer = vendor.answer
        vendor.answer = lambda method, path, body: (  # type: ignore[method-assign]  # for a while
            (200, {"key": key}) if method == "GET" and path[-1] == "secret" else answer(method, path, body)
        )
        assert "its new secret could not be read" in shop.rotate(exit=1).stdout
        assert shop.record()["fingerprint"] is None
        vendor.answer = answer  # type: ignore[method-assign]
        shop("apply", "--yes")
        assert shop.agrees()
        assert len(vendor.writes()) == 1


def test_our_own_secret_in_an_answer_is_not_an_issued_one(run: Run, tmp_path: Path) -> None:
    """A vendor that takes ours and repeats it has issued nothing: the lock knows it, and nobody is told to act."""
    vendor = Keysafe()
    manifest = tmp_path / "vendors" / "own.yaml"
    with served(vendor) as url:
        shop = Shop(run, tmp_path, vendor, url)
        text = manifest.read_text("utf-8").replace("  write: /secret\n", "  write: /secret\n  issued: secret\n")
        manifest.write_text(text, "utf-8")
        answer = vendor.answer
        vendor.answer = lambda method, path, body: (  # type: ignore[method-assign]  # a vendor that repeats what it got
            (201, {**answer(method, path, {**body})[1], "secret": body["secret"]})
            if (method, path) == ("POST", ["endpoints"])
            else answer(method, path, body)
        )
        shop.environment["OURS"] = "ours-and-quite-long-enough"
        shop.write(secret={"from": "env:OURS"})
        assert "nothing stores it" not in shop("apply", "--yes").stdout
        assert shop.record()["fingerprint"] is not None
