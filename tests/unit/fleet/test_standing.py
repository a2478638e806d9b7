"""How tenants stand, what is due, which exit code all of it makes, and how that is told."""

import itertools
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.cli.fleet_shown import FORMATS, Shown, written
from reconciler.fleet.metrics import metrics_text
from reconciler.fleet.outcome import result_of
from reconciler.fleet.standing import Standing, exit_code, is_due, standing, standings, worst
from reconciler.fleet.types import Fleet, Result, Tenant
from reconciler.render.base import Style

NOON, LATER = "2026-11-30T12:00:00Z", "2026-11-30T13:00:00Z"


def tenant(name: str = "shop", schedule: int | None = None) -> Tenant:
    """A tenant with this schedule."""
    return Tenant(name, ("/shop/webhooks.yaml",), "/shop", schedule=schedule)


def result(command: Any = "drift", at: str = NOON, code: int = 0, **more: Any) -> Result:
    """A result whose document says that all is well, unless more is said."""
    return Result(**{**Result("shop", command, at, 1.5, code, None, {"webhooks": []})._asdict(), **more})


def drifted(name: str = "ci") -> dict[str, Any]:
    """A drift report with one webhook, which was changed."""
    webhook = {"name": name, "provider": "hub", "certainty": "present", "differs": True}
    return {"differs": True, "webhooks": [webhook]}


@pytest.mark.parametrize(
    ("schedule", "results", "word", "code"),
    [
        (None, [], "never", 1),
        (None, [result()], "fine", 0),
        (None, [result(code=2, document=drifted())], "drift", 2),
        (None, [result("apply", code=3)], "refused", 3),
        (None, [result("plan", code=1, document=None)], "failed", 1),
        (None, [result("apply", code=130)], "failed", 1),
        (3600, [result()], "fine", 0),
        (3599, [result()], "overdue", 1),
        (3599, [result(code=1)], "failed", 1),
        (60, [result(), result("plan", LATER)], "fine", 0),
        (None, [result(code=2, document=drifted()), result("apply", LATER)], "fine", 0),
    ],
)
def test_how_a_tenant_stands(schedule: int | None, results: list[Result], word: str, code: int) -> None:
    """By its last result of any command; what is too old, or was never seen, is not fine."""
    found = standing(tenant(schedule=schedule), results, LATER)
    assert (found.word, exit_code([found])) == (word, code)


def test_what_an_apply_would_change_is_told() -> None:
    """A plan with changes is no failure and not all well either."""
    change = {"name": "ci", "provider": "hub", "action": "create", "certainty": "absent", "fields": []}
    found = standing(tenant(), [result("plan", document={"changes": [change]})], LATER)
    assert (found.word, exit_code([found])) == ("differs", 0)


def test_the_worst_wins() -> None:
    """Interrupted before refused before failed before different before fine, in whatever order; no tenant is fine."""
    for codes in itertools.permutations((0, 2, 1, 3, 130)):
        assert worst(codes) == 130
        assert worst(set(codes) - {130}) == 3
        assert worst(set(codes) - {130, 3}) == 1
        assert worst(set(codes) - {130, 3, 1}) == 2
    assert worst([]) == 0
    assert worst([0, 64]) == worst([2, -9]) == 1


@given(st.lists(st.sampled_from([0, 1, 2, 3, 130]), min_size=1), st.lists(st.sampled_from([0, 1, 2, 3, 130])))
def test_more_tenants_never_make_it_better(some: list[int], others: list[int]) -> None:
    """The exit code is that of one of them, and one more tenant leaves it or makes it worse."""
    order = [0, 2, 1, 3, 130]
    assert worst(some) in some
    assert order.index(worst([*some, *others])) >= order.index(worst(some))


def test_what_is_due() -> None:
    """Without a result of that command, without a schedule, or once the result is as old as the schedule says."""
    kept = {("shop", "drift"): result(at=NOON)}
    assert is_due(tenant(schedule=3600), "drift", {}, LATER)
    assert is_due(tenant(), "drift", kept, LATER)
    assert is_due(tenant(schedule=3600), "drift", kept, LATER)
    assert not is_due(tenant(schedule=3601), "drift", kept, LATER)
    assert is_due(tenant(schedule=3601), "plan", kept, LATER)
    assert not is_due(tenant(schedule=60), "drift", {("shop", "drift"): result(at=LATER)}, NOON)


def some_standings() -> tuple[Standing, ...]:
    """A tenant of each kind, with foreign text wherever some may be."""
    hostile = 'x"\\\n<script>alert(1)</script>\x1b[31m'
    report = drifted(hostile)
    report["webhooks"][0]["provider"] = hostile
    told = {"kind": "vendor", "code": "no-answer", "summary": hostile, "hint": hostile, "provider": hostile, "at": None}
    kept = {
        ("shop", "drift"): result(code=2, document=report),
        ("bad", "plan"): result("plan", code=1, document=None, tenant="bad", problems=(told,) * 5),
    }
    tenants = (tenant("shop", 60), tenant("bad"), tenant("new", 60))
    return standings(Fleet("fleet.yaml", tenants, ".whsync-fleet"), kept, LATER)


