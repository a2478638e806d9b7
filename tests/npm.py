"""Files of npm's packages that tests hold ours against, and that are not ours to keep here."""

import shutil
import subprocess
from pathlib import Path

import pytest


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
    if file.exists():
        return file
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
    return file
