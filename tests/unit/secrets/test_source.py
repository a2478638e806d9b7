"""Secrets are found where references say, and what is wrong with one is said without saying the secret."""

import os
import threading
import traceback
from pathlib import Path

import pytest

from reconciler.errors import Interrupted, SecretError
from reconciler.model.secret import Secret, SecretRef
from reconciler.secrets.scheme import MOST_BYTES
from reconciler.secrets.source import Resolver
from reconciler.support.runners import RUNNERS

VALUE = "hunter2-hunter2"


def resolve(scheme: str, target: str, folder: Path, environment: dict[str, str] | None = None) -> str:
    """The value behind one reference, by a resolver of its own."""
    return Resolver(folder, environment or {"PATH": "/usr/bin:/bin"}).resolve(SecretRef(scheme, target)).reveal()


def test_a_variable_is_taken_as_it_is(tmp_path: Path) -> None:
    """`env:` gives the variable's value, line ends and blanks included."""
    assert resolve("env", "TOKEN", tmp_path, {"TOKEN": " a\nb\n"}) == " a\nb\n"


@pytest.mark.parametrize(
    ("content", "value"),
    [(b"x", "x"), (b"x\n", "x"), (b"x\r\n", "x"), (b"x\n\n", "x\n"), (b"\nx \n", "\nx "), (b"x\r", "x\r")],
)
def test_one_newline_at_the_end_is_no_part_of_it(content: bytes, value: str, tmp_path: Path) -> None:
    """A file or a command may end in one newline, as editors and `echo` make it; nothing else is removed."""
    (tmp_path / "token").write_bytes(content)
    assert resolve("file", "token", tmp_path) == value
    assert resolve("cmd", "cat token", tmp_path) == value


@pytest.mark.parametrize("runner", RUNNERS)
def test_an_empty_variable_of_a_pipeline_is_named_for_what_it_is(runner: str, tmp_path: Path) -> None:
    """A pipeline sets secrets to nothing that it keeps from a fork's request; elsewhere nothing is guessed."""
    for environment, told in (({runner: "true", "TOKEN": ""}, True), ({"TOKEN": ""}, False)):
        with pytest.raises(SecretError, match="env:TOKEN is empty") as caught:
            resolve("env", "TOKEN", tmp_path, environment)
        assert ("`whsync plan --untrusted`" in caught.value.hint) is told


def test_a_command_is_a_shell_command_in_the_folder_with_the_environment(tmp_path: Path) -> None:
    """`cmd:` may use pipes and variables, starts at the file's folder and sees no input."""
    (tmp_path / "part").write_text("b")
    environment = {"PATH": "/usr/bin:/bin", "PART": "a"}
    assert resolve("cmd", 'printf "$PART"; cat - part | tr b c', tmp_path, environment) == "ac"


@pytest.mark.parametrize(
    ("scheme", "target", "says"),
    [
        ("env", "UNSET", "UNSET is not set"),
        ("env", "EMPTY", "is empty"),
        ("env", "RAW", "not UTF-8"),
        ("file", "missing", "no file"),
        ("file", "folder", "cannot be read"),
        ("file", "binary", "not UTF-8"),
        ("file", "nul", "NUL"),
        ("file", "newline", "is empty"),
        ("file", "large", "larger than 64 KiB"),
        ("cmd", "true", "is empty"),
        ("cmd", "yes", "larger than 64 KiB"),
        ("cmd", f"echo {VALUE}; echo {VALUE} >&2; exit 3", "exit code 3"),
        ("cmd", "no-such-command-anywhere", "exit code 127"),
        ("gcp-sm", "x", "cannot be read from gcp-sm:x"),
        ("env", "", "incomplete"),
    ],
)
def test_what_is_wrong_is_said_with_the_reference(scheme: str, target: str, says: str, tmp_path: Path) -> None:
    """Every way to fail is a SecretError that says what is wrong; no value or output of a command is in it."""
    (tmp_path / "folder").mkdir()
    for name, content in [("binary", b"\xff" + VALUE.encode()), ("nul", VALUE.encode() + b"\0"), ("newline", b"\n")]:
        (tmp_path / name).write_bytes(content)
    (tmp_path / "large").write_bytes(b"x" * (MOST_BYTES + 1))
    environment = {"PATH": "/usr/bin:/bin", "EMPTY": "", "RAW": VALUE + "\udcff"}
    with pytest.raises(SecretError, match=says) as caught:
        resolve(scheme, target, tmp_path, environment)
    error = caught.value
    assert error.__context__ is None or not hasattr(error.__context__, "object")  # a decoder's error carries the bytes
    if scheme != "cmd":  # there, the user's own command line has it
        assert VALUE not in "".join(traceback.format_exception(error)) + error.hint


def test_the_largest_secret_is_taken(tmp_path: Path) -> None:
    """64 KiB are enough, with the newline on top."""
    (tmp_path / "large").write_bytes(b"x" * MOST_BYTES + b"\r\n")
    assert len(resolve("file", "large", tmp_path)) == MOST_BYTES


def test_a_command_that_does_not_end_is_killed_with_its_children(tmp_path: Path) -> None:
    """A hanging command costs its time limit, says so, and leaves no process behind."""
    os.mkfifo(tmp_path / "alive")
    reader = os.open(tmp_path / "alive", os.O_RDONLY | os.O_NONBLOCK)
    resolver = Resolver(tmp_path, {"PATH": "/usr/bin:/bin"}, timeout=0.5)
    with pytest.raises(SecretError, match=r"did not finish within 0\.5 s"):
        resolver.resolve(SecretRef("cmd", "exec 9>alive; echo begun >&9; sleep 600; echo never"))
    os.set_blocking(reader, True)
    with os.fdopen(reader) as alive:  # ends when the last process that holds the pipe is gone
        assert alive.read() == "begun\n"


def test_a_command_is_not_waited_for_once_the_run_is_stopped(tmp_path: Path) -> None:
    """Who presses Ctrl-C is not made to wait for a command: it is killed with its children, the next is not started."""
    os.mkfifo(tmp_path / "alive")
    reader = os.open(tmp_path / "alive", os.O_RDONLY | os.O_NONBLOCK)
    stopped = (tmp_path / "begun").exists
    resolver = Resolver(tmp_path, {"PATH": "/usr/bin:/bin"}, timeout=600, stopping=stopped)
    with pytest.raises(Interrupted):
        resolver.resolve(SecretRef("cmd", "exec 9>alive; touch begun; sleep 600; echo never >&9"))
    os.set_blocking(reader, True)
    with os.fdopen(reader) as alive:
        assert alive.read() == ""
    with pytest.raises(Interrupted):
        resolver.resolve(SecretRef("cmd", "touch again; echo secret"))
    assert not (tmp_path / "again").exists()


def test_each_reference_is_resolved_once(tmp_path: Path) -> None:
    """However many webhooks and threads ask, the command runs once; its failure is told to each of them."""
    resolver = Resolver(tmp_path, {"PATH": "/usr/bin:/bin"})
    good, bad = SecretRef("cmd", "echo x >> runs; echo secret"), SecretRef("cmd", "echo x >> failures; exit 1")
    found: list[Secret] = []
    failures: list[SecretError] = []

    def ask() -> None:
        found.append(resolver.resolve(good))
        try:
            resolver.resolve(bad)
        except SecretError as error:
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [secret.reveal() for secret in found] == ["secret"] * 8
    assert len(failures) == 8
    assert (tmp_path / "runs").read_text() == (tmp_path / "failures").read_text() == "x\n"
