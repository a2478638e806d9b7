"""A lock that is no file: what every store promises, made of a document that is replaced only where it has not changed.

Each module of a kind of place gives its `Medium`; leases, fencing, the journal and versions are the same for all.

Whoever takes the lock writes itself into the document, and every later write names the version that it replaces. So of
two runs only one writes, and one that was paused, cut off or pronounced dead by `state unlock` finds another version
there and writes nothing more. A lease does not end by itself: a run that is silent may be in the middle of a call.
"""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from reconciler.codes import Code
from reconciler.errors import LockHeldError, StateError
from reconciler.state.lock import Lock, fold, from_json
from reconciler.state.stores.base import Holder, Lease, Snapshot, Version, digest_of, held, moved, not_kept
from reconciler.state.stores.head import Head, Work, from_bytes
from reconciler.state.stores.medium import Claimed, Medium, Moved
from reconciler.state.stores.remote_lease import RemoteLease, written
from reconciler.support import process_mark
from reconciler.support.gc_pause import paused_collector

LOOKS = 10
"""How often a reader looks again where a writer took a piece away between its two looks."""

POLL = 1.0
"""Seconds between two looks of a run that waits for another."""


class RemoteStore:
    """See `base.Store`.

    Args:
        medium: the place.
    """

    def __init__(self, medium: Medium) -> None:
        self._medium = medium

    def read(self) -> Snapshot:
        """See `base.Store`."""
        with self._open():
            head, _ = self._head()
            for _ in range(LOOKS):
                saved = self._saved(head)
                if saved is not None:
                    break
                head, _ = self._head()
            else:
                raise self._torn(head)
        if not head.lines:
            return Snapshot(saved, digest_of(saved))
        lock = fold(saved, head.events)
        return Snapshot(lock, digest_of(lock), self._other(head) if lock.intents else None)

    def is_there(self) -> bool:
        """See `base.Store`."""
        with self._open():
            head, _ = self._head()
        return head.number > 0 or bool(head.lines)

    def holder(self) -> Holder | None:
        """See `base.Store`; a run that is known to be dead works no more, whatever it left."""
        with suppress(StateError), self._open():
            head, _ = self._head()
            return self._other(head)
        return None

    @contextmanager
    def lease(self, timeout: float, holder: Holder) -> Iterator[Lease]:
        """See `base.Store`."""
        with self._open():
            work = Work(holder, os.urandom(8).hex(), time.time(), process_mark.mark())
            lease = self._taken(timeout, work)
            try:
                yield lease
            except BaseException:
                # The first error is the one to tell; what cannot be saved now is in the journal there.
                with suppress(StateError):
                    lease.finish()
                raise
            else:
                lease.finish()
            finally:
                lease.stop()
                with suppress(StateError):
                    self._medium.unclaim(work.id)

    def force_unlock(self) -> Holder | None:
        """See `base.Store`. The fence is raised, so that the run, should it wake, writes nothing more."""
        with self._open():
            head, version = self._head()
            if head.work is None:
                return None
            if not self._may_be_dead(head.work):
                raise self._held(head.work)
            self._medium.unclaim(head.work.id)  # else a server with a lock of its own takes no write
            freed = head._replace(work=None, fence=head.fence + 1, write=f"{os.urandom(8).hex()}-0")
            try:
                written(self._medium, freed, version, {})
            except Moved:
                raise self._held(self._head()[0].work) from None
            return head.work.holder

    def versions(self) -> tuple[Version, ...]:
        """See `base.Store`."""
        with self._open():
            head, _ = self._head()
        return tuple(past.version for past in head.past)

    def version(self, number: int) -> Lock:
        """See `base.Store`."""
        with self._open():
            head, _ = self._head()
            for past in head.past:
                if past.version.number == number:
                    piece = self._medium.piece(past.piece)
                    if piece is not None:
                        return from_json(piece.decode(errors="surrogatepass"), f"{self._medium.shown} ({number})")
        raise not_kept(self._medium.shown, number, [past.version for past in head.past])

    @contextmanager
    def _open(self) -> Iterator[None]:
        try:
            yield
        finally:
            self._medium.close()

    def _head(self) -> tuple[Head, str | None]:
        """The document and its version; that of a place where nothing was written yet is empty.

        Raises:
            StateError: it cannot be read, or the lock was moved away.
        """
        kept = self._medium.get()
        if kept is None:
            return Head(), None
        with paused_collector():
            head = from_bytes(kept.data, self._medium.shown)
        if head.moved is not None:
            raise moved(self._medium.shown, head.moved)
        return head, kept.version

    def _saved(self, head: Head) -> Lock | None:
        """The lock without what the journal adds; None where its piece is not there any more."""
        if head.piece is None:
            return from_json(head.body, self._medium.shown) if head.body else Lock()
        piece = self._medium.piece(head.piece)
        if piece is None:
            return None
        with paused_collector():
            return from_json(piece.decode(errors="surrogatepass"), f"{self._medium.shown} ({head.piece})")

    def _taken(self, timeout: float, work: Work) -> RemoteLease:
        """Write ourselves into the document, once nobody else stands in it.

        Raises:
            LockHeldError: somebody still does.
        """
        give_up = time.monotonic() + timeout
        while True:
            try:
                return self._take(work)
            except LockHeldError:
                left = give_up - time.monotonic()
                if left <= 0:
                    raise
                time.sleep(min(POLL, left))

    def _take(self, work: Work) -> RemoteLease:
        head, version = self._head()
        if head.work is not None:
            raise self._held(head.work)
        self._claim(work)
        try:
            return self._begun(head, version, work)
        except BaseException:
            with suppress(StateError):
                self._medium.unclaim(work.id)
            raise

    def _begun(self, head: Head, version: str | None, work: Work) -> RemoteLease:
        saved = self._saved(head)
        if saved is None:
            raise self._torn(head)
        begun = head._replace(fence=head.fence + 1, write=f"{work.id}-0")
        lease = RemoteLease(self._medium, begun, work, saved)
        try:
            lease.begin(version)
        except Moved:
            raise self._held(self._head()[0].work) from None
        return lease

    def _claim(self, work: Work) -> None:
        holder = work.holder
        who = {"user": f"{holder.user}@{holder.host}", "command": holder.command, "since": holder.since}
        try:
            self._medium.claim({"id": work.id, **who})
        except Claimed as other:
            raise LockHeldError(
                f"{self._medium.shown} is locked at its server by {other}",
                "wait for it with --lock-timeout SECONDS; if that run is dead, free the lock where it is kept",
            ) from None

    def _held(self, work: Work | None) -> LockHeldError:
        if work is None:  # it is free again by now
            return held(self._medium.shown, None)
        return held(self._medium.shown, work.holder, self._silence(work) if self._may_be_dead(work) else "")

    def _may_be_dead(self, work: Work) -> bool:
        return self._is_dead(work) or time.time() - work.renewed > self._medium.patience

    def _silence(self, work: Work) -> str:
        """Why a run may be dead, in words."""
        if self._is_dead(work):
            return "its process has ended"
        seconds = max(time.time() - work.renewed, 0)
        for unit, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
            if seconds >= 2 * unit:
                return f"nothing was heard of it for {seconds // unit:.0f} {name}"
        return f"nothing was heard of it for {seconds:.0f} seconds"

    def _is_dead(self, work: Work) -> bool:
        """Whether the run ended on this machine without giving the lock back."""
        return process_mark.is_gone(work.process)

    def _other(self, head: Head) -> Holder | None:
        """The run that works on it, if that is not this process and may be alive."""
        if head.work is None or self._may_be_dead(head.work):
            return None
        holder = head.work.holder
        return None if (holder.pid, holder.host) == (os.getpid(), socket.gethostname()) else holder

    def _torn(self, head: Head) -> StateError:
        what = f"the lock {self._medium.shown} refers to {head.piece}, which is not there"
        hint = "somebody took it away: `whsync state log` tells which versions are kept, `state restore` takes one"
        return StateError(what, hint, code=Code.LOCK_UNREADABLE)
