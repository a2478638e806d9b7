"""A plan as JSON: the promise to other programs, and what a saved plan must survive."""

import json
from typing import Any

import pytest
from hypothesis import given, settings

from reconciler.codes import Code
from reconciler.errors import Location, Problem, RefusedError, StateError
from reconciler.model.action import Action
from reconciler.model.secret import SecretState
from reconciler.model.webhook import Certainty
from reconciler.planning.planfile import plan_from_json
from reconciler.planning.types import DriftReport, Plan
from reconciler.render.base import PlanHeader, Style
from reconciler.render.formats import PLAN, offered, renderer
from reconciler.render.json import drift_json, error_json, event_json, plan_json, problems_json
from reconciler.state.event import Failed
from tests.strange import with_another_type
from tests.unit.render.plans import ACCOUNT, BLIND, HOSTILE, LEDGER, NOOP, PLANS, as_saved, example, make_plan


@settings(max_examples=200)
@given(document=with_another_type(json.loads(plan_json(example()))))
def test_a_saved_plan_of_other_types_is_told_or_can_be_shown(document: Any) -> None:
    """One value of another type, and the plan is an error that says so, or one that every format can show."""
    try:
        plan = plan_from_json(json.dumps(document), "plan.json")
    except StateError:
        return
    for name in offered(PLAN):
        assert renderer(PLAN, name)(plan, PlanHeader(), Style()).text


@given(PLANS)
def test_a_saved_plan_comes_back_as_it_was(plan: Plan) -> None:
    """Writing a plan and reading it gives the same plan, so an apply runs exactly what was reviewed."""
    assert plan_from_json(plan_json(plan), "plan.json") == as_saved(plan)


@given(PLANS)
def test_what_is_complained_of_has_a_code_and_a_place(plan: Plan) -> None:
    """Programs tell problems, refusals and findings apart by `code`, and find the line of the file by `at`."""
    document = json.loads(plan_json(plan))
    for key, told in (("problems", plan.problems), ("findings", plan.findings), ("refusals", plan.refusals)):
        told_of = [(each.code, str(each.at) if each.at else None) for each in told]
        assert [(each["code"], each["at"]) for each in document[key]] == told_of
    assert [each.get("code", Code.UNCODED) for each in document["changes"]] == [each.code for each in plan.changes]
    for problem in plan.problems:
        there = problem.code, str(problem.at) if problem.at else None
        failed = json.loads(event_json(Failed("a", Action.UPDATE, problem, False, "now")))["problem"]
        (drift,) = json.loads(drift_json(DriftReport((), (problem,))))["problems"]
        (diagnostic,) = json.loads(problems_json([problem]))
        assert {(each["code"], each["at"]) for each in (failed, drift, diagnostic)} == {there}


def test_a_code_of_another_version_is_none() -> None:
    """A plan of a newer whsync can have codes that this one does not know; a place before the first line is no plan."""
    document = json.loads(plan_json(example()))
    document["problems"][1] |= {"code": "of-tomorrow"}
    assert plan_from_json(json.dumps(document), "p").problems[1].code is Code.UNCODED
    document["problems"][1] |= {"at": "webhooks.yaml:0:5"}
    with pytest.raises(StateError):
        plan_from_json(json.dumps(document), "p")


def test_the_document_has_the_promised_shape() -> None:
    """The keys that other programs rely on are always there, with null for what is not known."""
    document = json.loads(plan_json(make_plan(LEDGER, ACCOUNT)))
    assert document["format"] == "whsync.plan/1"
    assert document["basis"] == {"config": "sha256:c", "lock": "sha256:l"}
    assert document["changes"][0] == {
        "name": "ledger",
        "provider": "pay",
        "type": "pay",
        "scope": {},
        "remote_id": "wh_1",
        "action": "update",
        "certainty": "present",
        "reason": LEDGER.reason,
        "fields": [
            {"path": "/events", "before": ["CAPTURED", "OLD"], "after": ["CAPTURED", "REFUNDED"], "cause": "config"},
            {"path": "/status", "before": "active", "after": "inactive", "cause": "drift"},
            {"path": "/description", "before": "Ledger", "after": "Ledger ingestion", "cause": "conflict"},
        ],
        "secret": "same",
        "observed": "sha256:1",
        "calls": [{"method": "PUT", "url": "https://payments.acme.test/v1/webhooks/wh_1"}],
    }
    assert document["changes"][1]["remote_id"] is None
    assert document["changes"][1]["observed"] is None


