"""What is said of a manifest that breaks the language: the place, what stands there, what would be right.

Each in the language's own words: no message of a library's, and nothing as a program would spell it.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.document import load
from reconciler.errors import ConfigError
from reconciler.providers.registry import parse
from reconciler.providers.rehearse import rehearse
from tests.manifests.test_sound import changed, place_in, problems_in, text_of

RAW = re.compile(
    r"Input |valid dictionary|discriminator|Unknown token|Bad jmes|Value error|extract|Exchange\(|\bNone\b|[\[{]['\[{]"
)

MISTAKES = [
    # a text where a block is wanted
    (
        "pages: {kind: page, size_param: per_page, size: 100}",
        "pages: link_header",
        "link_header",
        "`pages` is a text, and must be a block",
        "write `{kind: link_header}`",
    ),
    (
        "codec: {kind: flags, suffix: _events}",
        "codec: flags",
        "flags\n    catalogue",
        "must be a block",
        "write `{kind: flags}`",
    ),
    ("url: {read: url, write: /url}", "url: /url", "/url\n", "`url` is a text, and must be a block", "`{absent: …}`"),
    # the word that tells alternatives apart
    ("how: list", "hwo: list", "hwo", "`how` is missing", "`how: by_id`"),
    ("how: list", "how: lists", "lists", "`how: lists` is none of `list`, `by_id`", "did you mean `list`?"),
    ("kind: page,", "kind: range,", "range", "`kind: range` is none of `none`, `link_header`", "did you mean `page`?"),
    # expressions
    (
        "identity: {id: id}",
        "identity: {id: created-at}",
        "created-at",
        "holds a - stands in double quotes",
        '`"created-at"`',
    ),
    ("identity: {id: id}", "identity: {id: 'a..b'}", "'a..b'", "`.` cannot stand at character 3", ""),
    # a comma in a text without quotes
    (
        "absent: Forge alone decides whether a hook runs",
        "absent: Forge decides, which nobody can change",
        "}\n  description",
        "`which nobody can change` has no value",
        "put the text that holds this comma into quotes",
    ),
    # kinds of values
    ("title: Forge", "title: 12", "12", "`title` is a number, and must be a text", '`"12"`'),
    (
        "sources: [https://forge.example/docs]",
        "sources: https://forge.example/docs",
        "https",
        "must be a list",
        "`[https://forge",
    ),
    ("safe_to_repeat: true", "safe_to_repeat: maybe", "maybe", "must be true or false", "write true or false"),
    ("gone: [404]", "gone: [four]", "four", "must be a whole number", "write a whole number"),
    (
        "unknown: [Whether the list hides anything.]",
        "unknown: {a: b}",
        "unknown",
        "is a block, and must be a list",
        "list",
    ),
    ("title: Forge", "title: null", "null", "`title` is null", "leave it out"),
    ("type: flags", "type: Flags!", "Flags!", "is no such name", "small letters, digits and -"),
    # words
    (
        "lifecycle: supplied",
        "lifecycle: borrowed",
        "borrowed",
        "`borrowed` is none of `supplied`, `issued`",
        "write one",
    ),
    ("write: /description}", "wriet: /description}", "wriet", "no word `wriet` here", "did you mean `write`?"),
    ("title: Forge\n", "title: Forge\ngrace: 3\n", "grace", "no word `grace` here", "belongs to another block"),
    (
        "resend: {/url: [/secret]}",
        "resend: {/ulr: [/secret]}",
        "/ulr",
        "no field is called /ulr",
        "did you mean `/url`?",
    ),
    (
        "      - method: POST\n        path: /projects/group",
        "      - metod: POST\n        path: /projects/group",
        "metod",
        "no word `metod` here",
        "did you mean `method`?",
    ),
    ("    means:\n", "    meens:\n", "meens", "no word `meens` here", "did you mean `means`?"),
    # a list or a block where a word is wanted
    ("how: list", "how: [list]", "how: [list]", "`how` is a list, and must be one word", "`list`"),
    (
        "lifecycle: supplied",
        "lifecycle: [supplied]",
        "lifecycle: [",
        "`lifecycle` is a list, and must be `supplied`",
        "",
    ),
    ("lifecycle: supplied", "lifecycle: {a: b}", "lifecycle", "`lifecycle` is a block, and must be `supplied`", ""),
    # a list of so many
    ("lifecycle: supplied", "lifecycle: supplied, length: [8]", "length", "there is 1 item here", "write 2"),
    ("lifecycle: supplied", "lifecycle: supplied, length: [8, 9, 9]", "length", "there are 3 items here", "write 2"),
    # a key, whose value is right
    ("/events: [push]}", "evts: [push]}", "evts", "a JSON pointer is empty or begins with /", "write `/evts`"),
]


@pytest.mark.parametrize(("old", "new", "at", "what", "right"), MISTAKES)
def test_a_mistake_is_told_in_the_languages_words(old: str, new: str, at: str, what: str, right: str) -> None:
    """At its line and column, with what would be right."""
    text = changed("flags", old, new)
    problems = problems_in(text)
    found = next((each for each in problems if what in each.summary), None)
    assert found is not None, problems
    assert str(found.at) == place_in(text, at)
    assert right in found.hint
    assert not [each for each in problems if RAW.search(each.summary + each.hint)]


def test_of_a_list_of_wrong_items_only_the_items_are_told() -> None:
    """That it might have been a text instead says nothing."""
    problems = problems_in(changed("flags", "/events: [push", "/events: [{a: b}, push"))
    assert [each.summary for each in problems] == ["examples.0.fields./events.0: this is a block, and must be a text"]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('type: map, default: "{}"}', "type: map, default: 1}", "`1` is no map as a JSON text"),
        ('type: map, default: "{}"}', "type: map, default: '[]'}", "`[]` is no map as a JSON text"),
        ("type: objects}", "type: objects, default: some}", "`some` is no list of maps as a JSON text"),
    ],
)
def test_a_default_of_another_kind_is_told_for_every_kind(old: str, new: str, what: str) -> None:
    """Also for maps, whose values are texts of the user's own."""
    assert what in problems_in(changed("labelled", old, new))[0].summary


