"""What a path leads to is read as far as it is worth, and a device is no file."""

import errno
import os
from pathlib import Path

import pytest

from reconciler.support import intake


def test_all_of_a_file(tmp_path: Path) -> None:
    """As many bytes as there may be are not too many."""
    (tmp_path / "a").write_bytes(b"12345")
    assert intake.read(tmp_path / "a", 5, ordinary=True) == b"12345"


def test_no_more_than_there_may_be(tmp_path: Path) -> None:
    """A file that is larger is an error that names it, and so is what never ends."""
    (tmp_path / "a").write_bytes(b"123456")
    for path in (tmp_path / "a", Path("/dev/zero")):
        with pytest.raises(OSError, match="larger than") as found:
            intake.read(path, 5)
        assert (found.value.errno, found.value.filename) == (errno.EFBIG, str(path))


def test_an_ordinary_file_only(tmp_path: Path) -> None:
    """Neither a device nor a pipe, into which nobody may write, is waited for or read."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/null")):
        with pytest.raises(OSError, match="not an ordinary file"):
            intake.read(path, 5, ordinary=True)


def test_a_pipe_where_one_may_be(tmp_path: Path) -> None:
    """As a shell hands one over: `--trust <(…)`."""
    reads, writes = os.pipe()
    os.write(writes, b"text")
    os.close(writes)
    try:
        assert intake.read(f"/dev/fd/{reads}", 5) == b"text"
    finally:
        os.close(reads)
