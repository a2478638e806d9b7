"""What every command promises of a lock, wherever it is kept: one suite for all kinds of places.

A module of tests has a class of the suite for each kind that it can start, with a fixture `place`. No class here is
collected by itself.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import pytest

from reconciler.run.lock_store import open_lock
from reconciler.state.stores import address_of
from reconciler.state.stores.base import Holder, Store
from tests.cli.world import World, hidden_in, hook, wallet

OTHER = Holder("alice", "build-7", 4242, "2026-11-21T12:00:00Z", "whsync apply")


class Place(NamedTuple):
    """A place where nothing is yet.

    Args:
        address: as `lock:` and `--lock` take it.
        environment: what commands need to reach it.
        secrets: what of that must never be told.
        versions: whether it keeps them.
    """

    address: str
    environment: Mapping[str, str] = MappingProxyType({})
    secrets: tuple[str, ...] = ()
    versions: bool = True


class LockSuite:
    """Plan, apply, drift and `state` with a lock in each place."""

    @pytest.fixture
    def there(self, world: World, place: Place, monkeypatch: pytest.MonkeyPatch) -> World:
        """The world, whose environment reaches the place; so does this process."""
        world.environment |= place.environment
        for name, value in place.environment.items():
            monkeypatch.setenv(name, value)
        world.write({"ci": hook(), "wallet": wallet()})
        return world

    @pytest.mark.parametrize("by", ["file", "option"])
    def test_commands_work(self, there: World, place: Place, by: str) -> None:
        """Applied there, found there, compared with that, put right there; nothing secret is told, none is stored."""
        named: tuple[str, ...] = ("--lock", place.address)
        if by == "file":
            there.config.write_text(json.dumps({**json.loads(there.config.read_text()), "lock": place.address}))
            named = ()
        said = [there("validate", *named), there.applied(*named), there("plan", *named), there("drift", *named)]
        assert [result.exit for result in said] == [0, 0, 0, 0]
        assert "No changes." in said[2].stdout
        said += [there("state", "list", *named), there("state", "show", "ci", *named)]
        said += [there("state", "rm", "ci", "--yes", *named), there("plan", *named)]
        assert store_of(place).read().lock.entries.keys() == {"wallet"}
        assert "adopt" in said[-1].stdout
        secrets = (*place.secrets, *(webhook["secret"] for webhook in there.box["cryptofuse"].webhooks()))
        for secret in secrets:
            assert all(hidden_in(secret, result.stdout, result.stderr) for result in said)
            assert hidden_in(secret, repr(store_of(place).read()))

    def test_of_two_applies_one_is_refused(self, there: World, place: Place) -> None:
        """As with a file: exit 1, who holds it, nothing written; a plan still reads."""
        with store_of(place).lease(0, OTHER):
            result = there.apply("--lock", place.address, "--format", "json")
            assert there("plan", "--lock", place.address).exit == 0
        assert (result.exit, json.loads(result.stdout)["error"]["kind"]) == (1, "lock_held")
        for word in ("alice", "build-7", "4242", "2026-11-21T12:00:00Z"):
            assert word in result.stderr
        assert there.total_writes() == 0
        there.applied("--lock", place.address)

    def test_versions_are_told_and_restored(self, there: World, place: Place) -> None:
        """`state log` tells what runs left, `state restore` makes one of them the present lock."""
        named = ("--lock", place.address)
        there.applied(*named)
        first = store_of(place).read()
        assert there("state", "rm", "ci", "--yes", *named).exit == 0
        log = there("state", "log", "--format", "json", *named)
        if not place.versions:
            assert json.loads(log.stdout) == []
            return
        assert [(each["number"], each["webhooks"], each["present"]) for each in json.loads(log.stdout)] == [
            (2, 1, True),
            (1, 2, False),
        ]
        assert "whsync state rm" in there("state", "log", *named).stdout
        restored = there("state", "restore", "1", "--yes", *named)
        assert (restored.exit, "Restored version 1" in restored.stderr) == (0, True)
        assert store_of(place).read() == first
        assert len(store_of(place).versions()) == 3
        again = there("state", "restore", "1", "--yes", *named)
        assert (again.exit, "as version 1 already" in again.stderr) == (0, True)
        missing = there("state", "restore", "9", "--yes", *named)
        assert (missing.exit, "keeps no version 9" in missing.stderr) == (1, True)

    def test_a_lock_is_pushed_pulled_and_moved(self, there: World, place: Place) -> None:
        """To the place and back; what was moved away is worked on no more, and says where it is."""
        there.applied()
        lock = json.loads(there.lock_path.read_text())
        pushed = there("state", "push", place.address, "--yes")
        assert (pushed.exit, pushed.stdout) == (0, "")
        assert store_of(place).read().lock.entries.keys() == {"ci", "wallet"}
        assert there("plan", "--lock", place.address).exit == 0
        there("state", "rm", "ci", "--yes", "--lock", place.address)
        refused = there("state", "push", place.address, "--yes")
        assert (refused.exit, "--replace" in refused.stderr) == (3, True)
        assert there("state", "push", place.address, "--yes", "--replace").exit == 0
        there("state", "rm", "wallet", "--yes")
        assert there("state", "pull", place.address, "--yes").exit == 3
        assert there("state", "pull", place.address, "--yes", "--replace").exit == 0
        assert json.loads(there.lock_path.read_text()) == lock
        moved = there("state", "move", place.address, "--yes")
        assert (moved.exit, f"lock: {address_of(place.address)}" in moved.stderr) == (0, True)
        for command in (("plan",), ("apply", "--yes"), ("state", "list"), ("drift",)):
            told = there(*command)
            assert (told.exit, f"was moved to {address_of(place.address)}" in told.stderr) == (1, True)
        assert "No changes." in there("plan", "--lock", place.address).stdout
        back = there("state", "move", "back.lock.json", "--yes", "--lock", place.address)
        assert back.exit == 0
        assert "was moved to back.lock.json" in there("plan", "--lock", place.address).stderr
        assert "No changes." in there("plan", "--lock", "back.lock.json").stdout


class ElsewhereSuite(LockSuite):
    """The same of places that are no disk."""

    def test_a_dead_run_is_freed_by_hand(self, there: World, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is told by name and age, whoever comes is refused, and `state unlock` lets the next one work."""
        named = ("--lock", place.address)
        from tests.state.suite import dead, later

        with dead(lambda: store_of(place)):
            pass
        living = there("state", "unlock", "--yes", *named)
        assert (living.exit, "in use" in living.stderr) == (1, True)
        later(monkeypatch, 7200)
        held = there.apply(*named)
        assert held.exit == 1
        assert "ada on engine-1" in held.stderr
        assert "nothing was heard of it for 2 hours" in held.stderr
        freed = there("state", "unlock", "--yes", *named)
        assert (freed.exit, "Removed the hold of ada on engine-1" in freed.stderr) == (0, True)
        there.applied(*named)
        assert there("state", "unlock", "--yes", *named).stderr.strip().endswith("Nobody holds the lock.")

    def test_a_secret_is_rescued_on_this_machine(self, there: World, place: Place) -> None:
        """A secret whose sink failed goes to no lock: it is in a folder beside the files, and that is told."""
        there.write({"wallet": wallet(secret={"to": "cmd:cat >/dev/null; exit 3"})})
        result = there.apply("--lock", place.address)
        (rescued,) = (there.folder / "webhooks.lock.json.rescue").iterdir()
        assert result.exit == 1
        assert f"webhooks.lock.json.rescue/{rescued.name}" in result.stdout + result.stderr
        assert hidden_in(rescued.read_text(), repr(store_of(place).read()))


def store_of(place: Place) -> Store:
    """The store, opened as a command does."""
    return open_lock(address_of(place.address))
