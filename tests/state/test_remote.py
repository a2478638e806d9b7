"""Locks that are no files, on bad days: lost answers, late writes, paused processes, and what others left there."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.codes import Code
from reconciler.errors import LockHeldError, StateError
from reconciler.state.lock import Lock, from_json, to_json
from reconciler.state.stores import address_of, open_store, places, remote_lease
from reconciler.state.stores.base import Version
from reconciler.state.stores.head import HEAD, INLINE, Head, Past, Work, from_bytes, to_bytes
from tests.state.suite import OTHER, Opened, dead, later, many
from tests.state.values import AT, HOLDER, applied, entry, intended, lock_of
from tests.state.web import Shelf

ROOT = Path(__file__).parents[2]
URL = "https://locks.example/team"


def on(shelf: Shelf) -> Opened:
    """The lock that is kept on this shelf."""
    return lambda: open_store(address_of(URL), None, lambda: shelf)


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """A server, at which nobody waits long."""
    monkeypatch.setattr(remote_lease, "PAUSES", (0.0, 0.0))
    return Shelf()


@pytest.mark.parametrize("lost", ["lose", "drop"])
@pytest.mark.parametrize("when", range(5))
def test_an_answer_that_is_lost_changes_nothing(shelf: Shelf, lost: str, when: int) -> None:
    """Whether the write arrived or not: each event is kept once, and the lease goes on."""
    opened = on(shelf)
    with opened().lease(0, HOLDER) as lease:
        for number in range(5):
            setattr(shelf, lost, int(number == when))
            lease.append(intended(f"h{number}"))
            lease.append(applied(f"h{number}", f"wh_{number}"))
        setattr(shelf, lost, int(when == 4))
    assert opened().read().lock == Lock({f"h{number}": entry(f"wh_{number}") for number in range(5)})
    assert opened().holder() is None


def test_a_server_that_is_away_stops_the_call_and_not_the_truth(shelf: Shelf) -> None:
    """An intent that cannot be kept is none; what has happened is kept with the next write."""
    opened = on(shelf)
    with opened().lease(0, HOLDER) as lease:
        shelf.drop = 3
        with pytest.raises(StateError, match="cannot be written") as caught:
            lease.append(intended("a"))
        assert caught.value.code is Code.NO_ANSWER
        assert lease.lock.intents == {}
        lease.append(intended("b"))
        shelf.drop = 3
        with pytest.raises(StateError, match="cannot be written"):
            lease.append(applied("b"))
        lease.append(intended("c"))
        assert opened().read().lock == Lock({"b": entry()}, {"c": intended("c")})


def test_events_that_come_together_take_one_write(shelf: Shelf) -> None:
    """And where it fails no intent among them counts, while what has happened waits for the next one."""
    opened = on(shelf)
    with opened().lease(0, HOLDER) as lease:
        assert lease.groups
        lease.append(intended("a"))
        shelf.calls.clear()
        with lease.together():
            for name in ("b", "c", "d"):
                lease.append(intended(name))
        assert [method for method, _ in shelf.calls] == ["PUT"]
        shelf.drop = 3
        group = lease.together()
        group.__enter__()
        lease.append(applied("b"))
        lease.append(intended("e"))
        with pytest.raises(StateError, match="cannot be written"):
            group.__exit__(None, None, None)
        assert lease.lock.intents.keys() == {"a", "c", "d"}
        lease.append(applied("c"))
        assert opened().read().lock == Lock({"b": entry(), "c": entry()}, {"a": intended("a"), "d": intended("d")})


def test_a_write_that_comes_late_is_refused(shelf: Shelf) -> None:
    """A write that the network held back until others had written finds another version there."""
    opened, sent = on(shelf), []
    answer = shelf._answered

    def noted(*call: object) -> object:
        sent.append(call)
        return answer(*call)  # type: ignore[arg-type]

    shelf._answered = noted  # type: ignore[method-assign, assignment]
    for name in ("a", "b"):
        with opened().lease(0, HOLDER) as lease:
            lease.append(applied(name))
    before = dict(shelf.documents)
    for call in [call for call in sent if call[0] == "PUT"]:
        assert answer(*call).status == 412  # type: ignore[arg-type]
    assert shelf.documents == before


def test_the_fence_is_raised_by_whoever_takes_or_frees(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """And each write has its own number, so that no two documents are the same bytes."""
    opened = on(shelf)

    def fence() -> int:
        return from_bytes(shelf.documents["/team"][0], URL).fence

    with opened().lease(0, HOLDER):
        assert fence() == 1
    with dead(opened):
        assert fence() == 2
    later(monkeypatch, 3600)
    opened().force_unlock()
    assert fence() == 3
    with opened().lease(0, OTHER):
        assert fence() == 4


def test_a_lock_that_is_put_there_by_hand_is_taken(shelf: Shelf) -> None:
    """A `webhooks.lock.json` that was copied to the place is a lock there; what is kept is one on any disk, too."""
    shelf.documents["/team"] = (to_json(lock_of("a")).encode(), 1)
    opened = on(shelf)
    assert opened().read().lock == lock_of("a")
    with opened().lease(0, HOLDER) as lease:
        lease.append(applied("b"))
    text = shelf.documents["/team"][0].decode()
    assert from_json(text, "there") == opened().read().lock == Lock({**lock_of("a").entries, "b": entry()})


def test_the_locks_of_the_server_are_told_who_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """LOCK says who; another's lock there keeps us out; UNLOCK gives it back, also when the run is known to be dead."""
    shelf = Shelf(locks=True)
    opened = on(shelf)
    with opened().lease(0, HOLDER) as lease:
        told = json.loads(shelf.locked["/team"])
        assert (told["Who"], told["Operation"], told["Created"]) == ("ada@engine-1", "whsync apply", HOLDER.since)
        lease.append(applied("a"))
    assert shelf.locked == {}
    shelf.locked["/team"] = json.dumps({"ID": "x", "Who": "terraform@ci", "Created": AT, "Operation": "apply"}).encode()
    with pytest.raises(LockHeldError, match="terraform@ci") as caught, opened().lease(0, HOLDER):
        pytest.fail("two holders")
    assert "where it is kept" in caught.value.hint
    shelf.locked.clear()
    with dead(opened):
        pass
    later(monkeypatch, 3600)
    assert opened().force_unlock() == HOLDER
    assert shelf.locked == {}


