"""What an apply writes to its disk: `python -m benchmarks.applying COUNT` in an empty folder.

Creates COUNT webhooks at a simulated vendor in the same process and prints JSON: CPU seconds (the vendor's included),
synced writes and replacements of the lock. Run by `__main__` in a child.
"""

import json
import os
import sys
import time
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from benchmarks import material
from reconciler.cli.main import main
from reconciler.sandbox import Sandbox

LOCK = "webhooks.lock.json"


class Disk:
    """Counts what goes through `os`: files that are synced, and files that are put in the lock's place."""

    def __init__(self) -> None:
        self.syncs = self.locks = 0
        self._sync, self._replace = os.fsync, os.replace
        vars(os).update(fsync=self._synced, replace=self._replaced)

    def _synced(self, descriptor: int) -> None:
        self.syncs += 1
        self._sync(descriptor)

    def _replaced(self, source: Any, target: Any) -> None:
        self.locks += os.path.basename(target) == LOCK
        self._replace(source, target)


def apply(folder: Path, count: int) -> dict[str, float]:
    """Apply `count` creates and then nothing; what it cost, and that nothing is left to do."""
    enough = 10 * count  # calls an hour; GitHub's own limit would end the apply half way
    with Sandbox(["github"], settings={"github": {"rate_limit": enough}}) as box:
        os.environ["GITHUB_TOKEN"] = box["github"].credentials["token"]
        material.write_config(folder, count, box["github"].url)
        disk, begun = Disk(), time.process_time()
        with redirect_stdout(StringIO()):
            assert main(["apply", "--yes", "-q"]) == 0
        figures = {"cpu": time.process_time() - begun, "syncs": disk.syncs, "locks": disk.locks}
        assert len(box["github"].webhooks()) == count
    return figures


if __name__ == "__main__":
    print(json.dumps(apply(Path(), int(sys.argv[1]))))
