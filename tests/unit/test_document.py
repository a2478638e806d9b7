"""Reading YAML: what counts as text, what is refused, and where problems are said to be."""

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reconciler import document
from reconciler.document import reader
from reconciler.errors import ConfigError, Problem
from reconciler.support.scalars import spelled

PARSERS = [name for name in ("CSafeLoader", "SafeLoader") if hasattr(yaml, name)]
"""The parsers of the installed PyYAML: that of libyaml, where it was built in, and its own."""

TOO_DEEP = "this is nested more than 64 levels deep"


def load(text: str) -> dict[str, Any]:
    """The tree of a text."""
    return document.load(text.encode(), "f.yaml")


def problems(text: str | bytes) -> list[Problem]:
    """What is wrong with a text that is refused."""
    raw = text.encode() if isinstance(text, str) else text
    with pytest.raises(ConfigError) as raised:
        document.load(raw, "f.yaml")
    return list(raised.value.problems)


def said(text: str | bytes) -> list[str]:
    """Each problem as `LINE:COL what`."""
    return [f"{each.at.line}:{each.at.column} {each.summary}" for each in problems(text) if each.at]


def refusing(error: Exception) -> Callable[[str], object]:
    """A parser that answers the first question with the error."""

    class Refusing:
        def __init__(self, text: str) -> None:
            pass

        def get_event(self) -> object:
            raise error

    return Refusing


@pytest.mark.parametrize(
    "scalar",
    "0123 1_000 on off yes no Yes y 1.10 +1 -0 1e3 12:30:45 2024-01-01 .inf True FALSE 12345678901234567 =b".split(),
)
def test_whatever_a_number_would_misspell_is_text(scalar: str) -> None:
    """An unquoted scalar keeps every character unless it is the one spelling of a YAML 1.2 boolean or number."""
    assert load(f"a: {scalar}") == {"a": scalar}


@pytest.mark.parametrize(("scalar", "value"), [("true", True), ("false", False), ("12", 12), ("-7", -7), ("1.5", 1.5)])
def test_plain_scalars_have_a_type_and_quoted_ones_are_text(scalar: str, value: object) -> None:
    """`true` is a boolean and 12 a number; in quotes they are text."""
    tree = load(f"a: {scalar}\nb: '{scalar}'\n{scalar}: key")
    assert tree == {"a": value, "b": scalar, scalar: "key"}
    assert type(tree["a"]) is type(value)


@given(st.from_regex(r"[-+]?[0-9a-z._]{1,20}", fullmatch=True))
def test_every_scalar_can_be_spelled_as_it_was_written(scalar: str) -> None:
    """A text field can always get back what the file says, since no reading loses a spelling."""
    tree, problems = document.read(f"a: {scalar}".encode(), "f")
    if tree is not None and not problems:
        assert spelled(tree["a"]) == scalar


def test_a_repeated_key_shows_both_places() -> None:
    """A key that is written twice is refused, naming where it stands first."""
    assert said("a: {b: [1, {c: 1, c: 2}]}\nd: 1\nd: 2") == [
        "1:19 the key `c` is written twice; first at f.yaml:1:13",
        "3:1 the key `d` is written twice; first at f.yaml:2:1",
    ]


@pytest.mark.parametrize("nothing", ["", " ~", " null", " Null", " NULL", " # a comment"])
def test_a_key_without_a_value_is_a_problem(nothing: str) -> None:
    """There is no null: whoever means "not managed" leaves the line out."""
    assert [each.split(" ", 1)[1] for each in said(f"a: 1\nb:{nothing}\n")] == ["`b` has no value"]
    assert load("a: 'null'\nb: nullable") == {"a": "null", "b": "nullable"}


