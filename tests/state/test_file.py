"""The lock file and what stands beside it: bytes, permissions, links, crashes, full disks and damage."""

import errno
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from reconciler.errors import StateError
from reconciler.model.action import Action
from reconciler.state import journal
from reconciler.state.event import Durable, Removed, Renamed
from reconciler.state.lock import Lock, fold, to_json
from reconciler.state.stores.base import Holder
from reconciler.state.stores.file import FileStore
from reconciler.state.stores.holder import this_process
from reconciler.support import atomic
from tests.ordinary_user import folder_of_an_ordinary_user
from tests.state.values import AT, HOLDER, applied, entry, intended, lock_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the lock is."""
    return tmp_path / "webhooks.lock.json"


def beside(path: Path, suffix: str) -> Path:
    """A file beside the lock."""
    return path.with_name(path.name + suffix)


def run(path: Path, happened: list[Durable], then: Callable[[], object] = lambda: None) -> None:
    """One lease in which this happens."""
    with FileStore(path).lease(0, HOLDER) as lease:
        for event in happened:
            lease.append(event)
        then()


def full(*_: object) -> NoReturn:
    """A disk without space."""
    raise OSError(errno.ENOSPC, "No space left on device")


def test_an_apply_leaves_the_canonical_lock_and_nothing_to_recover(path: Path) -> None:
    """After a lease the file has the lock's canonical text, mode 0600; journal and holder are gone."""
    with FileStore(path).lease(0, HOLDER) as lease:
        lease.append(applied("a"))
        assert stat.S_IMODE(beside(path, ".journal").stat().st_mode) == 0o600
    assert path.read_text() == to_json(Lock({"a": entry()}))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(file.name for file in path.parent.iterdir()) == [
        ".webhooks.lock.json.versions",
        "webhooks.lock.json",
        "webhooks.lock.json.lock",
    ]


def test_without_a_difference_no_byte_is_written(path: Path) -> None:
    """A lease in which nothing changes leaves bytes and time of the lock, even of one that was formatted by hand."""
    path.write_text(json.dumps(json.loads(to_json(lock_of("a")))))
    os.utime(path, (1, 1))
    with FileStore(path).lease(0, HOLDER) as lease:
        lease.append(intended("a"))
        lease.append(applied("a", "wh_a"))
        lease.checkpoint()
    assert path.stat().st_mtime == 1
    assert not beside(path, ".journal").exists()


def test_reading_writes_nothing(path: Path) -> None:
    """A plan works in a folder that cannot be written, and a left-over journal stays for the next apply."""
    beside(path, ".journal").write_bytes(journal.text([applied("a")]))
    before = {file.name: file.stat().st_mtime_ns for file in path.parent.iterdir()}
    assert FileStore(path).read().lock == Lock({"a": entry()})
    assert {file.name: file.stat().st_mtime_ns for file in path.parent.iterdir()} == before


def test_mode_and_link_of_an_existing_lock_are_kept(path: Path, tmp_path: Path) -> None:
    """A shared lock stays readable to its group, and a linked one stays a link, with its journal beside its target."""
    target = tmp_path / "shared" / "team.json"
    target.parent.mkdir()
    target.write_text(to_json(Lock()))
    target.chmod(0o664)
    path.symlink_to(target)
    with FileStore(path).lease(0, HOLDER) as lease:
        lease.append(applied("a"))
        assert beside(target, ".journal").exists()
        assert FileStore(target).read().lock == lease.lock
    assert path.is_symlink()
    assert (stat.S_IMODE(target.stat().st_mode), target.read_text()) == (0o664, to_json(Lock({"a": entry()})))


