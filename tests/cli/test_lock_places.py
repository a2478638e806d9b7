"""Locks in every kind of place that needs no server of others."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.lock_suite import ElsewhereSuite, LockSuite, Place
from tests.cli.world import World, hidden_in, hook
from tests.state.web import Shelf, served

TOKEN = "t0k3n-of-the-lock-server"


class TestDisk(LockSuite):
    """Another file than the usual one."""

    @pytest.fixture
    def place(self, tmp_path: Path) -> Place:
        """See the suite."""
        (tmp_path / "kept").mkdir()
        return Place(str(tmp_path / "kept" / "team.lock.json"))


class TestGit(ElsewhereSuite):
    """A branch of a repository."""

    @pytest.fixture
    def place(self, tmp_path: Path) -> Place:
        """See the suite."""
        if shutil.which("git") is None:
            pytest.skip("NOT TESTED: there is no git here")
        subprocess.run(["git", "init", "--quiet", "--bare", str(tmp_path / "locks.git")], check=True)
        return Place(f"git+file://{tmp_path}/locks.git?branch=hooks&name=team.lock.json")


@pytest.fixture(params=[False, True], ids=["conditions", "locks"])
def shelf(request: pytest.FixtureRequest) -> Shelf:
    """A server's documents; once it knows LOCK and UNLOCK, too."""
    return Shelf(request.param)


class TestWeb(ElsewhereSuite):
    """A server on loopback that wants a token."""

    @pytest.fixture
    def place(self, shelf: Shelf) -> Iterator[Place]:
        """See the suite."""
        with served(shelf, TOKEN) as url:
            environment = {"WHSYNC_LOCK_TOKEN": TOKEN, "NO_PROXY": "*"}
            yield Place(f"{url}/state/team", environment, (TOKEN,), versions=False)

    def test_without_the_token_nothing_is_read(self, world: World, place: Place) -> None:
        """And the way out names the variables; it is never taken for a lock that is not there."""
        world.write({"ci": hook()})
        result = world("plan", "--lock", place.address)
        assert (result.exit, "answers 401" in result.stderr, "WHSYNC_LOCK_TOKEN" in result.stderr) == (1, True, True)


@pytest.mark.parametrize(
    ("address", "wrong"),
    [
        ("s3://bucket", "no key"),
        ("s3://user:hunter2@bucket/key", "a password"),
        ("postgresql://u:hunter2@db.acme.com/ops?name=team", "a password"),
        ("postgresql://db.acme.com/ops?name=team&password=hunter2", "a password"),
        ("postgresql://db.acme.com/ops", "which lock of the database"),
        ("https://u:hunter2@locks.acme.com/team", "a password"),
        ("https://hunter2@locks.acme.com/team", "a user"),
        ("http://locks.acme.com/team", "in clear"),
        ("git+https://hunter2@git.acme.com/locks", "a user"),
        ("git+ssh://-oProxyCommand=x/locks", "names no host"),
        ("git+https://git.acme.com/locks?name=../../x", "cannot be one"),
        ("ftp://acme.com/lock", "no locks of that kind"),
    ],
)
@pytest.mark.parametrize("by", ["file", "option"])
def test_an_address_that_cannot_be_one(run: Run, tmp_path: Path, address: str, wrong: str, by: str) -> None:
    """It is refused before anything is asked, at its place, and a password in it is told nowhere."""
    lock = f"lock: '{address}'\n" if by == "file" else ""
    (tmp_path / "webhooks.yaml").write_text(f"version: 1\n{lock}providers: {{github: {{}}}}\n")
    result = run("plan", "--offline", *(() if by == "file" else ("--lock", address)))
    assert result.exit == (1 if by == "file" else 64)
    assert wrong in result.stderr
    assert ("webhooks.yaml:2:7" in result.stderr) == (by == "file")
    assert hidden_in("hunter2", result.stdout, result.stderr)


@pytest.mark.parametrize(
    ("address", "trusted"),
    [
        ("https://locks.acme.com/team", "https://locks.acme.com"),
        ("s3://acme-locks/team", "s3://acme-locks"),
        ("postgresql://db.acme.com:5433/ops?name=team", "postgresql://db.acme.com:5433"),
        ("git+ssh://git@git.acme.com/locks", "git+ssh://git.acme.com"),
        ("git+file:///srv/locks.git", "git+file:///srv/locks.git"),
    ],
)
def test_a_lock_that_a_change_names_has_to_be_trusted(run: Run, tmp_path: Path, address: str, trusted: str) -> None:
    """Where others' changes are checked, no server is asked that the trust file does not list."""
    (tmp_path / "webhooks.yaml").write_text(f"version: 1\nlock: '{address}'\nproviders: {{github: {{}}}}\n")
    trust = tmp_path / "trust.yaml"
    trust.write_text("version: 1\n")
    for command in (("plan",), ("state", "list"), ("drift",)):
        result = run(*command, "--trust", str(trust), env={"GITHUB_TOKEN": "x"})
        assert result.exit == 3
        assert f"the lock is kept at {trusted}, which nobody trusts" in result.stderr
        assert f'origins: [{{origin: "{trusted}"}}]' in result.stderr
        assert "webhooks.yaml:2:7" in result.stderr
    assert run("plan", "--untrusted").exit == 3
    trust.write_text(f'version: 1\norigins: [{{origin: "{trusted}"}}]\n')
    assert run("validate", "--trust", str(trust)).exit == 0
    listed = run("trust", "write")
    assert f"origin: {trusted}" in listed.stdout.replace("'", "").replace('"', "")


def test_a_server_without_strong_etags_keeps_no_lock(run: Run, tmp_path: Path) -> None:
    """Two runs could not be told apart there, so that is refused before anything is changed."""
    (tmp_path / "webhooks.yaml").write_text("version: 1\nproviders: {github: {}}\n")
    for tags, words in (("weak", "a weak ETag only"), ("none", "no ETag")):
        shelf = Shelf(tags=tags)
        shelf.documents["/team"] = (b'{"format": "whsync.lock/1", "webhooks": {}}', 1)
        with served(shelf) as url:
            result = run("state", "list", "--lock", f"{url}/team")
        assert (result.exit, words in result.stderr) == (1, True)


def test_a_package_that_is_missing_is_named(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs it."""
    import sys

    for name in ("obstore", "psycopg"):
        monkeypatch.setitem(sys.modules, name, None)
    (tmp_path / "webhooks.yaml").write_text("version: 1\nproviders: {github: {}}\n")
    for extra, address in (
        ("s3", "s3://b/k"),
        ("gs", "gs://b/k"),
        ("az", "az://c/k"),
        ("postgresql", "postgresql://h/d?name=n"),
    ):
        result = run("state", "list", "--lock", address)
        assert (result.exit, f"pip install 'whsync[{extra}]'" in result.stderr) == (1, True)
