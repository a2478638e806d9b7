"""Documents as one JSON object a line."""

import json

from hypothesis import given

from reconciler.planning.types import Plan
from reconciler.render import ndjson
from reconciler.render.base import PlanHeader, Style
from reconciler.render.json import event_json, plan_json
from tests.unit.render.plans import PLANS
from tests.unit.render.test_events import AT, EVENTS

LISTS = {"change": "changes", "unmanaged": "unmanaged", "problem": "problems", "finding": "findings"}


@given(PLANS)
def test_the_lines_of_a_plan_hold_the_whole_document(plan: Plan) -> None:
    """Who reads line by line gets what the one document holds, the head first, each item once and in its order."""
    head, *lines = map(json.loads, ndjson.render_plan(plan, PlanHeader(), Style()).text.splitlines())
    document = json.loads(plan_json(plan))
    records = {**LISTS, "refusal": "refusals"} | ({"discovered": "discovered"} if plan.discovered else {})
    whole = {**head} | {key: [] for key in records.values()}
    for line in lines:
        whole[records[line.pop("record")]].append(line)
    assert whole.pop("record") == "plan"
    assert whole == document


def test_events_are_the_same_lines_in_both() -> None:
    """`apply --format ndjson` is `apply --format json`, which has one event a line already."""
    assert [ndjson.render_event(event, AT, Style()).text for event in EVENTS] == [event_json(e, AT) for e in EVENTS]
