"""A lock that should be there and is not: said every time, and nothing is made in masses without being asked for."""

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.world import Block, World, hook
from tests.unit.test_git_index import git, needs_git

SAID = "there is no lock"


def many(count: int) -> dict[str, Block]:
    """That many webhooks in one repository."""
    return {f"ci{at:02}": hook(url=f"https://ci.acme.com/{at}", secret=None) for at in range(count)}


def lost(world: World, by: str, count: int = 10) -> None:
    """An applied configuration whose lock is gone; `by` says who knows that there was one."""
    world.write(many(count))
    world.applied()
    if by == "file":
        world.config.write_text(json.dumps({**json.loads(world.config.read_text()), "lock": world.lock_path.name}))
    else:
        git(world.folder, "init")
        git(world.folder, "add", world.lock_path.name)
    world.lock_path.unlink()
    world.forget_requests()


@pytest.mark.parametrize("by", ["file", pytest.param("git", marks=needs_git)])
def test_it_is_said_by_every_command_that_compares(world: World, by: str) -> None:
    """On stderr, and where a program reads: a finding of the plan, a problem of drift, which saw nothing."""
    lost(world, by, count=2)
    why = "webhooks.yaml names it" if by == "file" else "git has it"
    for words in (("plan",), ("plan", "--offline"), ("adopt", "ci00", "--id", "1", "--yes")):
        result = world(*words)
        assert f"Warning: {SAID} webhooks.lock.json, although {why}, so nothing counts as applied" in result.stderr
    (finding, *_) = world.planned()["findings"]
    assert finding["kind"] == "lock_missing"
    assert why in finding["summary"]
    drift = world("drift")
    assert drift.exit == 1
    assert SAID in drift.stdout
    assert SAID in world.applied().stderr
    for words in (("plan",), ("drift",)):
        result = world(*words)
        assert (result.exit, SAID in result.stderr) == (0, False), "it is there again"


@pytest.mark.parametrize("by", ["file", pytest.param("git", marks=needs_git)])
def test_much_is_not_taken_over_without_it(world: World, by: str) -> None:
    """More than `max_changed` to be made or adopted is refused before any write; a word lets one run through."""
    lost(world, by)
    for command in (("plan",), ("apply", "--yes")):
        refused = world(*command)
        assert refused.exit == 3
        assert "10 of the 10 webhooks of github would be made or adopted" in refused.stdout + refused.stderr
        assert "--max-changed 10" in refused.stdout + refused.stderr
    assert world.total_writes() == 0
    assert not world.lock_path.exists()
    world.applied("--max-changed", "10")
    assert len(world.lock) == 10


def test_a_first_apply_is_no_loss(world: World) -> None:
    """Where nobody says that there was a lock, as many webhooks as the file has are made, without a word."""
    world.write(many(12))
    done = world.applied()
    assert (SAID in done.stderr, len(world.lock)) == (False, 12)
    world.lock_path.unlink()
    assert "lock_missing" not in json.dumps(world.planned())


@needs_git
def test_what_a_killed_run_left_is_a_lock(world: World, tmp_path: Path) -> None:
    """The journal beside the lock says what was applied, too."""
    lost(world, "git", count=1)
    journal = world.folder / f"{world.lock_path.name}.journal"
    world.applied()
    shutil.copy(world.lock_path, tmp_path / "kept")
    journal.write_text('{"format": "whsync.journal/1"}\n')
    world.lock_path.unlink()
    assert SAID not in world("plan").stderr


def test_an_empty_file_does_not_take_everything_away(world: World) -> None:
    """Without a webhook in the files a prune needs `--prune-all`, unless each webhook is named."""
    world.write(many(2))
    world.applied()
    world.write({})
    for command in (("plan", "--prune"), ("apply", "--prune", "--yes")):
        refused = world(*command)
        assert refused.exit == 3
        assert "--prune-all" in refused.stdout + refused.stderr
    assert len(world.box["github"].webhooks()) == 2
    world.applied("--prune", "--target", "ci00")
    assert len(world.box["github"].webhooks()) == 1
    assert world("plan", "--prune-all", "--out", "saved").exit == 0
    assert world("apply", "saved").exit == 0
    assert world.box["github"].webhooks() == []
