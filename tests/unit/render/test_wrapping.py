"""Sentences on a terminal: they break between words and fit; elsewhere each stays one line."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import Problem
from reconciler.model.action import Action, Finding, Unmanaged
from reconciler.planning.types import Plan, Refusal
from reconciler.render.base import PlanHeader, Style, cells, plain, wrapped
from reconciler.render.text.plan import plan_text
from reconciler.render.text.strangers import unmanaged_text
from reconciler.render.words import problems_text
from reconciler.support.hints import named_in_short
from tests.unit.render.plans import every_action, example, make_plan

WORDS = st.lists(st.text(st.characters(categories=("L", "N")), min_size=1, max_size=12), max_size=30)
PROBLEM = Problem("config", "one of the words in here is wrong " * 5, "run `whsync state rm 'ci[a]' 'ci[b]'` " * 4)


@given(WORDS, st.integers(20, 100))
def test_no_word_is_lost_or_broken(words: list[str], width: int) -> None:
    """Wrapped text has all its words in their order, and no line is too long that could be shorter."""
    lines = wrapped(" ".join(words), width)
    assert " ".join(lines).split() == words
    assert all(cells(line) <= width or " " not in line for line in lines)


@given(st.text().map(plain), st.integers(1, 100))
def test_nothing_but_spaces_is_lost(text: str, width: int) -> None:
    """Whatever a vendor says, wrapping takes away spaces only."""
    assert "".join("".join(wrapped(text, width)).split()) == "".join(text.split())


@pytest.mark.parametrize("width", [40, 60, 80])
def test_problems_fit_a_terminal(width: int) -> None:
    """Problems and hints are broken at words, commands stay whole, and further lines are indented."""
    text = problems_text([PROBLEM], Style(False, width, wraps=True))
    assert all(cells(line) <= width or line.count("`") == 2 for line in text.splitlines())
    assert text.count("`whsync state rm 'ci[a]' 'ci[b]'`") == 4
    assert text.splitlines()[1].startswith("  ")


def test_elsewhere_a_sentence_is_one_line() -> None:
    """In a pipe, a file or a log, who searches for a sentence finds it."""
    assert problems_text([PROBLEM], Style(False, 40)).count("\n") == 2


@pytest.mark.parametrize("plan", [example(), every_action()])
def test_a_wrapped_plan_says_the_same(plan: Plan) -> None:
    """On a narrow terminal a plan has the same words in the same order."""
    plan = plan._replace(problems=(PROBLEM,))
    wide = plan_text(plan, PlanHeader(), Style(False, 100))
    narrow = plan_text(plan, PlanHeader(), Style(False, 100, wraps=True))
    assert narrow.split() == wide.split()
    assert len(narrow.splitlines()) > len(wide.splitlines())


def test_names_stand_in_the_order_in_which_people_look_for_them() -> None:
    """`r2` stands before `r10` in webhooks, findings, refusals and ids, in text only."""
    names = ["ci[r1]", "ci[r10]", "ci[r2]"]
    change = every_action().changes[0]._replace(action=Action.ORPHAN, fields=())
    plan = make_plan(*(change._replace(name=name) for name in names))._replace(
        findings=tuple(Finding("duplicate", f"{name} is there twice", "p", (), name=name) for name in names),
        refusals=tuple(Refusal(f"{name} is protected", name=name) for name in names),
        unmanaged=tuple(Unmanaged("p", (), name, "https://h.test") for name in names),
    )
    found = re.findall(r"ci\[r\d+\]", plan_text(plan, PlanHeader(), Style()))
    assert found == ["ci[r1]", "ci[r2]", "ci[r10]"] * 4


def test_names_in_short_stand_in_that_order_too() -> None:
    """Where only the first names of a block are told, these are the ones that people look for first."""
    assert named_in_short(f"ci[r{number}]" for number in (10, 1, 2, 11)) == "ci[r1], ci[r2], ci[r10] and 1 more of ci"


def test_rows_are_broken_where_they_do_not_fit() -> None:
    """On a narrow terminal the address of a stranger is told whole, on a line of its own; a pipe gets one line."""
    url = "https://ci.acme.com/hooks/of/a/stranger"
    row = Unmanaged("github", (("owner", "acme"), ("repo", "api")), "12345678", url)
    narrow = unmanaged_text((row,), Style(False, 60, wraps=True))
    assert narrow.splitlines()[1:] == ["  github owner=acme repo=api 12345678 ->", f"    {url}"]
    assert unmanaged_text((row,), Style(False, 120)).splitlines()[1:] == [
        f"  github owner=acme repo=api 12345678 -> {url}"
    ]
