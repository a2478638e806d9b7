"""Processes of whsync itself, one for each tenant at work, and how all are asked to stop. Used by `fleet.sweep`.

Each has memory, variables and a working folder of its own, so that none can fall over, see or slow another one. They
are not of our terminal's group: Ctrl-C reaches us alone, and we pass it on once.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import reconciler


class Ended(NamedTuple):
    """How a process ended: its exit code, negative for a signal, and what it said."""

    code: int
    stdout: str
    stderr: str


class Children:
    """All that are at work; threads share it."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a signal's handler may come while this thread holds it
        self._running: set[subprocess.Popen[bytes]] = set()
        self.stopping = False

    def run(self, argv: Sequence[str], folder: str, environment: Mapping[str, str]) -> Ended | None:
        """Run `whsync ARGV` to its end; None where all were asked to stop before it began.

        Args:
            folder: its working folder.
            environment: all of its variables.

        Raises:
            OSError: it cannot be started.
        """
        with self._lock:
            if self.stopping:
                return None
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "reconciler", *argv],  # -P: nothing is imported from a tenant's folder
                cwd=folder,
                env={**environment, "PYTHONPATH": _python_path(os.environ)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
            self._running.add(process)
        try:
            out, err = process.communicate()
        finally:
            with self._lock:
                self._running.discard(process)
        return Ended(process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))

    def interrupt(self) -> None:
        """Ask all to stop, and begin no other: they finish what is in flight. Asked again, they stop at once."""
        with self._lock:
            self.stopping = True
            for process in self._running:
                with suppress(OSError):
                    process.send_signal(signal.SIGTERM)


def _python_path(environment: Mapping[str, str]) -> str:
    """Where a child finds this very whsync, and whatever we were told; no path of it begins in a tenant's folder."""
    told = [os.path.abspath(each) for each in environment.get("PYTHONPATH", "").split(os.pathsep) if each]
    ours = str(Path(reconciler.__file__).resolve().parents[1])
    return os.pathsep.join(dict.fromkeys([ours, *told]))
