"""What every store can do, so that nobody else knows which one it has. Used by `run`, `apply` and `cli`."""

import hashlib
import json
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from reconciler.errors import LockHeldError
from reconciler.state.event import Durable
from reconciler.state.journal import event_to_json
from reconciler.state.lock import Lock, to_json


class Holder(NamedTuple):
    """Who works on a lock: shown to whoever comes second. `since` is UTC, ISO 8601."""

    user: str
    host: str
    pid: int
    since: str
    command: str

    @property
    def who(self) -> str:
        """The same in words."""
        return f"{self.user} on {self.host} (process {self.pid})"


class Snapshot(NamedTuple):
    """The lock as it stands.

    Args:
        lock: open intents included.
        digest: `sha256:…`, which a saved plan demands again.
        holder: who works on it now, where intents are open: another run, whose writes are in flight.
    """

    lock: Lock
    digest: str
    holder: Holder | None = None


class Lease(Protocol):
    """The right to change the lock; one run has it at a time, in one thread."""

    @property
    def lock(self) -> Lock:
        """The lock with every event so far."""

    def append(self, event: Durable, sync: bool = True) -> None:
        """Take one event.

        Args:
            sync: it survives the loss of power once this returns; without it, only the end of this process.

        Raises:
            StateError: it could not be written. What has happened (anything but an intent) is kept and tried again.
        """

    def checkpoint(self) -> None:
        """Bring the lock itself up to date; writes nothing where nothing differs. Done at the end of a lease, too.

        Raises:
            StateError: it could not be written; what was appended is still safe.
        """


class Store(Protocol):
    """Where the lock is kept."""

    def read(self) -> Snapshot:
        """The lock as it stands, without waiting for anyone and without writing anything.

        Raises:
            StateError: it is there and cannot be trusted or read.
        """

    def is_there(self) -> bool:
        """Whether a lock, or what a run has left of one, is kept here; before the first apply there is none.

        Raises:
            StateError: nobody can tell.
        """

    def holder(self) -> Holder | None:
        """The other run that works on the lock now; None where none does, or nobody can tell."""

    def lease(self, timeout: float, holder: Holder) -> AbstractContextManager[Lease]:
        """Work on the lock alone; what a killed run left behind is taken in first.

        Args:
            timeout: how long to wait for another run, in seconds.
            holder: who we are, for the others.

        Raises:
            LockHeldError: another run still works on it; says who.
            StateError: the lock cannot be trusted, read or written.
        """

    def force_unlock(self) -> Holder | None:
        """Remove what a dead run left of its lease; returns who it was.

        Raises:
            LockHeldError: the run is not dead.
        """


def digest_of(lock: Lock) -> str:
    """The digest of a lock with its open intents; without any, that of its file as whsync writes it."""
    intents = [event_to_json(intent) for _, intent in sorted(lock.intents.items())]
    return digest_of_text(to_json(lock) + (json.dumps(intents, sort_keys=True) if intents else ""))


def digest_of_text(text: str) -> str:
    """The digest of a lock file's text: what `sha256sum` prints of that file."""
    return "sha256:" + hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def held(path: str, holder: Holder | None) -> LockHeldError:
    """The error for whoever comes second."""
    hint = "wait for it with --lock-timeout SECONDS"
    if holder is None:
        return LockHeldError(f"another run works on {path}", hint)
    return LockHeldError(f"{path} is in use since {holder.since} by {holder.who}: {holder.command}", hint)
