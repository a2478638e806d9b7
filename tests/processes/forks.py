"""A process that has everything imported and starts each `whsync` as a fork of itself: hundreds of runs in seconds.

`Forks` is the test's side. As a script it is the other side: it has no threads, so that a fork of it is a process like
any other. Each line on its stdin asks for one run; its answer is the exit code, negative for the signal that ended it.
"""

import gc
import hashlib
import importlib
import json
import os
import pkgutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any, NamedTuple

ROOT = Path(__file__).parents[2]
SOMEBODY = 54321  # a user without a name, as containers have them
KILLED = -9
FINGERPRINT_KEY = "a key, so that no time goes into slow hashes"


class Ended(NamedTuple):
    """A run that has ended: exit code (negative: by that signal), what it said, and the effects that it had."""

    exit: int
    stdout: str
    stderr: str
    effects: list[str]

    @property
    def said(self) -> str:
        """Everything that it said."""
        return self.stdout + self.stderr


class Forks:
    """Starts `whsync`, one run after the other. Close it at the end."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.processes.forks"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self,
        argv: list[str],
        folder: Path,
        environment: Mapping[str, str],
        out: Path,
        *,
        blow: tuple[int, str] | None = None,
        ordinary_user: bool = False,
        clock: Sequence[float] = (),
    ) -> Ended:
        """Run one command to its end.

        Args:
            folder: where it works.
            out: an existing folder for what it says.
            blow: see `dying.Blow`; without one its effects are only counted.
            ordinary_user: give up the administrator's rights first, if there are any.
            clock: by how many seconds its clock is off, each time that it looks; see `clocks`.
        """
        asked = {
            "argv": argv,
            "folder": str(folder),
            "environment": dict(environment),
            "out": str(out),
            "blow": blow,
            "ordinary_user": ordinary_user,
            "clock": list(clock),
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        code = int(self._process.stdout.readline())
        names = ("stdout", "stderr", "effects")
        stdout, stderr, effects = ((out / name).read_text(encoding="utf-8") for name in names)
        return Ended(code, stdout, stderr, json.loads(effects or "[]"))

    def close(self) -> None:
        """End the process that forks."""
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()


def serve(lines: IO[str]) -> None:
    """Fork once a line, and answer with how that child ended."""
    import reconciler

    for module in pkgutil.walk_packages(reconciler.__path__, "reconciler."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    _warm_up()
    for line in lines:
        child = os.fork()
        if child == 0:
            os._exit(_child(json.loads(line)))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _warm_up() -> None:
    """Read every manifest, which takes most of a short run, and what a user without rights could not read later.

    The key of all fingerprints is hashed, which is slow. Nothing that is there now is garbage for a fork to look for.
    """
    from reconciler.model.secret import Secret
    from reconciler.providers.registry import Registry
    from reconciler.secrets.fingerprint import Fingerprinter

    "localhost".encode("idna")
    registry = Registry()
    for name in registry.names():
        registry.vendor(name, {}, "")
    setattr(hashlib, "scrypt", cache(hashlib.scrypt))  # noqa: B010  # in this process and its forks
    Fingerprinter(Secret(FINGERPRINT_KEY), "", ()).make(Secret("any"), "any")
    gc.freeze()


def _child(asked: dict[str, Any]) -> int:
    from reconciler.cli.main import main
    from tests.processes.clocks import set_clock
    from tests.processes.dying import NEVER, Blow, Watch

    out = Path(asked["out"])
    (out / "effects").unlink(missing_ok=True)
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(out / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["folder"])
    watch = Watch(Blow(*(asked["blow"] or (NEVER, "kill"))), Path(asked["folder"]), out / "effects")
    (out / "effects").touch(0o666)
    (out / "effects").chmod(0o666)
    if asked["ordinary_user"] and os.geteuid() == 0:
        os.setgid(SOMEBODY)
        os.setuid(SOMEBODY)
    if asked["clock"]:
        set_clock(asked["clock"])
    watch.install()
    code = main(asked["argv"])
    sys.stdout.flush()
    sys.stderr.flush()
    watch.end()
    return code


if __name__ == "__main__":
    serve(sys.stdin)
