"""Values as vendors rewrite them: one normal form for what means the same, and never one for what does not."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.capabilities import Capabilities
from reconciler.model.equality import canonical, same
from reconciler.model.events import EventCatalogue
from reconciler.model.rewritten import Rewritten
from reconciler.model.webhook import Leaf
from tests.unit.middle.build import capabilities

AT = "/options/x"
HERE = frozenset({AT})
JSON = capabilities(rewritten=Rewritten(as_json=HERE))
TEXT = capabilities(trimmed=HERE, rewritten=Rewritten(line_ends=HERE))
LOWER = capabilities(rewritten=Rewritten(lowered=HERE))
SET = capabilities(unordered=HERE)
ALL = capabilities(trimmed=HERE, rewritten=Rewritten(line_ends=HERE, lowered=HERE), unordered=HERE)
LEAVES = st.one_of(st.text(max_size=12), st.integers(), st.booleans(), st.lists(st.text(max_size=3)).map(tuple))
TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=6,
)
NAMES = ("a", "b", "c", "d")
IMPLIED = st.dictionaries(st.sampled_from(("", *NAMES)), st.frozensets(st.sampled_from(NAMES)), max_size=3).map(
    lambda found: tuple(found.items())
)


@pytest.mark.parametrize("api", [JSON, TEXT, LOWER, SET, ALL], ids=["json", "text", "lower", "set", "all"])
@given(leaf=LEAVES)
def test_a_normal_form_is_its_own(api: Capabilities, leaf: Leaf) -> None:
    """What was brought into the normal form stays as it is, and means the same as before."""
    once = canonical(AT, leaf, api)
    assert canonical(AT, once, api) == once
    assert same(AT, leaf, once, api)


@given(TREES, st.sampled_from([None, 1, 4]), st.booleans())
def test_json_is_compared_as_json(tree: Any, indent: int | None, ascii: bool) -> None:
    """Order of keys, white space and escapes are no difference; another document is."""
    one, other = json.dumps(tree), json.dumps(tree, indent=indent, sort_keys=True, ensure_ascii=ascii)
    assert same(AT, one, other, JSON)
    assert not same(AT, one, json.dumps([tree]), JSON)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"a": 1}', '{"a": true}'),
        ('{"a": 1}', '{"a": "1"}'),
        ("[1, 2]", "[2, 1]"),
        ('{"a": 1, "a": 2}', '{"a": 2}'),
        ("1e999", "2e999"),
        ("NaN", "Infinity"),
        ("${name} {", "${name}  {"),
    ],
)
def test_what_is_other_json_or_none_differs(one: str, other: str) -> None:
    """Types and order count; what is no whole JSON, or says a key twice, is a text."""
    assert not same(AT, one, other, JSON)


@given(st.text(max_size=8), st.sampled_from(["\n", "\r\n", "\r"]), st.text(max_size=8))
def test_line_ends_and_white_space_around_are_no_difference(before: str, end: str, after: str) -> None:
    """However a line ends, and whatever white space stands around, it is one text; within a line, space counts."""
    assert same(AT, f" {before}x{end}y{after}\n", f"{before}x\ny{after}".strip(), TEXT)
    assert not same(AT, "a b", "a  b", TEXT)


@given(st.text(max_size=12))
def test_case_is_no_difference_where_the_vendor_has_small_letters(text: str) -> None:
    """What the vendor makes of a text is that text."""
    assert same(AT, text, text.lower(), LOWER)
    assert same(AT, (text, "A"), (text.lower(), "a"), LOWER)
    assert not same(AT, text, f"{text}x", LOWER)


@given(IMPLIED, st.frozensets(st.sampled_from(NAMES)), st.frozensets(st.sampled_from(NAMES)))
def test_implied_events_are_no_difference(implied: Any, one: frozenset[str], other: frozenset[str]) -> None:
    """What a vendor adds may be named or not; two sets are one exactly where it makes the same of both."""
    catalogue = EventCatalogue(implied=implied)

    def made(events: frozenset[str]) -> frozenset[str]:
        for _ in NAMES:
            added = [more for by, more in implied if events and (by in events or not by)]
            events = events.union(*added)
        return events

    normal = catalogue.canonical(one)
    assert normal == made(one)
    assert catalogue.canonical(normal) == normal
    assert (normal == catalogue.canonical(other)) == (made(one) == made(other))
