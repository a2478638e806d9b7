"""The JSON Schemas: current in `schemas/`, and true of what whsync writes."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from reconciler.cli.schema import SCHEMAS, schema_text
from reconciler.model.webhook import Part
from reconciler.planning.types import DriftReport, Plan
from reconciler.render.base import Style
from reconciler.render.formats import PROBLEMS, renderer
from reconciler.render.json import event_json, plan_json
from reconciler.render.schema import event_schema, lock_schema, plan_schema
from reconciler.state.lock import Lock, to_json
from tests.unit.render.plans import PLANS, example
from tests.unit.render.samples import SAMPLES
from tests.unit.render.sarif import complaints, official
from tests.unit.render.test_events import AT, ENTRY, EVENTS

KEPT = Path(__file__).parents[3] / "schemas"
UPDATE = bool(os.environ.get("WHSYNC_UPDATE_GOLDEN"))
"""Set this variable to write the schemas anew; then read their diff."""


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_kept_schema_is_current(name: str) -> None:
    """Editors that follow `$schema` to `schemas/` see what `whsync schema` prints."""
    file = KEPT / f"{name}.schema.json"
    if UPDATE:
        file.write_text(schema_text(name), encoding="utf-8")
    assert file.read_text(encoding="utf-8") == schema_text(name)


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schema_is_a_schema(name: str) -> None:
    """Every schema is itself valid, so that no editor rejects it."""
    Draft202012Validator.check_schema(SCHEMAS[name]())


PLAN, LOCK, EVENT = (Draft202012Validator(schema()) for schema in (plan_schema, lock_schema, event_schema))


@given(PLANS)
def test_plans_keep_to_their_schema(plan: Plan) -> None:
    """Every plan that can be written is valid, digests aside, which hypothesis makes up."""
    document = json.loads(plan_json(plan._replace(basis=example().basis)))
    assert [error.message for error in PLAN.iter_errors(document)] == []


def test_locks_keep_to_their_schema() -> None:
    """A lock with everything in it is valid, and one with an entry cut short is not."""
    full = ENTRY._replace(
        parts=(Part("a", "1"),), orphan_parts=(Part("b", None, "https://b.test"),), retired=True, at=AT
    )
    document = json.loads(to_json(Lock({"a": full, "b": ENTRY._replace(secret=None, remote_id=None)})))
    assert [error.message for error in LOCK.iter_errors(document)] == []
    del document["webhooks"]["a"]["applied"]
    assert not LOCK.is_valid(document)


def test_events_keep_to_their_schema() -> None:
    """Every line of `apply --format json` is valid, and a made-up event is not."""
    assert [error.message for event in EVENTS for error in EVENT.iter_errors(json.loads(event_json(event)))] == []
    assert not EVENT.is_valid({"event": "exploded"})


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_keep_to_their_schemas(name: str) -> None:
    """Every JSON of the samples is valid; SARIF against what the standard demands."""
    sample = SAMPLES[name]
    whole = "drift" if isinstance(sample.told, DriftReport) else "plan"
    documents = {
        schema: json.loads(sample.written(form).text)
        for schema, form in ((whole, "json"), ("counts", "gitlab"), ("codequality", "codequality"))
    }
    lines = [json.loads(line) for line in sample.written("ndjson").text.splitlines()]
    told = [*documents.items(), *(("ndjson", line) for line in lines)]
    found = [
        error.message
        for schema, document in told
        for error in Draft202012Validator(SCHEMAS[schema]()).iter_errors(document)
    ]
    assert found == []
    assert complaints(json.loads(sample.written("sarif").text)) == []


def test_sarif_keeps_to_the_standards_own_schema(pytestconfig: pytest.Config) -> None:
    """What code hosts take in is what the standard's authors check with; a log without a tool is not."""
    schema = official(pytestconfig)
    for name, sample in SAMPLES.items():
        log = json.loads(sample.written("sarif").text)
        assert complaints(log, schema) == [], name
    del log["runs"][0]["tool"]
    assert not schema.is_valid(log)


def test_problems_keep_to_their_schemas() -> None:
    """What `validate` tells editors and hosts of code is valid, and each line of it, too."""
    problems = SAMPLES["problems"].told.problems
    for form, schema in (("json", "problems"), ("gitlab", "codequality"), ("codequality", "codequality")):
        document = json.loads(renderer(PROBLEMS, form)(problems, Style()).text)
        assert len(document) == len(problems)
        Draft202012Validator(SCHEMAS[schema]()).validate(document)
    for line in renderer(PROBLEMS, "ndjson")(problems, Style()).text.splitlines():
        Draft202012Validator(SCHEMAS["ndjson"]()).validate(json.loads(line))
