"""A disk that takes nothing: found before anything is written to a vendor, told in a sentence, and harmless."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.processes.aftermath import check, recover, vendors_hold
from tests.processes.forks import KILLED, SOMEBODY, Forks
from tests.processes.scene import Scene, ledger_only, standing


def for_somebody(scene: Scene) -> None:
    """Give the folder to an ordinary user, if we may give anything away."""
    if os.geteuid() == 0:
        for path in (scene.folder, *scene.folder.rglob("*")):
            os.chown(path, SOMEBODY, SOMEBODY, follow_symlinks=False)


def read_only_folder(scene: Scene) -> None:
    """The folder of the lock cannot be written."""
    scene.folder.chmod(0o555)


def lock_is_a_folder(scene: Scene) -> None:
    """Where the lock should be, there is a folder."""
    scene.lock_path.mkdir()


def journal_is_a_folder(scene: Scene) -> None:
    """Where the journal should be, there is a folder."""
    scene.journal.mkdir()


def guard_is_a_folder(scene: Scene) -> None:
    """Where the file should be that the system locks, there is a folder."""
    (scene.folder / "webhooks.lock.json.lock").mkdir()


def unreadable_lock(scene: Scene) -> None:
    """The lock may not be read."""
    scene.lock_path.write_text('{"format": "whsync.lock/1", "webhooks": {}}', encoding="utf-8")
    scene.lock_path.chmod(0)


def unwritable_journal(scene: Scene) -> None:
    """There is a journal that may be read, but not written."""
    scene.journal.touch()
    scene.journal.chmod(0o444)


def link_into_nowhere(scene: Scene) -> None:
    """The lock is a link into a folder that may not be made."""
    scene.lock_path.symlink_to("/proc/nowhere/webhooks.lock.json")


TROUBLES: list[Callable[[Scene], None]] = [
    read_only_folder,
    lock_is_a_folder,
    journal_is_a_folder,
    guard_is_a_folder,
    unreadable_lock,
    unwritable_journal,
    link_into_nowhere,
]


@pytest.fixture
def open_scene(forks: Forks) -> Iterator[Scene]:
    """A scene that an ordinary user can get at, and owns."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        with standing(Path(name), forks) as scene:
            for_somebody(scene)
            yield scene
            scene.folder.chmod(0o755)


def test_an_ordinary_user_can_apply(open_scene: Scene) -> None:
    """Without trouble all goes well, also for a user who has no name, as in many containers."""
    assert open_scene.apply(ordinary_user=True).exit == 0, open_scene.heard[-1]
    check(open_scene)


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.__name__)
def test_nothing_is_begun(open_scene: Scene, trouble: Callable[[Scene], None]) -> None:
    """An ordinary user whose lock cannot be kept gets 1 and a sentence about it; nothing is changed at a vendor."""
    scene = open_scene
    trouble(scene)
    if scene.folder.stat().st_mode & 0o200:
        for_somebody(scene)
    before = scene.files()
    ended = scene.apply(ordinary_user=True)
    assert ended.exit == 1, ended.said
    assert "webhooks.lock.json" in ended.stderr
    assert "internal" not in ended.stderr
    assert scene.writes() == 0
    assert scene.files() - before <= {"webhooks.lock.json.lock"}


def test_a_disk_that_is_full_from_the_start(scene: Scene) -> None:
    """Full at any moment before the first write: exit 1, the disk is named as the reason, no vendor was changed."""
    untouched = vendors_hold(scene)
    for at in range(0, 200, 2):
        ended = scene.apply("--parallelism", "1", blow=(at, "full"))
        if scene.writes():
            break
        assert ended.exit == 1, ended.said
        assert "No space left on device" in ended.stderr
        assert vendors_hold(scene) == untouched
    assert at > 10
    scene.settle()
    recover(scene)
    check(scene)


def test_a_disk_that_fills_up_does_not_forget(scene: Scene) -> None:
    """Full right after a create was answered: the run fails, says why, and the next one makes no second."""
    for at in range(20, 60, 4):
        ended = scene.apply("--parallelism", "1", blow=(at, "full"))
        assert ended.exit == 1, ended.said
    scene.settle()
    recover(scene)
    check(scene)


def test_neither_sink_nor_rescue(scene: Scene) -> None:
    """Where an issued secret can be kept nowhere, the webhook is in the lock all the same, and the loss is told."""
    rescue = "webhooks.lock.json.rescue"
    ledger_only(scene, secret={"to": f"cmd:rm -r {rescue}; touch {rescue}; cat >/dev/full"})
    ended = scene.apply()
    assert ended.exit == 1
    assert "it is lost" in ended.said
    entry = scene.lock["ledger"]
    assert (entry["remote_id"], entry["secret"]["fingerprint"]) == ("wh_1001", None)
    assert not scene.journal.exists()
    (scene.folder / rescue).unlink()
    ledger_only(scene, secret={"to": "file:./secrets/ledger"})
    assert scene.apply().exit == 0, scene.heard[-1]
    assert len(scene.vendors["blind"].webhooks()) == 1
    stored = (scene.folder / "secrets/ledger").read_text(encoding="utf-8")
    assert stored == scene.vendors["blind"].webhooks()[0]["secret"]


@pytest.mark.parametrize("when", [20, 45, 70, 95, 120])
def test_a_lock_that_is_a_link(scene: Scene, when: int) -> None:
    """A lock that is a symbolic link stays one; killed and applied again, all is kept beside its target."""
    target = scene.folder / "kept" / "team.lock.json"
    target.parent.mkdir()
    target.write_text('{"format": "whsync.lock/1", "webhooks": {}}', encoding="utf-8")
    scene.lock_path.symlink_to(target)
    assert scene.apply(blow=(when, "kill")).exit == KILLED
    scene.settle()
    recover(scene)
    assert scene.lock_path.is_symlink()
    assert {path.name for path in target.parent.iterdir()} == {
        ".team.lock.json.versions",
        "team.lock.json",
        "team.lock.json.lock",
    }
    scene.lock_path.unlink()
    target.rename(scene.lock_path)
    shutil.rmtree(target.parent)
    check(scene)


def test_files_are_replaced_whole(scene: Scene) -> None:
    """Who has the old lock or an old secret open still has it whole: nothing is ever written in place."""
    assert scene.apply().exit == 0
    names = ("webhooks.lock.json", "secrets/deploy", "secrets/all.env")
    before = {name: (scene.folder / name).read_bytes() for name in names}
    for number, name in enumerate(names):
        os.link(scene.folder / name, scene.out / f"old {number}")
    scene.second_story()
    assert scene.apply("--max-changed", "100%").exit == 0
    assert scene("rotate", "deploy", "--yes").exit == 0
    assert (scene.folder / "webhooks.lock.json").read_bytes() != before["webhooks.lock.json"]
    for number, name in enumerate(names):
        assert (scene.out / f"old {number}").read_bytes() == before[name]