def test_a_server_that_tells_its_etag_late_is_asked(shelf: Shelf) -> None:
    """A PUT may be answered without an ETag: then the document is read again, and has to be ours."""
    shelf.tags = "silent"
    with on(shelf)().lease(0, HOLDER) as lease:
        lease.append(applied("a"))
        shelf.calls.clear()
        lease.append(applied("b"))
        assert [method for method, _ in shelf.calls] == ["PUT", "GET"]
    assert on(shelf)().read().lock.entries.keys() == {"a", "b"}


RUN = """\
import sys
from reconciler.state.stores import address_of, open_store
from reconciler.state.stores.holder import this_process
from tests.state.values import applied, intended

with open_store(address_of(sys.argv[1])).lease(0, this_process("2026-11-21T12:00:00Z", "whsync apply --yes")) as lease:
    lease.append(applied("a"))
    print("working", flush=True)
    sys.stdin.readline()
    try:
        lease.append(intended("b"))
        print("wrote", flush=True)
    except Exception as error:
        print(error.summary, flush=True)
"""
"""A run that applies one webhook, waits, and then is about to create another."""


@pytest.fixture
def started(tmp_path: Path) -> "subprocess.Popen[str]":
    """That run, at work with a lock in git, in a process of its own."""
    subprocess.run(["git", "init", "--quiet", "--bare", str(tmp_path / "locks.git")], check=True)
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", RUN, f"git+file://{tmp_path}/locks.git"]
    run = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    assert run.stdout is not None
    assert run.stdout.readline() == "working\n"
    return run


