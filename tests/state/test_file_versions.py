"""Earlier versions of a lock that is a file: what disks, links and killed runs do to them."""

import json
from pathlib import Path

import pytest

from reconciler.errors import StateError
from reconciler.state.lock import Lock, to_json
from reconciler.state.stores import file_versions
from reconciler.state.stores.file import FileStore
from tests.state.values import HOLDER, applied, entry, lock_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Of the lock."""
    return tmp_path / "webhooks.lock.json"


def leave(path: Path, name: str) -> None:
    """A run that applies one webhook."""
    with FileStore(path).lease(0, HOLDER) as lease:
        lease.append(applied(name))


def test_what_a_run_found_is_kept_too(path: Path) -> None:
    """A lock from before there were versions, or from git, can be had back after the first run that changed it."""
    path.write_text(to_json(lock_of("old")))
    leave(path, "new")
    first, second = FileStore(path).versions()
    assert (first.user, first.webhooks, second.user, second.webhooks) == ("", 1, HOLDER.user, 2)
    assert FileStore(path).version(1) == lock_of("old")
    leave(path, "newer")
    assert [version.number for version in FileStore(path).versions()] == [1, 2, 3]


def test_only_so_many_are_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest go, and their files with them."""
    monkeypatch.setattr(file_versions, "KEEP", 2)
    for name in "abcd":
        leave(path, name)
    folder = path.with_name(f".{path.name}.versions")
    assert sorted(file.name for file in folder.glob("[!.]*")) == ["000003.json", "000004.json", "index.json"]
    assert [version.number for version in FileStore(path).versions()] == [3, 4]


def test_git_leaves_them_alone(path: Path) -> None:
    """Each clone has versions of its own; who wants them in git takes that file away, and it stays away."""
    leave(path, "a")
    ignoring = path.with_name(f".{path.name}.versions") / ".gitignore"
    assert ignoring.read_text() == "*\n"
    ignoring.unlink()
    leave(path, "b")
    assert not ignoring.exists()


def test_a_run_without_changes_leaves_none(path: Path) -> None:
    """Nor is a folder made."""
    with FileStore(path).lease(0, HOLDER):
        pass
    assert not path.with_name(f".{path.name}.versions").exists()


def test_a_disk_that_keeps_none_keeps_the_lock(path: Path) -> None:
    """Where the folder cannot be made, what is true now is kept all the same."""
    path.with_name(f".{path.name}.versions").write_text("in the way")
    leave(path, "a")
    assert FileStore(path).read().lock == Lock({"a": entry()})


def test_a_link_in_its_place_is_followed_nowhere(path: Path, tmp_path: Path) -> None:
    """A folder of versions that is a link stops the run, as any other link beside the lock."""
    (tmp_path / "elsewhere").mkdir()
    path.with_name(f".{path.name}.versions").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StateError, match="symbolic link"):
        leave(path, "a")
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("text", ["", "[", "{}", '[{"number": "1"}]', "[1]"])
def test_a_damaged_index_is_told_and_costs_no_lock(path: Path, text: str) -> None:
    """With what to do; the next run works all the same."""
    leave(path, "a")
    index = path.with_name(f".{path.name}.versions") / "index.json"
    index.write_text(text)
    with pytest.raises(StateError, match="cannot be read") as caught:
        FileStore(path).versions()
    assert "remove" in caught.value.hint
    leave(path, "b")
    assert FileStore(path).read().lock == Lock({"a": entry(), "b": entry()})


def test_what_a_killed_run_left_half_written_goes(path: Path) -> None:
    """The next run takes it away."""
    leave(path, "a")
    folder = path.with_name(f".{path.name}.versions")
    for name in (".000002.json.abcd1234.tmp", ".index.json.abcd1234.tmp"):
        (folder / name).write_text("half")
    leave(path, "b")
    assert sorted(file.name for file in folder.glob("[!.]*")) == ["000001.json", "000002.json", "index.json"]
    assert len(json.loads((folder / "index.json").read_text())) == 2