@pytest.mark.parametrize("link", ["state/webhooks.lock.json", "state"])
def test_a_link_to_nothing_is_not_a_missing_lock(tmp_path: Path, link: str) -> None:
    """What a link points to was there once: to take it for "nothing applied" would make every webhook again."""
    (tmp_path / link).parent.mkdir(exist_ok=True)
    (tmp_path / link).symlink_to(tmp_path / "mounted" / "later")
    store = FileStore(tmp_path / "state" / "webhooks.lock.json", tmp_path)
    with pytest.raises(StateError, match=r"is a link to .*/mounted/later, which is not there"):
        store.read()
    with pytest.raises(StateError, match="which is not there"), store.lease(0, HOLDER):
        pass
    assert not (tmp_path / "mounted").exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b'{"format"', "not whole JSON"),
        (b"\xff", "not UTF-8"),
        (b"{}", "not a lock"),
        (b'{"format": "whsync.lock/9"}', "whsync.lock/9"),
        (b"<<<<<<< HEAD\n{}", "conflict markers of a merge, from line 1"),
        (b'{"format":\n=======\r\n"whsync.lock/1"}', "conflict markers of a merge, from line 2"),
        (b'{"format": "whsync.lock/1", "webhooks": {}, "webhooks": {}}', "has the key 'webhooks' twice"),
        (b'{"format": "whsync.lock/1", "webhooks": {"a": {"scope": {"x": "1", "x": "2"}}}}', "has the key 'x' twice"),
    ],
)
def test_a_lock_that_cannot_be_trusted_stops_everything(content: bytes, says: str, path: Path) -> None:
    """Neither reading nor a lease takes a damaged lock for an empty one, and its bytes are left alone."""
    path.write_bytes(content)
    with pytest.raises(StateError, match=says):
        FileStore(path).read()
    with pytest.raises(StateError, match=says), FileStore(path).lease(0, HOLDER):
        pytest.fail("a damaged lock was worked on")
    assert path.read_bytes() == content
    assert not beside(path, ".holder").exists()


def test_a_folder_is_no_lock(path: Path) -> None:
    """A folder in the lock's place is told."""
    path.mkdir()
    with pytest.raises(StateError, match="cannot be read"):
        FileStore(path).read()


def test_a_journal_cut_at_every_byte_folds_to_a_beginning(path: Path) -> None:
    """Whatever a crash left of the journal, the next run takes in the finished events and goes on after them."""
    happened: list[Durable] = [intended("a"), applied("a"), intended("b"), Renamed("c", "a")]
    whole = journal.text(happened)
    for length in range(len(whole) + 1):
        beside(path, ".journal").write_bytes(whole[:length])
        expected = fold(Lock(), happened[: max(whole[:length].count(b"\n") - 1, 0)])
        assert FileStore(path).read().lock == expected
        if length % 50 and b"\n" not in whole[length - 2 : length + 2]:
            continue  # going on is tried around the ends of lines and now and then between them
        with FileStore(path).lease(0, HOLDER) as lease:
            assert lease.lock == expected
            lease.append(applied("z"))
            assert FileStore(path).read().lock == lease.lock
        assert FileStore(path).read().lock == fold(expected, [applied("z")])
        path.unlink()


