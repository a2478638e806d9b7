"""The writing half of a lock that is no file: one for each lease. Made by `state.stores.remote`.

Everything that is written names the version that it replaces. Once another one is found there, the lease is lost: this
run writes nothing more, and says so.
"""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from reconciler.codes import Code
from reconciler.errors import StateError
from reconciler.state import journal
from reconciler.state.event import Durable, Intended
from reconciler.state.lock import Ledger, Lock, fold, to_json
from reconciler.state.stores.base import Version, digest_of_text
from reconciler.state.stores.head import INLINE, Head, Past, Work, from_bytes, to_bytes
from reconciler.state.stores.medium import Medium, Moved, Unsure

KEEP = 50
"""How many versions are kept."""

JOURNAL = 128 * 1024
"""Bytes of a journal from which on the lock is written instead: each line sends the whole journal again."""

PAUSES = (0.2, 1.0, 3.0)
"""Seconds before each further attempt where no answer came."""


class RemoteLease:
    """See `base.Lease`.

    Args:
        medium: the place.
        head: the document with us in it, not yet written.
        work: us.
        saved: the lock that it refers to, without its journal.
    """

    def __init__(self, medium: Medium, head: Head, work: Work, saved: Lock) -> None:
        self._medium, self._head, self._work, self._saved = medium, head._replace(work=work), work, saved
        self._ledger = Ledger(fold(saved, head.events))
        self._version: str | None = None
        self._waiting: list[Durable] = []
        self._grouping = False
        self._count = 0
        self._lost: StateError | None = None
        self._mutex = threading.RLock()
        self._ended = threading.Event()
        self._last = time.monotonic()
        self._heart = threading.Thread(target=self._beat, name="whsync lease", daemon=True)

    @property
    def lock(self) -> Lock:
        """See `base.Lease`."""
        return self._ledger.lock

    def begin(self, version: str | None) -> None:
        """Take the lock, and say from now on that we still work.

        Raises:
            Moved: somebody else was quicker.
            StateError: the document cannot be written.
        """
        self._version = written(self._medium, self._based(self._head), version, {})
        self._heart.start()

    def append(self, event: Durable, sync: bool = True) -> None:
        """See `base.Lease`; a place that is no disk knows only one kind of safe."""
        with self._mutex:
            self._ledger.take(event)
            self._waiting.append(event)
            if not self._grouping:
                self._flush()

    @property
    def groups(self) -> bool:
        """See `base.Lease`: each write takes a way there and back, however much it carries."""
        return True

    @contextmanager
    def together(self) -> Iterator[None]:
        """See `base.Lease`."""
        with self._mutex:
            self._grouping = True
            try:
                yield
            finally:
                self._grouping = False
                self._flush()

    def checkpoint(self) -> None:
        """See `base.Lease`."""
        with self._mutex:
            if self._waiting or self._head.lines != self._open or self.lock.bare != self._saved:
                self._save(self._head)

    def finish(self) -> None:
        """Bring the lock up to date and give it back, in one write.

        Raises:
            StateError: nobody can tell whether that was written, or it was not; or the lease is lost.
        """
        self.stop()
        with self._mutex:
            self._save(self._head._replace(work=None))

    def stop(self) -> None:
        """Say no more that we work."""
        self._ended.set()
        if self._heart.is_alive() and threading.current_thread() is not self._heart:
            self._heart.join()

    def replace(self, lock: Lock) -> None:
        """See `base.Lease`."""
        with self._mutex:
            before, self._ledger = self._ledger, Ledger(lock)
            try:
                self._save(self._head)
            except StateError:
                self._ledger = before
                raise

    def retire(self, to: str) -> None:
        """See `base.Lease`; the versions stay."""
        with self._mutex:
            self._write(self._head._replace(moved=to))

    @property
    def _open(self) -> tuple[bytes, ...]:
        return tuple(journal.event_line(intent) for intent in sorted(self.lock.intents.values()))

    def _based(self, head: Head) -> Head:
        """The same where there is no lock yet: an empty one, so that what is there is a whole one."""
        return head._replace(body=to_json(Lock())) if head.body is None and head.piece is None else head

    def _flush(self) -> None:
        """Write what waits into the journal.

        Raises:
            StateError: it was not written; then what has happened waits on, and no intent among it counts.
        """
        if not self._waiting:
            return
        lines = tuple(map(journal.event_line, self._waiting))
        try:
            self._write(self._head._replace(lines=(*self._head.lines, *lines)))
        except StateError:
            self._waiting = [event for event in self._waiting if not isinstance(event, Intended)]
            self._ledger = Ledger(fold(self._saved, (*self._head.events, *self._waiting)))
            raise
        self._waiting = []
        if sum(map(len, self._head.lines)) > JOURNAL:
            self._save(self._head)

    def _save(self, head: Head) -> None:
        """Write the lock where it differs, and of the journal only what is still open."""
        bare, lines = self.lock.bare, self._open
        if bare == self._saved:
            self._write(head._replace(lines=lines))
            self._waiting = []
            return
        mine = [past for past in head.past if past.fence == head.fence]
        number = mine[0].version.number if mine else head.number + 1
        text = to_json(bare)
        pieces: dict[str, bytes | None] = {}
        head = head._replace(lines=lines, number=number, body=text, piece=None)
        if self._medium.pieces:
            data, past = text.encode(errors="surrogatepass"), self._past(text, number, head.fence)
            kept = (*(each for each in head.past if each not in mine), past)[-KEEP:]
            pieces = {each.piece: None for each in head.past if each not in kept} | {past.piece: data}
            head = head._replace(past=kept)
            head = head._replace(body=None, piece=past.piece) if len(data) > INLINE else head
        self._write(head, pieces)
        self._saved, self._waiting = bare, []

    def _past(self, text: str, number: int, fence: int) -> Past:
        """What is told of the version that this run leaves; one that it wrote before is replaced by it."""
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        version = Version.of(number, len(self.lock.entries), digest_of_text(text), self._work.holder, at)
        return Past(version, f"{number:06}-{fence}-{self._work.id[:8]}-{self._count}", fence)

    def _write(self, head: Head, pieces: Mapping[str, bytes | None] | None = None) -> None:
        """Replace the document.

        Raises:
            StateError: it was not written; or the lease is lost, and nothing is written from now on.
        """
        if self._lost is not None:
            raise self._lost
        self._count += 1
        work = head.work and head.work._replace(renewed=time.time())
        head = head._replace(work=work, write=f"{self._work.id}-{self._count}")
        try:
            self._version = written(self._medium, head, self._version, pieces or {})
        except Moved:
            self._lost = self._loss(self._taker())
            raise self._lost from None
        self._head, self._last = head, time.monotonic()

    def _taker(self) -> str:
        """Who has the lock now, in words."""
        with suppress(StateError):
            kept = self._medium.get()
            if kept is None:
                return ": it is gone"
            work = from_bytes(kept.data, self._medium.shown).work
            if work is not None:
                return f": {work.holder.who} has it since {work.holder.since}, with {work.holder.command}"
            return ": somebody freed it, as `whsync state unlock` does"
        return ""

    def _loss(self, taker: str) -> StateError:
        return StateError(
            f"this run has lost its hold on the lock {self._medium.shown}{taker}",
            "it writes nothing more there; the next `whsync apply` finds out what became of its last call",
            code=Code.LEASE_LOST,
        )

    def _beat(self) -> None:
        """Say now and then that we still work, while nothing else is written."""
        pause = self._medium.patience / 3
        while not self._ended.wait(max(self._last + pause - time.monotonic(), pause / 10)):
            if time.monotonic() - self._last >= pause:
                with suppress(StateError), self._mutex:
                    if not self._ended.is_set() and self._lost is None:
                        self._write(self._head)


def written(medium: Medium, head: Head, version: str | None, pieces: Mapping[str, bytes | None]) -> str:
    """Replace the document of this version; tried again where no answer came. Gives its new version.

    Raises:
        Moved: it has another version, and not by this very write.
        StateError: it was not written.
    """
    data, again = to_bytes(head), iter(PAUSES)
    while True:
        try:
            return medium.put(data, version, pieces)
        except Moved:
            kept = medium.get()
            if kept is not None and kept.data == data:  # it was ours, and only its answer was lost
                return kept.version
            raise
        except Unsure:
            pause = next(again, None)
            if pause is None:
                raise
            time.sleep(pause)
