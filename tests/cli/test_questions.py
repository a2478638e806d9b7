"""Questions on a real terminal: only what is typed after the question answers it."""

import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pty = pytest.importorskip("pty")
ASK = """
import time
from reconciler.cli.context import Context

print("ready", flush=True)
time.sleep(1)
print("agreed" if Context().confirm("Go ahead?") else "no", flush=True)
"""


class Terminal:
    """A process on a terminal of its own."""

    def __init__(self, folder: Path) -> None:
        self._ours, theirs = pty.openpty()
        words = [sys.executable, "-c", ASK]
        self._process = subprocess.Popen(words, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        self.said = ""

    def until(self, words: str) -> None:
        """Listen until the process has said `words`."""
        end = time.monotonic() + 30
        while words not in self.said:
            assert time.monotonic() < end, self.said
            if select.select([self._ours], [], [], 0.1)[0]:
                self.said += os.read(self._ours, 4096).decode()

    def type(self, words: str) -> None:
        """Type, as a hand does."""
        os.write(self._ours, words.encode())

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        os.close(self._ours)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A process that asks, a second after it said that it is ready."""
    opened = Terminal(tmp_path)
    yield opened
    opened.close()


@pytest.mark.parametrize(("before", "after", "outcome"), [("yes\n", "no\n", "no"), ("no\n", "yes\n", "agreed")])
def test_what_was_typed_before_the_question_is_no_answer(
    terminal: Terminal, before: str, after: str, outcome: str
) -> None:
    """A line that waits since before the question, pasted or typed too early, agrees to nothing."""
    terminal.until("ready")
    terminal.type(before)
    terminal.until("Only yes is accepted: ")
    terminal.said = ""
    terminal.type(after)
    terminal.until(f"\n{outcome}\r")
