"""Ends a process at an exact moment: inside a child of `forks`, before or halfway through its Nth effect on the world.

An effect is whatever others can see: a call that changes the disk, bytes sent or received. Between two effects all
moments are alike to everybody else, so a sweep over the effects is a sweep over every moment of a run.

    kill    the process is gone (SIGKILL) before the effect
    half    a write or a send is done by half, any other effect whole; then the process is gone
    cut     the power is lost before the effect, or after the last: what was not synced is gone as well (see `Disk`)
    full    from this effect on, the disk takes no more; the process goes on
"""

import errno
import json
import os
import shutil
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, NamedTuple

How = Literal["kill", "half", "cut", "full"]
NEVER = 1 << 60
GROWING = ("write", "fsync", "mkdir")

_real_fsync, _real_open = os.fsync, os.open


class Blow(NamedTuple):
    """What happens to a run at its effect number `at`, counted from 0."""

    at: int
    how: How


class Disk:
    """What a power cut leaves of a folder: contents as last synced, names as when their folder was last synced."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._contents: dict[int, bytes] = {}
        self._names: dict[int, dict[str, int]] = {}
        self._folders: set[int] = set()
        self._kept: list[int] = []
        for path in (root, *root.rglob("*")):
            descriptor = _real_open(path, os.O_RDONLY)
            self.synced(descriptor)
            os.close(descriptor)

    def synced(self, descriptor: int) -> None:
        """Take note of an fsync. What it is about is kept open, so that its number is not given to another one."""
        kept = os.dup(descriptor)
        self._kept.append(kept)
        path, number = os.readlink(f"/proc/self/fd/{kept}"), os.fstat(kept).st_ino
        if os.path.isdir(path):
            entries = list(os.scandir(path))
            self._names[number] = {entry.name: entry.inode() for entry in entries}
            inner = {entry.inode(): entry.path for entry in entries if entry.is_dir(follow_symlinks=False)}
            self._kept += [_real_open(inner[new], os.O_RDONLY) for new in inner.keys() - self._folders]
            self._folders |= inner.keys()
        else:
            self._contents[number] = Path(path).read_bytes() if os.path.exists(path) else b""

    def restore(self) -> None:
        """Make the folder what the power cut leaves."""
        self._restore(self._root, self._root.stat().st_ino)

    def _restore(self, folder: Path, number: int) -> None:
        names = self._names.get(number, {})
        for path in folder.iterdir():
            if path.name not in names:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        for name, inner in names.items():
            path = folder / name
            if inner in self._folders:
                path.mkdir(exist_ok=True)
                self._restore(path, inner)
            else:
                path.write_bytes(self._contents.get(inner, b""))


class Watch:
    """Counts the effects of this process and strikes at one of them. `labels` says what each effect was."""

    def __init__(self, blow: Blow, folder: Path, report: Path) -> None:
        self._blow, self._report = blow, report
        self._disk = Disk(folder) if blow.how == "cut" else None
        self._guard = threading.RLock()
        self.labels: list[str] = []

    def install(self) -> None:
        """Put itself between this process and the system."""
        for name in ("write", "fsync", "ftruncate", "truncate", "chmod", "replace", "unlink", "mkdir", "rmdir"):
            setattr(os, name, self._on_disk(name, getattr(os, name)))
        os.open = self._opening
        for name in ("send", "sendall", "recv", "recv_into"):
            setattr(socket.socket, name, self._on_the_wire(name, getattr(socket.socket, name)))

    def end(self) -> None:
        """The run is over. A power cut that has struck nowhere comes now."""
        if self._disk is not None:
            self._disk.restore()
        self.tell()

    def tell(self) -> None:
        """Write down what the effects were, for the test."""
        self._report.write_text(json.dumps(self.labels), encoding="utf-8")

    def _on_disk(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def effect(*args: Any, **named: Any) -> Any:
            with self._guard:
                self._count(f"{name} {_named(args[0])}", lambda: _halfway(name, real, args, named))
                if name in GROWING and self._blow.how == "full" and len(self.labels) > self._blow.at:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                result = real(*args, **named)
                if name == "fsync" and self._disk is not None:
                    self._disk.synced(args[0])
                return result

        return effect

    def _opening(self, path: Any, flags: int, *args: Any, **named: Any) -> int:
        if not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            return _real_open(path, flags, *args, **named)
        with self._guard:
            self._count(f"open {_named(path)}", lambda: _real_open(path, flags, *args, **named))
            return _real_open(path, flags, *args, **named)

    def _on_the_wire(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def effect(connection: socket.socket, *args: Any, **named: Any) -> Any:
            with self._guard:
                start = bytes(args[0])[:40].decode("latin-1").split("\r")[0] if name.startswith("send") else ""
                self._count(f"{name} {start}", lambda: _halfway(name, real, (connection, *args), named))
            return real(connection, *args, **named)

        return effect

    def _count(self, label: str, halfway: Callable[[], Any]) -> None:
        self.labels.append(label)
        if len(self.labels) - 1 != self._blow.at or self._blow.how == "full":
            return
        if self._blow.how == "half":
            with suppress(OSError):
                halfway()
        if self._disk is not None:
            self._disk.restore()
        self.tell()
        os.kill(os.getpid(), signal.SIGKILL)


def _halfway(name: str, real: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> None:
    if name in ("write", "send", "sendall"):
        data = bytes(args[1])
        args = (args[0], data[: len(data) // 2], *args[2:])
    if name not in ("recv", "recv_into"):
        real(*args, **named)


def _named(what: Any) -> str:
    path = os.readlink(f"/proc/self/fd/{what}") if isinstance(what, int) else os.fspath(what)
    return os.path.basename(path)
