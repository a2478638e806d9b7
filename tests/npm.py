"""Files of npm's packages that tests hold ours against, and that are not ours to keep here."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from filelock import FileLock


def npm_file(config: pytest.Config, package: str, path: str, variable: str) -> Path:
    """A file of a package, installed into pytest's cache once; the test is skipped where it cannot be had.

    Args:
        config: of this run of pytest, whose cache is used.
        package: name and version, as npm takes them.
        path: of the file within `node_modules`.
        variable: names the variable by which a developer may give the file himself, for the words of a skip.
    """
    assert config.cache is not None
    folder = config.cache.mkdir(package.rpartition("@")[0].replace("/", "-").lstrip("@"))
    file = folder / "node_modules" / path
    with FileLock(folder / "installing"):  # several workers ask at once, and a file may be there before what it needs
        if not file.exists():
            tried = folder / f"tried-{_run(config)}"
            if tried.exists():
                pytest.skip(f"npm could not install {package} before")
            tried.touch()
            _install(package, file, folder, variable)
    return file


def _run(config: pytest.Config) -> str:
    """What all workers of this run, and no others, have in common."""
    return str(getattr(config, "workerinput", {}).get("testrunuid", os.getpid()))


def _install(package: str, file: Path, folder: Path, variable: str) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip(f"there is no npm to install {package} with; {variable} may name its {file.name}")
    command = [npm, "install", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund", package]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm did not install {package} within 90 s")
    if done.returncode or not file.exists():
        pytest.skip(f"npm did not install {package}: {done.stderr[-200:]}")
