"""Fixtures: the process that forks, and a scene of its own for each test."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.forks import Forks
from tests.processes.scene import Scene, standing

collect_ignore_glob = [] if sys.platform == "linux" else ["test_*.py"]  # they need /proc, fork and pseudo terminals


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """The process that starts runs; one for each test process."""
    forks = Forks()
    yield forks
    forks.close()


@pytest.fixture
def scene(forks: Forks, tmp_path: Path) -> Iterator[Scene]:
    """A folder with the first story, and its vendors, started."""
    with standing(tmp_path, forks) as scene:
        yield scene
