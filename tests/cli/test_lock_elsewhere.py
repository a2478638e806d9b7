"""A lock that is no file, of a kind that only tests have: commands work on it as on any other."""

import json

import pytest

from tests.cli.world import World, hidden_in, hook, wallet
from tests.state.memory import WHERE, MemoryStore, added_kind

Named = tuple[str, ...]


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    """The store that is meant by the address."""
    return added_kind(monkeypatch)


def written(world: World, by: str, **secret: str) -> Named:
    """Two webhooks, and a lock that the files or the command line name; the words that the latter takes."""
    world.write({"ci": hook(), "wallet": wallet(**({"secret": secret} if secret else {}))})
    if by == "option":
        return ("--lock", WHERE)
    world.config.write_text(json.dumps({**json.loads(world.config.read_text()), "lock": WHERE}))
    return ()


@pytest.mark.parametrize("by", ["file", "option"])
def test_commands_work_on_a_lock_that_is_no_file(world: World, store: MemoryStore, by: str) -> None:
    """Applied there, found there, put right there; no lock file is made, and no credential of the address is told."""
    named = written(world, by)
    said = [world("validate", *named), world.applied(*named), world("plan", *named), world("drift", *named)]
    assert [result.exit for result in said] == [0, 0, 0, 0]
    assert store.read().lock.entries.keys() == {"ci", "wallet"}
    said += [world("state", "list", *named), world("state", "rm", "ci", "--yes", *named)]
    assert "wallet" in said[-2].stdout
    assert store.read().lock.entries.keys() == {"wallet"}
    assert [name for name in world.files() if "lock" in name] == []
    for password in ("hunter2", "t0k3n"):
        assert all(hidden_in(password, result.stdout, result.stderr) for result in said)
    warned = [by == "file" and result is said[1] for result in said]  # the first apply, of a lock that the file names
    assert ["Warning" in result.stderr for result in said] == warned


@pytest.mark.parametrize("by", ["file", "option"])
def test_a_secret_is_rescued_where_it_always_is(world: World, store: MemoryStore, by: str) -> None:
    """Beside the files, as if the lock were there; later runs find it, and nothing else is written over it."""
    named = written(world, by, to="cmd:cat >/dev/null; exit 3")
    result = world.apply(*named)
    (rescued,) = (world.folder / "webhooks.lock.json.rescue").iterdir()
    assert result.exit == 1
    assert rescued.read_text() == world.box["cryptofuse"].webhooks()[0]["secret"]
    assert f"webhooks.lock.json.rescue/{rescued.name}" in world("plan", *named).stdout
    over = world("plan", "-o", f"webhooks.lock.json.rescue/{rescued.name}", *named)
    assert (over.exit, "a file of whsync's own" in over.stderr) == (64, True)
