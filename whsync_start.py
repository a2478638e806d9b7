"""Where the command `whsync` begins: outside of the package, since the package's name is not whsync's alone.

On PyPI the name `reconciler` belongs to somebody else. Two packages of one name write over each other's files, or hide
each other, and whsync would then run with half of its parts, or end in a traceback. This module bears a name that is
whsync's own, so that it is there to say so. It imports next to nothing, since every command pays for it.
"""

import os
import sys
from types import ModuleType
from typing import NoReturn

OURS = frozenset({"__init__.py", "__main__.py", "errors.py"})
"""The files that whsync has in the package's folder itself; any other was put there by somebody else."""

_APART = "keep whsync in an environment of its own, as `pipx` and `uv tool` make them"


def run() -> NoReturn:
    """The whole process of one command: what the installed script and `python -m reconciler` call."""
    try:
        import reconciler
    except Exception:  # noqa: BLE001  # ours imports nothing that could fail: this is another's, and fails in its own way
        reconciler = ModuleType("reconciler")
    if getattr(reconciler, "DISTRIBUTION", None) != "whsync":
        _end(_not_ours())
    _warn(os.path.dirname(reconciler.__file__ or ""))
    try:
        from reconciler.cli.main import run as command
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("reconciler."):
            raise
        _end(_incomplete(error.name))
    command()


def _warn(folder: str) -> None:
    """Say that another's files are among ours, unless quiet is wanted; an archive has no folder to look into."""
    try:
        files = {name for name in os.listdir(folder) if name.endswith(".py")}
    except OSError:
        return
    if files <= OURS or {"-q", "--quiet"} & {*sys.argv} or os.environ.get("WHSYNC_QUIET"):
        return
    others = _others() or "another package"
    sys.stderr.write(
        f"Warning: {others} is installed over whsync's files in {folder}, or under them: both are called `reconciler`, "
        f"and removing or updating one takes files from the other\n  {_apart()}\n"
    )


def _not_ours() -> str:
    others = _others()
    if not others:
        return f"whsync's package `reconciler` is not whole: files were removed\n  install whsync anew; {_APART}"
    return (
        f"`reconciler` is {others} here and not whsync's package of that name: one was installed over the other, or "
        f"stands before it on Python's path\n  {_apart()}"
    )


def _incomplete(module: str | None) -> str:
    return f"whsync's package `reconciler` is not whole: {module} is missing\n  install whsync anew; {_APART}"


def _apart() -> str:
    return f"{_APART}; or `{sys.executable} -m pip uninstall reconciler`, then install whsync anew"


def _others() -> str:
    """The other distributions that have a `reconciler` in them, with their versions."""
    from importlib.metadata import distributions

    found = {
        f"{each.metadata['Name']} {each.version}"
        for each in distributions()
        if each.metadata["Name"] != "whsync"
        and any(file.parts[:1] == ("reconciler",) and file.name.endswith(".py") for file in each.files or ())
    }
    return " and ".join(sorted(found))


def _end(sentence: str) -> NoReturn:
    sys.stderr.write(f"Error: {sentence}\n")
    sys.exit(1)