def test_a_process_that_was_paused_does_not_overwrite(
    started: "subprocess.Popen[str]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped, pronounced dead, replaced by another that writes, and awake again: it writes nothing and says why."""
    address = address_of(f"git+file://{tmp_path}/locks.git")
    os.kill(started.pid, signal.SIGSTOP)
    later(monkeypatch, 3600)
    freed = open_store(address).force_unlock()
    assert freed is not None
    assert freed.pid == started.pid
    with open_store(address).lease(0, OTHER) as lease:
        lease.append(applied("c"))
        os.kill(started.pid, signal.SIGCONT)
        said, err = started.communicate("go on\n", timeout=120)
    assert "lost its hold" in said
    assert "bob on engine-2" in said
    assert started.returncode != 0, err
    assert open_store(address).read().lock == Lock({"a": entry(), "c": entry()})


def test_a_killed_process_is_known_to_be_dead_where_it_ran(started: "subprocess.Popen[str]", tmp_path: Path) -> None:
    """Its hold stays until somebody frees it, and on its own machine that takes no waiting."""
    address = address_of(f"git+file://{tmp_path}/locks.git")
    with pytest.raises(LockHeldError, match=str(started.pid)):
        open_store(address).force_unlock()
    started.kill()
    started.communicate()
    with pytest.raises(LockHeldError, match="its process has ended"), open_store(address).lease(0, HOLDER):
        pytest.fail("two holders")
    freed = open_store(address).force_unlock()
    assert freed is not None
    assert freed.command == "whsync apply --yes"
    with open_store(address).lease(0, HOLDER) as lease:
        assert lease.lock == Lock({"a": entry()})


def test_locks_may_share_a_branch(tmp_path: Path) -> None:
    """Two configurations with a lock each on one branch: neither takes the other's commits for a lost lease."""
    subprocess.run(["git", "init", "--quiet", "--bare", str(tmp_path / "locks.git")], check=True)
    one, two = (address_of(f"git+file://{tmp_path}/locks.git?name={name}.json") for name in ("one", "two"))
    with open_store(one).lease(0, HOLDER) as first, open_store(two).lease(0, OTHER) as second:
        for number in range(3):
            first.append(applied(f"a{number}"))
            second.append(applied(f"b{number}"))
    assert open_store(one).read().lock.entries.keys() == {"a0", "a1", "a2"}
    assert open_store(two).read().lock.entries.keys() == {"b0", "b1", "b2"}


@pytest.mark.parametrize("piece", [None, "000004-12-x"])
@pytest.mark.parametrize("moved", [None, "s3://b/k"])
def test_the_document_is_read_as_it_was_written(piece: str | None, moved: str | None) -> None:
    """Every part of it, for small locks and large ones."""
    version = Version(4, AT, "ada", "engine-1", "whsync apply", 2, "sha256:x")
    lines = tuple(line + b"\n" for line in (b'{"event":"x","name":"\\u00fc"}', b'{"event":"y"}'))
    body = None if piece else to_json(lock_of("a", "ü\ud800"))
    work = Work(HOLDER, "id", 12.5, "mark")
    head = Head(12, "id-7", work, lines, 4, body, piece, (Past(version, "000004-12-x", 12),), moved)
    assert from_bytes(to_bytes(head), "there") == head
    assert (json.loads(to_bytes(head))["format"] == HEAD) == (piece is not None)


def test_a_large_lock_is_a_piece_and_a_small_one_is_not(tmp_path: Path) -> None:
    """Where pieces can be kept; a document without its lock is never taken for an empty lock."""
    subprocess.run(["git", "init", "--quiet", "--bare", str(tmp_path / "locks.git")], check=True)
    opened = open_store(address_of(f"git+file://{tmp_path}/locks.git"))
    for count, inline in ((2, True), (INLINE // 300, False)):
        with opened.lease(0, HOLDER) as lease:
            lease.replace(many(count))
        show = ["git", "-C", str(tmp_path / "locks.git"), "show", "whsync:webhooks.lock.json"]
        text = subprocess.run(show, check=True, capture_output=True, text=True).stdout
        if inline:
            assert from_json(text, "there") == many(count)
        else:
            with pytest.raises(StateError, match="is not a lock of whsync"):
                from_json(text, "there")
        assert opened.read().lock == many(count)


@pytest.mark.parametrize("scheme", places.FORMS)
def test_every_kind_says_how_it_is_written(scheme: str) -> None:
    """And what it says can be one."""
    form = places.FORMS[scheme]
    assert places.fault(form.partition("://")[0], form.replace("KEY", "team")) == ""
