"""Results of applies, and records of runs, that pages are made of in the tests of `render.html` and of the browser."""

from typing import Any, NamedTuple

from reconciler.codes import Code
from reconciler.errors import Problem
from reconciler.model.action import Action
from reconciler.model.provenance import Run
from reconciler.model.webhook import Entry, Fields
from reconciler.planning.types import Change, Plan
from reconciler.render.base import PlanHeader
from reconciler.state.event import Applied, Event, Failed, Finished, Removed, Skipped, Started, Unplanned, Withdrawn
from reconciler.state.record import Record, line_of, parse
from tests.unit.render.plans import HEADER, every_action, example, make_plan
from tests.unit.render.reports import EVIL, block, history, hostile

BEGAN, ENDED = "2026-11-21T12:01:00Z", "2026-11-21T12:03:00Z"
RUN = Run("9f77", BEGAN, "ada", "ci-7", "c0ffee", "https://ci.acme.test/runs/7")


class Outcome(NamedTuple):
    """A plan, what became of it, and what stands above it."""

    plan: Plan
    events: list[Event]
    header: PlanHeader


def applied(change: Change, **how: Any) -> Applied:
    """The change is done."""
    entry = Entry(change.provider, change.type, "https://p.test", change.scope, "new-1", Fields(), None)
    entry = entry._replace(by=RUN, at=ENDED)
    return Applied(change.name, change.action, entry, ENDED, fields=change.fields)._replace(**how)


def outcome() -> Outcome:
    """A change of each kind that came to each end that there is."""
    plan = every_action()._replace(findings=example().findings)
    changes = {change.name: change for change in plan.changes}
    refused = Problem(
        "forbidden", "d-replace: the token may not write", "give it the scope `hooks`", "pay", "d-replace"
    )
    lost = Problem("network", "no answer came", "apply again", "pay", "f-deactivate", code=Code.ANSWER_LOST)
    not_whole = Problem("secret", "its place does not have it", "see rescue/c", "pay", "c-update")
    events: list[Event] = [
        Started(7, 7, BEGAN),
        Unplanned(example().problems[0]),
        applied(changes["a-create"]),
        applied(changes["b-adopt"], notes=("kept what it had",)),
        applied(changes["c-update"]),
        Failed("c-update", Action.UPDATE, not_whole, False, ENDED, True, changes["c-update"].fields),
        Failed("d-replace", Action.REPLACE, refused, False, ENDED, False, changes["d-replace"].fields),
        Removed("e-delete", Action.DELETE, ENDED),
        Failed("f-deactivate", Action.DEACTIVATE, lost, True, ENDED),
        Skipped("g-forget", Action.FORGET, "interrupted"),
        Finished(4, 3, 1, False, ENDED, 1),
    ]
    histories = {name: history(number) for number, name in enumerate(changes)}
    return Outcome(plan, events, HEADER._replace(histories=histories, record=recorded("c-update", "k-noop")))


def hostile_outcome() -> Outcome:
    """Every text that somebody else may have written is `EVIL`, in what became of a plan and in a record, too."""
    plan, header = hostile()
    one, first, second, third, _ = plan.changes
    problem = Problem("vendor", EVIL, EVIL, EVIL, EVIL)
    entry = Entry(EVIL, EVIL, EVIL, ((EVIL, EVIL),), EVIL, Fields(), None)
    by = Run(EVIL, EVIL, EVIL, EVIL, EVIL, f"javascript:{EVIL}")
    events: list[Event] = [
        Applied(one.name, one.action, entry._replace(by=by, at=EVIL), EVIL, (EVIL,), one.fields),
        Failed(first.name, first.action, problem, True, EVIL, False, one.fields),
        Skipped(second.name, second.action, EVIL),
        Withdrawn(third.name, third.action, EVIL),
        Finished(1, 1, 2, True, EVIL),
    ]
    return Outcome(plan, events, header._replace(record=hostile_record()))


def large_outcome() -> Outcome:
    """Ten thousand webhooks, all changed, each with a history of three recorded runs."""
    plan = make_plan(*block("ci", 10_000, 10_000))
    names = [change.name for change in plan.changes]
    return Outcome(
        plan,
        [*map(applied, plan.changes), Finished(10_000, 0, 0, False, ENDED)],
        HEADER._replace(record=recorded(*names)),
    )


def chained(*lines: dict[str, Any]) -> Record:
    """A record of these lines."""
    head, made = None, list[bytes]()
    for told in lines:
        line, head = line_of(told, head)
        made.append(line)
    return parse(b"".join(made))


def run_lines(number: int, *changes: dict[str, Any], drift: int | None = 0, **by: str) -> list[dict[str, Any]]:
    """The lines of one run."""
    stamp = {"run": f"r{number:03}", "at": f"2026-{number // 28 + 1:02}-{number % 28 + 1:02}T10:00:00Z"}
    start = {"record": "run", **stamp, "format": "whsync.record/1", "command": "apply" if changes else "drift"}
    who = {"user": ("ada", "grace")[number % 2], "host": "ci-1", "url": f"https://ci.acme.test/runs/{number % 9}", **by}
    seen = {} if drift is None else {"drift": {"webhooks": 20, "drift": drift, "unseen": number % 2}}
    told = [{"record": "change", **stamp, **change} for change in changes]
    return [{**start, "by": who}, *told, {"record": "end", **stamp, "result": "done", "exit": 0, **seen}]


def recorded(*names: str) -> Record:
    """Three applies that changed these webhooks, and seven looks for drift between them."""
    lines: list[dict[str, Any]] = []
    for number in range(10):
        changes = [{"name": name, "action": "update", "result": "applied"} for name in names] if number % 4 == 0 else []
        lines += run_lines(number, *changes, drift=number % 4)
    return chained(*lines)


def hostile_record() -> Record:
    """A record whose every text somebody else has written."""
    words = ("name", "action", "result", "reason", "because", "provider", "remote_id")
    change: dict[str, Any] = dict.fromkeys(words, EVIL)
    change |= {"scope": {EVIL: EVIL}, "problem": {"summary": EVIL}, "fields": [{"path": EVIL}]}
    stamp = {"run": EVIL, "at": EVIL}
    by = {"user": EVIL, "host": EVIL, "commit": EVIL, "url": f"javascript:{EVIL}"}
    start = {"record": "run", **stamp, "format": "whsync.record/1", "command": EVIL, "by": by}
    error = {"code": EVIL, "summary": EVIL}
    end = {"record": "end", **stamp, "result": EVIL, "exit": 0, "error": error}
    return chained(start, {"record": "change", **stamp, **change}, {**end, "drift": {"drift": 1, "webhooks": 1}})
