"""The usual layout of YAML: white space moves, and nothing else ever does."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from reconciler.document import read
from reconciler.document.layout import laid_out, same_characters

ROOT = Path(__file__).parents[2]
WRITTEN = sorted(
    path
    for folder in ("examples", "reconciler", "tests/manifests", "docs")
    for path in (ROOT / folder).rglob("*.yaml")
    if ".venv" not in path.parts
)


def _tree(text: str) -> tuple[str, int]:
    """What the reader of every run makes of a text, types and order included, and how many problems it has."""
    tree, problems = read(text.encode(errors="surrogatepass"), "x")
    return repr(tree), len(problems)


def _laid(text: str) -> str:
    """The text laid out, which has to say the same, and to stay so."""
    laid = laid_out(text)
    assert _tree(laid) == _tree(text)
    assert same_characters(laid, text)
    assert laid_out(laid) == laid
    return laid


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_people_wrote_says_the_same(path: Path) -> None:
    """Every YAML file of this project keeps its meaning, and has its layout for good."""
    _laid(path.read_text(encoding="utf-8"))


BEFORE = """\

# about the file


version:   1
webhooks :
    ci:   # trailing
        # about the scope
        scope: { owner : acme,repo: api }   # aligned
        events:
        - push
        # between
        -   pull_request


      # at the end of ci
    text: |
          kept
            as it is

    folded: >-
       one


       two
    quoted: "on
        two lines"
    plain: one
       two
    list: [ a,b,   # why
       # alone
      [c]
    ]
# odd
"""


AFTER = """\
# about the file

version: 1
webhooks:
  ci:   # trailing
    # about the scope
    scope: {owner: acme, repo: api}   # aligned
    events:
      - push
      # between
      - pull_request

  # at the end of ci
  text: |
    kept
      as it is

  folded: >-
    one


    two
  quoted: "on
    two lines"
  plain: one
    two
  list: [a, b,   # why
      # alone
      [c]
    ]
