"""The order of names for people: numbers count as numbers."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from reconciler.support.natural import natural


def test_numbers_count_as_numbers() -> None:
    """`r2` stands before `r10`, whatever stands around the number, and however long it is."""
    expected = ["ci[r1]", "ci[r2]", "ci[r10]", "CI[r11]", "r", "r02", "r2", "R3", "r10", "r10a", "r" + "9" * 5000]
    assert sorted(set(expected), key=natural) == expected


@given(st.lists(st.text(max_size=8) | st.from_regex(r"[a-b]?[0-9]{1,3}[a-b]?", fullmatch=True)))
def test_any_names_have_one_order(names: list[str]) -> None:
    """Names of any kind can be sorted, and only equal names count as equal."""
    ordered = sorted(names, key=natural)
    names.reverse()
    assert ordered == sorted(names, key=natural)
    assert all(natural(one) != natural(other) or one == other for one, other in pairwise(ordered))
