"""What every store can do, so that nobody else knows which one it has. Used by `run`, `apply` and `cli`."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from reconciler.codes import Code
from reconciler.errors import LockHeldError, StateError
from reconciler.state.event import Durable
from reconciler.state.journal import event_to_json
from reconciler.state.lock import Lock, to_json
from reconciler.support import json_types


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


class Version(NamedTuple):
    """One lock that was kept: what a run left.

    Args:
        number: grows with each run that changed something; `state restore` takes it.
        at: when, UTC, ISO 8601.
        user: who ran it.
        host: where.
        command: what ran.
        webhooks: how many it holds.
        digest: `sha256:…`, see `digest_of`.
    """

    number: int
    at: str
    user: str
    host: str
    command: str
    webhooks: int
    digest: str

    @classmethod
    def of(cls, number: int, webhooks: int, digest: str, holder: Holder, at: str) -> "Version":
        """The version that a run leaves.

        Args:
            number: its own.
            webhooks: how many it holds.
            digest: of its text.
            holder: who ran.
            at: when it was left.
        """
        return cls(number, at, holder.user, holder.host, holder.command, webhooks, digest)

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "Version":
        """A version as `_asdict` gave it.

        Raises:
            KeyError, TypeError: the shape is another one.
        """
        number, webhooks = json_types.count(data["number"]), json_types.count(data["webhooks"])
        at, user, host, command = (json_types.text(data[key]) for key in ("at", "user", "host", "command"))
        return cls(number, at, user, host, command, webhooks, json_types.text(data["digest"]))


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

    @property
    def groups(self) -> bool:
        """Whether several events at once cost as much as one, so that it pays to bring them together."""

    def together(self) -> AbstractContextManager[None]:
        """What is appended inside is safe when this ends, in one write where the lease `groups`.

        Raises:
            StateError: at the end, or at one of the events; then of what it `groups` none counts that is an intent.
        """

    def checkpoint(self) -> None:
        """Bring the lock itself up to date; writes nothing where nothing differs. Done at the end of a lease, too.

        Raises:
            StateError: it could not be written; what was appended is still safe.
        """

    def replace(self, lock: Lock) -> None:
        """Make another lock the one that is kept, intents included.

        Raises:
            StateError: it could not be written; what was kept is as it was.
        """

    def retire(self, to: str) -> None:
        """Leave nothing but a note that the lock is at `to` from now on, so that no run works on this one.

        Raises:
            StateError: it could not be written; the lock is as it was.
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

    def versions(self) -> tuple[Version, ...]:
        """The locks that are kept of earlier runs, the oldest first; as many as the store keeps.

        Raises:
            StateError: they cannot be read.
        """

    def version(self, number: int) -> Lock:
        """The lock that a run left, without intents.

        Raises:
            StateError: that version is not kept, or cannot be read.
        """


def digest_of(lock: Lock) -> str:
    """The digest of a lock with its open intents; without any, that of its file as whsync writes it."""
    intents = [event_to_json(intent) for _, intent in sorted(lock.intents.items())]
    return digest_of_text(to_json(lock) + (json.dumps(intents, sort_keys=True) if intents else ""))


def digest_of_text(text: str) -> str:
    """The digest of a lock file's text: what `sha256sum` prints of that file."""
    return "sha256:" + hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def held(path: str, holder: Holder | None, silent: str = "") -> LockHeldError:
    """The error for whoever comes second.

    Args:
        path: of the lock.
        holder: who works on it, if that is known.
        silent: why they may be dead, where nothing but `state unlock` would free the lock then.
    """
    hint = "wait for it with --lock-timeout SECONDS"
    if holder is None:
        return LockHeldError(f"another run works on {path}", hint)
    said = f"{path} is in use since {holder.since} by {holder.who}: {holder.command}"
    if silent:
        said = f"{said}; {silent}"
        hint = "see that it does not run any more; then `whsync state unlock` frees the lock"
    return LockHeldError(said, hint)


def not_kept(path: str, number: int, versions: Sequence[Version]) -> StateError:
    """The error for whoever asks for a version that is not there."""
    numbers = ", ".join(str(version.number) for version in versions)
    there = f"there are {numbers}; `whsync state log` tells of each" if numbers else "none is kept there yet"
    return StateError(f"{path} keeps no version {number}", there, code=Code.UNKNOWN_NAME)


def moved(shown: str, to: str) -> StateError:
    """The error for whoever asks for a lock that was moved away.

    Args:
        shown: where it was, for messages.
        to: where it is.
    """
    hint = f"write `lock: {to}` in the configuration, or give it as --lock"
    return StateError(f"the lock {shown} was moved to {to}", hint, code=Code.LOCK_MOVED)
