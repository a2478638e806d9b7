"""A whole env-file is read only where all its readers would agree on it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.secrets.envfile import Unwritable, assignments, quoted, strays, with_line


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=b", "b"),
        ("export A=b", "b"),
        ("A=", ""),
        ("A='b c # d'", "b c # d"),
        ('A="b c"', "b c"),
        ("A=b # said", "b"),
        ("A=b c", None),
        ('A="$HOME"', None),
        ("A=b\\c", None),
        ("A='b", None),
        ("A=b#c", None),
    ],
)
def test_a_line(line: str, value: str | None) -> None:
    """What shells and dotenv readers take otherwise is no value."""
    assert list(assignments(f"# first\n{line}\n".encode())) == [(2, "A", value)]


def test_what_is_no_line() -> None:
    """Comments and empty lines are none; anything else is told by its number."""
    assert list(strays(b"# x\n\nA=b\nwhat\n  # y\nB-C=d\n")) == [4, 6]


@given(st.text(max_size=12))
def test_what_whsync_writes_it_reads(value: str) -> None:
    """A value that has a line is read back from it."""
    try:
        quoted(value)
    except Unwritable:
        return
    found = [(name, read) for _, name, read in assignments(with_line(b"B=1\n", "A", value))]
    assert found == [("B", "1"), ("A", value)]
