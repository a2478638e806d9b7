"""Every kind of store that needs no server, held to what every store promises."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.state.event import Durable
from reconciler.state.stores import address_of, open_store
from reconciler.state.stores.base import Store
from tests.state.memory import MemoryStore
from tests.state.suite import DocumentSuite, Opened, StoreSuite, is_a_fold
from tests.state.values import events
from tests.state.web import Shelf


def on_disk(folder: Path) -> Opened:
    """A file."""
    return lambda: open_store(address_of("webhooks.lock.json", folder))


def in_memory(folder: Path) -> Opened:
    """A store in this process."""
    store = MemoryStore()
    return lambda: store


def on_the_web(folder: Path, locks: bool = False) -> Opened:
    """A server that keeps documents, in this process and without a socket."""
    shelf = Shelf(locks)
    address = address_of("https://locks.example/team/webhooks.lock.json")
    return lambda: open_store(address, None, lambda: shelf)


def in_git(folder: Path) -> Opened:
    """A repository on this disk."""
    if shutil.which("git") is None:
        pytest.skip("NOT TESTED: there is no git here")
    repository = folder / "locks.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(repository)], check=True)
    return lambda: open_store(address_of(f"git+file://{repository}?name=team/webhooks.lock.json"))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("kind", [on_disk, in_memory, on_the_web])
@given(
    happened=st.lists(st.tuples(events, st.booleans(), st.sampled_from(["go on", "checkpoint", "lease", "crash"]))),
)
def test_a_store_is_a_fold(
    kind: Callable[[Path], Callable[[], Store]],
    tmp_path_factory: pytest.TempPathFactory,
    happened: list[tuple[Durable, bool, str]],
) -> None:
    """However often leases end, well or badly, and checkpoints are made: the lock is the fold of all events."""
    is_a_fold(kind(tmp_path_factory.mktemp("store")), happened)


class TestDisk(StoreSuite):
    """A file."""

    @pytest.fixture
    def opened(self, tmp_path: Path) -> Opened:
        """See the suite."""
        return on_disk(tmp_path)


class TestMemory(StoreSuite):
    """A store in this process, which the tests of commands use."""

    @pytest.fixture
    def opened(self, tmp_path: Path) -> Opened:
        """See the suite."""
        return in_memory(tmp_path)


class TestWeb(DocumentSuite):
    """A server that knows ETags and conditions, and nothing else."""

    versions = False

    @pytest.fixture(params=[False, True], ids=["conditions", "locks"])
    def opened(self, request: pytest.FixtureRequest, tmp_path: Path) -> Opened:
        """See the suite; once with a server that knows LOCK and UNLOCK, too."""
        return on_the_web(tmp_path, locks=request.param)


class TestGit(DocumentSuite):
    """A branch of a repository."""

    @pytest.fixture
    def opened(self, tmp_path: Path) -> Opened:
        """See the suite."""
        return in_git(tmp_path)
