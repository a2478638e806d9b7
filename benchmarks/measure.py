"""What a child process costs: CPU seconds, wall seconds, peak memory. Used by every benchmark."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

WHSYNC = (sys.executable, "-m", "reconciler")
KEPT = ("PATH", "HOME", "TMPDIR", "SYSTEMROOT")
_UNITS_IN_A_MEGABYTE = 2**20 if sys.platform == "darwin" else 2**10  # ru_maxrss: bytes there, kilobytes elsewhere


class Cost(NamedTuple):
    """What one process took: `cpu` and `wall` in seconds, `peak` in megabytes; `said` is its stdout."""

    cpu: float
    wall: float
    peak: float
    said: str


def run(command: Sequence[str], folder: Path, variables: Mapping[str, str] | None = None) -> Cost:
    """Run a command in a bare environment.

    Raises:
        RuntimeError: it did not end with 0.
    """
    environment = {name: os.environ[name] for name in KEPT if name in os.environ} | dict(variables or {})
    begun = time.perf_counter()
    with (folder / "said").open("w+") as said, (folder / "complained").open("w+") as complained:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=said, stderr=complained)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        complained.seek(0)
        if process.returncode:
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {complained.read()[-2000:]}")
        return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / _UNITS_IN_A_MEGABYTE, said.read())


def cheapest(
    commands: Mapping[str, Sequence[str]],
    folder: Path,
    times: int,
    variables: Mapping[str, Mapping[str, str]] | None = None,
) -> dict[str, Cost]:
    """The cheapest of several runs of each command; they take turns, so that a busy moment meets all alike.

    Args:
        variables: those that a command is to have.
    """
    runs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(times):
        for name, command in commands.items():
            runs[name].append(run(command, folder, (variables or {}).get(name)))
    return {name: min(costs, key=lambda cost: cost.cpu) for name, costs in runs.items()}
