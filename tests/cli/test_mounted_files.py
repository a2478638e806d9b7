"""Files that are mounted by themselves, as containers do: nothing can take their place; found before a call."""

import errno
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reconciler.cli import apply as _imported_while_we_may_read_it  # noqa: F401
from reconciler.support import atomic
from tests.cli.conftest import Run
from tests.cli.world import World, hook, wallet
from tests.ordinary_user import folder_of_an_ordinary_user

LOCK = "webhooks.lock.json"


def mounted(patch: pytest.MonkeyPatch, world: World, *paths: Path, listed: bool = True) -> None:
    """Let the system treat these files as mounts: it lists them, unless not `listed`, and nothing replaces them."""
    real, points = os.replace, {str(path) for path in paths}

    def replace(source: str | Path, target: str | Path) -> None:
        if str(target) in points:
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        real(source, target)

    table = world.folder / "mountinfo"
    escaped = [str(path).replace(" ", "\\040") for path in paths if listed]
    table.write_text("".join(f"36 35 98:0 / {path} rw,noatime - ext3 /dev/root rw\n" for path in escaped))
    patch.setattr(atomic, "_MOUNTS", table)
    patch.setattr(os, "replace", replace)


def test_a_mounted_lock_is_refused_before_the_first_call(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its journal would be lost with the container: nothing is made, the ways out are named, and a plan still works."""
    world.write({"wallet": wallet()})
    world.lock_path.write_text('{"format": "whsync.lock/1", "webhooks": {}}')
    mounted(monkeypatch, world, world.lock_path)
    result = world.apply()
    assert (result.exit, world.total_writes()) == (1, 0)
    assert "is mounted by itself" in result.stderr
    assert "mount the folder that the lock is in" in result.stderr
    assert world.files().keys() == {"webhooks.yaml", LOCK, "mountinfo"}
    assert world("plan").exit == 0
    world.applied("--lock", "state.json")


@pytest.mark.parametrize("listed", [True, False])
def test_a_mounted_sink_is_written_in_place(world: World, monkeypatch: pytest.MonkeyPatch, listed: bool) -> None:
    """It stays the file that is mounted, has the secret and nothing of before, and no one else may read it."""
    for name in ("a sink", "all.env"):
        (world.folder / name).touch()
    (world.folder / "all.env").write_text("OTHER=1\nCI=\nLAST=2\n")
    paths = world.folder / "a sink", world.folder / "all.env"
    before = [path.stat().st_ino for path in paths]
    mounted(monkeypatch, world, *paths, listed=listed)
    made = {"generate": 32, "to": "env-file:all.env#CI"}
    world.write({"wallet": wallet(secret={"to": "file:a sink"}), "ci": hook(secret=made)})
    world.applied()
    assert [path.stat().st_ino for path in paths] == before
    assert paths[0].read_text() == world.box["cryptofuse"].webhooks()[0]["secret"]
    first, middle, last = paths[1].read_text().splitlines()
    secret = world.box["github"].webhooks()[0]["config"]["secret"]
    assert (first, middle, last) == ("OTHER=1", f"CI={secret}", "LAST=2")
    assert stat.S_IMODE(paths[0].stat().st_mode) == 0o600
    assert not [name for name in world.files() if name.endswith(".tmp")]


def test_a_plan_is_written_into_a_mounted_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer or shorter than what was there, it is the plan and nothing else."""
    world.write({"ci": hook()})
    place = world.folder / "plan.json"
    for before in ("x" * 100_000, "x"):
        place.write_text(before)
        number = place.stat().st_ino
        with monkeypatch.context() as patch:
            mounted(patch, world, place)
            assert world("plan", "--out", "plan.json", "--report", "json=other.json").exit == 0
        assert place.stat().st_ino == number
        assert place.read_text().rstrip().endswith("}")
    assert world("apply", "plan.json").exit == 0


def test_a_mounted_sink_in_a_folder_that_is_read_only(run: Run, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the file can be written there, and that is enough; where not even that, it is found before a call."""
    with folder_of_an_ordinary_user() as folder:
        there = World(run, folder, world.box)
        (folder / "mounts").mkdir()
        place = folder / "mounts" / "wallet"
        place.touch()
        there.write({"wallet": wallet(secret={"to": "file:mounts/wallet"})})
        mounted(monkeypatch, there, place)
        (folder / "mounts").chmod(0o500)
        place.chmod(0o400)
        refused = there.apply()
        assert (refused.exit, there.total_writes()) == (1, 0)
        assert f"the file {place} cannot be written" in refused.stdout
        place.chmod(0o600)
        there.applied()
        assert place.read_text() == world.box["cryptofuse"].webhooks()[0]["secret"]
        (folder / "mounts").chmod(0o700)


def test_a_full_disk_costs_a_mounted_file_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit is refused by the disk before a byte of the old content is gone."""
    place = tmp_path / "all.env"
    place.write_text("OTHER=1\n")
    monkeypatch.setattr(atomic, "is_mounted", lambda path: True)
    real, refused_after = os.write, list[int]()

    def write(descriptor: int, data: bytes) -> int:
        begun = os.lseek(descriptor, 0, os.SEEK_CUR)
        room = 20 - begun
        refused_after.append(begun)
        if room <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(descriptor, data[:room])

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(OSError, match="No space left"):
        atomic.put(place, b"NEW=" + b"x" * 60)
    assert place.read_text() == "OTHER=1\n"
    assert refused_after[:2] == [len("OTHER=1\n"), 20]  # where a kill at that moment would leave the old content, too


# With real mounts, where this machine lets us make some that nobody else sees


@contextmanager
def bind(place: Path) -> Iterator[list[str]]:
    """The words in front of a command that make it see `place` mounted by itself."""
    source = place.with_name("source")
    source.write_bytes(place.read_bytes())
    words = ["unshare", "--mount", "--map-root-user", "sh", "-c", f'mount --bind {source} {place} && exec "$@"', "sh"]
    if shutil.which("unshare") is None or subprocess.run([*words, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no mounts of our own here")
    yield words
    place.write_bytes(source.read_bytes())


TELLS = "import sys, pathlib; from reconciler.support import atomic; p = pathlib.Path(sys.argv[1]); "


def test_a_real_mount(tmp_path: Path) -> None:
    """It is known for one, cannot be replaced, and is written; the file beside it is none."""
    place = tmp_path / "sink"
    place.write_text("a longer content of before")
    (tmp_path / "beside").touch()
    script = TELLS + "print(atomic.is_mounted(p), atomic.is_mounted(p.with_name('beside'))); atomic.put(p, b'new')"
    with bind(place) as inside:
        done = subprocess.run(
            [*inside, sys.executable, "-c", script, str(place)], capture_output=True, text=True, check=True
        )
    assert done.stdout.split() == ["True", "False"]
    assert place.read_text() == "new"
