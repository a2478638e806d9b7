"""What `whsync state merge` does: three files in, one out, as git's merge drivers work. Called by `cli.state`.

Nothing is asked but these files: no configuration is read, and no vendor is met.
"""

import shlex
from pathlib import Path
from typing import NamedTuple

from reconciler.cli import outputs
from reconciler.codes import Code
from reconciler.errors import Problem, StateError, WhsyncError
from reconciler.render.base import counted, plain
from reconciler.state.lock import Lock, to_json
from reconciler.state.merging import marked, reading
from reconciler.state.merging.locks import Conflict, merged
from reconciler.support import intake

_CHECK = "look at `whsync plan` before you apply"


class Sides(NamedTuple):
    """The files of a merge.

    Args:
        base, ours, theirs: what to read; an empty or missing `base` says that both sides made the lock.
        path: what the user calls the lock; None where git is not who asks.
        out: where the result goes.
    """

    base: str
    ours: str
    theirs: str
    path: str | None
    out: str


def merge(sides: Sides) -> str:
    """Merge, write, and return what to say of it.

    Raises:
        WhsyncError: something conflicts; the file has both sides, between markers.
        StateError: a file is no lock that can be merged.
    """
    outputs.refuse(sides.out, Path(sides.out).parent)
    mine, yours = (intake.read(path, intake.MADE) for path in (sides.ours, sides.theirs))
    try:
        ours = reading.read(mine, _called(sides, "ours"))
        result = merged(_base(sides), ours, reading.read(yours, _called(sides, "theirs")))
    except StateError as error:
        if sides.path is not None:  # else git would leave our side there, and the next run would take it for merged
            _write(sides, marked.both(_text(mine), _text(yours)))
        raise StateError(error.summary, _way_out(error, sides), code=error.code) from None
    if result.conflicts:
        _write(sides, marked.marked(result.ours, result.theirs))
        raise _conflict(result.conflicts, len({*result.ours.entries, *result.theirs.entries}), sides)
    _write(sides, to_json(result.ours))
    return f"Merged {plain(sides.path or sides.out)}: {counted(len(result.ours.entries), 'webhook')}."


def _base(sides: Sides) -> Lock:
    """What both sides come from; git gives an empty file where each of them made the lock for itself."""
    try:
        data = intake.read(sides.base, intake.MADE)
    except FileNotFoundError:
        return Lock()
    return reading.read(data, _called(sides, "base")) if data.strip() else Lock()


def _called(sides: Sides, side: str) -> str:
    return f"{sides.path} ({side})" if sides.path is not None else str(getattr(sides, side))


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return "(this side is not text)\n"


def _write(sides: Sides, text: str) -> None:
    outputs.write(sides.out, text, private=True)


def _conflict(conflicts: tuple[Conflict, ...], webhooks: int, sides: Sides) -> WhsyncError:
    problems = [
        Problem("ambiguous", conflict.said, name=conflict.name, code=Code.MERGE_CONFLICT) for conflict in conflicts
    ]
    called = sides.path or sides.out
    summary = f"{called} has {counted(len(conflicts), 'conflict')}, and {counted(webhooks, 'webhook')}"
    keep = f"keep one side of each between the markers in {called}"
    take = "" if sides.path is None else f", or one side of the whole file with {_checkout(sides.path)}"
    add = "" if sides.path is None else "; then `git add` it, and"
    hint = f"{keep}{take}{add or ';'} {_CHECK}: it tells what the vendors have"
    return WhsyncError(summary, hint, kind="ambiguous", code=Code.MERGE_CONFLICT, problems=problems)


def _way_out(error: StateError, sides: Sides) -> str:
    """What helps; the hints of who reads a lock to work on it name `--lock` and backups, which do not help here."""
    known = error.hint if error.code in (Code.NEWER_FORMAT, Code.LOCK_MERGED) else ""
    if sides.path is None:
        return known or "name three versions of one lock"
    keep = f"keep one side whole with {_checkout(sides.path)}, `git add` it, and {_CHECK}"
    return f"{known}; or {keep}" if known else keep


def _checkout(path: str) -> str:
    """The two commands, right in each folder of the work tree: git tells the path from its top."""
    spelled = shlex.quote(f":/{path}" if "/" in path else path)
    return f"`git checkout --ours -- {spelled}` or `git checkout --theirs -- {spelled}`"
