"""Files that a plan is written to as the user asked: `--out` and `--report`. Called by `cli.reports` and `cli.saved`.

An ordinary file is replaced whole. A pipe, a terminal, `/dev/null` or one of our own streams is written into, for none
of them may give way to a file. The path is the user's, but what stands there may be a link that a repository carries.
"""

import os
import re
import stat
from pathlib import Path

from reconciler.codes import Code
from reconciler.errors import UsageError
from reconciler.support import atomic, links

_STREAMS = re.compile(r"/dev/(stdin|stdout|stderr|fd/(\d{1,4}))|/proc/self/fd/(\d{1,4})")
_NAMED = {"stdin": 0, "stdout": 1, "stderr": 2}


def refuse(path: str | Path, folder: Path) -> None:
    """Look, before any work is done, whether `path` can be written to without harm.

    Args:
        path: as the user typed it.
        folder: of the configuration.

    Raises:
        UsageError: it is a link that leads out of its folder, or nothing that takes text.
    """
    stream = _stream(path)
    if stream is not None:
        _refuse_closed(stream, path)
        return
    away = links.stray(path, folder)
    kind = _kind(path)
    if away is None and (kind is None or stat.S_ISREG(kind)):
        away = links.leads_away(path)
    if away is not None:
        summary = f"{path} is not written: {away.link} is a symbolic link that leads out of its folder, to {away.end}"
        raise UsageError(summary, "name the file that is meant, or remove the link", code=Code.FILE_TAKEN)
    if kind is not None and not (stat.S_ISREG(kind) or _takes_text(kind)):
        raise UsageError(f"{path} is neither a file nor a pipe", "write to another file", code=Code.FILE_TAKEN)


def write(path: str | Path, text: str, *, private: bool) -> None:
    """Write the text to a path that `refuse` has let pass.

    Args:
        path: as the user typed it.
        text: all of it.
        private: a new file is for the user alone; else it gets the usual permissions.

    Raises:
        OSError: nothing was changed where an ordinary file is; it names what was written to.
    """
    data, stream, kind = text.encode(), _stream(path), _kind(path)
    if stream is not None:
        _into(os.dup(stream), data)
    elif kind is not None and _takes_text(kind):
        _into(os.open(path, os.O_WRONLY | getattr(os, "O_NOCTTY", 0)), data)
    else:
        atomic.put(Path(os.path.realpath(path)), data, mode=0o600 if private else 0o666 & ~_umask())


def _refuse_closed(stream: int, path: str | Path) -> None:
    """A number that nobody gave us may become a file or a connection of ours, which would then get the text."""
    import fcntl  # not where streams have no such paths

    try:
        is_open = fcntl.fcntl(stream, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY
    except OSError:
        is_open = False
    if not is_open:
        summary = f"{path} is not open for writing"
        raise UsageError(summary, "give it a stream, or write to another file", code=Code.FILE_TAKEN)


def _into(descriptor: int, data: bytes) -> None:
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(data)


def _stream(path: str | Path) -> int | None:
    """The number of the stream of ours that a path names: opened anew, a file behind it would lose what it has."""
    found = _STREAMS.fullmatch(str(path))
    if found is None or os.name == "nt":
        return None
    number = found[2] or found[3]
    return int(number) if number else _NAMED[found[1]]


def _kind(path: str | Path) -> int | None:
    """What stands at the end of a path, its links followed; None where nothing does."""
    try:
        return os.stat(path).st_mode
    except FileNotFoundError:
        return None


def _takes_text(kind: int) -> bool:
    return stat.S_ISFIFO(kind) or stat.S_ISCHR(kind)


def _umask() -> int:
    mask = os.umask(0o077)  # there is no other way to ask
    os.umask(mask)
    return mask
