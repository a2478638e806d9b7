"""Paths and queries from templates: what is put in is what was given, and never another address."""

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from reconciler.errors import Rejected
from reconciler.providers.engine.template import expand, plain
from reconciler.providers.language.manifest import Manifest
from tests.unit.providers.rig import SMALL

PARTS = st.text(min_size=1).filter(lambda text: text not in (".", ".."))


@given(value=PARTS)
def test_a_value_is_one_part_of_a_path(value: str) -> None:
    """Whatever it holds, `/` and `%2F` and `..` within it too, the vendor reads the same value back."""
    path = expand("/p/{x}/hooks", {"x": value})
    assert path.count("/") == 3
    assert unquote(path.split("/")[2]) == value
    assert path.isascii()


@given(parts=st.lists(PARTS.filter(lambda text: "/" not in text), min_size=1, max_size=4))
def test_a_value_with_slashes_is_as_many_parts(parts: list[str]) -> None:
    """`{+x}` keeps `/` and encodes everything else: `%2F` in a value is no slash, and nothing stays half done."""
    path = expand("/p/{+x}/hooks", {"x": "/".join(parts)})
    assert [unquote(part) for part in path.split("/")] == ["", "p", *parts, "hooks"]
    assert path.isascii()


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("group/api", "/p/group/api"),
        ("group%2Fapi", "/p/group%252Fapi"),
        ("a b%20c", "/p/a%20b%2520c"),
        ("%2e%2e/x", "/p/%252e%252e/x"),
        ("straße?a=1#b", "/p/stra%C3%9Fe%3Fa%3D1%23b"),
    ],
)
def test_values_with_slashes_by_example(value: str, path: str) -> None:
    """An escape in a value is text like any other: what reads `%2F` after decoding is what was written."""
    assert expand("/p/{+x}", {"x": value}) == path


@pytest.mark.parametrize("template", ["/p/{x}", "/p/{+x}"])
@pytest.mark.parametrize("value", ["", ".", ".."])
def test_no_value_walks_up_or_is_nothing(template: str, value: str) -> None:
    """The address would be another resource's, or the collection's."""
    with pytest.raises(Rejected):
        expand(template, {"x": value})


@pytest.mark.parametrize("value", ["a/../b", "../b", "a/.", "a//b", "/a", "a/"])
def test_no_part_of_a_value_does_either(value: str) -> None:
    """Where a value has several parts, each is looked at."""
    with pytest.raises(Rejected):
        expand("/p/{+x}/hooks", {"x": value})


def test_what_is_put_in_is_not_read_again() -> None:
    """A value that looks like a variable is text."""
    assert plain("{a}-{b}", {"a": "{b}", "b": "1"}) == "{b}-1"


def test_a_query_never_names_nobody() -> None:
    """`?id=` without an id would mean all."""
    with pytest.raises(Rejected):
        plain("{id}", {})
    assert plain("{other}", {}) == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"create": [{"path": "/hooks/{?x}"}]}, "`{?x}` is no variable"),
        ({"create": [{"path": "/hooks/{x*}"}]}, "`{x*}` is no variable"),
        ({"create": [{"path": "/hooks/{a,b}"}]}, "`{a,b}` is no variable"),
        ({"create": [{"path": "/hooks/{"}]}, "`{` is no variable"),
        ({"create": [{"path": "/hooks", "query": {"q": "{+x}"}}]}, "`{+x}` is for paths; write `{x}`"),
        ({"scope": [{"query": {"q": "{+x}"}}]}, "`{+x}` is for paths; write `{x}`"),
        ({"scope": [{"headers": {"X-Q": "{+x}"}}]}, "`{+x}` is for paths; write `{x}`"),
        ({"scope": [{"body": {"/q": "{#x}"}}]}, "`{#x}` is no variable"),
    ],
)
def test_operators_that_would_go_out_as_they_are_are_refused(words: dict[str, object], said: str) -> None:
    """RFC 6570 has more operators, which no place here means; each is said where it stands."""
    with pytest.raises(ValidationError, match=re.escape(said)):
        Manifest.model_validate({**SMALL, **words})


def test_slashes_are_kept_where_a_path_says_so() -> None:
    """`{+x}` is a word of scopes' paths."""
    Manifest.model_validate({**SMALL, "scope": [{"path": "/projects/{+project}"}]})
