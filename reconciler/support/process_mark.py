"""Which process this is, beyond its number, so that another one on the same machine can tell that it is gone.

Used by `state.stores.remote`. Numbers are given again, and containers count for themselves; on Linux the boot, the
namespace of the numbers and the moment of the start settle it. Elsewhere nothing is claimed.
"""

import os
from pathlib import Path


def mark() -> str:
    """The mark of this process; empty where the system does not tell enough."""
    space, number = _space(), os.getpid()
    start = _started(number)
    return f"{space} {number} {start}" if space and start else ""


def is_gone(noted: str) -> bool:
    """Whether the process with this mark has certainly ended; false where nobody can tell from here."""
    space, _, process = noted.partition("] ")
    number, _, start = process.partition(" ")
    return number.isdecimal() and f"{space}]" == _space() and _started(int(number)) != start


def _space() -> str:
    """In which count of numbers we are: of which boot, and of which namespace."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"  # such as pid:[4026531836]
    except OSError:
        return ""


def _started(pid: int) -> str:
    """When a process was started, in the kernel's ticks; empty where there is none, or only what is left of one."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in ("Z", "X") else fields[19]  # state is field 3, starttime field 22: proc(5)
