"""A lock or a journal that lost its end, and clocks that jump: nothing is made twice, nothing is taken for gone."""

import json
import re
import shutil
from pathlib import Path

import pytest

from reconciler.errors import StateError
from reconciler.state.stores.file import FileStore
from reconciler.state.stores.holder import this_process
from tests.processes.aftermath import check, declared, recover, vendors_hold
from tests.processes.forks import KILLED
from tests.processes.scene import Scene, ledger_only, readable_only

HOLDER = this_process("2026-11-21T12:00:00Z", "whsync apply")
LATER = "2199-01-01T00:00:00Z"


def test_a_lock_cut_at_every_byte(scene: Scene) -> None:
    """A lock without its end is an error to whoever reads or takes it; only its last line break may be missing."""
    ledger_only(scene, secret={"to": "file:./secrets/ledger"})
    assert scene.apply().exit == 0
    whole = scene.lock_path.read_bytes()
    store = FileStore(scene.lock_path)
    for size in range(len(whole) - 1):
        scene.lock_path.write_bytes(whole[:size])
        with pytest.raises(StateError):
            store.read()
        if size % 50 == 0:
            with pytest.raises(StateError), store.lease(0, HOLDER):
                pytest.fail("a broken lock was taken")
        assert scene.lock_path.read_bytes() == whole[:size]


@pytest.mark.parametrize("part", [0.0, 0.2, 0.5, 0.8, 0.999])
def test_commands_with_a_broken_lock(scene: Scene, part: float) -> None:
    """Plan, apply, drift and adopt end with 1, name the lock, ask no vendor, and leave the lock as it is."""
    assert scene.apply().exit == 0
    whole = scene.lock_path.read_bytes()
    broken = whole[: int(len(whole) * part)]
    scene.lock_path.write_bytes(broken)
    scene.settle()
    scene.forget_requests()
    for argv in (("plan",), ("apply", "--yes"), ("drift",), ("adopt", "blind", "--id", "wh_1001", "--yes")):
        ended = scene(*argv)
        assert ended.exit == 1, ended.said
        assert "webhooks.lock.json" in ended.stderr
    assert all(vendor.requests == [] for vendor in scene.vendors.values())
    assert scene.lock_path.read_bytes() == broken


def test_a_journal_cut_anywhere(scene: Scene) -> None:
    """However much of a killed run's journal is left, where vendors can be read nothing is made twice."""
    readable_only(scene)
    whole = journal_of_a_whole_run(scene)
    ends = [at + 1 for at, byte in enumerate(whole) if byte == ord("\n")]
    cuts = {0, 1, *ends, *(end - 1 for end in ends[::4])}
    for size in sorted(cuts):
        scene.lock_path.unlink(missing_ok=True)
        scene.journal.write_bytes(whole[:size])
        recover(scene)
        assert vendors_hold(scene) == declared(scene), f"cut at {size}"
        assert not scene.journal.exists()
    check(scene)


def test_a_journal_with_a_hole_is_not_believed(scene: Scene) -> None:
    """A journal that is broken before its end is an error: nobody knows what it said, so nothing is sent."""
    readable_only(scene)
    whole = journal_of_a_whole_run(scene)
    lines = whole.splitlines(keepends=True)
    scene.journal.write_bytes(b"".join([lines[0], lines[1][:20] + b"\n", *lines[2:]]))
    scene.forget_requests()
    ended = scene.apply()
    assert ended.exit == 1
    assert "line 2 of the journal" in ended.stderr
    assert all(vendor.requests == [] for vendor in scene.vendors.values())


@pytest.mark.parametrize("when", [30, 60, 90, 115])
def test_clocks_that_jump(scene: Scene, when: int) -> None:
    """A lock and a journal from the future mean the same as any other."""
    assert scene.apply("--parallelism", "1", blow=(when, "kill")).exit == KILLED
    scene.settle()
    for path in (scene.lock_path, scene.journal):
        into_the_future(path)
    recover(scene)
    into_the_future(scene.lock_path)
    before = scene.lock_path.read_bytes()
    assert scene.apply().exit == 0
    assert scene.lock_path.read_bytes() == before
    check(scene)


def into_the_future(path: Path) -> None:
    """Make every moment that a file tells a later one."""
    if path.exists():
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", LATER, text), encoding="utf-8")


def journal_of_a_whole_run(scene: Scene) -> bytes:
    """The journal of a run that was killed just before it wrote the lock."""
    effects = scene.apply("--parallelism", "1", blow=(1 << 30, "kill")).effects
    assert scene.lock_path.exists()
    last = max(at for at, label in enumerate(effects) if label.startswith("open .webhooks.lock.json."))
    for vendor in scene.vendors.values():
        for each in vendor.webhooks():
            vendor.remove(each["id"])
    scene.lock_path.unlink()
    shutil.rmtree(scene.folder / "secrets")  # without the lock nobody would know whose they are
    assert scene.apply("--parallelism", "1", blow=(last, "kill")).exit == KILLED
    scene.settle()
    assert not scene.lock_path.exists()
    events = [json.loads(line).get("event") for line in scene.journal.read_bytes().splitlines()]
    assert events.count("Applied") == len(vendors_hold(scene))
    return scene.journal.read_bytes()
