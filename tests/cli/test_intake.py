"""What the files and the command line name may be no file at all, or have no end: an error, and not all the memory."""

import os

import pytest

from reconciler.support import intake
from tests.cli.world import World, hook

DEVICE = "/dev/null"


def test_a_lock_is_an_ordinary_file(world: World) -> None:
    """Also where a link leads: nothing is read from a device, and the hint does not speak of space on a disk."""
    world.write({"hook": hook()})
    for command in (["plan", "--offline"], ["state", "list"], ["apply", "--yes"]):
        result = world("--lock", DEVICE, *command)
        assert result.exit == 1, command
        assert "is not an ordinary file" in result.stderr
        assert "name another" in result.stderr
    assert not os.path.exists(f"{DEVICE}.lock")
    assert world.total_writes() == 0


def test_nobody_writes_that_much(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A manifest and a trust file are read no further than anybody writes; a plan and a lock have more room."""
    world.write({"hook": hook()})
    monkeypatch.setattr(intake, "WRITTEN", 100)
    monkeypatch.setattr(intake, "MADE", 200)
    large = world.folder / "large.yaml"
    large.write_text("version: 1\n" + "#" * 100)
    assert "cannot be read: it is larger" in world("--trust", str(large), "plan").stderr
    assert "cannot be read: it is larger" in world("providers", "show", str(large)).stderr
    large.write_text("{}" + " " * 200)
    assert f"{large}: it is larger" in world("show", str(large)).stderr
    assert "cannot be read: it is larger" in world("--lock", str(large), "plan").stderr
