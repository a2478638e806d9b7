"""What git is told of a work tree: its own settings of this clone, and attributes of files. Called by `cli.git_setup`.

Git itself is asked, and only for what runs nothing that its configuration names: `rev-parse`, `config`, `check-attr`;
the last would ask a monitor of files first.
"""

import subprocess
from pathlib import Path

_GIT = ("git", "-c", "core.fsmonitor=false")
_PATIENCE = 30


def work_tree(folder: Path) -> Path | None:
    """The top of the work tree around a folder; None where there is none, or no git."""
    top = _ask(folder, "rev-parse", "--show-toplevel")
    return Path(top) if top else None


def attribute(folder: Path, name: str, of: str) -> str:
    """The value of an attribute of a file, as git has it; `unspecified` where nothing says any."""
    answer = (_ask(folder, "check-attr", "-z", name, "--", of) or "").split("\0")
    return answer[2] if len(answer) > 2 else "unspecified"


def setting(folder: Path, key: str) -> str | None:
    """A setting that holds in this clone, wherever it stands; None where it is not set."""
    return _ask(folder, "config", "--get", key)


def set_in_clone(folder: Path, key: str, value: str) -> bool:
    """Write a setting of this clone alone; whether git has taken it."""
    return _ask(folder, "config", "--local", key, value) is not None


def _ask(folder: Path, *words: str) -> str | None:
    """What git says, without the line's end; None where it fails, or is not there."""
    try:
        done = subprocess.run(
            [*_GIT, *words], cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="surrogateescape").removesuffix("\n") if done.returncode == 0 else None
