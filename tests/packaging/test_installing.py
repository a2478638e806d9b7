"""The lines with which the README has whsync installed install it, from an index of the test's own."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.packaging.index import closure, repack, served

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LINES = re.findall(r"\b((?:pipx|uv tool) install \.)(?=\s)", README)
LEFT_OUT = (".git", ".venv*", ".*_cache", "build", "dist", "__pycache__", ".hypothesis")

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An index with all that whsync needs, what builds it, and pip."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    names = closure([*project["project"]["dependencies"], *project["build-system"]["requires"], "pip"])
    folder = tmp_path_factory.mktemp("wheels")
    with served([repack(name, folder) for name in sorted(names)], tmp_path_factory.mktemp("index")) as address:
        yield address


def test_both_lines_are_in_the_readme() -> None:
    """pipx and uv are named, each with the line that is tried below."""
    assert LINES == ["pipx install .", "uv tool install ."]


@pytest.mark.parametrize("line", LINES)
def test_the_line_installs_a_command_that_works(line: str, index: str, tmp_path: Path) -> None:
    """In a checkout, with nothing but the index at hand, the line ends well, and then `whsync` runs by itself."""
    words = line.split()
    if find_spec(words[0]) is None:
        pytest.skip(f"needs {words[0]}, of the extra `dev`")
    checkout, home = tmp_path / "checkout", tmp_path / "home"
    shutil.copytree(ROOT, checkout, ignore=shutil.ignore_patterns(*LEFT_OUT))
    home.mkdir()
    surroundings = {
        "HOME": str(home),
        "PATH": os.pathsep.join([str(home / "bin"), os.environ.get("PATH", os.defpath)]),
        "PIP_INDEX_URL": index,
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_CACHE_DIR": "1",
        "PIPX_HOME": str(home / "pipx"),
        "PIPX_BIN_DIR": str(home / "bin"),
        "PIPX_DEFAULT_PYTHON": sys.executable,
        "UV_DEFAULT_INDEX": index,
        "UV_NO_CONFIG": "1",
        "UV_CACHE_DIR": str(home / "cache"),
        "UV_TOOL_DIR": str(home / "tools"),
        "UV_TOOL_BIN_DIR": str(home / "bin"),
        "UV_PYTHON": sys.executable,
        "UV_PYTHON_DOWNLOADS": "never",
    }
    _run([sys.executable, "-m", *words], checkout, surroundings)
    told = _run([str(home / "bin" / "whsync"), "version"], tmp_path, surroundings)
    assert told == _run([sys.executable, "-m", "reconciler", "version"], ROOT, surroundings)
    assert "GITHUB_TOKEN" in _run(
        [str(home / "bin" / "whsync"), "providers", "list", "--format", "json"], tmp_path, surroundings
    )


def _run(command: list[str], folder: Path, surroundings: dict[str, str]) -> str:
    done = subprocess.run(
        command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False, timeout=110
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