@pytest.mark.parametrize("form", FORMATS)
def test_foreign_text_breaks_out_of_no_format(form: str) -> None:
    """Names and sentences of vendors stay text in a terminal, a page, a document and a label."""
    shown = Shown("status", LATER, "fleet.yaml", 1, some_standings(), {"bad": "kept/bad.plan.json"})
    text = written(form, shown, Style())
    assert "\x1b" not in text
    assert form != "html" or "<script>alert" not in text
    if form == "json":
        assert [each["state"] for each in json.loads(text)["tenants"]] == ["overdue", "failed", "never"]
    if form == "text":
        assert text.splitlines()[-1] == "Fleet: 3 tenants: 1 overdue, 1 never run, 1 failed."
        assert "and 2 more: kept/bad.plan.json" in text


def test_a_page_tells_of_each_tenant_by_itself() -> None:
    """Tenants of which the same is told have a line each, and their states are counted."""
    tenants = (tenant("shop"), tenant("pay"))
    kept = {(each.name, "drift"): result(tenant=each.name) for each in tenants}
    found = standings(Fleet("fleet.yaml", tenants, "kept"), kept, LATER)
    text = written("html", Shown("status", LATER, "fleet.yaml", 0, found, {}), Style())
    assert "<h1>Fleet</h1>" in text
    assert [text.count(f"<strong>{name}</strong>") or text.count(f">{name}<") for name in ("shop", "pay")] == [1, 1]
    assert "2 webhooks" not in text
    assert "<b>2</b>" in text


LINE = re.compile(r'[a-z_]+\{([a-z]+="(?:[^"\\\n]|\\["\\n])*",?)+\} -?[0-9.e+]+')


def test_metrics_are_what_prometheus_reads() -> None:
    """Each metric has its HELP and TYPE once, before its samples; labels are escaped; an unseen tenant has no drift."""
    text = metrics_text(some_standings())
    lines = text.split("\n")
    assert lines.pop() == ""
    samples = [line for line in lines if not line.startswith("#")]
    assert [line for line in samples if not LINE.fullmatch(line)] == []
    types = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(types) == len(set(types))
    assert {line.partition("{")[0] for line in samples} == set(types)
    assert 'whsync_drift{tenant="shop"} 1' in samples
    assert 'whsync_drift{tenant="bad"}' not in text
    assert 'whsync_overdue{tenant="new"} 1' in samples
    assert 'whsync_last_run_timestamp_seconds{tenant="shop",command="drift"} 1796040000' in samples
    assert sum('state="drifted"} 1' in line for line in samples) == 1


def ended(command: Any, code: int, stdout: str = "", report: str = "") -> Result:
    """What is made of a process that ended so."""
    return result_of("shop", command, code, stdout, report, at=NOON, seconds=1.0)


def test_a_process_that_was_killed_says_by_what() -> None:
    """Half a document is none; the exit code is an error, the signal is told."""
    found = ended("plan", -9, '{"format": "whsync.plan/1", "chan')
    assert (found.exit_code, found.signal, found.document) == (1, 9, None)
    assert "SIGKILL" in found.problems[0]["summary"]


def test_a_process_that_failed_says_why() -> None:
    """What took the document's place is the tenant's problems; one that said nothing is a problem, too."""
    told = {"kind": "auth", "code": "no-token", "summary": "no", "hint": "", "provider": None, "at": None}
    error = json.dumps({"error": {"kind": "auth", "summary": "no", "hint": "", "problems": [told]}})
    assert ended("drift", 1, error).problems == (told,)
    assert ended("apply", 3, error).problems == (told,)
    assert "said nothing" in ended("plan", 64).problems[0]["summary"]
    assert ended("plan", 64).exit_code == 1
    assert ended("plan", 1, "Traceback: hunter2").problems[0]["summary"] == "its process ended with 1 and said nothing"


def test_an_apply_that_was_killed_keeps_what_it_had_done() -> None:
    """Its plan was written down before, its events were told as they came."""
    plan = json.dumps({"format": "whsync.plan/1", "changes": [{"name": "ci"}]})
    failed = {"event": "failed", "name": "web", "problem": {"kind": "vendor", "summary": "no", "hint": ""}}
    events = [{"event": "started", "format": "whsync.event/1"}, {"event": "applied", "name": "ci"}, failed]
    found = ended("apply", -9, "\n".join(map(json.dumps, events)) + '\n{"event": "appl', plan)
    assert found.document == {"format": "whsync.plan/1", "changes": [{"name": "ci"}], "events": events}
    assert [each["summary"] for each in found.problems[1:]] == ["no"]
