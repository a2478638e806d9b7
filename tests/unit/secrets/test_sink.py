"""Secrets arrive whole and private, unusable sinks are found first, and nothing else of the user's is touched."""

import os
import stat
from pathlib import Path

import pytest

from reconciler.errors import SecretError
from reconciler.model.secret import Secret, SecretRef
from reconciler.secrets import rescue, sink
from tests.ordinary_user import NOBODY, folder_of_an_ordinary_user

SECRET = Secret("whsec_abc/+=123")


def mode(path: Path) -> int:
    """The permission bits."""
    return stat.S_IMODE(path.stat().st_mode)


def tree(folder: Path) -> list[str]:
    """Everything below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_file_holds_exactly_the_secret(tmp_path: Path) -> None:
    """The file has the secret without a newline, mode 0600, in folders made 0700; nothing else is left there."""
    ref = SecretRef("file", "./new/deep/ledger")
    sink.probe(ref, tmp_path)
    assert tree(tmp_path) == []
    sink.store(ref, SECRET, tmp_path)
    path = tmp_path / "new/deep/ledger"
    assert path.read_bytes() == SECRET.reveal().encode()
    assert (mode(path), mode(path.parent), mode(path.parent.parent)) == (0o600, 0o700, 0o700)
    assert tree(tmp_path) == ["new", "new/deep", "new/deep/ledger"]


def test_an_existing_file_is_replaced_and_made_private(tmp_path: Path) -> None:
    """A longer, readable file of before leaves nothing behind; an existing folder keeps its mode."""
    tmp_path.chmod(0o755)
    path = tmp_path / "ledger"
    path.write_text("x" * 100)
    path.chmod(0o644)
    sink.store(SecretRef("file", "ledger"), SECRET, tmp_path)
    assert path.read_text() == SECRET.reveal()
    assert (mode(path), mode(tmp_path)) == (0o600, 0o755)


def test_a_link_of_ones_own_is_written_through(tmp_path: Path) -> None:
    """A symbolic link stays a link and its target gets the secret."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "ledger").symlink_to("elsewhere/ledger")
    ref = SecretRef("file", "ledger")
    sink.probe(ref, tmp_path)
    sink.store(ref, SECRET, tmp_path)
    assert (tmp_path / "ledger").is_symlink()
    assert (tmp_path / "elsewhere/ledger").read_text() == SECRET.reveal()


