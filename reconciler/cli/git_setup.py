"""Telling git how locks are merged: a line of `.gitattributes`, which is committed, and a setting of each clone.

Called by `cli.init`. Nothing that stands there is written over.
"""

import shlex
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

from reconciler.cli import outputs
from reconciler.cli.context import Context
from reconciler.codes import Code
from reconciler.errors import WhsyncError
from reconciler.render.base import plain
from reconciler.support import git_settings, intake

DRIVER = "whsync"
_SETTING = f"merge.{DRIVER}.driver"
_ATTRIBUTES = ".gitattributes"
_SPECIAL = "\\*?[!"


class Setup(NamedTuple):
    """What is missing.

    Args:
        folder, name: of the lock, in a work tree.
        line: of `.gitattributes` there; empty where git knows already that the lock is merged so.
        driver: the setting of this clone; empty where there is one.
        other: what the setting is instead, where somebody has set another one.
    """

    folder: Path
    name: str
    line: str
    driver: str
    other: str = ""


def missing(lock: str) -> Setup:
    """What git has to be told so that it merges this lock by whsync.

    Raises:
        WhsyncError: the lock is in no work tree, or something else says how it is merged.
    """
    path = Path(lock)
    folder, name = path.parent, path.name
    if git_settings.work_tree(folder) is None:
        hint = "run this where the lock is, in a clone in which `git status` works; `git init` makes a new one"
        raise WhsyncError(f"{lock} is in no work tree of git", hint, kind="config", code=Code.GIT_SETUP)
    merged_by = git_settings.attribute(folder, "merge", name)
    if merged_by not in (DRIVER, "unspecified"):
        hint = f"take that out of {_ATTRIBUTES} first, if locks are to be merged by whsync"
        summary = f"the attribute `merge` of {lock} is {merged_by} in git"
        raise WhsyncError(summary, hint, kind="config", code=Code.GIT_SETUP)
    line = "" if merged_by == DRIVER else f"{_pattern(name)} merge={DRIVER}"
    driver, there = command_line(), git_settings.setting(folder, _SETTING)
    return Setup(folder, name, line, "" if there else driver, there if there and there != driver else "")


def command_line() -> str:
    """What git runs for a merge: ours, and git's own where ours is not there or is of another time.

    The endings 0 and 1 are told by git's contract: merged, and conflict.
    """
    ours = "whsync" if shutil.which("whsync") else f"{shlex.quote(sys.executable)} -m reconciler"
    merge = f"{ours} state merge --path=%P -- %O %A %B"
    return f"{merge}; case $? in 0) exit 0;; 1) exit 1;; esac; git merge-file -L ours -L base -L theirs %A %O %B"


def set_up(whsync: Context, setup: Setup) -> None:
    """Write what is missing, and say what others have to do.

    Raises:
        WhsyncError: git does not take the setting.
        UsageError: there is a link where the attributes are, which leads elsewhere.
    """
    if setup.line:
        attributes = setup.folder / _ATTRIBUTES
        outputs.refuse(attributes, setup.folder)
        before = intake.read(attributes, intake.WRITTEN).decode(errors="surrogateescape") if attributes.exists() else ""
        gap = "" if before.endswith("\n") or not before else "\n"
        outputs.write(attributes, f"{before}{gap}{setup.line}\n", private=False)
        if git_settings.attribute(setup.folder, "merge", setup.name) != DRIVER:
            summary = f"git does not take {setup.line!r} of {attributes}: something else says how that lock is merged"
            raise WhsyncError(summary, "see .git/info/attributes", kind="config", code=Code.GIT_SETUP)
        whsync.note(f"Added to {plain(str(attributes))}, for you to commit: {plain(setup.line)}")
    if setup.driver:
        taken = git_settings.set_in_clone(setup.folder, f"merge.{DRIVER}.name", "locks of whsync, by webhook")
        if not taken or not git_settings.set_in_clone(setup.folder, _SETTING, setup.driver):
            hint = "see whether its configuration can be written: git config --local --list"
            raise WhsyncError(f"git does not take {_SETTING}", hint, kind="config", code=Code.SYSTEM_ERROR)
        whsync.note(f"Set {_SETTING} in this clone.")
    if setup.other:
        whsync.err(f"Left as it is: {_SETTING} is already set, to {plain(setup.other)}")
    if not (setup.line or setup.driver or setup.other):
        whsync.note("This clone merges the lock by webhook already.")
    whsync.note("No clone gets that setting from another: run `whsync init --git` once in each.")


def question(setup: Setup) -> str:
    """What is asked before anything is written; empty where nothing is missing."""
    line = f"{setup.line!r} to {_ATTRIBUTES}" if setup.line else ""
    told = " and ".join(filter(None, (line, f"{_SETTING} to this clone" if setup.driver else "")))
    return f"Have git merge the lock by webhook: add {told}?" if told else ""


def _pattern(name: str) -> str:
    """A file of this folder as attributes name it: anchored; quoted where a word would end."""
    spelled = "/" + "".join(f"\\{char}" if char in _SPECIAL else char for char in name)
    if any(char.isspace() or char in '"' or not char.isprintable() for char in name):
        return '"' + spelled.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return spelled
