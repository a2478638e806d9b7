"""What every store promises: one suite for all kinds of places, and one more for those that are no disk.

A module of tests has a class of the suite for each kind that it can start, with a fixture `opened`. No class here is
collected by itself.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pytest

from reconciler.codes import Code
from reconciler.errors import LockHeldError, StateError
from reconciler.model.action import Action
from reconciler.model.webhook import SecretRecord
from reconciler.state.event import Durable, Removed, Renamed, SecretStored
from reconciler.state.lock import Lock, fold
from reconciler.state.stores import remote_lease
from reconciler.state.stores.base import Holder, Lease, Snapshot, Store, digest_of
from reconciler.state.stores.head import INLINE, Work
from reconciler.state.stores.medium import Medium
from reconciler.state.stores.remote import RemoteStore
from reconciler.state.stores.remote_lease import RemoteLease
from reconciler.support import process_mark
from tests.state.values import AT, HOLDER, applied, entry, failed, intended

Opened = Callable[[], Store]
"""Opens the same lock anew, as another process would."""

OTHER = Holder("bob", "engine-2", 7, "2026-11-22T08:00:00Z", "whsync apply --yes")


def is_a_fold(opened: Opened, happened: list[tuple[Durable, bool, str]]) -> None:
    """However often leases end, well or badly, and checkpoints are made: the lock is the fold of all events.

    Args:
        opened: see there; nothing was applied yet.
        happened: each event, whether it is synced, and what is done after it.
    """
    expected = Lock()
    remaining = list(happened)
    while remaining:
        try:
            with opened().lease(0, HOLDER) as lease:
                while remaining:
                    event, sync, then = remaining.pop(0)
                    expected = fold(expected, [event])
                    lease.append(event, sync)
                    assert lease.lock == expected
                    if then == "checkpoint":
                        lease.checkpoint()
                    elif then == "lease":
                        break
                    elif then == "crash":
                        raise KeyboardInterrupt
        except KeyboardInterrupt:
            pass
        assert opened().read() == Snapshot(expected, digest_of(expected))


def many(count: int) -> Lock:
    """A lock of so many webhooks."""
    return Lock({f"hook-{number:06}": entry(f"wh_{number}") for number in range(count)})


class StoreSuite:
    """What every store promises."""

    versions = True

    def test_nothing_applied_is_an_empty_lock(self, opened: Opened) -> None:
        """Before the first apply there is no lock, and that is no error."""
        assert opened().read() == Snapshot(Lock(), digest_of(Lock()))

    def test_what_is_appended_is_seen_at_once_and_afterwards(self, opened: Opened) -> None:
        """Others read each event while the lease lasts, and all of them after it."""
        store = opened()
        with store.lease(0, HOLDER) as lease:
            lease.append(intended("a"))
            assert lease.lock.intents.keys() == {"a"}
            assert opened().read().lock.intents.keys() == {"a"}
            lease.append(applied("a"), sync=False)
            assert lease.lock == opened().read().lock
            assert lease.lock == Lock({"a": entry()})
        snapshot = opened().read()
        assert snapshot == Snapshot(Lock({"a": entry()}), digest_of(Lock({"a": entry()})))

    def test_an_open_intent_outlives_the_lease(self, opened: Opened) -> None:
        """A write whose outcome is unknown is remembered until it is known."""
        with opened().lease(0, HOLDER) as lease:
            lease.append(intended("a"))
            lease.append(intended("b"))
            lease.append(failed("a", indeterminate=True))
            lease.append(failed("b", indeterminate=False))
        assert opened().read().lock.intents == {"a": intended("a")}
        with opened().lease(0, HOLDER) as lease:
            assert lease.lock.intents.keys() == {"a"}
            lease.append(applied("a"))
        assert opened().read().lock == Lock({"a": entry()})

    def test_the_rest_of_a_life(self, opened: Opened) -> None:
        """Renaming, storing a secret and removing are kept like creating."""
        record = SecretRecord("hmac$x", None, "file:s", AT)
        with opened().lease(0, HOLDER) as lease:
            for event in (applied("a"), applied("b", "wh_2"), Renamed("c", "a"), SecretStored("c", record)):
                lease.append(event)
            lease.append(Removed("b", Action.DELETE, AT), sync=False)
        assert opened().read().lock == Lock({"c": entry()._replace(secret=record)})

    def test_the_second_run_is_told_who_holds_it(self, opened: Opened) -> None:
        """Who, on which host, since when and with which command; and how to wait."""
        with opened().lease(0, HOLDER), pytest.raises(LockHeldError) as caught, opened().lease(0, HOLDER):
            pass
        for fact in ("ada", "engine-1", "4711", "2026-11-21T12:00:00Z", "whsync apply"):
            assert fact in caught.value.summary
        assert "--lock-timeout" in caught.value.hint
        with opened().lease(0, HOLDER) as lease:
            assert lease.lock == Lock()

    def test_a_failed_lease_lets_go(self, opened: Opened) -> None:
        """An error inside a lease neither keeps the next run out nor loses what was appended."""

        def fail() -> None:
            with opened().lease(0, HOLDER) as lease:
                lease.append(applied("a"), sync=False)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        with opened().lease(0, HOLDER) as lease:
            assert lease.lock == Lock({"a": entry()})

    def test_a_living_run_cannot_be_unlocked(self, opened: Opened) -> None:
        """`state unlock` never takes the lock from a run that works; without one there is nothing to do."""
        assert opened().force_unlock() is None
        with opened().lease(0, HOLDER), pytest.raises(LockHeldError):
            opened().force_unlock()
        assert opened().force_unlock() is None

    def test_events_that_come_together_are_all_kept(self, opened: Opened) -> None:
        """In order, and safe when they are."""
        with opened().lease(0, HOLDER) as lease:
            with lease.together():
                lease.append(intended("a"))
                lease.append(intended("b"))
                lease.append(applied("a"))
            assert lease.lock == opened().read().lock == Lock({"a": entry()}, {"b": intended("b")})
            with lease.together():
                pass

    def test_another_lock_takes_the_place(self, opened: Opened) -> None:
        """Entries, what is known of sinks, and open intents: all is as in the other one."""
        record = SecretRecord("hmac$x", None, "file:s", AT)
        other = Lock({"b": entry("wh_b")}, {"c": intended("c")}, {"file:s": record})
        with opened().lease(0, HOLDER) as lease:
            lease.append(applied("a"))
            lease.append(intended("d"))
            lease.replace(other)
            assert lease.lock == opened().read().lock == other
        assert opened().read() == Snapshot(other, digest_of(other))

    def test_a_lock_that_was_moved_says_where_it_is(self, opened: Opened) -> None:
        """Nobody reads what is left as a lock, and nobody works on it."""
        with opened().lease(0, HOLDER) as lease:
            lease.append(applied("a"))
            lease.append(intended("b"))
            lease.retire("s3://bucket/key")
        with pytest.raises(StateError, match="was moved to s3://bucket/key") as caught:
            opened().read()
        assert caught.value.code is Code.LOCK_MOVED
        with pytest.raises(StateError, match="was moved"), opened().lease(0, HOLDER):
            pytest.fail("it was worked on")

    def test_versions_are_what_runs_left(self, opened: Opened) -> None:
        """Each run that changed something left one, the oldest first; who, when, with what, and the lock itself."""
        if not self.versions:
            assert opened().versions() == ()
            return
        assert opened().versions() == ()
        for holder, name in ((HOLDER, "a"), (OTHER, "b")):
            with opened().lease(0, holder) as lease:
                lease.append(applied(name))
                lease.checkpoint()
        with opened().lease(0, HOLDER):
            pass
        first, second = opened().versions()
        assert (first.number, second.number) == (1, 2)
        assert (first.user, first.host, first.command) == (HOLDER.user, HOLDER.host, HOLDER.command)
        assert (second.user, second.webhooks) == (OTHER.user, 2)
        assert opened().version(1) == Lock({"a": entry()})
        assert opened().version(2) == opened().read().lock
        assert second.digest == opened().read().digest

    def test_a_version_that_is_not_kept_is_told_so(self, opened: Opened) -> None:
        """With those that are."""
        if not self.versions:
            assert opened().versions() == ()
            return
        with opened().lease(0, HOLDER) as lease:
            lease.append(applied("a"))
        with pytest.raises(StateError, match="keeps no version 7") as caught:
            opened().version(7)
        assert caught.value.hint.startswith("there are 1;")


class DocumentSuite(StoreSuite):
    """What a store promises that is no disk: a dead holder keeps its hold, and no second one ever writes."""

    versions = True

    def test_what_is_no_lock_yet_is_not_there(self, opened: Opened) -> None:
        """Before the first event there is no lock, whoever looked; from then on there is one."""
        assert not opened().is_there()
        with opened().lease(0, HOLDER) as lease:
            assert not opened().is_there()
            lease.append(intended("a"))
            assert opened().is_there()

    def test_a_holder_that_died_is_told_and_freed_by_hand_alone(
        self, opened: Opened, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its hold stays, whoever waits; its name and for how long it was silent are told; then `unlock` frees it."""
        with dead(opened) as lease:
            lease.append(intended("a"))
        later(monkeypatch, 3 * 3600)
        with pytest.raises(LockHeldError, match="ada on engine-1") as caught, opened().lease(0, OTHER):
            pytest.fail("two holders")
        assert "nothing was heard of it for 3 hours" in caught.value.summary
        assert "`whsync state unlock`" in caught.value.hint
        assert opened().holder() is None
        assert opened().force_unlock() == HOLDER
        assert opened().force_unlock() is None
        with opened().lease(0, OTHER) as lease:
            assert lease.lock.intents.keys() == {"a"}

    def test_a_process_that_ended_here_is_known_to_be_dead(
        self, opened: Opened, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nobody has to wait until it was silent for long."""
        with dead(opened):
            pass
        monkeypatch.setattr(process_mark, "is_gone", bool)
        with pytest.raises(LockHeldError, match="its process has ended"), opened().lease(0, OTHER):
            pytest.fail("two holders")
        assert opened().force_unlock() == HOLDER

    def test_who_was_taken_for_dead_writes_nothing_more(self, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
        """Paused for longer than its lease, and awake again: neither a call is made nor anything overwritten."""
        asleep = opened().lease(0, HOLDER)
        lease = asleep.__enter__()
        lease.append(applied("a"))
        later(monkeypatch, 3600)
        opened().force_unlock()
        with opened().lease(0, OTHER) as other:
            other.append(applied("b"))
            for event in (intended("c"), applied("c"), intended("d")):
                with pytest.raises(StateError, match="lost its hold") as caught:
                    lease.append(event)
                assert caught.value.code is Code.LEASE_LOST
                assert "bob on engine-2" in caught.value.summary
        with pytest.raises(StateError, match="lost its hold"):
            lease.checkpoint()
        with pytest.raises(StateError, match="lost its hold"):
            asleep.__exit__(None, None, None)
        assert opened().read().lock == Lock({"a": entry(), "b": entry()})

    def test_a_lost_lease_ends_nobody_elses(self, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
        """Who wakes while another works leaves that one its hold."""
        asleep = opened().lease(0, HOLDER)
        lease = asleep.__enter__()
        later(monkeypatch, 3600)
        opened().force_unlock()
        with opened().lease(0, OTHER):
            with pytest.raises(StateError, match="lost its hold"):
                lease.append(intended("a"))
            with pytest.raises(StateError, match="lost its hold"):
                asleep.__exit__(None, None, None)
            with pytest.raises(LockHeldError, match="bob"), opened().lease(0, HOLDER):
                pytest.fail("two holders")

    def test_a_run_that_works_says_so(self, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
        """While nothing is written the hold is renewed, so that a long call is not taken for a death."""
        store = opened()
        monkeypatch.setattr(type(medium_of(store)), "patience", 0.3)
        with store.lease(0, HOLDER) as lease:
            before = self._renewed(opened)
            give_up = time.monotonic() + 60
            while self._renewed(opened) == before:
                assert time.monotonic() < give_up, "not renewed"
                time.sleep(0.05)
            lease.append(applied("a"))
        assert opened().read().lock == Lock({"a": entry()})

    def test_of_many_at_once_one_gets_it(self, opened: Opened) -> None:
        """A race for a free lock, before there is any and afterwards, has one winner."""
        for _ in range(2):
            won, start = [], threading.Barrier(4)
            done = threading.Barrier(4)

            def race(number: int) -> None:
                start.wait(60)  # noqa: B023 - each round waits for its own threads
                try:
                    with opened().lease(0, OTHER) as lease:
                        won.append(number)  # noqa: B023
                        lease.append(applied(f"by-{len(won)}"))  # noqa: B023
                        done.wait(60)  # noqa: B023
                except LockHeldError:
                    done.wait(60)  # noqa: B023

            racers = [threading.Thread(target=race, args=(number,)) for number in range(4)]
            for racer in racers:
                racer.start()
            for racer in racers:
                racer.join()
            assert len(won) == 1
        assert opened().read().lock.intents == {}

    def test_a_large_lock_is_not_sent_with_each_line(self, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
        """10,000 webhooks: kept and read whole; what is sent for one event does not grow with them."""
        lock, sent = many(10_000), list[int]()
        with opened().lease(0, HOLDER) as lease:
            for name, each in lock.entries.items():
                of_a_document(lease)._ledger.take(applied(name)._replace(entry=each))
        assert opened().read().lock == lock
        store = opened()
        medium = medium_of(store)
        put = medium.put

        def counted(data: bytes, version: str | None, pieces: Mapping[str, bytes | None]) -> str:
            sent.append(len(data))
            return put(data, version, pieces)

        monkeypatch.setattr(medium, "put", counted)
        with store.lease(0, HOLDER) as lease:
            lease.append(intended("one more"))
            lease.append(applied("one more"))
        assert opened().read().lock == fold(lock, [applied("one more")])
        if self.versions:
            assert max(sent) < INLINE

    def test_a_long_journal_becomes_the_lock(self, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
        """So that what each line sends stays small; it is one version all the same."""
        monkeypatch.setattr(remote_lease, "JOURNAL", 2000)
        with opened().lease(0, HOLDER) as lease:
            for number in range(8):
                lease.append(intended(f"h{number}"))
                lease.append(applied(f"h{number}", f"wh_{number}"))
            assert sum(len(line) for line in of_a_document(lease)._head.lines) <= 2000
            assert opened().read().lock == lease.lock
        assert len(opened().read().lock.entries) == 8
        assert len(opened().versions()) == (1 if self.versions else 0)

    def test_only_so_many_versions_are_kept(self, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
        """The oldest go, and the present lock stays."""
        if not self.versions:
            pytest.skip("it keeps none")
        monkeypatch.setattr(remote_lease, "KEEP", 2)
        pieces = []
        for number in range(4):
            with opened().lease(0, HOLDER) as lease:
                lease.append(applied("b"))
                lease.checkpoint()
                pieces.append(of_a_document(lease)._head.past[-1].piece)
                lease.append(applied("a", f"wh_{number}"))
                lease.append(Removed("b", Action.FORGET, AT))
            pieces.append(of_a_document(lease)._head.past[-1].piece)
        medium = medium_of(opened())
        medium.get()
        assert [medium.piece(piece) is not None for piece in pieces] == [*[False] * 5, True, False, True]
        medium.close()
        assert [version.number for version in opened().versions()] == [3, 4]
        assert opened().version(3) == Lock({"a": entry("wh_2")})
        with pytest.raises(StateError, match="keeps no version 1"):
            opened().version(1)

    def test_the_same_lock_again_is_another_document(self, opened: Opened) -> None:
        """A, then B, then A: whoever read the first A does not take the second one for it."""
        store = opened()
        medium, seen = medium_of(store), []
        for event in (applied("a"), Removed("a", Action.FORGET, AT), applied("a")):
            with opened().lease(0, HOLDER) as lease:
                lease.append(event)
            kept = medium.get()
            assert kept is not None
            seen.append(kept)
        medium.close()
        assert len({kept.version for kept in seen}) == len({kept.data for kept in seen}) == 3

    def test_what_is_no_lock_is_not_written_over(self, opened: Opened) -> None:
        """Something else at that address stops everything, and stays as it is."""
        medium = medium_of(opened())
        medium.put(b'{"something": "else"}', None, {})
        with pytest.raises(StateError, match="no lock of whsync"):
            opened().read()
        with pytest.raises(StateError, match="no lock of whsync"), opened().lease(0, HOLDER):
            pytest.fail("it was taken")
        kept = medium.get()
        assert kept is not None
        assert kept.data == b'{"something": "else"}'
        medium.close()

    def _renewed(self, opened: Opened) -> float:
        store = of_documents(opened())
        head, _ = store._head()
        store._medium.close()
        assert head.work is not None
        return head.work.renewed


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """From now on the clock of this process is so much later."""
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + seconds)


@contextmanager
def dead(opened: Opened) -> Iterator[Lease]:
    """A lease whose process dies at the end: it gives nothing back and says nothing more."""
    store = of_documents(opened())
    lease = store._taken(0, Work(HOLDER, "dead", time.time(), "mark"))
    yield lease
    lease.stop()
    store._medium.close()


def of_documents(store: Store) -> RemoteStore:
    """The store, which is known to be made of a document."""
    assert isinstance(store, RemoteStore)
    return store


def medium_of(store: Store) -> Medium:
    """The place of such a store."""
    return of_documents(store)._medium


def of_a_document(lease: Lease) -> RemoteLease:
    """The lease, which is known to be of such a store."""
    assert isinstance(lease, RemoteLease)
    return lease