def test_the_summary_counts_everything() -> None:
    """Every total is there, zeros too."""
    summary = json.loads(plan_json(example()))["summary"]
    assert summary == {
        "create": 1,
        "adopt": 0,
        "update": 1,
        "replace": 0,
        "delete": 0,
        "deactivate": 0,
        "forget": 0,
        "orphan": 0,
        "noop": 2,
        "blocked": 0,
        "unknown": 0,
        "unverifiable": 0,
        "drift": 1,
        "unverified": 1,
        "unmanaged": 1,
        "problems": 2,
        "reads": 4,
        "writes": 2,
    }


def test_noop_counts_only_what_is_as_it_should_be() -> None:
    """What is blocked, was not read, or has a secret that nobody can verify has a count of its own."""
    unread = NOOP._replace(certainty=Certainty.UNKNOWN)
    unsure = NOOP._replace(secret=SecretState.UNVERIFIABLE)
    summary = json.loads(plan_json(make_plan(NOOP, unread, unsure, NOOP._replace(blocked=True))))["summary"]
    assert {key: summary[key] for key in ("noop", "blocked", "unknown", "unverifiable")} == dict.fromkeys(
        ("noop", "blocked", "unknown", "unverifiable"), 1
    )


def test_unchanged_webhooks_are_in_the_document() -> None:
    """`changes` holds `noop` entries too, so that a program sees every webhook."""
    assert [change["name"] for change in json.loads(plan_json(make_plan(NOOP, BLIND)))["changes"]] == [
        "quiet",
        "payments",
    ]


def test_foreign_text_cannot_leave_its_string() -> None:
    """JSON on a terminal holds no control, direction or other odd character: everything beyond ASCII is escaped."""
    text = plan_json(make_plan(LEDGER._replace(name=HOSTILE, reason=HOSTILE)))
    assert all(char == "\n" or " " <= char <= "~" for char in text)
    assert plan_from_json(text, "p").changes[0].name == HOSTILE


WHOLE = plan_json(example())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        (WHOLE[: len(WHOLE) // 2], "not whole JSON"),
        ("[" * 100_000, "not whole JSON"),
        ("[]", "not a plan of whsync"),
        ('{"format": "whsync.lock/1"}', "not a plan of whsync"),
        (WHOLE.replace("whsync.plan/1", "whsync.plan/2"), "whsync.plan/2"),
        (WHOLE.replace('"action": "update"', '"action": "explode"'), "cannot be read"),
        (WHOLE.replace('"name": "ledger"', '"name": 7'), "cannot be read"),
        (WHOLE.replace('"kind": "forbidden"', '"kind": "nonsense"'), "cannot be read"),
        ('{"format": "whsync.plan/1"}', "cannot be read"),
    ],
)
def test_a_damaged_plan_is_refused_in_words(text: str, words: str) -> None:
    """An empty, truncated, foreign, newer or edited plan is never applied; the error says which, and names the file."""
    with pytest.raises(StateError) as caught:
        plan_from_json(text, "plan.json")
    assert words in caught.value.summary
    assert "plan.json" in caught.value.summary
    assert caught.value.hint


def test_keys_of_later_versions_are_passed_over() -> None:
    """A plan with further keys of the same format can still be read."""
    document = json.loads(WHOLE) | {"further": 1}
    document["changes"][0]["further"] = True
    assert plan_from_json(json.dumps(document), "p") == example()


def test_diagnostics_are_located() -> None:
    """Editors get file, line and column of each problem, or nulls."""
    placed = Problem(
        "config", "no such key", "did you mean url?", "git", "ci", Location("w.yaml", 3, 7), Code.UNKNOWN_KEY
    )
    first, second = json.loads(problems_json([placed, Problem("secret", "gone")]))
    assert first == {
        "severity": "error",
        "kind": "config",
        "code": "unknown-key",
        "summary": "no such key",
        "hint": "did you mean url?",
        "name": "ci",
        "provider": "git",
        "at": "w.yaml:3:7",
        "file": "w.yaml",
        "line": 3,
        "column": 7,
    }
    assert (second["file"], second["line"], second["column"]) == (None, None, None)


def test_an_error_is_one_line_of_json() -> None:
    """Programs that asked for JSON learn kind, summary, way out and all problems from one line."""
    error = RefusedError("too many", "raise it", problems=[Problem("unsafe", "a"), Problem("unsafe", "b")])
    (line,) = error_json(error).splitlines()
    told = json.loads(line)["error"]
    assert (told["kind"], told["summary"], told["hint"]) == ("unsafe", "too many", "raise it")
    assert [problem["summary"] for problem in told["problems"]] == ["a", "b"]
