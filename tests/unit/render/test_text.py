"""The text of a plan: what people read before they say yes."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import given

from reconciler.errors import Location, Problem
from reconciler.model.action import Action, Cause, FieldChange
from reconciler.model.secret import SecretState
from reconciler.model.webhook import Certainty
from reconciler.planning.types import Plan
from reconciler.render.base import PlanHeader, Style
from reconciler.render.text.plan import plan_text
from reconciler.render.words import problems_text, summary_text
from tests.unit.render.plans import BLIND, HEADER, HOSTILE, LEDGER, NOOP, PLANS, every_action, example, make_plan

GOLDEN = Path(__file__).parent / "golden"
UPDATE = bool(os.environ.get("WHSYNC_UPDATE_GOLDEN"))
"""Set this variable to write the golden files anew; then read their diff."""

PLAIN = Style(False, 100)


@pytest.mark.parametrize(
    ("name", "plan", "style"),
    [
        ("example", example(), PLAIN),
        ("every-action", every_action(), PLAIN),
        ("narrow", every_action(), Style(False, 60)),
        ("colour", example(), Style(True, 100)),
        ("nothing", make_plan(NOOP), PLAIN),
    ],
)
def test_plans_read_as_agreed(name: str, plan: Plan, style: Style) -> None:
    """A plan reads word for word as in the golden file, so that a change of the text is a decision."""
    text = plan_text(plan, HEADER, style)
    file = GOLDEN / f"{name}.txt"
    if UPDATE:
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def _last(plan: Plan) -> str:
    return _last_two(plan)[-1]


def _last_two(plan: Plan) -> list[str]:
    return plan_text(plan, PlanHeader(), PLAIN).splitlines()[-2:]


def test_the_last_line_counts_as_terraform_does() -> None:
    """Scripts find `Plan: X to add, Y to change, Z to destroy.` in the last line; a replace adds and destroys."""
    assert _last(example()).startswith("Plan: 1 to add, 1 to change, 0 to destroy.")
    totals, missing = _last_two(every_action())
    assert totals.startswith("Plan: 2 to add, 1 to change, 3 to destroy.")
    assert missing == "Incomplete: 1 could not be read."


def test_no_changes_is_said_when_nothing_differs() -> None:
    """A plan without differences ends in `No changes.`, and tells what could not be verified."""
    assert _last(make_plan(NOOP)) == "No changes. 1 unchanged."
    assert _last(make_plan(NOOP, BLIND)) == "No changes. 1 unverified, 1 unchanged."


def test_where_nothing_can_be_read_nothing_is_said_to_be_unchanged() -> None:
    """A plan of webhooks whose APIs have no read says that, and not `No changes.`"""
    assert _last_two(make_plan(BLIND)) == ["1 unverified.", "Incomplete: 1 cannot be read."]


def test_what_is_blocked_is_told_last() -> None:
    """Neither a blocked webhook nor one that was not read is unchanged, and the last line counts both by kind."""
    unread = NOOP._replace(certainty=Certainty.UNKNOWN)
    plan = make_plan(NOOP, unread, unread, NOOP._replace(blocked=True))
    assert _last_two(plan) == [
        "2 unknown, 1 blocked, 1 unchanged.",
        "Incomplete: 2 could not be read, 1 is blocked.",
    ]


def test_secrets_that_cannot_be_verified_are_named() -> None:
    """They are not among the unchanged; of many of one block, the first ones and how many more there are."""
    names = [f"ci[{number:02}]" for number in range(59)] + ["web"]
    unsure = NOOP._replace(secret=SecretState.UNVERIFIABLE)
    text = plan_text(make_plan(NOOP, *(unsure._replace(name=name) for name in names)), PlanHeader(), PLAIN)
    assert "ci[00], ci[01], ci[02] and 56 more of ci; web" in text
    assert text.splitlines()[-1] == "No changes. 60 secrets unverifiable, 1 unchanged."


def test_an_orphan_is_a_difference() -> None:
    """A webhook that left the file is never hidden behind `No changes.`"""
    last = _last(make_plan(NOOP._replace(action=Action.ORPHAN)))
    assert last.startswith("Plan: 0 to add, 0 to change, 0 to destroy.")
    assert "1 orphaned" in last


def test_problems_are_told_with_no_changes() -> None:
    """Where something could not be read, nobody is told that there are no changes."""
    plan = make_plan(NOOP._replace(certainty=Certainty.UNKNOWN), problems=(Problem("network", "no answer"),))
    assert _last_two(plan) == ["1 unknown. 1 problem.", "Incomplete: 1 could not be read."]
    assert _last(make_plan(NOOP, problems=plan.problems)) == "Incomplete: 1 problem."
    assert "network: no answer" in plan_text(plan, PlanHeader(), PLAIN)


def test_every_cause_is_said_in_words() -> None:
    """Each difference says who moved: the file, the vendor, or both."""
    text = plan_text(make_plan(LEDGER), HEADER, PLAIN)
    assert re.search(r"events +\+ REFUNDED +file\n", text)
    assert re.search(r"status +active -> inactive +drift: changed at the vendor\n", text)
    assert re.search(
        r"description +Ledger -> Ledger ingestion +conflict: changed in the file and at the vendor\n", text
    )


def test_values_of_other_types_look_different() -> None:
    """The text "true" and the truth value, an empty text and nothing, can be told apart."""
    fields = (FieldChange("/options/a", "true", True, Cause.CONFIG), FieldChange("/options/b", "", " x", Cause.CONFIG))
    text = plan_text(make_plan(LEDGER._replace(fields=fields)), HEADER, PLAIN)
    assert '"true" -> true' in text
    assert '"" -> " x"' in text


@pytest.mark.parametrize("tail", ["/one", "/two"])
def test_long_values_still_show_where_they_differ(tail: str) -> None:
    """Two long values that differ at their end are not cut to the same text."""
    start = "https://hooks.acme.test/" + "x" * 300
    field = FieldChange("/url", start + "/one", start + "/two", Cause.CONFIG)
    text = plan_text(make_plan(LEDGER._replace(fields=(field,))), HEADER, PLAIN)
    assert tail in text
    assert max(map(len, text.splitlines())) <= 100


def test_foreign_text_reaches_no_control_of_the_terminal() -> None:
    """Colours, line breaks, direction overrides and other controls in vendors' texts are shown as escapes."""
    field = FieldChange("/description", HOSTILE, HOSTILE + "!", Cause.DRIFT)
    change = LEDGER._replace(
        name=HOSTILE,
        reason=HOSTILE,
        fields=(field,),
        notes=(HOSTILE,),
        remote_id=HOSTILE,
        secret_note=HOSTILE,
        scope=((HOSTILE, HOSTILE),),
    )
    problem = Problem("vendor", HOSTILE, HOSTILE, HOSTILE, HOSTILE, Location(HOSTILE, 1, 1))
    text = plan_text(make_plan(change, problems=(problem,)), PlanHeader((HOSTILE,), {"pay": HOSTILE}), PLAIN)
    assert all(char.isprintable() or char == "\n" for char in text)
    assert sum(line.startswith("Plan: ") for line in text.splitlines()) == 1
    assert "\\x1b[31m" in text


