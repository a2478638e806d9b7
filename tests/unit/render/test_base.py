"""What every format stands on: plain text and cut text."""

from hypothesis import given
from hypothesis import strategies as st

from reconciler.render.base import cells, cut, plain
from reconciler.render.text.containers import explain


@given(st.text())
def test_plain_text_is_one_printable_line(text: str) -> None:
    """Nothing survives that a terminal would obey, and what was harmless stays as it was."""
    shown = plain(text)
    assert shown.isprintable()
    assert shown == text or not text.isprintable()


@given(st.text().map(plain), st.integers(40, 200), st.integers(0, 50))
def test_cut_text_fits_and_says_so(text: str, width: int, start: int) -> None:
    """Cut text needs no more columns than there are, wide characters counted twice, and shows that it was cut."""
    shown = cut(text, width, start)
    assert cells(shown) <= width
    assert shown == text or "…" in shown


def test_containers_are_explained_item_by_item() -> None:
    """A long list of an option shows the items that differ, each with its place, not twice the whole list."""
    before = ("same", ("deep", 1), "gone")
    changes = explain(before, ("same", ("deep", 2)))
    assert [tuple(change) for change in changes] == [("[1][1]", "1", "2"), ("[2]", '"gone"', None)]
