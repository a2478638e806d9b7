"""File handles: how many this process may still open, how a run divides them, and what is said when there are none.

Called by `run.runtime`, `secrets.handle_reserve`, and by whoever puts an `OSError` into words.
"""

import errno
import os
import sys
from contextlib import suppress
from typing import NamedTuple

if sys.platform != "win32":
    import resource  # now, for a module is a file, too

A_STORE = 8
"""What storing one secret takes at most: a command's pipes, or a folder, its lock and a file."""
_ELSE = 8
"""What everything else takes: the lock, a file that is read, a name that is looked up."""
_EXHAUSTED = (errno.EMFILE, errno.ENFILE)


class Division(NamedTuple):
    """How a run divides its handles, so that calls never take those that secrets are stored with.

    Args:
        connections: as many may be open, over all accounts.
        workers: as many calls may be in flight.
        stores: as many secrets are stored beside each other; None where handles have no limit that is known.
    """

    connections: int
    workers: int
    stores: int | None


def division(parallelism: int, free: int | None) -> Division:
    """The division of so many free handles.

    Args:
        parallelism: as many calls in flight as the user wants.
        free: None where nobody knows.
    """
    wanted = max(1, parallelism)
    if free is None:
        return Division(8 * wanted, wanted, None)
    stores = min(wanted, max(1, free // 2 // A_STORE))
    connections = max(2, free - stores * A_STORE - _ELSE)
    return Division(connections, min(wanted, connections // 2), stores)


def free() -> int | None:
    """How many handles this process may still open; None where nobody knows."""
    most = limit()
    if most is None:
        return None
    for folder in ("/proc/self/fd", "/dev/fd"):
        with suppress(OSError):
            return max(0, most - len(os.listdir(folder)))
    return None


def limit() -> int | None:
    """How many handles this process may have; None where the system tells no limit."""
    if sys.platform == "win32":  # its limit is that of the whole machine
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if soft == resource.RLIM_INFINITY else soft


def exhausted(error: BaseException | None) -> bool:
    """Whether an error, or what led to it, is that no handle was left."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _EXHAUSTED:
            return True
        error = error.__cause__ or error.__context__
    return False


def words(error: OSError) -> str:
    """The system's words for an error; where no handle was left, ours, with the way out."""
    if error.errno in _EXHAUSTED:
        return none_left()
    return error.strerror or type(error).__name__


def none_left() -> str:
    """What is said when no handle is left."""
    most = limit()
    allowed = f"this process may have {most}" if most is not None else "this machine has no more"
    return f"no file handle is left ({allowed}; `ulimit -n` says how many, and a lower --parallelism needs fewer)"
