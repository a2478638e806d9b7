"""A command on a terminal of its own, so wide, at which somebody types: where a stream that claims is not enough."""

import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.waiting import PATIENCE

pty = pytest.importorskip("pty")
ROOT = Path(__file__).parents[2]
KEPT = ("PATH", "HOME", "TMPDIR")


class Terminal:
    """A command at its terminal.

    Args:
        argv: the words behind `whsync`.
        folder: the working folder.
        width: columns of the terminal.
        env: variables beside the few that every process has.
        before: Python that runs before the command does.
    """

    def __init__(
        self, *argv: str, folder: Path, width: int = 100, env: Mapping[str, str] | None = None, before: str = ""
    ) -> None:
        import fcntl
        import struct
        import termios

        def own() -> None:
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        start = f"{before}\nfrom reconciler.cli.main import run\nrun()"
        self.process = subprocess.Popen(
            [sys.executable, "-c", start, *argv],
            cwd=folder,
            env={**kept, "TERM": "xterm", "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(folder), **(env or {})},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            preexec_fn=own,  # noqa: PLW1509  # no threads there yet that could hold a lock
        )
        os.close(theirs)
        self.said = ""

    def until(self, words: str) -> None:
        """Listen until the command has said `words`."""
        end = time.monotonic() + PATIENCE
        while words not in self.said:
            assert time.monotonic() < end, self.said
            assert self._listen(), self.said

    def type(self, words: str) -> None:
        """Type, as a hand does."""
        os.write(self._ours, words.encode())

    def end(self) -> int:
        """Listen until the command is over; gives its exit code."""
        while self._listen():
            pass
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        """End the command, whatever it is at."""
        self.process.kill()
        self.process.wait()
        os.close(self._ours)

    def _listen(self) -> bool:
        """Hear some more; False at the end."""
        try:
            while not select.select([self._ours], [], [], 0.1)[0]:
                if self.process.poll() is not None and not select.select([self._ours], [], [], 0)[0]:
                    return False
            part = os.read(self._ours, 65536)
        except OSError:
            return False
        self.said += part.decode(errors="replace")
        return bool(part)