@pytest.mark.parametrize("written", ["'[]'", "x", "7", "[a]"])
def test_an_example_whose_map_is_none_is_told(written: str) -> None:
    """At the field, before a body would be made of it."""
    text = changed("labelled", """/options/labels: '{"team":"ops"}'}""", f"/options/labels: {written}}}")
    (fault,) = rehearse(parse(text.encode(), "own.yaml"))
    assert fault.path[2:] == ("fields", "/options/labels")
    assert fault.what.endswith("/options/labels is no map as a JSON text")


def test_what_an_answer_has_instead_is_shown_as_the_vendor_sends_it() -> None:
    """And not as a program would spell it."""
    text = changed("patchwork", "label: mine", "label: [{a: 1}, null]")
    (fault,) = rehearse(parse(text.encode(), "own.yaml"))
    assert r'the manifest gives ["{\"a\":1}", "null"]' in fault.what


def test_of_an_example_only_the_kind_that_was_meant_is_told() -> None:
    """A change with a misspelt word is not blamed for lacking what a read has, too."""
    problems = problems_in(
        changed("flags", "- method: POST\n        path: /projects/group", "- metod: POST\n        path: /p")
    )
    assert [each.summary.split(": ")[0] for each in problems] == ["examples.0.calls.0", "examples.0.calls.0.metod"]


@pytest.mark.parametrize(
    ("name", "old", "new", "at", "what", "right"),
    [
        ("keysafe", "when: {keys: true}", "when: {kees: true}", "kees", "no setting is called kees", "`keys`"),
        ("mute", "natural_key: [/url]", "natural_key: [/options/note]", "/options/note", "which no read shows", ""),
    ],
)
def test_what_several_parts_have_wrong_is_told_where_one_of_them_stands(
    name: str, old: str, new: str, at: str, what: str, right: str
) -> None:
    """And not at the begin of the file."""
    text = changed(name, old, new)
    found = next(each for each in problems_in(text) if what in each.summary)
    assert str(found.at) == place_in(text, at)
    assert right in found.hint


def _paths(tree: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from _paths(value, (*path, key))


SOUND = {
    name: json.dumps(load(text_of(name).encode(), name)) for name in ("flags", "keysafe", "cryptofuse", "labelled")
}
PLACES = [(name, path) for name, text in SOUND.items() for path in _paths(json.loads(text))]

VALUES = ["text", 7, True, ["a"], [["a"]], [{"a": 1}], {"a": 1}, [], {}, -1.5, None]


@settings(max_examples=60)
@given(place=st.sampled_from(PLACES), value=st.sampled_from(VALUES))
def test_whatever_stands_anywhere_is_told_in_our_words(place: tuple[str, tuple[str | int, ...]], value: object) -> None:
    """Each value at each place is sound, or refused with a place and in the language's words."""
    name, path = place
    tree = json.loads(SOUND[name])
    above = tree
    for step in path[:-1]:
        above = above[step]
    above[path[-1]] = value
    try:
        parse(json.dumps(tree).encode(), "own.yaml")
    except ConfigError as error:
        for problem in error.problems:
            assert problem.at is not None
            assert not RAW.search(problem.summary + problem.hint)
