"""The table of mutations, and the trial of one: a copy of the project, in which its tests must fail."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
TABLE = Path(__file__).with_name("table.toml")
NEEDED = (
    *("reconciler", "tests", "schemas", "docs", "examples", "pipelines"),
    *("action.yml", "Containerfile", "pyproject.toml", "README.md", "requirements.lock"),
)
PATIENCE = 900.0
ALL_PASSED, SOME_FAILED = 0, 1


class Edit(NamedTuple):
    """One place of a mutation: `old` occurs once in `file`, and `new` takes its place."""

    file: str
    old: str
    new: str


class Mutation(NamedTuple):
    """One line of the table; see there."""

    promise: int
    protects: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...]


def mutations() -> list[Mutation]:
    """The whole table."""
    return [_mutation(each) for each in tomllib.loads(TABLE.read_text(encoding="utf-8"))["mutation"]]


def _mutation(row: dict[str, Any]) -> Mutation:
    places = (row, *row.get("also", ()))
    edits = tuple(Edit(place["file"], place["old"], place["new"]) for place in places)
    return Mutation(row["promise"], row["protects"], edits, tuple(row["tests"]))


def fault_of(mutation: Mutation, package: Path) -> str:
    """Why a mutation cannot be applied to the package in this folder; empty where it can."""
    for edit in mutation.edits:
        path = package / edit.file
        count = path.read_text(encoding="utf-8").count(edit.old) if path.exists() else 0
        if count != 1:
            return f"{edit.file} has its text {count} times"
    return ""


def survives(mutation: Mutation, folder: Path) -> str:
    """Run a mutation's tests in a copy of the project below an empty folder; which did not fail, or why none ran."""
    for name in NEEDED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    if fault := fault_of(mutation, folder / "reconciler"):
        return fault
    for edit in mutation.edits:
        path = folder / "reconciler" / edit.file
        path.write_text(path.read_text(encoding="utf-8").replace(edit.old, edit.new), encoding="utf-8")
    return "; ".join(filter(None, (_run(test, folder) for test in mutation.tests)))


def _run(test: str, folder: Path) -> str:
    """Run one test in the copy, and in the processes that it starts; what is wrong if it does not fail."""
    flags = "-n0 -x -q -p no:cacheprovider -p no:randomly --no-header --tb=no".split()
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *flags, test],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if ran.returncode == SOME_FAILED:
        return ""
    if ran.returncode == ALL_PASSED:
        return f"survives {test}"
    return f"{test} did not run: {(ran.stdout + ran.stderr).strip().splitlines()[-1:]}"