def test_all_problems_of_a_readable_file_are_told_at_once() -> None:
    """Repeated keys, empty values and tags do not hide each other."""
    assert [each.split(" ")[0] for each in said("a: 1\na: 2\nb:\nc: !!str x\n")] == ["2:1", "3:3", "4:4"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1:1 the file is empty"),
        ("# only a comment\n", "1:1 the file is empty"),
        ("- a\n", "1:1 the file is not a mapping"),
        ("a: 1\n---\nb: 1\n", "2:1 a second document begins here"),
        ("a:\n\tb: 1\n", "2:1 a character that cannot begin a value"),
        ("a: b: c\n", "1:5 a `:` that cannot stand here"),
        ("a: *b\n", "1:4 an alias without an anchor before it"),
        ("a: [*]\n", "1:6 a `*` or `&` without a name"),
        ("a: &b [*b]\n", "1:8 an alias without an anchor before it"),
        ("{{a: 1}: 2}", "1:2 a key that is a list or a mapping"),
        ("a: 1\nb: {c: [\n\n", "2:9 a value is missing"),
        ("a: 1\nb: [c, d", "2:9 a list or mapping in brackets that goes wrong"),
        ("<<: 1\na: 2", "1:5 `<<` takes a mapping or a list of mappings"),
        ("é: 1\nb: \x07\n", "2:4 the control character U+0007 cannot stand in a file"),
        (b"a: 1\nb: \xff\n", "2:4 the file is not UTF-8"),
        ("a: 1".encode("utf-16"), "1:1 the file is not UTF-8"),
    ],
)
def test_unreadable_files_say_where_and_why(text: str | bytes, problem: str) -> None:
    """Whatever cannot be read is one located problem in plain words."""
    assert said(text) == [problem]


def test_a_byte_order_mark_is_no_text() -> None:
    """Some editors begin a file with one; places are counted without it."""
    assert document.load(b"\xef\xbb\xbfa: 1", "f.yaml") == {"a": 1}
    assert said(b"\xef\xbb\xbfa:\n") == ["1:3 `a` has no value"]


@pytest.mark.parametrize("opening", ["[", "- ", "{a: "])
def test_deep_nesting_is_refused_without_exhausting_the_stack(opening: str) -> None:
    """A file of brackets cannot crash the program."""
    assert "levels deep" in said(opening * 200_000)[0]


