"""Sentences on a terminal: they break between words and fit; elsewhere each stays one line."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import Problem
from reconciler.model.action import Action, Cause, FieldChange, Finding, PlannedCall, Unmanaged
from reconciler.planning.types import DriftReport, Plan, Refusal
from reconciler.render.base import PlanHeader, Style, cells, plain, wrapped
from reconciler.render.text.drift import drift_text
from reconciler.render.text.layout import broken
from reconciler.render.text.plan import plan_text
from reconciler.render.text.strangers import unmanaged_text
from reconciler.render.words import problems_text
from reconciler.support.hints import named_in_short
from tests.unit.render.plans import LEDGER, PLANS, every_action, example, make_plan
from tests.unit.render.samples import SAMPLES

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


@given(PLANS, st.integers(20, 300))
def test_any_plan_fits_any_terminal(plan: Plan, width: int) -> None:
    """No line is wider than the terminal unless it is one word, which is not broken: a URL can be copied."""
    header = PlanHeader(("a/long/way/to/webhooks.yaml",), {"pay": "https://api.pay.test/of/a/long/name"}, 0.5)
    for line in plan_text(plan, header, Style(False, width, wraps=True)).splitlines():
        assert cells(line) <= width or _is_one_word(line), line


def _is_one_word(line: str) -> bool:
    """Whether nothing could be broken here: one word, or one command, beside a webhook's mark, a sign or a label."""
    return re.fullmatch(r" *((-/\+|[-+=~x?!o]|->|all but|secret) )?(`[^`]*`\S*|\S+)( ?and \d+ more)?", line) is not None


@pytest.mark.parametrize("width", [20, 30, 60, 100, 200, 300])
def test_a_url_stays_whole(width: int) -> None:
    """Whatever the width, an address is found in one piece, and what is told is told whole."""
    before, after = (f"https://hooks.acme.test/{'of-a-team/' * 9}{end}" for end in ("one", "two"))
    field = FieldChange("/url", before, after, Cause.CONFIG)
    told = FieldChange("/description", "Ledger", "a description of many words " * 9, Cause.DRIFT)
    change = LEDGER._replace(fields=(field, told), calls=(PlannedCall("PUT", f"{before}/7"),), name="ledger[eu,prod]")
    text = plan_text(make_plan(change), PlanHeader(), Style(False, width, wraps=True))
    words = text.split()
    assert {before, after, f"{before}/7", "ledger[eu,prod]"} <= {*words}
    assert words.count("description") == 10
    assert all(cells(line) <= width or _is_one_word(line) for line in text.splitlines())


@pytest.mark.parametrize("width", [20, 30, 60, 100, 200, 300])
def test_drift_fits_any_terminal(width: int) -> None:
    """A drift report keeps to the terminal, too, and says there what it says elsewhere."""
    report = SAMPLES["drift"].told
    assert isinstance(report, DriftReport)
    text = drift_text(report, {"pay": "https://pay.test"}, Style(False, width, wraps=True))
    assert all(cells(line) <= width or _is_one_word(line) for line in text.splitlines())
    assert text.split() == drift_text(report, {"pay": "https://pay.test"}, Style(False, 100)).split()


def test_blanks_of_a_value_are_kept() -> None:
    """A value that is broken into lines is not another: its blanks stay, but for those at the ends of lines."""
    assert broken("one  two   three", 11) == ["one  two", "three"]
    assert broken("", 5) == [""]


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