@pytest.mark.parametrize("target", ["ledger", "ledger#NAME", "folder/ledger", "folder/new/ledger"])
def test_a_link_into_nowhere_is_found(target: str, tmp_path: Path) -> None:
    """No folder is made where a link leads: what should be there is not mounted, and would hide the secret later."""
    (tmp_path / "ledger").symlink_to("mounted/later/ledger")
    (tmp_path / "folder").symlink_to("mounted/later")
    with pytest.raises(SecretError, match=r"symbolic link to .*mounted/later.*, which is not there"):
        sink.probe(SecretRef("env-file" if "#" in target else "file", target), tmp_path)
    assert tree(tmp_path) == ["folder", "ledger"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only the administrator can make another user's link")
@pytest.mark.parametrize("target", ["ledger", "ledger#NAME"])
def test_a_link_of_another_user_is_refused(target: str, tmp_path: Path) -> None:
    """Nobody can lead a secret elsewhere by laying a link where it is going to be written."""
    (tmp_path / "victim").write_text("precious")
    (tmp_path / "ledger").symlink_to("victim")
    os.chown(tmp_path / "ledger", NOBODY, NOBODY, follow_symlinks=False)
    ref = SecretRef("env-file" if "#" in target else "file", target)
    with pytest.raises(SecretError, match="another user"):
        sink.probe(ref, tmp_path)
    with pytest.raises(SecretError, match="another user"):
        sink.store(ref, SECRET, tmp_path)
    assert (tmp_path / "victim").read_text() == "precious"


@pytest.mark.parametrize(
    ("scheme", "target", "says"),
    [
        ("file", "folder", "is a folder"),
        ("file", "new/", "is a folder"),
        ("file", "", "is a folder"),
        ("file", "plain/below", "not a folder|Not a directory"),
        ("file", "pipe", "not an ordinary file"),
        ("env-file", "folder#NAME", "is a folder"),
        ("env-file", ".env", "names no variable"),
        ("env-file", "#NAME", "names no variable"),
        ("env-file", ".env#1NAME", "names no variable"),
        ("env-file", ".env#A B", "names no variable"),
        ("cmd", "no-such-command-anywhere --x", "no command no-such-command-anywhere"),
        ("cmd", "./missing.sh", "no command ./missing.sh"),
        ("cmd", "X=1", "holds no command"),
        ("cmd", "", "holds no command"),
        ("cmd", "echo 'x", "not closed"),
        ("env", "NAME", "cannot be stored in env:NAME"),
    ],
)
def test_an_unusable_sink_is_found_before_the_first_call(scheme: str, target: str, says: str, tmp_path: Path) -> None:
    """The probe says what is wrong, names the sink and leaves no trace."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "plain").write_text("x")
    os.mkfifo(tmp_path / "pipe")
    before = tree(tmp_path)
    with pytest.raises(SecretError, match=says):
        sink.probe(SecretRef(scheme, target), tmp_path)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("command", ["cat > x", "X=1 cat > x", "cd . && cat > x", "{ cat > x; }", "./tool", "exec cat"])
def test_a_usable_command_is_left_alone(command: str, tmp_path: Path) -> None:
    """Builtins, groups, assignments and scripts of the folder pass the probe, and none of them is run by it."""
    (tmp_path / "tool").write_text("#!/bin/sh\ntouch ran\n")
    (tmp_path / "tool").chmod(0o755)
    sink.probe(SecretRef("cmd", command), tmp_path)
    assert tree(tmp_path) == ["tool"]


@pytest.mark.parametrize(("scheme", "target"), [("file", "new/ledger"), ("env-file", "new/.env#NAME")])
def test_a_folder_that_cannot_be_written_is_found(scheme: str, target: str) -> None:
    """A read-only folder fails the probe and the store alike, with the sink's name."""
    ref = SecretRef(scheme, target)
    with folder_of_an_ordinary_user() as folder:
        folder.chmod(0o500)
        with pytest.raises(SecretError, match="cannot be written"):
            sink.probe(ref, folder)
        with pytest.raises(SecretError, match=str(ref)):
            sink.store(ref, SECRET, folder)
        folder.chmod(0o700)


def test_a_command_gets_the_secret_as_its_input(tmp_path: Path) -> None:
    """The command's standard input is the secret without a newline, in the file's folder."""
    sink.store(SecretRef("cmd", "cat > got"), SECRET, tmp_path)
    assert (tmp_path / "got").read_text() == SECRET.reveal()


def test_a_failing_command_is_an_error_without_the_secret(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A command that fails, even one that shouts the secret or does not read it, is told by its exit code alone."""
    for command in ("tee /dev/stderr; exit 5", "exec <&-; exit 5"):
        with pytest.raises(SecretError, match="exit code 5") as caught:
            sink.store(SecretRef("cmd", command), SECRET, tmp_path)
        assert SECRET.reveal() not in str(caught.value) + caught.value.hint
    assert capfd.readouterr() == ("", "")


def test_a_full_disk_leaves_the_old_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the new secret cannot be made durable, the old file is untouched and nothing half-written remains."""
    (tmp_path / "ledger").write_text("old")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SecretError, match="No space left"):
        sink.store(SecretRef("file", "ledger"), SECRET, tmp_path)
    assert (tmp_path / "ledger").read_text() == "old"
    assert tree(tmp_path) == ["ledger"]


def full(descriptor: int) -> None:
    """What a disk says that is full."""
    raise OSError(28, "No space left on device")


def test_a_full_disk_is_found_before_the_first_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sinks on a disk without room for all of them are told one by one, and the trial leaves no trace."""
    (tmp_path / ".env").write_text("A=1\n" * 9999)
    refs = [SecretRef("file", "new/ledger"), SecretRef("env-file", ".env#A"), SecretRef("env-file", ".env#B")]
    claims = {ref: claim for ref in refs if (claim := sink.probe(ref, tmp_path)) is not None}
    assert [claim.folder for claim in claims.values()] == [tmp_path] * 3
    assert min(claim.size for claim in claims.values()) >= 4096
    assert claims[refs[1]].size > (tmp_path / ".env").stat().st_size
    assert list(sink.room_for(claims)) == []
    monkeypatch.setattr(os, "fsync", full)
    told = dict(sink.room_for(claims))
    assert list(told) == refs
    assert all(str(ref) in error.summary and "No space left" in error.summary for ref, error in told.items())
    assert tree(tmp_path) == [".env"]


def test_a_command_takes_no_room(tmp_path: Path) -> None:
    """What a command does with a secret is its own; nothing is tried on any disk for it."""
    assert sink.probe(SecretRef("cmd", "cat > x"), tmp_path) is None


def test_a_rescue_takes_room_that_was_held_for_it(tmp_path: Path) -> None:
    """So much of the disk is kept from others that the rescues of a run take nothing that could be missing then."""
    folder = tmp_path / "webhooks.lock.json.rescue"

    def taken() -> int:
        return sum(path.stat().st_blocks for path in tmp_path.rglob("*") if path.is_file())

    with rescue.rescuable(3, folder):
        before = taken()
        assert before * 512 >= 3 * 4096
        for value in ("short", "x" * 5000):
            rescue.rescue(Secret(value), "ledger", folder)
            assert taken() <= before
    assert sorted(path.stat().st_size for path in tmp_path.rglob("ledger-*")) == [5, 5000]
    assert len(tree(tmp_path)) == 3


def test_a_rescue_that_was_not_needed_leaves_nothing(tmp_path: Path) -> None:
    """Neither the room nor its folder stays, also where a killed run had left them."""
    folder = tmp_path / "webhooks.lock.json.rescue"
    for _ in range(2):
        with rescue.rescuable(2, folder):
            assert tree(tmp_path) != []
        assert tree(tmp_path) == []
        folder.mkdir()
        (folder / ".room").write_text("left")
    with rescue.rescuable(0, folder):
        pass
    assert tree(tmp_path) == []


def test_a_rescue_that_would_fail_is_found_before_the_first_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing could be rescued, the run says so before it asks for a secret, and leaves no trace."""
    monkeypatch.setattr(os, "fsync", full)
    with (
        pytest.raises(SecretError, match=r"could not be rescued.*No space left"),
        rescue.rescuable(1, tmp_path / "lock.rescue"),
    ):
        pytest.fail("it began all the same")
    assert tree(tmp_path) == []


@pytest.mark.parametrize(("bits", "others"), [(0o600, False), (0o640, True), (0o644, True), (0o604, True)])
def test_who_may_read_an_env_file_is_told(bits: int, others: bool, tmp_path: Path) -> None:
    """A file of the user's keeps its mode, for a program may need it; that others may read the secret is no secret."""
    (tmp_path / ".env").write_text("OTHER=1\n")
    (tmp_path / ".env").chmod(bits)
    ref = SecretRef("env-file", ".env#NAME")
    sink.store(ref, SECRET, tmp_path)
    assert mode(tmp_path / ".env") == bits
    assert sink.readable_by_others(ref, tmp_path) == (tmp_path / ".env" if others else None)
    sink.store(SecretRef("env-file", "new.env#NAME"), SECRET, tmp_path)
    assert mode(tmp_path / "new.env") == 0o600
    assert sink.readable_by_others(SecretRef("file", ".env"), tmp_path) is None


def test_half_a_character_is_refused_without_being_shown(tmp_path: Path) -> None:
    """A vendor's broken text is no secret; the message does not quote it."""
    with pytest.raises(SecretError, match="not text") as caught:
        sink.store(SecretRef("file", "ledger"), Secret("abc\ud800"), tmp_path)
    assert caught.value.__context__ is None


def test_a_secret_without_a_sink_is_rescued(tmp_path: Path) -> None:
    """The rescue file is private, in the rescue folder, named for its webhook, and never replaces an earlier one."""
    folder = tmp_path / "webhooks.lock.json.rescue"
    first = rescue.rescue(SECRET, "ci[api]/../x", folder)
    second = rescue.rescue(Secret("other"), "ci[api]/../x", folder)
    assert first.parent == second.parent == folder
    assert first.name.startswith("ci_api_")
    assert (first.read_text(), second.read_text()) == (SECRET.reveal(), "other")
    assert (mode(first), mode(first.parent)) == (0o600, 0o700)
