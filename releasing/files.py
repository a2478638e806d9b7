"""Wheel and sdist by the project's own build backend, and the digests of all. Called by the command and by tests."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from reconciler import __version__
from releasing.sbom import bill

ROOT = Path(__file__).parents[1]


def version() -> str:
    """The version that would be released."""
    return __version__


def make(folder: Path) -> list[Path]:
    """Make all files of a release in `folder`, which is emptied first; returns them, the digests last."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    surroundings = {**os.environ, "SOURCE_DATE_EPOCH": moment(), "PYTHONPATH": str(ROOT)}
    # The wheel is built of the unpacked sdist, so that whoever builds it of that gets the same one.
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the build failed:\n{done.stdout}{done.stderr}")
    (folder / f"whsync-{version()}.cdx.json").write_text(bill(version(), surroundings), encoding="utf-8")
    files = sorted(folder.iterdir())
    sums = folder / "SHA256SUMS"
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
    sums.write_text("".join(lines), encoding="utf-8")
    return [*files, sums]


def moment() -> str:
    """The time that all files have, in seconds: `SOURCE_DATE_EPOCH`, else the commit's."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return given
    asked = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError("this is no checkout of git, so say which time the files have: SOURCE_DATE_EPOCH=SECONDS")
    return done.stdout.strip()