def test_killed_between_lock_and_journal_nothing_is_done_twice(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal of a run that had just written its lock is not folded into it again, where that would be wrong."""
    path.write_text(to_json(lock_of("a")))
    happened: list[Durable] = [Renamed("b", "a"), applied("a", "wh_2")]
    expected = fold(lock_of("a"), happened)
    monkeypatch.setattr(Path, "unlink", full)
    with pytest.raises(StateError, match="cannot be replaced"):
        run(path, happened)
    monkeypatch.undo()
    assert beside(path, ".journal").exists()
    assert path.read_text() == to_json(expected)
    assert FileStore(path).read().lock == expected
    with FileStore(path).lease(0, HOLDER) as lease:
        assert lease.lock == expected
    assert not beside(path, ".journal").exists()


def test_a_damaged_journal_stops_with_the_way_out(path: Path) -> None:
    """A line in the middle that cannot be read is never skipped, and the journal stays as it is."""
    damaged = journal.text([applied("a")]) + b"{damaged\n" + journal.event_line(applied("b"))
    beside(path, ".journal").write_bytes(damaged)
    with pytest.raises(StateError, match="line 3"):
        FileStore(path).read()
    with pytest.raises(StateError, match="line 3"), FileStore(path).lease(0, HOLDER):
        pytest.fail("a damaged journal was worked on")
    assert beside(path, ".journal").read_bytes() == damaged


@pytest.mark.parametrize("broken", ["write", "fsync"])
def test_a_full_disk_stops_the_intent_and_keeps_the_facts(
    broken: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be journaled is an error; what has happened is in the lock once the disk takes it again."""
    with FileStore(path).lease(0, HOLDER) as lease:
        lease.append(intended("a"))
        monkeypatch.setattr(os, broken, full)
        with pytest.raises(StateError, match="No space left"):
            lease.append(applied("a"))
        with pytest.raises(StateError, match="No space left"):
            lease.append(intended("never sent"))
        monkeypatch.undo()
        assert lease.lock == Lock({"a": entry()})
        lease.append(intended("b"))
        assert FileStore(path).read().lock == lease.lock == Lock({"a": entry()}, {"b": intended("b")})
    assert FileStore(path).read().lock == Lock({"a": entry()}, {"b": intended("b")})


def test_half_a_write_is_taken_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that takes half a line and then nothing leaves a journal that can be read and gone on with."""
    write: Callable[[int, bytes], int] = os.write
    halves = iter([True])

    def half(descriptor: int, data: bytes) -> int:
        return write(descriptor, data[: len(data) // 2]) if next(halves, False) else full()

    with FileStore(path).lease(0, HOLDER) as lease:
        lease.append(applied("a"))
        monkeypatch.setattr(os, "write", half)
        with pytest.raises(StateError):
            lease.append(applied("b"))
        monkeypatch.undo()
        assert beside(path, ".journal").read_bytes() == journal.text([applied("a")])
        lease.append(applied("c"))
        assert beside(path, ".journal").read_bytes() == journal.text([applied("a"), applied("b"), applied("c")])


def test_a_lock_that_cannot_be_replaced_is_safe_in_the_journal(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An apply whose checkpoint fails says so; the next run finds everything."""
    monkeypatch.setattr(atomic, "replace", _unless_holder(atomic.replace))
    with pytest.raises(StateError, match=r"cannot be written.*No space"):
        run(path, [applied("a")])
    monkeypatch.undo()
    assert not path.exists()
    assert FileStore(path).read().lock == Lock({"a": entry()})


def _unless_holder(replace: Callable[[Path, bytes], None]) -> Callable[[Path, bytes], None]:
    return lambda path, data: replace(path, data) if path.suffix == ".holder" else full()


def test_a_lock_changed_meanwhile_is_not_overwritten(path: Path) -> None:
    """A merge in the middle of an apply is kept: the run says so, and the next one adds what was applied to it."""
    with pytest.raises(StateError, match="changed by something else"):
        run(path, [applied("a")], lambda: path.write_text(to_json(lock_of("merged"))))
    assert path.read_text() == to_json(lock_of("merged"))
    with FileStore(path).lease(0, HOLDER) as lease:
        assert lease.lock.entries.keys() == {"a", "merged"}


def test_events_are_synced_when_asked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An intent is on the disk before its call; an event that need not be costs no wait."""
    synced: list[bytes] = []

    def sync(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):  # folders are synced, too
            synced.append(beside(path, ".journal").read_bytes())

    with FileStore(path).lease(0, HOLDER) as lease:
        monkeypatch.setattr(os, "fsync", sync)
        lease.append(intended("a"), sync=True)
        assert synced[0] == journal.text([intended("a")])
        synced.clear()
        lease.append(Removed("a", Action.DELETE, AT), sync=False)
        assert synced == []
        monkeypatch.undo()


@pytest.mark.parametrize("exists", [True, False])
def test_a_read_only_folder_is_told(exists: bool) -> None:
    """Where nothing can be written, a lease says so with the path before anything is done; reading still works."""
    with folder_of_an_ordinary_user() as folder:
        path = folder / "webhooks.lock.json"
        if exists:
            path.write_text(to_json(lock_of("a")))
        folder.chmod(0o500)
        with pytest.raises(StateError, match=r"webhooks\.lock\.json.*denied"), FileStore(path).lease(0, HOLDER):
            pytest.fail("worked on a lock that cannot be written")
        assert FileStore(path).read().lock == (lock_of("a") if exists else Lock())
        folder.chmod(0o700)


def test_what_a_dead_run_left_is_removed_and_named(path: Path) -> None:
    """`state unlock` says whose note it removed."""
    with FileStore(path).lease(0, HOLDER):
        left = beside(path, ".holder").read_bytes()
    beside(path, ".holder").write_bytes(left)
    assert FileStore(path).force_unlock() == HOLDER
    assert not beside(path, ".holder").exists()


def test_this_process_is_described() -> None:
    """The note of the holder has this process's number and host, and what was given."""
    holder = this_process(AT, "whsync apply")
    assert holder == Holder(holder.user, os.uname().nodename, os.getpid(), AT, "whsync apply")
    assert holder.user
