"""PyPI has another package called `reconciler`: whoever has both is told at start, in a sentence."""

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

import whsync_start

ROOT = Path(__file__).parents[2]
THEIRS = "raise ImportError('pandas is missing')\n"

Start = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with an installed whsync."""
    site = tmp_path / "site"
    shutil.copytree(ROOT / "reconciler", site / "reconciler", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "whsync_start.py", site)
    return site


@pytest.fixture
def start(tmp_path: Path, site: Path) -> Start:
    """Runs the command from that folder, as the installed script does."""

    def run(*words: str, before: str = "") -> "subprocess.CompletedProcess[str]":
        # Without path files, which would lend the checkout's package where ours is damaged.
        folders = [*([before] if before else []), str(site), sysconfig.get_path("purelib")]
        code = f"import sys; sys.path[:0] = {folders!r}; import whsync_start as w; w.run()"
        command = [sys.executable, "-S", "-P", "-c", code, *words]
        return subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True, check=False, timeout=60)

    return run


def namesake(site: Path, *files: str) -> None:
    """Install files of the other package, as pip does."""
    record = site / "reconciler-0.2.2.dist-info"
    record.mkdir(parents=True)
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: reconciler\nVersion: 0.2.2\n")
    (record / "RECORD").write_text("".join(f"reconciler/{name},,\n" for name in ("__init__.py", "main.py")))
    for name in files:
        (site / "reconciler").mkdir(exist_ok=True)
        (site / "reconciler" / name).write_text(THEIRS)


def test_alone_it_says_nothing(start: Start) -> None:
    """Nobody who has only whsync reads of the other package."""
    done = start("version")
    assert (done.returncode, done.stderr) == (0, "")


def test_theirs_over_ours(site: Path, start: Start) -> None:
    """Installed later, the other one takes our `__init__.py`: whsync names it, and the command that removes it."""
    namesake(site, "__init__.py", "main.py")
    done = start("version")
    assert (done.returncode, done.stdout) == (1, "")
    assert "reconciler 0.2.2" in done.stderr
    assert "-m pip uninstall reconciler" in done.stderr
    assert "Traceback" not in done.stderr


def test_ours_over_theirs(site: Path, start: Start) -> None:
    """Installed earlier, the other one is broken and will break us when it goes: the command runs, and it is said."""
    namesake(site, "main.py")
    done = start("version")
    assert (done.returncode, done.stdout.strip()) == (0, "0.1.0")
    assert "reconciler 0.2.2" in done.stderr
    assert start("version", "--quiet").stderr == ""


def test_theirs_removed(site: Path, start: Start) -> None:
    """Removing the other one removes our file of the same name: that is said, and not shown as a traceback."""
    (site / "reconciler" / "__init__.py").unlink()
    done = start("version")
    assert done.returncode == 1
    assert "not whole" in done.stderr
    assert "Traceback" not in done.stderr


def test_theirs_before_ours(tmp_path: Path, start: Start) -> None:
    """In another folder that Python looks into first, the other one hides ours: whsync itself starts and says so."""
    elsewhere = tmp_path / "user"
    namesake(elsewhere, "__init__.py")
    done = start("version", before=str(elsewhere))
    assert done.returncode == 1
    assert "before it on Python's path" in done.stderr


def test_our_files_are_known() -> None:
    """A new module beside the wings is not taken for somebody else's."""
    assert {path.name for path in (ROOT / "reconciler").glob("*.py")} == whsync_start.OURS
