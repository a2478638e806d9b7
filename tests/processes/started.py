"""`whsync` as a process of its own that is still at work: for signals, and for two at once."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.processes.forks import ROOT
from tests.processes.scene import Scene
from tests.waiting import PATIENCE

COMMAND = (sys.executable, "-m", "reconciler")


class Run:
    """One run; see `start`."""

    def __init__(self, process: "subprocess.Popen[bytes]", out: Path) -> None:
        self._process, self._out = process, out
        self.pid = process.pid

    @property
    def stdout(self) -> str:
        """What it has said so far."""
        return (self._out / "stdout").read_text(encoding="utf-8")

    @property
    def stderr(self) -> str:
        """What it has said so far, beside its data."""
        return (self._out / "stderr").read_text(encoding="utf-8")

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def ended(self) -> int:
        """Its exit code, once it has one."""
        return self._process.wait(PATIENCE)


@contextmanager
def start(scene: Scene, *argv: str) -> Iterator[Run]:
    """Start a command in the scene's folder; it does not outlive the `with`."""
    out = scene.out / f"run {len(list(scene.out.iterdir()))}"
    out.mkdir()
    with (
        open(out / "stdout", "wb") as stdout,
        open(out / "stderr", "wb") as stderr,
        subprocess.Popen(
            [*COMMAND, *argv],
            cwd=scene.folder,
            env={**scene.environment, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
        ) as process,
    ):
        run = Run(process, out)
        try:
            yield run
        finally:
            process.kill()
            process.wait()
            scene.heard += [run.stdout, run.stderr]
