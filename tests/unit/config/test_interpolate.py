"""Variables in the file: what is filled in, what stays as it is, and what is told when something is missing."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config.interpolate import Interpolation
from reconciler.model.webhook import Source
from tests.unit.config.fakes import HEAD, loaded, said

PLACE = Source("f", ())
ENV = {"A": "x", "EMPTY": "", "ZERO": "0123", "ODD": "${B} $$ ${each.k}"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${A}/${A}", "x/x"),
        ("$$", "$"),
        ("$${A}", "${A}"),
        ("$A $", "$A $"),
        ("${NONE:-d}", "d"),
        ("${NONE:-}", ""),
        ("${EMPTY:-d}", "d"),
        ("${EMPTY}", ""),
        ("${NONE:-https://h:1/p}", "https://h:1/p"),
        ("${ODD}", "${B} $$ ${each.k}"),
        ("${each.k}", "v"),
        ("$${each.k}", "${each.k}"),
    ],
)
def test_what_is_filled_in(text: str, value: str) -> None:
    """Variables, defaults and for_each values are filled in once; what they hold is never looked at again."""
    variables = Interpolation(ENV)
    assert variables.fill(text, PLACE, {"k": "v"}) == value
    assert variables.faults == []


@given(st.text())
def test_doubled_dollars_bring_any_text_through(text: str) -> None:
    """Whoever doubles every dollar sign gets exactly the text, whatever it holds."""
    variables = Interpolation({})
    assert variables.fill({"k": [text.replace("$", "$$")]}, PLACE) == {"k": [text]}
    assert variables.faults == []


@given(st.text())
def test_a_variable_arrives_unchanged(value: str) -> None:
    """Whatever a variable holds arrives as that text."""
    assert Interpolation({"V": value}).fill("a${V}b", PLACE) == f"a{value}b"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("${NONE}", "the variable NONE is not set"),
        ("${A", "a `${` without its `}`"),
        ("${NONE:-a${A}}", "a `${` without its `}`"),
        ("${}", "a `${…}` that names no variable"),
        ("${a b}", "a `${…}` that names no variable"),
        ("${each.x}", "`${each.x}` has no value here"),
    ],
)
def test_what_cannot_be_filled_in_is_told(text: str, told: str) -> None:
    """An unset variable is named; broken spellings and unknown for_each keys are told."""
    variables = Interpolation(ENV)
    variables.fill(text, PLACE)
    assert [fault.summary for fault in variables.faults][:1] == [told]


def test_a_value_of_the_for_each_is_suggested_by_its_whole_name() -> None:
    """`${repo}` where the for_each has `repo` is answered with `${each.repo}`, elsewhere with a default."""
    variables = Interpolation(ENV)
    variables.fill("${repo}", PLACE, {"repo": "api"})
    variables.fill("${repo}", PLACE)
    assert [fault.hint for fault in variables.faults] == [
        "did you mean `${each.repo}`?",
        "set it, or write ${repo:-default}",
    ]


def test_an_unset_variable_is_located(tmp_path: Path) -> None:
    """Every unset variable is reported with its place, in defaults and providers too."""
    text = (
        HEAD
        + "    scope: {owner: '${O}'}\nwebhooks:\n  a: {url: '${U}', scope: {repo: x}}\ndefaults: {status: '${S}'}\n"
    )
    found = [line.split(" is not set")[0] for line in said(tmp_path, text)]
    assert found == [
        "main.yaml:5:20 the variable O",
        "main.yaml:7:12 the variable U",
        "main.yaml:8:20 the variable S",
    ]


def test_filled_in_texts_are_checked_like_written_ones(tmp_path: Path) -> None:
    """A status from a variable works, and a wrong one is refused."""
    text = HEAD + "webhooks:\n  a: {url: 'https://h.example/${P}', scope: {owner: o, repo: r}, status: '${S}'}\n"
    assert loaded(tmp_path, text, {"P": "0123", "S": "inactive"}).desired[0].fields.url == "https://h.example/0123"
    assert "`status` cannot be '${S}'; write active or inactive" in said(tmp_path, text, {"P": "x", "S": "off"})[0]


def test_references_are_left_alone(tmp_path: Path) -> None:
    """The dollar signs of a command belong to its shell; only for_each values are filled in."""
    text = (
        "version: 1\nproviders: {git: {auth: {token: 'cmd:echo ${T} $$'}}}\nwebhooks:\n  a:\n    for_each: [x]\n"
        "    url: https://h.example\n    scope: {org: '${each.value}'}\n"
        "    secret: {from: 'cmd:get ${S} $$ ${each.value}'}\n"
    )
    found = loaded(tmp_path, text)
    assert str(found.providers["git"].auth["token"]) == "cmd:echo ${T} $$"
    spec = found.desired[0].secret
    assert spec is not None
    assert str(spec.source) == "cmd:get ${S} $$ x"
