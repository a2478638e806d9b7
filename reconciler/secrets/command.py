"""Running a user's command with a deadline and a cap, showing nothing of what it says.

Called by `secrets.backends.cmd`. A command's error output may hold what it was given (think of `set -x`), so messages
carry the exit code and the way to look, no more.
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from reconciler.codes import Code
from reconciler.errors import Interrupted, SecretError
from reconciler.support import handles

NOT_FOUND = 127
SLICE = 0.1
"""How long nobody asks whether the user wants the run to end, in seconds."""


def run(
    command: str,
    folder: Path,
    *,
    timeout: float,
    limit: int | None = None,
    environment: Mapping[str, str] | None = None,
    given: bytes | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> bytes:
    """The command's standard output; the shell runs it in `folder`, in a session of its own.

    Args:
        timeout: in seconds; then the command and its children are killed.
        limit: at most `limit` + 1 bytes of output are taken, then the command is killed; None throws its output away.
        environment: replaces this process's environment.
        given: its standard input; None closes it.
        stopping: whether the user wants the run to end; then it is not started, or killed.

    Raises:
        Interrupted: the user stopped the run before it was done.
        SecretError: it cannot be started, does not end in time, or ends with a code that is not 0.
    """
    shown = f"the command `{command}`"
    if stopping():
        raise Interrupted(f"interrupted before {shown} was started")
    try:
        process = _start(command, folder, environment, given is not None, limit is not None)
    except OSError as error:
        raise _failed(f"{shown} cannot be started in {folder}: {handles.words(error)}") from None
    said, done = _converse(process, given, limit, timeout, stopping)
    code = process.wait()
    if not done and stopping():
        raise Interrupted(f"interrupted while {shown} ran")
    if not done:
        raise _failed(f"{shown} did not finish within {timeout:g} s", "it must neither wait for input nor stay")
    if code and (limit is None or len(said) <= limit):
        hint = "is it installed and on PATH?" if code == NOT_FOUND else f"run it by hand in {folder} to see why"
        raise _failed(f"{shown} ended with the exit code {code}", hint)
    return said


def _failed(summary: str, hint: str = "") -> SecretError:
    return SecretError(summary, hint, code=Code.COMMAND_FAILED)


def _converse(
    process: subprocess.Popen[bytes],
    given: bytes | None,
    limit: int | None,
    timeout: float,
    stopping: Callable[[], bool],
) -> tuple[bytes, bool]:
    """What the command said, and whether it ended in time; killed where it did not or said too much."""
    end = time.monotonic() + timeout
    said: list[bytes] = []
    talk = threading.Thread(target=_talk, args=(process, given, limit, said), daemon=True)
    try:
        talk.start()
        while talk.is_alive() and not stopping() and (left := end - time.monotonic()) > 0:
            talk.join(min(left, SLICE))
        done = not talk.is_alive()
    finally:
        if talk.is_alive() or (said and limit is not None and len(said[0]) > limit):
            _kill(process)
    return b"".join(said), done


def _start(
    command: str, folder: Path, environment: Mapping[str, str] | None, feeds: bool, listens: bool
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        shell=True,  # a `cmd:` reference is a shell command by contract, written by the user
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE if feeds else subprocess.DEVNULL,
        stdout=subprocess.PIPE if listens else subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _talk(process: subprocess.Popen[bytes], given: bytes | None, limit: int | None, said: list[bytes]) -> None:
    """Feed the command, take what it says and wait for its end; a thread's body, so that the caller can give up."""
    if process.stdin is not None:
        with suppress(OSError), process.stdin as stdin:
            stdin.write(given or b"")
    if process.stdout is not None and limit is not None:
        with process.stdout as stdout:
            said.append(stdout.read(limit + 1))
        if len(said[0]) > limit:
            return
    process.wait()


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(OSError):
        if os.name == "nt":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