@given(PLANS)
def test_any_plan_is_plain_and_ends_in_its_totals(plan: Plan) -> None:
    """Whatever a plan holds, its text has no control characters and its last line begins with the totals."""
    text = plan_text(plan, PlanHeader(), PLAIN)
    assert all(char.isprintable() or char == "\n" for char in text)
    *totals, last = summary_text(plan).splitlines()
    assert text.splitlines()[-1 - len(totals) :] == [*totals, last]
    assert re.match(r"Plan: \d+ to add, \d+ to change, \d+ to destroy\.|No changes\.|Incomplete: \d", last)
    unseen = any(change.blocked or change.unread for change in plan.changes)
    assert ("No changes" in summary_text(plan)) <= (not unseen)


def test_colour_adds_nothing_but_colour() -> None:
    """With colours taken away, a coloured plan is the plain plan."""
    coloured = plan_text(every_action(), HEADER, Style(True, 100))
    assert re.sub(r"\x1b\[\d+m", "", coloured) == plan_text(every_action(), HEADER, PLAIN)


def test_problems_begin_with_their_place() -> None:
    """Editors find `FILE:LINE:COL:` at the start of a problem's line; its way out stands below."""
    text = problems_text([Problem("config", "no such key", "did you mean url?", at=Location("w.yaml", 3, 7))], PLAIN)
    assert text == "w.yaml:3:7: no such key\n  did you mean url?\n"
