"""Equal changes of a block in text: told once, never at the cost of what somebody must see of one webhook."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import Problem
from reconciler.model.action import Action, Cause, FieldChange, Finding, PlannedCall
from reconciler.model.webhook import Certainty
from reconciler.planning.types import Change, Drifted, DriftReport, Plan, Refusal
from reconciler.render.base import PlanHeader, Style
from reconciler.render.text.drift import drift_text
from reconciler.render.text.plan import plan_text
from tests.unit.render.plans import LEDGER, PLANS, make_plan

PLAIN = Style(False, 100)


def hook(key: object, **how: Any) -> Change:
    """One of a block whose URL moved."""
    field = FieldChange("/url", f"https://old.test/{key}", f"https://new.test/{key}", Cause.CONFIG)
    calls = (PlannedCall("PUT", f"https://pay.test/hooks/{key}"),)
    return LEDGER._replace(name=f"ci[{key}]", fields=(field,), calls=calls)._replace(**how)


def block(number: int, **how: Any) -> list[Change]:
    """So many of them, all alike."""
    return [hook(f"r{key}", **how) for key in range(number)]


def text(plan: Plan, full: bool = False) -> str:
    """The plan as text."""
    return plan_text(plan, PlanHeader(), PLAIN._replace(full=full))


def test_a_group_says_how_many_and_which() -> None:
    """Sixty that change alike are one entry that names the one that is not among them, which stands below it."""
    told = text(make_plan(*block(59), hook("r59", reason="somebody moved it")))
    assert "  ~ ci[59 of 60]  update      the file changed, and so did the vendor\n" in told
    assert re.search(r"which +all but ci\[r59\] +--full tells of each\n", told)
    assert re.search(r"url +https://old.test/\$\{each\} -> https://new.test/\$\{each\} +file\n", told)
    assert "\n      PUT, 59 times\n" in told
    assert re.search(r"\n  ~ ci\[r59\] +update +somebody moved it\n", told)
    assert "ci[r7]" not in told


def test_when_each_was_applied_makes_no_difference() -> None:
    """An apply takes its time: what it did within some seconds is told as one, and so is what nobody can read."""
    moments = [f"2026-11-20T08:00:0{second}Z" for second in range(5)]
    assert "ci[5 of 5]" in text(make_plan(*(hook(at, last_applied=at) for at in moments)))
    unread = hook("x", action=Action.NOOP, certainty=Certainty.UNREADABLE, fields=(), calls=())
    told = text(make_plan(*(unread._replace(name=f"ci[{n}]", last_applied=at) for n, at in enumerate(moments))))
    assert re.search(r"\? ci\[5 of 5\] +unverified .*; last applied 2026-11-20\n", told)


def test_the_fewer_are_named() -> None:
    """Of a small part of a block its own names are told; of a whole one, that it is whole; of very many, the first."""
    quiet = [LEDGER._replace(name=f"ci[q{key}]", action=Action.NOOP, fields=(), calls=()) for key in range(9)]
    assert re.search(r"which +ci\[r0\], ci\[r1\], ci\[r2\] ", text(make_plan(*block(3), *quiet)))
    assert re.search(r"~ ci\[3 of 3\] .*\n +which +all +--full", text(make_plan(*block(3))))
    many = text(make_plan(*block(40), *(hook(f"x{key}", reason=str(key)) for key in range(80))))
    assert "ci[r19] and 20 more" in many


@pytest.mark.parametrize("number", [1, 2])
def test_one_or_two_are_no_group(number: int) -> None:
    """What is as quickly read one by one is told one by one."""
    told = text(make_plan(*block(number)))
    assert " of " not in told
    assert told.count("  ~ ci[r") == number


def test_full_tells_of_each() -> None:
    """`--full` hides nothing behind a group."""
    told = text(make_plan(*block(60)), full=True)
    assert told.count("  ~ ci[r") == 60
    assert "${each}" not in told


@pytest.mark.parametrize(
    "how",
    [
        *({"action": action} for action in Action if action not in (Action.CREATE, Action.UPDATE)),
        {"blocked": True},
        {"action": Action.NOOP, "certainty": Certainty.UNKNOWN},
    ],
    ids=str,
)
def test_what_must_be_seen_of_each_is_told_of_each(how: dict[str, Any]) -> None:
    """Who loses a webhook, is bound to one, or cannot go on reads of each of them, however alike they are."""
    told = text(make_plan(*block(5, **how)))
    assert "5 of 5" not in told
    assert "${each}" not in told


def test_webhooks_that_are_complained_of_stand_alone() -> None:
    """A problem, a refusal or a finding of one webhook takes it out of its group, so that its entry is found."""
    named = {
        "problems": (Problem("vendor", "no", name="ci[r0]"), Problem("vendor", "no", names=("ci[r1]", "ci[r2]"))),
        "refusals": (Refusal("protected", name="ci[r3]"),),
        "findings": (Finding("duplicate", "twice", "pay", (), None, "ci[r4]"),),
    }
    told = text(make_plan(*block(9), **named))
    assert "ci[4 of 9]" in told
    assert [f"  ~ ci[r{key}] " in told for key in range(9)] == [True] * 5 + [False] * 4


def test_webhooks_that_cannot_be_read_are_a_group() -> None:
    """An API without reads does not fill every plan with the same line."""
    unread = block(7, action=Action.NOOP, certainty=Certainty.UNREADABLE, fields=(), calls=())
    assert "  ? ci[7 of 7]  unverified" in text(make_plan(*unread))


def test_a_key_that_stands_there_already_is_no_other_ones() -> None:
    """A value that reads as `${each}` itself is never taken for one that holds the key."""
    moved = [hook(key, reason=f"called {said}") for key, said in (("a", "a"), ("b", "b"), ("c", "${each}"), ("d", "d"))]
    told = text(make_plan(*moved))
    assert "ci[3 of 4]" in told
    assert "called ${each}\n" in told
    assert re.search(r"~ ci\[c\] .*called \$\{each\}\n", told)


@given(PLANS, st.booleans())
def test_no_webhook_is_lost(plan: Plan, wraps: bool) -> None:
    """Groups and single entries together are as many as the plan lists, and nobody's deletion is among the groups."""
    from reconciler.render.groups import folded
    from reconciler.render.words import listed

    groups = folded(listed(plan), plan)
    assert sum(len(group.keys) or 1 for group in groups) == len(listed(plan))
    assert all(group.change.action in (Action.CREATE, Action.UPDATE, Action.NOOP) for group in groups if group.keys)
    assert all(len(group.keys) != 2 for group in groups)