@pytest.mark.parametrize("loader", PARSERS)
@pytest.mark.parametrize(
    ("nested", "place"),
    [
        (lambda levels: "a: " + "[ " * (levels - 1) + "] " * (levels - 1), "1:130"),
        (lambda levels: "{a: " * (levels - 1) + "{}" + "}" * (levels - 1), "1:257"),
        (lambda levels: "a:\n" + "- " * (levels - 1) + "x", "2:127"),
        (lambda levels: "\n".join(" " * level + "a:" for level in range(levels)) + " x", "65:65"),
    ],
    ids=["flow lists", "flow mappings", "block lists", "block mappings"],
)
def test_the_first_level_too_many_is_pointed_at(
    nested: Callable[[int], str], place: str, loader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both parsers show the bracket or the line that goes too deep, and a level less is accepted."""
    monkeypatch.setattr(reader, "_Loader", getattr(yaml, loader))
    assert said(nested(65)) == [f"{place} {TOO_DEEP}"]
    assert load(nested(64))


@pytest.mark.parametrize("loader", PARSERS)
@pytest.mark.parametrize("opening", ["a: " + "[" * 20_000, "- " * 20_000, "{a: " * 20_000, "a: &b [" * 20_000])
def test_depth_that_a_parser_may_refuse_itself_is_called_depth(
    opening: str, loader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A parser that looks ahead may be the first to refuse: who wrote the file is told of the depth all the same."""
    monkeypatch.setattr(reader, "_Loader", getattr(yaml, loader))
    assert [(each.summary, each.hint) for each in problems(opening)] == [(TOO_DEEP, "make it flatter")]


MARK = yaml.Mark("f", 0, 1, 3, None, 0)


@pytest.mark.parametrize(
    "refusal",
    [
        yaml.scanner.ScannerError("while increasing flow level", MARK, "exceeded maximum nesting depth", MARK),
        yaml.scanner.ScannerError("while increasing block level", MARK, "exceeded maximum nesting depth", MARK),
        yaml.parser.ParserError("while parsing", MARK, "Maximum nesting level reached, set with x())", MARK),
        RecursionError("maximum recursion depth exceeded"),
    ],
    ids=["libyaml 0.2.6, flow", "libyaml 0.2.6, block", "libyaml, unreleased", "the stack"],
)
def test_every_known_refusal_of_depth_is_told_the_same(refusal: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """The installed library does not choose the message: all wordings lead to one, at a place in the file."""
    monkeypatch.setattr(reader, "_Loader", refusing(refusal))
    assert said("a: b\nc: d") == [f"{'1:1' if isinstance(refusal, RecursionError) else '2:4'} {TOO_DEEP}"]


def test_a_refusal_without_a_place_is_a_problem_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A parser that refuses a character tells no line; its user gets a message and no traceback."""
    monkeypatch.setattr(reader, "_Loader", refusing(yaml.reader.ReaderError("f", 0, 0x41, "unicode", "not allowed")))
    assert said("a: b\nc: d") == ["2:5 this is not YAML"]


@pytest.mark.parametrize("loader", PARSERS)
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: ]", "1:4 a value is missing"),
        ("a: [b, ,]", "1:8 a value is missing"),
        ("a: - b", "1:4 a list item that cannot stand here"),
        ("a: [b", "1:6 a list or mapping in brackets that goes wrong"),
        ("a: b: c", "1:5 a `:` that cannot stand here"),
        ("a:\n\tb: 1", "2:1 a character that cannot begin a value"),
        ("a: *", "1:5 a `*` or `&` without a name"),
        ("a: 1\nb", "2:2 a key without a `:`"),
        ("a:\n  b: 1\n c: 1", "3:2 a line that does not fit the lines above"),
        ("a: 'b", "1:6 a quote that is never closed"),
    ],
)
def test_both_parsers_lead_to_the_same_words(
    text: str, problem: str, loader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is explained does not depend on how the installed parser puts it."""
    monkeypatch.setattr(reader, "_Loader", getattr(yaml, loader))
    assert said(text) == [problem]


def test_aliases_cannot_blow_up() -> None:
    """A short file whose aliases stand for billions of values is refused."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert said("\n".join(lines))[0].endswith("aliases repeat more than 1,000,000 values")


def test_anchors_and_merge_keys_are_understood() -> None:
    """What stands beside `<<` wins, wherever it stands; the first of several mappings wins over the next."""
    tree = load("x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz: {<<: [*x, *y], a: 0}\nw: {a: 0, <<: *x}\nv: *x")
    assert (tree["z"], tree["w"], tree["v"]) == ({"a": 0, "b": 1, "c": 2}, {"a": 0, "b": 1}, {"a": 1, "b": 1})


TEXT = b"""\
webhooks:
  ledger:
    url: https://a
    events: [push, "pull"]
    scope: &s {owner: acme}
  other:
    scope: *s
    <<: {description: x}
"""


@pytest.mark.parametrize(
    ("path", "key", "place"),
    [
        (("webhooks", "ledger", "url"), False, (3, 10)),
        (("webhooks", "ledger", "url"), True, (3, 5)),
        (("webhooks", "ledger", "events", 1), False, (4, 20)),
        (("webhooks", "ledger"), False, (2, 3)),
        (("webhooks", "ledger", "secret", "from"), False, (2, 3)),
        (("webhooks", "other", "scope", "owner"), False, (5, 23)),
        (("webhooks", "other", "description"), True, (8, 10)),
        ((), False, (1, 1)),
    ],
)
def test_positions_lead_to_what_was_written(path: tuple[str | int, ...], key: bool, place: tuple[int, int]) -> None:
    """Values, keys, items, aliased and merged parts are found; what is missing is placed at what should hold it."""
    assert document.locate(TEXT, path, "f", key)[1:] == place


def test_the_slow_parser_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where PyYAML has no C parser, files mean the same and problems stand in the same places."""
    fast = document.load(TEXT, "f"), said("a: 1\nb: {c: 1, c: 2}")
    monkeypatch.setattr(reader, "_Loader", yaml.SafeLoader)
    assert (document.load(TEXT, "f"), said("a: 1\nb: {c: 1, c: 2}")) == fast


@given(st.binary(max_size=60))
def test_any_bytes_give_a_tree_or_located_problems(raw: bytes) -> None:
    """Nothing that a file can hold ends in a traceback."""
    tree, problems = document.read(raw, "f")
    assert (tree is not None) or problems
    assert all(each.at and each.at.line >= 1 and each.at.column >= 1 for each in problems)
