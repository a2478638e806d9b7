"""Fingerprints in the lock get stronger once an apply has seen that the secret is the same; nothing else changes."""

import hashlib
from typing import Any

import pytest

from reconciler.secrets import fingerprint
from tests.cli.world import World, events, hook, ledger, wallet

KEY = {"WHSYNC_FINGERPRINT_KEY": "a key that is long enough to be one"}
REAL = hashlib.scrypt
SAID = "The lock has stronger fingerprints of {} now."


def prints(world: World) -> dict[str, str]:
    """The fingerprints in the lock, by name."""
    return {name: entry["secret"]["fingerprint"] for name, entry in world.lock.items()}


def test_a_key_that_came_later(world: World) -> None:
    """The next apply says `No changes.`, asks nobody, writes to no vendor, and the lock holds keyed fingerprints."""
    world.write({"ci": hook(), "ledger": ledger()})
    world.applied()
    world.environment |= KEY
    world.forget_requests()
    result = world("apply")
    assert result.exit == 0
    assert "No changes." in result.stdout
    assert SAID.format("2 secrets") in result.stdout
    assert world.total_writes() == 0
    assert all(text.startswith("hmac$") for text in prints(world).values())
    assert set(world.actions().values()) == {"noop"}


def test_only_once(world: World) -> None:
    """The apply after that leaves the lock's bytes alone and has nothing to say."""
    world.write({"ci": hook()})
    world.applied()
    world.environment |= KEY
    world.applied()
    before = world.lock_path.read_bytes()
    assert "stronger" not in world.applied().stdout
    assert world.lock_path.read_bytes() == before


def test_a_higher_cost(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fingerprint that an older whsync made at a lower cost is made anew at today's."""
    world.write({"ci": hook()})
    monkeypatch.setattr(fingerprint, "COST", 12)
    world.applied()
    assert prints(world)["ci"].startswith("scrypt$12$")
    monkeypatch.undo()
    assert SAID.format("1 secret") in world.applied().stdout
    assert prints(world)["ci"].startswith("scrypt$14$")
    assert world.change("ci")["secret"] == "unverifiable"


def test_a_plan_writes_nothing(world: World) -> None:
    """Planning is no difference either: exit 0 under --detailed-exitcode, and the lock stays as it is."""
    world.write({"ci": hook()})
    world.applied()
    world.environment |= KEY
    before = world.files()
    result = world("plan", "--detailed-exitcode")
    assert result.exit == 0
    assert "No changes." in result.stdout
    assert world.files() == before


def test_beside_a_change(world: World) -> None:
    """A webhook that changes otherwise gets its stronger fingerprint in the same apply; so do those that do not."""
    world.write({"ci": hook(), "other": hook(url="https://ci.acme.com/2")})
    world.applied()
    world.environment |= KEY
    world.write({"ci": hook(events=["push"]), "other": hook(url="https://ci.acme.com/2")})
    world.forget_requests()
    told = events(world.applied("--format", "json"))
    assert [event["secrets"] for event in told if event["event"] == "upgraded"] == [2]
    assert world.total_writes() == 1
    assert all(text.startswith("hmac$") for text in prints(world).values())
    assert world.lock["ci"]["applied"]["events"] == ["push"]


def test_a_saved_plan_touches_only_what_it_has(world: World) -> None:
    """What was reviewed is what is done: other webhooks keep their fingerprints until an ordinary apply."""
    blocks = {"ci": hook(), "other": hook(url="https://ci.acme.com/2")}
    world.write(blocks)
    world.applied()
    world.environment |= KEY
    world.write({**blocks, "ci": hook(events=["push"])})
    world("plan", "--out", "plan.json")
    assert world("apply", "plan.json").exit == 0
    assert {name: text.split("$")[0] for name, text in prints(world).items()} == {"ci": "hmac", "other": "scrypt"}


def test_a_secret_that_nothing_shows(world: World) -> None:
    """An issued secret that the vendor never shows again keeps its fingerprint: nobody has it to make another of."""
    world.write({"wallet": wallet()})
    world.applied()
    world.environment |= KEY
    before = world.lock_path.read_bytes()
    assert "stronger" not in world.applied().stdout
    assert world.lock_path.read_bytes() == before


def test_many_with_one_secret(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """One shared secret costs one slow step for its old parameters and one for the new, however many webhooks."""
    world.write({f"ci{at}": hook(url=f"https://ci.acme.com/{at}") for at in range(20)})
    world.applied()
    slow: list[bytes] = []

    def counted(password: bytes, **how: Any) -> bytes:
        slow.append(password)
        return REAL(password, **how)

    monkeypatch.setattr(hashlib, "scrypt", counted)
    world.environment |= KEY
    assert SAID.format("20 secrets") in world.applied().stdout
    assert len(slow) == 2


@pytest.mark.parametrize(
    "now", [{}, {"WHSYNC_FINGERPRINT_KEY": "another key that is long enough"}], ids=["none", "other"]
)
@pytest.mark.parametrize("way", [("rotate", "ci", "--yes"), ("apply", "--yes", "--reassert")], ids=" ".join)
def test_a_key_that_is_lost(world: World, now: dict[str, str], way: tuple[str, ...]) -> None:
    """A plan says which key it was and what to do without it; either way out works, and ends at rest."""
    world.write({"ci": hook()})
    before = world.environment
    world.environment = before | KEY
    world.applied()
    world.environment = before | now
    said = world("plan")
    assert said.exit == 1
    assert "if it is lost, `whsync rotate NAME` for one webhook, or `whsync apply --reassert` for all" in said.stdout
    assert world(*way).exit == 0
    assert world.change("ci")["secret"] == "unverifiable"
    assert set(world.actions().values()) == {"noop"}


def test_a_lost_key_of_a_secret_that_is_shown(world: World) -> None:
    """Where the vendor issues the secret and shows it, it is stored again, the same."""
    world.write({"ledger": ledger()})
    before = world.environment
    world.environment = before | KEY
    world.applied()
    stored = (world.folder / "secrets/ledger").read_bytes()
    world.environment = before
    assert world("plan").exit == 1
    world.applied("--reassert")
    assert (world.folder / "secrets/ledger").read_bytes() == stored
    assert set(world.actions().values()) == {"noop"}


def test_a_lost_key_and_a_secret_that_is_unset(world: World) -> None:
    """Rotation needs the new secret all the same: without it nothing is written."""
    world.write({"ci": hook()})
    world.environment |= KEY
    world.applied()
    world.forget_requests()
    del world.environment["WHSYNC_FINGERPRINT_KEY"], world.environment["CI_SECRET"]
    result = world("rotate", "ci", "--yes")
    assert result.exit == 1
    assert "CI_SECRET is not set" in result.stdout + result.stderr
    assert world.total_writes() == 0
