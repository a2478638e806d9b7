"""URLs: two that are one, what may be shown of one, and that none of it can fail."""

from urllib.parse import urljoin

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reconciler.model.secret import shown_url
from reconciler.model.urls import canonical_url, is_url, parts_of

SURROGATES = st.text(st.characters(exclude_categories=()))
PIECES = st.sampled_from(
    [
        "http",
        "HTTPS",
        ":",
        "/",
        "//",
        "://",
        "[",
        "]",
        "[::1]",
        "@",
        "?",
        "#",
        "&",
        "=",
        "%2f",
        "%7E",
        "%",
        "a",
        "B",
        ":443",
    ]
)
TEXTS = st.one_of(SURROGATES, st.lists(st.one_of(PIECES, SURROGATES)).map("".join))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HTTPS://h.example/x", "https://h.example/x"),
        ("https://H.Example/x", "https://h.example/x"),
        ("https://h.example", "https://h.example/"),
        ("https://h.example?a=1", "https://h.example/?a=1"),
        ("https://h.example:443/x", "https://h.example/x"),
        ("https://h.example:/x", "https://h.example/x"),
        ("http://h.example:80/x", "http://h.example/x"),
        ("https://[::A]:443/x", "https://[::a]/x"),
        ("https://h.example/a%2fb", "https://h.example/a%2Fb"),
        ("https://h.example/%7Ebob", "https://h.example/~bob"),
        ("https://h.example/x?q=%7e%3d", "https://h.example/x?q=~%3D"),
        ("https://h.example/caf\u00e9", "https://h.example/caf%C3%A9"),
        ("https://u%7E:p@h.example/x", "https://u~:p@H.example/x"),
        ("https://h.example/a/./b/../c", "https://h.example/a/c"),
        ("https://h.example/a/%2E%2e/c?q=1", "https://h.example/c?q=1"),
        ("https://h.example/..", "https://h.example/"),
        ("https://h.example/a/b/..", "https://h.example/a/"),
        ("https://h.example/a/.", "https://h.example/a/"),
        ("https://h.example/../../x", "https://h.example/x"),
        ("https://h.example/a//../x", "https://h.example/a/x"),
        ("https://%68.example/x", "https://h.example/x"),
        ("https://h.example/x#%7e", "https://h.example/x#~"),
    ],
)
def test_equal_urls_have_one_spelling(one: str, other: str) -> None:
    """What RFC 3986 calls equal is equal, and hides its secrets alike."""
    assert canonical_url(one) == canonical_url(other)
    assert canonical_url(shown_url(one)) == canonical_url(shown_url(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://h.example/x", "https://h.example/x/"),
        ("https://h.example/x", "https://h.example/X"),
        ("https://h.example/x", "http://h.example/x"),
        ("https://h.example/x", "https://h.example:80/x"),
        ("https://h.example/a%2Fb", "https://h.example/a/b"),
        ("https://h.example/x", "https://h.example/x?"),
        ("https://h.example/x?a=1&b=2", "https://h.example/x?b=2&a=1"),
        ("https://u@h.example/x", "https://U@h.example/x"),
        ("https://h.example/x#a", "https://h.example/x#b"),
        ("https://h.example/.well-known/x", "https://h.example/well-known/x"),
        ("https://h.example/a..b", "https://h.example/b"),
        ("https://h.example/...", "https://h.example/"),
        ("https://h.example/x?a=/../b", "https://h.example/x?a=/b"),
        ("https://h.example/a//b", "https://h.example/a/b"),
    ],
)
def test_other_urls_differ(one: str, other: str) -> None:
    """Whatever a server could tell apart stays two."""
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize(
    "url",
    [
        "https://u:s3cret@h.example/x?k=s3cret",
        "HTTPS://u:s3cret@[bad/z?k=s3cret",
        "//u:s3cret@h/x?s3cret",
        " ftp://s3cret@h",
    ],
)
def test_no_user_and_no_query_value_is_shown(url: str) -> None:
    """Whatever its scheme and its case, and whether it is a URL at all."""
    assert "s3cret" not in shown_url(url)


@given(TEXTS)
@example("https://[bad/z?k=1")
@example("https://a\u2100b?x")
@example("\ud800@?\ud800")
def test_no_text_is_too_odd(text: str) -> None:
    """Anything that a vendor or a user writes can be compared, taken apart and shown; once is enough."""
    assert canonical_url(canonical_url(text)) == canonical_url(text)
    assert shown_url(shown_url(text)) == shown_url(text)
    assert canonical_url(shown_url(canonical_url(text))) == canonical_url(shown_url(text))
    assert set("".join(parts_of(text))) <= set(text)
    assert is_url(text) in (True, False)


SEGMENTS = st.lists(st.sampled_from(["", ".", "..", "a", "b.", ".c", "...", "%2e", "%2E."]), max_size=8)


@given(SEGMENTS)
def test_dots_are_taken_out_as_everybody_takes_them_out(segments: list[str]) -> None:
    """A path with dot segments leads where the standard library resolves it to, and once spelled it stays so."""
    path = "/" + "/".join(segments)
    spelled = canonical_url("https://h.example" + path)
    assert canonical_url(spelled) == spelled
    assert not {".", ".."} & set(spelled.split("/"))
    if "//" not in path:  # which some take for one slash
        decoded = path.replace("%2e", ".").replace("%2E", ".")
        assert spelled == urljoin("https://h.example", decoded)
