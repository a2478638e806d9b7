"""The writing half of the file store: appending to the journal, replacing the lock; one for each lease.

Made by `state.stores.file`.
"""

import errno
import json
import os
import shlex
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path

from reconciler.codes import Code
from reconciler.errors import StateError
from reconciler.state import journal
from reconciler.state.event import Durable, Intended
from reconciler.state.lock import Ledger, Lock, to_json
from reconciler.state.stores.base import digest_of_text
from reconciler.state.stores.neighbours import versions_beside
from reconciler.support import atomic, handles, intake, links

MOVED = '{"format": "whsync.lock/moved", "to": '
"""How the file begins that stands where a lock was; a whsync that does not know of it takes it for a newer format."""

_JOURNAL_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
ALONE = "its journal and the guard of other runs could not be kept beside it"
MOUNT = "mount the folder that the lock is in; or name a lock in a folder that is mounted, with --lock FILE"
_ANOTHER = "name another with `lock:` or --lock FILE"
_HINTS = {errno.EBUSY: MOUNT, errno.EMFILE: "", errno.ENFILE: "", errno.EINVAL: _ANOTHER, errno.EFBIG: _ANOTHER}


@contextmanager
def failing(summary: str) -> Iterator[None]:
    """Make the system's complaint into a StateError that begins with `summary`."""
    try:
        yield
    except OSError as error:
        hint = _HINTS.get(error.errno or 0, "check its permissions and the space on its disk")
        raise StateError(f"{summary}: {handles.words(error)}", hint, code=Code.STATE_UNUSABLE) from None


class Paths:
    """The lock's file and those beside it."""

    def __init__(self, lock: Path, folder: Path) -> None:
        self.lock, self._folder = lock, folder
        self.real = real = Path(os.path.realpath(lock))
        self.journal = real.with_name(real.name + ".journal")
        self.guard = real.with_name(real.name + ".lock")
        self.holder = real.with_name(real.name + ".holder")
        self.versions = Path(versions_beside(str(real)))

    def text(self) -> str | None:
        """The lock file's text, or None where there is no file.

        Raises:
            StateError: it is there and cannot be read, or is no text; or a link leads to nothing.
        """
        with failing(f"the lock {self.lock} cannot be read"):
            try:
                return intake.read(self.lock, intake.MADE, ordinary=True).decode(errors="surrogatepass")
            except FileNotFoundError:
                self.refuse_link_to_nothing()
                return None
            except UnicodeDecodeError:
                raise StateError(
                    f"the lock {self.lock} is not UTF-8 text",
                    "restore it from version control",
                    code=Code.LOCK_UNREADABLE,
                ) from None

    def refuse_links(self) -> None:
        """A link that a repository carries must not lead us to other files than the lock and those beside it.

        Raises:
            StateError: there is one.
        """
        away = links.stray(self.lock, self._folder)
        if away is not None:
            hint = "name the file itself with `lock:` or --lock FILE, if you trust that place; or remove the link"
            what = f"{away.link} is a symbolic link that leads out of its folder, to {away.end}"
            raise StateError(f"the lock {self.lock}: {what}", hint, code=Code.STATE_UNUSABLE)
        for beside in (self.journal, self.guard, self.holder, self.versions):
            if beside.is_symlink():
                summary = f"the lock {self.lock} cannot be worked on: {beside} is a symbolic link, and none is followed"
                hint = f"see where it leads, and remove it: rm {shlex.quote(str(beside))}"
                raise StateError(summary, hint, code=Code.STATE_UNUSABLE)

    def refuse_mount(self) -> None:
        """A lock or journal that is mounted by itself cannot be replaced; what is beside it is lost with its container.

        Raises:
            StateError: it is.
        """
        if any(map(atomic.is_mounted, (self.real, self.journal, self.holder))):
            summary = f"the lock {self.lock} is mounted by itself, so it can only be read here: {ALONE}"
            raise StateError(summary, MOUNT, code=Code.STATE_UNUSABLE)

    def refuse_device(self) -> None:
        """Where there is no ordinary file, none may take its place, and none is put beside it.

        Raises:
            StateError: something else is where the lock is.
        """
        if self.real.exists() and not self.real.is_file():
            raise StateError(f"the lock {self.lock} is not an ordinary file", _ANOTHER, code=Code.STATE_UNUSABLE)

    def refuse_link_to_nothing(self) -> None:
        """A link where the lock is, or on the way, says that there was one: something is not mounted, or was moved.

        Raises:
            StateError: there is such a link.
        """
        hint = "put that back; or, if nothing was applied yet, remove the link"
        with failing(f"the lock {self.lock} cannot be read"):
            for path in (self.lock, *self.lock.parents):
                if path.is_symlink() and not path.exists():
                    target = os.path.realpath(path)
                    raise StateError(
                        f"the lock {self.lock}: {path} is a link to {target}, which is not there",
                        hint,
                        code=Code.STATE_UNUSABLE,
                    )

    def journal_bytes(self) -> bytes:
        """The journal's content, empty where there is none.

        Raises:
            StateError: it cannot be read.
        """
        with failing(f"the journal {self.journal} cannot be read"):
            try:
                return intake.read(self.journal, intake.MADE, ordinary=True)
            except FileNotFoundError:
                return b""