@pytest.mark.parametrize("mark", ["[red]", "[link=https://x.test]x[/link]", "[/]", ":boom:"])
def test_markup_of_a_console_is_text(mark: str) -> None:
    """What looks like some console's markup is told as it stands, in a group, too."""
    field = FieldChange("/description", mark, f"{mark}!", Cause.DRIFT)
    for style in (Style(True, 100, True), Style(False, 60, True), PLAIN):
        told = plan_text(make_plan(*block(4, fields=(field,), reason=mark)), PlanHeader(), style)
        assert f"-> {mark}!" in told
        assert told.count(mark) == 3


def test_drift_of_a_block_is_told_once() -> None:
    """Sixty webhooks that somebody switched off are one entry; who is gone, or has a problem, is told alone."""
    off = (FieldChange("/status", "active", "inactive", Cause.DRIFT),)
    moved = [Drifted(f"ci[r{n}]", "pay", "pay", (), str(n), Certainty.PRESENT, off) for n in range(60)]
    gone = [moved[n]._replace(certainty=Certainty.ABSENT, fields=()) for n in range(5)]
    report = DriftReport((*gone, *moved[5:]), (Problem("secret", "no", name="ci[r59]"),))
    told = drift_text(report, {}, PLAIN)
    assert "  ~ ci[54 of 60]  changed at the vendor\n" in told
    assert "all but ci[r0], ci[r1], ci[r2], ci[r3], ci[r4], ci[r59]" in told
    assert told.count("gone at the vendor") == 5
    assert "  ~ ci[r59] " in told
    assert drift_text(report, {}, PLAIN._replace(full=True)).count("  ~ ci[r") == 55