# odd
"""


def test_each_rule_once() -> None:
    """Indentation, spaces, empty lines and comments, each where the documents say."""
    assert _laid(BEFORE) == AFTER


@pytest.mark.parametrize(
    "spelling",
    [
        "+491701234567",
        "7e12345",
        "'yes'",
        "0123",
        "1_000",
        "12:30:45",
        "~x",
        "1.10",
        '"\\u00e9"',
        "2024-01-01",
        "0x1F",
        "Yes",
    ],
)
def test_spellings_stay(spelling: str) -> None:
    """What looks like a number, a date or a boolean to somebody is written as it was, in lists and brackets, too."""
    text = _laid(f"a:   {spelling}\nb:\n- {spelling}\nc: [ {spelling} ,x]\n")
    assert text == f"a: {spelling}\nb:\n  - {spelling}\nc: [{spelling}, x]\n"


@pytest.mark.parametrize(
    ("text", "laid"),
    [
        pytest.param("# top\n---\n# in\na:  1\n", "# top\n---\n# in\na: 1\n", id="before-the-document"),
        pytest.param("a: [x, # x\n# of y\ny ]\n", "a: [x,  # x\n    # of y\n    y]\n", id="in-a-list-of-brackets"),
        pytest.param("a: {x: 1 , # of x\n}\n", "a: {x: 1,  # of x\n  }\n", id="in-a-mapping-of-brackets"),
        pytest.param("a: 1\n\n\n# end", "a: 1\n\n# end\n", id="at-the-end"),
        pytest.param("a:  | # s\n   t\n# of b\nb: 1\n", "a: | # s\n  t\n# of b\nb: 1\n", id="behind-a-sign"),
        pytest.param("a: 1\n    # deep\nb: 2\n", "a: 1\n# deep\nb: 2\n", id="too-deep"),
        pytest.param("\ufeffa:  1\r\n#x \r\nb: 2", "a: 1\r\n#x\r\nb: 2\r\n", id="line-ends-of-windows"),
        pytest.param("a: 1\r\n#x \nb: 2\r\n", "a: 1\n#x\nb: 2\n", id="mixed-line-ends"),
        pytest.param("a: 1\t# tab\nb: 1\n", "a: 1  # tab\nb: 1\n", id="behind-a-tab"),
    ],
)
def test_comments_stay(text: str, laid: str) -> None:
    """Wherever a comment may be."""
    assert _laid(text) == laid


@pytest.mark.parametrize(
    ("text", "laid"),
    [
        pytest.param("a: |+\n   t\n\n\nb: 1\n", "a: |+\n  t\n\n\nb: 1\n", id="lines-at-the-end-that-count"),
        pytest.param("b: 1\na: |+\n   t\n\n\n", "b: 1\na: |+\n  t\n\n\n", id="at-the-end-of-the-file"),
        pytest.param("a: |\n   t\n\n\nb: 1\n", "a: |\n  t\n\nb: 1\n", id="lines-at-the-end-that-do-not"),
        pytest.param("a: |1\n   t\n  u\n", "a: |1\n   t\n  u\n", id="spaces-in-front"),
        pytest.param("a:\n    b: |2\n        t\n", "a:\n  b: |2\n      t\n", id="spaces-in-front-below"),
        pytest.param("a:\n- |\n t\n-  - >\n      u\n", "a:\n  - |\n    t\n  - - >\n      u\n", id="in-lists"),
        pytest.param("a: |\n  t   \n     \n  u\n", "a: |\n  t   \n     \n  u\n", id="white-space-inside"),
        pytest.param("a: |\n   t", "a: |\n  t", id="without-its-end"),
        pytest.param("a: >-\n   t", "a: >-\n  t\n", id="whose-end-does-not-count"),
        pytest.param('a: "t\n\n   u \\\n   v"\n', 'a: "t\n\n  u \\\n  v"\n', id="in-quotes"),
    ],
)
def test_texts_of_several_lines_stay(text: str, laid: str) -> None:
    """Their own spaces and empty lines are part of them."""
    assert _laid(text) == laid


def test_anchors_and_merges() -> None:
    """Names of anchors keep the space that ends them."""
    assert _laid("a:  &x\n    b: 1\nc:  {<< : *x , d: 2}\ne: [*x ,*x]\n") == (
        "a: &x\n  b: 1\nc: {<<: *x , d: 2}\ne: [*x , *x]\n"
    )


def test_a_key_without_a_value() -> None:
    """What is not finished yet is laid out, too: brackets do not swallow the end of a key."""
    assert _laid("a: { b:  }\nc: [ d: , e ]\nf:\n") == "a: {b: }\nc: [d: , e]\nf:\n"


def test_a_file_of_json() -> None:
    """JSON is YAML: its lines stay broken as they were."""
    text = '{\n "version":1,\n  "webhooks":{"a":{\n"b":[ "c","d" ]}}\n}'
    assert _laid(text) == '{\n  "version": 1,\n  "webhooks": {"a": {\n      "b": ["c", "d"]}}\n}\n'


@pytest.mark.parametrize("text", ["a: @x\n", "\t\ta: 1\n", 'a: "x\n'])
def test_what_is_no_yaml(text: str) -> None:
    """It is an error, never a guess."""
    with pytest.raises(yaml.YAMLError):
        laid_out(text)


# Laws

REMARK = re.compile(r"(?:^|(?<= ))#.*$", re.MULTILINE)
REMARKS = ["# x", "#y: 1", "# - z"]
SCALARS = ["x", "1", "'a b'", '"c: d"', "yes", "+4917", "a#b", "http://x/y?z=1", "'#'", "[]", "{}", "é 😀"]


@st.composite
def _files(draw: st.DrawFn) -> str:
    """A mapping as nobody would write it: odd indentation, spaces, empty lines and comments."""
    return "".join(_noise(draw, 0)) + "\n".join(_mapping(draw, draw(st.sampled_from([0, 0, 3])), 0)) + draw(_ends)


_ends = st.sampled_from(["", "\n", "\n\n\n", "\n# end", "\n   # end\n\n"])
_gaps = st.sampled_from([" ", " ", "   "])
_tails = st.sampled_from(["", "", "", " # t", "    # t", "  "])


def _noise(draw: st.DrawFn, column: int) -> list[str]:
    """Comments and empty lines."""
    remarks = [" " * shift + remark + "\n" for remark in REMARKS for shift in (0, column, column + 1)]
    return draw(st.lists(st.sampled_from(["\n", "  \n", *remarks]), max_size=2))


def _mapping(draw: st.DrawFn, column: int, depth: int) -> list[str]:
    lines = []
    for number in range(draw(st.integers(1, 3))):
        lines += _value(draw, f"{' ' * column}k{number}:", column, depth)
    return lines


def _value(draw: st.DrawFn, head: str, column: int, depth: int) -> list[str]:
    """The lines of a key or a dash with its value."""
    kind = draw(st.sampled_from(["scalar", "scalar", "flow", "text", "mapping", "list"] if depth < 3 else ["scalar"]))
    remarks = [line.rstrip("\n") for line in _noise(draw, column)]
    step = draw(st.integers(1, 4))
    if kind == "scalar":
        return [head + draw(_gaps) + draw(st.sampled_from(SCALARS)) + draw(_tails), *remarks]
    if kind == "flow":
        inner = " " * (column + step)
        comma = draw(st.sampled_from([",", " , ", f", # f\n{inner}", f",\n{inner}# g\n{inner}"]))
        return [head + draw(_gaps) + "[ " + comma.join(["a", "{ b : 1,c: 'd'}", "[e]"]) + "]" + draw(_tails), *remarks]
    if kind == "text":
        sign = draw(st.sampled_from(["|", ">-", "|+", "| # s"]))
        inner = " " * (column + step)
        return [f"{head} {sign}", inner + "one", "", inner + "  two  ", *draw(st.sampled_from([[], [""]]))]
    if kind == "mapping":
        return [head + draw(_tails), *remarks, *_mapping(draw, column + step, depth + 1)]
    is_key = head.endswith(":")
    at = column + (draw(st.integers(0, 3)) if is_key else step)
    lines = [head + draw(_tails), *remarks]
    for _ in range(draw(st.integers(1, 3))):
        lines += _value(draw, f"{' ' * at}-", at, depth + 1)
    return lines


@given(_files())
def test_nothing_but_white_space_moves(text: str) -> None:
    """Whatever people write: the same tree, the same characters in order, the same comments, and the same once more."""
    laid = _laid(text)
    assert REMARK.findall(laid) == [remark.rstrip() for remark in REMARK.findall(text)]
    assert not laid.startswith("\n")
    assert "|+" in laid or "\n\n\n" not in laid


@given(st.text("ab:-#'\"[]{},&*!|>+ \n\t?1", max_size=30))
def test_bytes_that_nobody_thought_of(text: str) -> None:
    """Anything is laid out with all its characters, or is no YAML; what differs then is refused by who writes it."""
    try:
        laid = laid_out(text)
    except yaml.YAMLError:
        assume(False)
    assert same_characters(laid, text)
