"""The page of codes is the one that the codes give."""

from tests.docs.codes import PAGE, page


def test_the_page_of_codes_is_current() -> None:
    """docs/codes.md explains every code as `reconciler.codes` does; `python -m tests.docs.codes` writes it anew."""
    assert PAGE.read_text(encoding="utf-8") == page()
