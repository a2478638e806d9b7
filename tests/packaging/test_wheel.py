"""What a user gets from the wheel, tried away from the checkout."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "reconciler"

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]


def _run(*command: str | Path, cwd: Path) -> str:
    """The command's stdout. No variable of the test run reaches Python's path or whsync."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "WHSYNC_"))}
    run = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=110)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout with the build backend of the test environment."""
    folder = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return next(folder.glob("whsync-*.whl"))


@pytest.fixture(scope="module")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of a fresh environment that holds the wheel.

    A path file lends it the test environment's third-party packages, so that no registry is asked. Path files inside a
    lent folder are not read, so the editable install that lives there stays invisible.
    """
    home = tmp_path_factory.mktemp("home")
    venv.create(home, with_pip=False, symlinks=True)
    bin_folder = home / "bin"
    python = bin_folder / "python"
    site = Path(_run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home).strip())
    _run(sys.executable, "-m", "pip", "--python", python, "install", "--no-index", "--no-deps", wheel, cwd=home)
    lent = dict.fromkeys([sysconfig.get_path("purelib"), sysconfig.get_path("platlib")])
    (site / "lent.pth").write_text("\n".join(lent), encoding="utf-8")
    return bin_folder


def test_the_wheel_holds_every_data_file(wheel: Path) -> None:
    """Manifests, templates and the typing marker travel with the code, and nothing but the package does."""
    data = {path for path in PACKAGE.rglob("*") if path.suffix in {".yaml", ".json", ".j2", ".css", ".js", ".typed"}}
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {path.relative_to(ROOT).as_posix() for path in data} <= names
    assert "reconciler/py.typed" in names
    assert {f"reconciler/schemas/{path.name}" for path in (ROOT / "schemas").iterdir()} <= names
    assert any(name.startswith("reconciler/providers/builtin/") and name.endswith(".yaml") for name in names)
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"reconciler", "whsync", "whsync_start.py"}


def test_the_environment_runs_the_wheel_and_not_the_checkout(scripts: Path, tmp_path: Path) -> None:
    """The code under test in this file is the installed one, so a file missing from the wheel is noticed."""
    where = _run(scripts / "python", "-c", "import reconciler; print(reconciler.__file__)", cwd=tmp_path).strip()
    assert Path(where).is_relative_to(scripts.parent)


def test_the_installed_command_tells_the_wheels_version(scripts: Path, wheel: Path, tmp_path: Path) -> None:
    """`whsync version` names the version that the wheel's file name promises."""
    assert wheel.name.split("-")[1] in _run(scripts / "whsync", "version", cwd=tmp_path)


def test_the_installed_command_prints_the_published_schema(scripts: Path, tmp_path: Path) -> None:
    """`whsync schema config` prints what the repository keeps in `schemas/`, so the wheel need not carry a copy."""
    published = (ROOT / "schemas" / "config.schema.json").read_text(encoding="utf-8")
    assert _run(scripts / "whsync", "schema", "config", cwd=tmp_path).strip() == published.strip()


def test_the_demo_runs_from_an_empty_folder(scripts: Path, tmp_path: Path) -> None:
    """`whsync demo` tells its story with nothing but the wheel, and leaves the folder as it was."""
    assert "Plan:" in _run(scripts / "whsync", "demo", cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []
