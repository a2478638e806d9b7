"""`run`: the command line in this process, as a user would start it in an empty folder with a bare environment."""

import io
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

import pytest

from reconciler.cli.main import main

if TYPE_CHECKING:
    from tests.cli.world import World

KEPT = ("PATH", "HOME", "TMPDIR", "SYSTEMROOT")


class Result(NamedTuple):
    """What a user sees of a command: its exit code, and what it said where."""

    exit: int
    stdout: str
    stderr: str


class Run(Protocol):
    """How tests start a command.

    Args:
        argv: the words behind `whsync`.
        cwd: the working folder; the test's own where it is left out.
        env: variables beside the few that every process has.
        stdin: what the user types.
        terminal: whether stdin, stdout and stderr are a terminal.
    """

    def __call__(
        self,
        *argv: str,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: str = "",
        terminal: bool = False,
    ) -> Result: ...


class Stream(io.StringIO):
    """A text stream that may claim to be a terminal."""

    def __init__(self, text: str = "", terminal: bool = False) -> None:
        super().__init__(text)
        self._terminal = terminal

    def isatty(self) -> bool:
        """What programs ask before they use colours or questions."""
        return self._terminal


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The command line; see `Run`."""

    def start(
        *argv: str,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: str = "",
        terminal: bool = False,
    ) -> Result:
        out, err = Stream(terminal=terminal), Stream(terminal=terminal)
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(cwd or tmp_path)
            for name in set(os.environ) - set(KEPT):
                patch.delenv(name)
            for name, value in {"XDG_STATE_HOME": str(tmp_path / ".state"), **(env or {})}.items():
                patch.setenv(name, value)
            patch.setattr(sys, "stdin", Stream(stdin, terminal))
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            code = main(list(argv))
        return Result(code, out.getvalue(), err.getvalue())

    return start


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What is open until the test ends."""
    with ExitStack() as opened:
        yield opened


@pytest.fixture
def world(run: Run, tmp_path: Path) -> Iterator["World"]:
    """A folder beside all four simulated vendors; see `World`."""
    from reconciler.sandbox import Sandbox
    from tests.cli.world import World

    with Sandbox() as box:
        yield World(run, tmp_path, box)
