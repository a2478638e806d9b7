"""Whether git knows a file, read without running git; checked against git itself, where there is one."""

import shutil
import subprocess
from pathlib import Path

import pytest

from reconciler.support.git_index import knows

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git to make repositories with")
FILES = ("a.txt", "state/hooks.json", "state/hooks.json.old", "state/höoks.json", "x" * 200, "zz/webhooks.lock.json")


def git(folder: Path, *words: str) -> None:
    """Run git in `folder`, whatever the user's own configuration says."""
    quiet = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "PATH": "/usr/bin:/bin:/usr/local/bin"}
    identity = ("-c", "user.name=ada", "-c", "user.email=ada@example.com")
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True, env=quiet)


def repository(folder: Path, version: int, digest: str = "sha1") -> Path:
    """A repository with all of `FILES` in its index, of that version, and none of them in the folder any more."""
    git(folder, "init", f"--object-format={digest}")
    for name in FILES:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(name)
    git(folder, "add", ".")
    git(folder, "update-index", f"--index-version={version}")
    if version == 3:
        (folder / "later").write_text("x")
        git(folder, "add", "--intent-to-add", "later")  # what version 3 is for: flags that two bytes cannot hold
    for name in FILES:
        (folder / name).unlink()
    return folder


@needs_git
@pytest.mark.parametrize("digest", ["sha1", "sha256"])
@pytest.mark.parametrize("version", [2, 3, 4])
def test_what_git_has(tmp_path: Path, version: int, digest: str) -> None:
    """Every file of the index is known, whatever its version, and nothing that is only named alike."""
    root = repository(tmp_path, version, digest)
    assert all(knows(root / name) for name in FILES)
    for name in ("hooks.json", "state/hooks", "state", "b.txt", "webhooks.lock.json", "state/nowhere/hooks.json"):
        assert not knows(root / name), name
    git(root, "rm", "--cached", "state/hooks.json")
    assert not knows(root / "state" / "hooks.json")


@needs_git
def test_a_work_tree_of_its_own(tmp_path: Path) -> None:
    """Where `.git` is a file that names another folder, that folder's index counts."""
    (tmp_path / "main").mkdir()
    root = repository(tmp_path / "main", 2)
    git(root, "commit", "-m", "x")
    git(root, "worktree", "add", "../other")
    assert knows(tmp_path / "other" / "state" / "hooks.json")
    assert not knows(tmp_path / "other" / "hooks.json")


@pytest.mark.parametrize(
    "index", [b"", b"DIRC", b"DIRC\0\0\0\2\xff\xff\xff\xff", b"DIRC\0\0\0\4\0\0\0\2" + b"\xff" * 90, b"\0" * 200]
)
def test_what_is_no_index(tmp_path: Path, index: bytes) -> None:
    """A broken index, or none, has nothing; it is no error."""
    assert not knows(tmp_path / "webhooks.lock.json")
    (tmp_path / ".git").mkdir()
    assert not knows(tmp_path / "webhooks.lock.json")
    (tmp_path / ".git" / "index").write_bytes(index)
    assert not knows(tmp_path / "webhooks.lock.json")
    assert not knows(tmp_path / "nowhere" / "webhooks.lock.json")
