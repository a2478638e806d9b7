"""pipelines/lock.sh: the lock on a branch of its own, whatever else goes on there."""

import os
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.pipelines.conftest import ROOT, need_programs
from tests.pipelines.repository import Repository, git

pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="runners of Linux")
LOCK, JOURNAL = "webhooks.lock.json", "webhooks.lock.json.journal"


class Job:
    """A checkout of main, in which the script runs."""

    def __init__(self, folder: Path, repository: Repository) -> None:
        self.work, self.repository = folder, repository
        git(repository.server, "clone", "--quiet", "--depth=1", f"file://{repository.server}", str(folder))

    def __call__(
        self, word: str, where: str = ".", env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """`lock.sh WORD` in a folder of the checkout."""
        whole = {"PATH": os.environ["PATH"], "HOME": str(self.work), "LOCK_BRANCH": "whsync-lock", **(env or {})}
        command = ["bash", str(ROOT / "pipelines" / "lock.sh"), word]
        return subprocess.run(
            command, cwd=self.work / where, env=whole, capture_output=True, text=True, check=False, timeout=60
        )


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository whose main is protected."""
    need_programs()
    return Repository(tmp_path / "repository", {"webhooks.yaml": "version: 1\n", "team/webhooks.yaml": "version: 1\n"})


@pytest.fixture
def job(tmp_path: Path, repository: Repository) -> Job:
    """A first job."""
    return Job(tmp_path / "job", repository)


@pytest.fixture
def other(tmp_path: Path, repository: Repository) -> Job:
    """A second one, at the same time."""
    return Job(tmp_path / "other", repository)


def test_kept_by_one_job_and_fetched_by_the_next(job: Job, other: Job) -> None:
    """Byte for byte, with its journal as long as there is one; below the folder that it belongs to."""
    assert job("fetch").returncode == 0
    (job.work / "team" / LOCK).write_bytes(b'{"one": 1}\r\n')
    (job.work / "team" / JOURNAL).write_bytes(b"{}")
    assert job("keep", "team").returncode == 0
    assert job.repository.files("whsync-lock") == [f"team/{LOCK}", f"team/{JOURNAL}"]
    assert other("fetch", "team").returncode == 0
    assert (other.work / "team" / LOCK).read_bytes() == b'{"one": 1}\r\n'
    assert (other.work / "team" / JOURNAL).exists()
    (other.work / "team" / JOURNAL).unlink()
    assert other("keep", "team").returncode == 0
    assert job.repository.files("whsync-lock") == [f"team/{LOCK}"]
    assert git(job.work, "status", "--porcelain", "--untracked-files=no") == ""


def test_an_equal_lock_makes_no_commit(job: Job) -> None:
    """Nor does a job that has none."""
    assert "no lock to keep" in job("keep").stdout
    (job.work / LOCK).write_text("{}")
    job("keep")
    tip = job.repository.at("refs/heads/whsync-lock")
    assert "is this one already" in job("keep").stdout
    assert job.repository.at("refs/heads/whsync-lock") == tip


def test_a_remote_that_cannot_be_asked_is_no_empty_lock(job: Job) -> None:
    """Otherwise every webhook would be taken for a new one."""
    job.repository.server.rename(job.repository.server.with_name("gone"))
    assert job("fetch").returncode != 0
    assert not (job.work / LOCK).exists()


def test_other_files_of_the_branch_stay(job: Job) -> None:
    """Two folders of one repository keep their locks side by side."""
    for folder in (".", "team"):
        (job.work / folder / LOCK).write_text(folder)
        assert job("keep", folder).returncode == 0
    assert job.repository.files("whsync-lock") == [f"team/{LOCK}", LOCK]


def test_a_branch_that_moved_refuses(job: Job, other: Job, tmp_path: Path) -> None:
    """Between a look at the branch and the push, somebody else pushes: nothing is forced over it."""
    for each, text in ((job, "first"), (other, "second")):
        (each.work / LOCK).write_text(text)
    (job.repository.server / "hooks" / "pre-receive").unlink()  # this server lets all be forced
    between = tmp_path / "bin"
    between.mkdir()
    script = ROOT / "pipelines" / "lock.sh"
    (between / "git").write_text(
        f"""#!/bin/sh
PATH={shlex.quote(os.environ["PATH"])}
if [ "$1" = push ]; then (unset GIT_INDEX_FILE; cd {other.work} && LOCK_BRANCH=whsync-lock bash {script} keep); fi
exec git "$@"
"""
    )
    (between / "git").chmod(0o755)
    assert job("keep", env={"PATH": f"{between}:{os.environ['PATH']}"}).returncode != 0
    assert job.repository.show("whsync-lock", LOCK) == "second"


def test_a_link_of_the_checkout_is_not_written_through(job: Job, other: Job, tmp_path: Path) -> None:
    """A proposed change may have put a link where the lock goes."""
    (job.work / LOCK).write_text("{}")
    job("keep")
    outside = tmp_path / "outside"
    outside.write_text("mine")
    (other.work / LOCK).symlink_to(outside)
    assert other("fetch").returncode == 0
    assert (outside.read_text(), (other.work / LOCK).read_text()) == ("mine", "{}")
    assert not (other.work / LOCK).is_symlink()


def test_a_secret_that_was_saved_in_need_is_never_pushed(job: Job) -> None:
    """Only the lock and its journal go to the branch."""
    (job.work / LOCK).write_text("{}")
    (job.work / f"{LOCK}.rescue").mkdir()
    (job.work / f"{LOCK}.rescue" / "ledger").write_text("whsec_1")
    assert job("keep").returncode == 0
    assert job.repository.files("whsync-lock") == [LOCK]


@pytest.mark.parametrize(
    "env", [{"LOCK_BRANCH": "--all"}, {"LOCK_BRANCH": "a b"}, {"LOCK_FILE": "../x"}, {"LOCK_FILE": "/x"}]
)
def test_wrong_names_are_refused(job: Job, env: dict[str, str]) -> None:
    """Before anything is asked."""
    assert job("fetch", env=env).returncode == 64


def test_the_token_goes_to_the_remote_and_into_no_file(job: Job) -> None:
    """It is handed to git by the environment, for this address only."""
    (job.work / LOCK).write_text("{}")
    assert job("keep", env={"PIPELINE_TOKEN": "ghs_0123"}).returncode == 0
    assert "ghs_0123" not in (job.work / ".git" / "config").read_text()
    assert "extraheader" not in (job.work / ".git" / "config").read_text()