class FileLease:
    """See `base.Lease`.

    Args:
        saved: what the lock file holds.
        lock: what is true, with a left-over journal folded in.

    Attributes:
        found: the text that the file held at the beginning, and of how many webhooks; None where there was no file.
        left: the same of what was written last; None where nothing was.
    """

    def __init__(self, paths: Paths, saved: Lock, lock: Lock) -> None:
        self._paths = paths
        self._text = paths.text()
        self._saved = saved.bare
        self.found = None if self._text is None else (self._text, len(saved.entries))
        self.left: tuple[str, int] | None = None
        self._ledger = Ledger(lock)
        self._journal = _JournalFile(paths)

    @property
    def lock(self) -> Lock:
        """See `base.Lease`."""
        return self._ledger.lock

    def append(self, event: Durable, sync: bool = True) -> None:
        """See `base.Lease`."""
        line = journal.event_line(event)
        if isinstance(event, Intended):
            # An intent counts once it is written: where it cannot be, its call is not made.
            self._journal.write(line, sync)
            self._ledger.take(event)
        else:
            # What has happened is true whether or not it can be written now: a later write or checkpoint saves it.
            self._ledger.take(event)
            self._journal.owe(line)
            self._journal.write(b"", sync)

    @property
    def groups(self) -> bool:
        """See `base.Lease`."""
        return False

    def together(self) -> AbstractContextManager[None]:
        """See `base.Lease`; each event is safe by itself."""
        return nullcontext()

    def checkpoint(self) -> None:
        """See `base.Lease`."""
        lock = self.lock
        if lock.bare != self._saved:
            self._save(lock.bare)
        intents = sorted(lock.intents.values())
        self._journal.reset(journal.text(intents) if intents else b"")

    def replace(self, lock: Lock) -> None:
        """See `base.Lease`."""
        before, self._ledger = self._ledger, Ledger(lock.bare)
        try:
            self.checkpoint()
        except StateError:
            self._ledger = before
            raise
        for _, intent in sorted(lock.intents.items()):
            self.append(intent)

    def retire(self, to: str) -> None:
        """See `base.Lease`; the versions stay."""
        with failing(f"the lock {self._paths.lock} cannot be written"):
            atomic.replace(self._paths.real, f"{MOVED}{json.dumps(to)}}}\n".encode())
        self._ledger, self._saved = Ledger(Lock()), Lock()

    def close(self) -> None:
        """Let go of the journal's file."""
        self._journal.close()

    def _save(self, bare: Lock) -> None:
        text = to_json(bare)
        self._journal.write(journal.saved_line(digest_of_text(text)), sync=True)
        if self._paths.text() != self._text:
            raise StateError(
                f"the lock {self._paths.lock} was changed by something else during this run",
                "what this run did is safe in the journal beside it; the next `whsync apply` adds it to that lock",
                code=Code.LOCK_CHANGED,
            )
        with failing(f"the lock {self._paths.lock} cannot be written"):
            atomic.replace(self._paths.real, text.encode(errors="surrogatepass"))
        self._saved, self._text, self.left = bare, text, (text, len(bare.entries))


class _JournalFile:
    """The journal on the disk: what it holds up to `_good` is whole lines; what the disk refused is owed."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._descriptor: int | None = None
        self._good = 0
        self._owed = b""
        self._named = False  # whether the file's name, too, would survive the loss of power

    def owe(self, line: bytes) -> None:
        """Have `line` written with the next write that succeeds."""
        self._owed += line

    def write(self, line: bytes, sync: bool) -> None:
        """Append what is owed and `line`.

        Raises:
            StateError: nothing of it is in the journal; what is owed stays owed, `line` does not.
        """
        with failing(f"the journal {self._paths.journal} cannot be written"):
            descriptor = self._open()
            data = (b"" if self._good else journal.header()) + self._owed + line
            try:
                os.lseek(descriptor, self._good, os.SEEK_SET)
                _write_whole(descriptor, data)
                if sync:
                    os.fsync(descriptor)
                    if not self._named:
                        atomic.sync_folder(self._paths.journal.parent)
                        self._named = True
            except BaseException:
                with suppress(OSError):
                    os.ftruncate(descriptor, self._good)
                raise
            self._good += len(data)
            self._owed = b""

    def reset(self, content: bytes) -> None:
        """Make `content` the whole journal; empty content removes it.

        Raises:
            StateError: the journal is as it was.
        """
        if self._paths.journal_bytes() != content or (not content and self._paths.journal.exists()):
            self.close()
            with failing(f"the journal {self._paths.journal} cannot be replaced"):
                if content:
                    atomic.replace(self._paths.journal, content)
                else:
                    self._paths.journal.unlink()
        self._owed = b""

    def close(self) -> None:
        """Let go of the file; the next write opens it again."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        if self._descriptor is None:
            self._descriptor, self._named = os.open(self._paths.journal, _JOURNAL_FLAGS, 0o600), False
            # A line that a crash cut off holds no newline, so what is left of it under new lines counts for nothing.
            self._good = self._paths.journal_bytes().rfind(b"\n") + 1
        return self._descriptor


def _write_whole(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
