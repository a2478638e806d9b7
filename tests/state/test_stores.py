"""What every store promises: one suite for all of them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.errors import LockHeldError
from reconciler.model.action import Action
from reconciler.model.webhook import SecretRecord
from reconciler.state.event import Durable, Removed, Renamed, SecretStored
from reconciler.state.lock import Lock, fold
from reconciler.state.stores import address_of, open_store
from reconciler.state.stores.base import Snapshot, Store, digest_of
from tests.state.memory import MemoryStore
from tests.state.values import AT, HOLDER, applied, entry, events, failed, intended

Open = Callable[[Path], Callable[[], Store]]


def on_disk(folder: Path) -> Callable[[], Store]:
    """A store in a folder; each call opens it anew, as another process would."""
    return lambda: open_store(address_of("webhooks.lock.json", folder))


def in_memory(folder: Path) -> Callable[[], Store]:
    """A store in this process."""
    store = MemoryStore()
    return lambda: store


@pytest.fixture(params=[on_disk, in_memory])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Store]:
    """Opens the same store as often as asked, for each kind of store."""
    made: Callable[[], Store] = request.param(tmp_path)
    return made


def test_nothing_applied_is_an_empty_lock(opened: Callable[[], Store]) -> None:
    """Before the first apply there is no lock, and that is no error."""
    assert opened().read() == Snapshot(Lock(), digest_of(Lock()))


def test_what_is_appended_is_seen_at_once_and_afterwards(opened: Callable[[], Store]) -> None:
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


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("kind", [on_disk, in_memory])
@given(
    happened=st.lists(st.tuples(events, st.booleans(), st.sampled_from(["go on", "checkpoint", "lease", "crash"]))),
)
def test_a_store_is_a_fold(
    kind: Open, tmp_path_factory: pytest.TempPathFactory, happened: list[tuple[Durable, bool, str]]
) -> None:
    """However often leases end, well or badly, and checkpoints are made: the lock is the fold of all events."""
    opened = kind(tmp_path_factory.mktemp("store"))
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


def test_an_open_intent_outlives_the_lease(opened: Callable[[], Store]) -> None:
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


def test_the_rest_of_a_life(opened: Callable[[], Store]) -> None:
    """Renaming, storing a secret and removing are kept like creating."""
    record = SecretRecord("hmac$x", None, "file:s", AT)
    with opened().lease(0, HOLDER) as lease:
        for event in (applied("a"), applied("b", "wh_2"), Renamed("c", "a"), SecretStored("c", record)):
            lease.append(event)
        lease.append(Removed("b", Action.DELETE, AT), sync=False)
    assert opened().read().lock == Lock({"c": entry()._replace(secret=record)})


def test_the_second_run_is_told_who_holds_it(opened: Callable[[], Store]) -> None:
    """Who, on which host, since when and with which command; and how to wait."""
    with opened().lease(0, HOLDER), pytest.raises(LockHeldError) as caught, opened().lease(0, HOLDER):
        pass
    for fact in ("ada", "engine-1", "4711", "2026-11-21T12:00:00Z", "whsync apply"):
        assert fact in caught.value.summary
    assert "--lock-timeout" in caught.value.hint
    with opened().lease(0, HOLDER) as lease:
        assert lease.lock == Lock()


def test_a_failed_lease_lets_go(opened: Callable[[], Store]) -> None:
    """An error inside a lease neither keeps the next run out nor loses what was appended."""

    def fail() -> None:
        with opened().lease(0, HOLDER) as lease:
            lease.append(applied("a"), sync=False)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with opened().lease(0, HOLDER) as lease:
        assert lease.lock == Lock({"a": entry()})


def test_a_living_run_cannot_be_unlocked(opened: Callable[[], Store]) -> None:
    """`state unlock` never takes the lock from a run that works; without one there is nothing to do."""
    assert opened().force_unlock() is None
    with opened().lease(0, HOLDER), pytest.raises(LockHeldError):
        opened().force_unlock()
    assert opened().force_unlock() is None
