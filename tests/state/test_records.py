"""A record's file: appended by many at once, by runs that die, on disks that are full; real processes, real files."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reconciler.errors import StateError
from reconciler.state.record import parse
from reconciler.state.records import address_of, open_record, read
from reconciler.state.records.file import RecordFile
from tests.unit.test_record import CHANGES, FINISH, START, WHOLE

ROOT = Path(__file__).parents[2]

RUN = """\
import sys
from reconciler.state.records import address_of, open_record
from tests.unit.test_record import told

store = open_record(address_of(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[3])):
    store.append([told("change", sys.argv[2], name=f"{sys.argv[2]}-{number}")])
"""
"""A run that waits to be told to begin, and then appends so many lines."""


def started(path: Path, run: str, count: int) -> subprocess.Popen[str]:
    """Such a run, ready."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(path), run, str(count)],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the record is."""
    return tmp_path / "webhooks.record"


def test_lines_are_appended(path: Path) -> None:
    """One store or several, one line or many: the file is the chain of all, and only its owner may read it."""
    store = RecordFile(path)
    store.append([START])
    store.append(CHANGES)
    RecordFile(path).append([FINISH])
    assert path.read_bytes() == WHOLE[: len(path.read_bytes())]
    assert len(parse(path.read_bytes()).lines) == 5
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_long_record_is_continued_by_its_end(path: Path) -> None:
    """However long its lines are: one is longer than what is read at once."""
    RecordFile(path).append([START, *[CHANGES[0] | {"because": "x" * 200_000}] * 3])
    RecordFile(path).append([FINISH])
    record = read(str(path))
    assert (record.fault, len(record.lines)) == (None, 5)


def test_two_processes_append_at_once(path: Path) -> None:
    """No line of either is lost or torn, and the chain is whole."""
    runs = [started(path, name, 150) for name in ("a", "b")]
    for run in runs:
        assert run.stdin is not None
        run.stdin.write("go\n")
        run.stdin.flush()
    assert [run.wait() for run in runs] == [0, 0]
    record = read(str(path))
    assert (record.fault, record.cuts) == (None, ())
    names = [line.data["name"] for line in record.lines]
    assert [name for name in names if name.startswith("a")] == [f"a-{number}" for number in range(150)]
    assert [name for name in names if name.startswith("b")] == [f"b-{number}" for number in range(150)]
    for run in runs:
        run.communicate()


def test_a_killed_process_leaves_a_record_that_goes_on(path: Path) -> None:
    """Wherever `kill -9` hits it: the next run continues, and nobody is accused."""
    for number in range(5):
        run = started(path, f"r{number}", 1_000_000)
        before = path.stat().st_size if path.exists() else 0
        assert run.stdin is not None
        run.stdin.write("go\n")
        run.stdin.flush()
        while (path.stat().st_size if path.exists() else 0) <= before:
            pass
        run.send_signal(signal.SIGKILL)
        run.communicate()
        RecordFile(path).append([CHANGES[0]])
        record = read(str(path))
        assert record.fault is None
        assert all(cut.closed for cut in record.cuts)
        assert record.lines[-1].data["name"] == "ci[0]"


@pytest.mark.parametrize("size", [0, 1, 20, 90, 150])
def test_a_line_of_a_killed_run_is_closed_off(path: Path, size: int) -> None:
    """The next run says what was there, and goes on behind it."""
    RecordFile(path).append([START])
    begun = path.read_bytes()
    RecordFile(path).append([CHANGES[0]])
    path.write_bytes(path.read_bytes()[: len(begun) + size])
    RecordFile(path).append([CHANGES[1], FINISH])
    record = read(str(path))
    assert record.fault is None
    kinds = [line.kind for line in record.lines]
    assert kinds == (["run", "change", "end"] if not size else ["run", "cut", "change", "end"])
    assert path.read_bytes().startswith(begun)


class Broken(Exception):
    """What stands in for a process that ends."""


@pytest.mark.parametrize("size", [0, 1, 30, 199])
def test_a_full_disk_leaves_no_half_line(path: Path, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit is taken back, the error says so, and there is a next time."""
    store = RecordFile(path)
    store.append([START])
    before, write = path.read_bytes(), os.write

    def full(descriptor: int, data: bytes) -> int:
        if size and len(data) > size:
            return write(descriptor, data[:size])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(StateError, match="No space left on device"):
            store.append([CHANGES[0] | {"because": "x" * 400}])
    assert path.read_bytes() == before
    store.append([FINISH])
    assert len(read(str(path)).lines) == 2


def test_nothing_is_taken_back_where_only_appending_is_allowed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the next run closes the half line off."""
    store, write = RecordFile(path), os.write
    store.append([START])

    def torn(descriptor: int, data: bytes) -> int:
        write(descriptor, data[:30])
        raise OSError(28, "No space left on device")

    def forbidden(*_: Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", torn)
        patch.setattr(os, "ftruncate", forbidden)
        with pytest.raises(StateError, match="No space left on device"):
            store.append([CHANGES[0]])
    store.append([FINISH])
    record = read(str(path))
    assert (record.fault, [cut.closed for cut in record.cuts]) == (None, [True])


def test_a_line_is_on_the_disk_before_the_run_goes_on(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Synced each time, and the file's name with the first."""
    synced: list[int] = []
    sync = os.fsync

    def noted(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    store = RecordFile(path)
    store.append([START])
    assert synced == [path.stat().st_ino, path.parent.stat().st_ino]
    store.append([FINISH])
    assert synced[2:] == [path.stat().st_ino]


@pytest.mark.parametrize("content", [b"precious\n", b"version: 1\n" * 10_000, WHOLE + b"more\n"])
def test_what_is_no_record_stays_as_it_is(path: Path, content: bytes) -> None:
    """Whatever its length; nor is anything put behind a broken end."""
    path.write_bytes(content)
    for attempt in (RecordFile(path).check, lambda: RecordFile(path).append([START])):
        with pytest.raises(StateError):
            attempt()
    assert path.read_bytes() == content


def test_another_process_may_have_written_meanwhile(path: Path) -> None:
    """What a store knows of the end holds only as long as the file is that long, and that file."""
    store, other = RecordFile(path), RecordFile(path)
    store.append([START])
    other.append([CHANGES[0]])
    store.append([CHANGES[1]])
    path.rename(path.with_name("old"))
    other.append([START])
    store.append([FINISH])
    assert [line.kind for line in read(str(path)).lines] == ["run", "end"]
    assert len(read(str(path.with_name("old"))).lines) == 3


def test_a_path_is_a_file(path: Path) -> None:
    """There is no other kind of place yet, and a scheme that is none is part of a name."""
    assert address_of("s3://bucket/key").file == "s3://bucket/key"
    assert open_record(address_of(str(path))).read().lines == ()
