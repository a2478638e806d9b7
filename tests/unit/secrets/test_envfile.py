"""One line of an env-file is written so that every reader takes the secret, and no other byte is touched."""

import os
import shlex
import stat
import subprocess
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import SecretError
from reconciler.model.secret import Secret, SecretRef
from reconciler.secrets import sink
from reconciler.secrets.envfile import Unwritable, quoted, values_of, with_line


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b"KEY=new\n"),
        (b"A=1\n", b"A=1\nKEY=new\n"),
        (b"A=1", b"A=1\nKEY=new\n"),
        (b"A=1\r\n", b"A=1\r\nKEY=new\r\n"),
        (b"# KEY=x\nKEY=old\nB=2", b"# KEY=x\nKEY=new\nB=2"),
        (b"  export KEY = 'old' # note\r\nB=2\r\n", b"  export KEY =new\r\nB=2\r\n"),
        (b"KEY=1\nB=2\nKEY=3\n", b"KEY=new\nB=2\nKEY=new\n"),
        (b'A="\nKEY=inside\n"\nKEY=old\n', b'A="\nKEY=inside\n"\nKEY=new\n'),
        (b"KEY='two\nlines'\nB=2\n", b"KEY=new\nB=2\n"),
        (b"MYKEY=1\nKEY_2=2\n\xff=3\n", b"MYKEY=1\nKEY_2=2\n\xff=3\nKEY=new\n"),
        (b"A=it's\nKEY=old\nB=it's\n", b"A=it's\nKEY=new\nB=it's\n"),
        (b"\n\n  \nB\n", b"\n\n  \nB\nKEY=new\n"),
    ],
)
def test_only_the_lines_of_the_name_change(before: bytes, after: bytes) -> None:
    """Every line that sets the name is replaced, or one is added; all else stays as it is."""
    assert with_line(before, "KEY", "new") == after


@given(
    lines=st.lists(
        st.sampled_from([b"A=1", b"export B='x y'", b"# note", b"", b'C="1\n2"', b"KEY=old", b"KEY='a\nb'"])
    ),
    value=st.text("abcXYZ019_-=/+.$# \"'", min_size=1),
)
def test_writing_twice_is_writing_once(lines: list[bytes], value: str) -> None:
    """The same secret again changes no byte, and the other lines are all still there."""
    before = b"".join(line + b"\n" for line in lines)
    try:
        once = with_line(before, "KEY", value)
    except Unwritable:
        return
    assert with_line(once, "KEY", value) == once
    others = [line for line in lines if not line.startswith(b"KEY")]
    assert with_line(once, "KEY", "gone").replace(b"KEY=gone\n", b"") == b"".join(line + b"\n" for line in others)


@given(value=st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), min_size=1))
def test_what_was_written_is_known_again(value: str) -> None:
    """The value that stands in a file is among those that its line may mean, so that it can be hidden."""
    try:
        content = with_line(b"OTHER=1\nKEY=old # so far\n", "KEY", value)
    except Unwritable:
        return
    assert value in values_of(content, "KEY")
    assert "old" in values_of(b"OTHER=1\nKEY=old # so far\n", "KEY")


@given(value=st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), min_size=1))
def test_what_is_quoted_means_the_value(value: str) -> None:
    """What is written reads back as the value by the shell's rules, or is refused; nothing in it is expanded."""
    try:
        text = quoted(value)
    except Unwritable:
        assert (
            "\\" in value
            or "'" in value
            or any(ord(character) < 32 or ord(character) in (127, 0x85) for character in value)
        )
        return
    assert shlex.split(text, comments=True) == [value]
    assert text.startswith("'") or not set(text) & set("$`\\")


def test_a_shell_reads_what_was_written(tmp_path: Path) -> None:
    """A real shell that sources the file has exactly the secrets."""
    values = {"A": "plain/+=", "B": 'a b$HOME`id`"#', "C": "it's # fine"}
    for name, value in values.items():
        sink.store(SecretRef("env-file", f".env#{name}"), Secret(value), tmp_path)
    script = '. ./.env; printf "%s\\n" "$A" "$B" "$C"'
    told = subprocess.run(["/bin/sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert told.splitlines() == list(values.values())


@pytest.mark.parametrize("value", ["two\nlines", "back\\slash", "it's $HOME", "nul\0", "\u2028"])
def test_what_readers_would_not_agree_on_is_refused(value: str, tmp_path: Path) -> None:
    """Such a secret is not stored wrongly; the message names the sink and the way out, and the file stays as it is."""
    (tmp_path / ".env").write_text("A=1\n")
    with pytest.raises(SecretError, match=r"env-file:\.env#KEY.*use file:PATH") as caught:
        sink.store(SecretRef("env-file", ".env#KEY"), Secret(value), tmp_path)
    assert value not in str(caught.value)
    assert (tmp_path / ".env").read_text() == "A=1\n"


@pytest.mark.parametrize(("exists", "expected"), [(False, 0o600), (True, 0o640)])
def test_a_new_file_is_private_and_an_existing_one_keeps_its_mode(exists: bool, expected: int, tmp_path: Path) -> None:
    """Other programs that read the file go on reading it."""
    path = tmp_path / ".env"
    if exists:
        path.write_text("A=1\n")
        path.chmod(0o640)
    sink.store(SecretRef("env-file", ".env#KEY"), Secret("x"), tmp_path)
    assert stat.S_IMODE(os.stat(path).st_mode) == expected


def test_many_secrets_at_once_are_all_there(tmp_path: Path) -> None:
    """Webhooks that are applied side by side and share an env-file lose none of their secrets."""
    refs = [SecretRef("env-file", f".env#KEY_{number}") for number in range(20)]
    threads = [threading.Thread(target=sink.store, args=(ref, Secret("x"), tmp_path)) for ref in refs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = (tmp_path / ".env").read_text().splitlines()
    assert sorted(lines) == sorted(f"KEY_{number}=x" for number in range(20))
