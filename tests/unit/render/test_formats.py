"""The table of formats: what can be written as what, and finding a format by its name."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest

from reconciler import render
from reconciler.errors import Problem, UsageError
from reconciler.model.action import FieldChange
from reconciler.model.webhook import Certainty
from reconciler.planning.types import Drifted, DriftReport
from reconciler.render.base import Artifacts, PlanHeader, Style
from reconciler.render.formats import (
    AUDIT,
    DRIFT,
    EVENT,
    FORMATS,
    IMPORT,
    PLAN,
    PROBLEMS,
    PROOF,
    RECORD,
    RESULT,
    Document,
    offered,
    renderer,
)
from reconciler.state.record import Proof, parse
from tests.unit.render.audits import small
from tests.unit.render.imports import everything
from tests.unit.render.plans import LEDGER, example
from tests.unit.render.test_events import AT, EVENTS
from tests.unit.test_record import WHOLE

DOCUMENTS: tuple[Document[Any], ...] = (PLAN, DRIFT, AUDIT, IMPORT, EVENT, RESULT, PROBLEMS, RECORD, PROOF)
MOVED: tuple[FieldChange, ...] = LEDGER.fields[1:2]
REPORT = DriftReport((Drifted("ledger", "pay", "pay", (), "wh_1", Certainty.PRESENT, MOVED),), ())
INPUTS: dict[str, tuple[Any, ...]] = {
    "plan": (example(), PlanHeader(), Style()),
    "drift": (REPORT, {"pay": "https://p.test"}, Style()),
    "audit": (small(), PlanHeader(), Style()),
    "import": (everything(), {}, Style()),
    "event": (EVENTS[0], AT, Style()),
    "result": (example(), EVENTS, PlanHeader(), Style()),
    "problems": ([Problem("config", "no such key")], Style()),
    "record": (parse(WHOLE), "webhooks.record", Style()),
    "proof": (Proof(parse(WHOLE), "webhooks.record"), Style()),
}


@pytest.mark.parametrize(("document", "name"), [(each, name) for each in DOCUMENTS for name in offered(each)], ids=str)
def test_every_offered_format_writes_its_documents(document: Document[Any], name: str) -> None:
    """What `--format` offers for a document gives text for it, and nothing for a CI that nobody asked for."""
    artifacts = renderer(document, name)(*INPUTS[document.name])
    assert artifacts.text
    assert (artifacts == Artifacts(artifacts.text)) is (name != "github")


def test_the_table_is_the_whole_truth() -> None:
    """Every renderer of every module of this wing stands in the table under its module's name, and no other does."""
    renderers = {
        (module.name, document)
        for module in iter_modules(render.__path__)
        for document in DOCUMENTS
        if hasattr(import_module(f"reconciler.render.{module.name}"), f"render_{document.name}")
    }
    assert renderers == {(name, document) for name, form in FORMATS.items() for document in form.documents}
    assert {name: form.module for name, form in FORMATS.items()} == {
        name: f"reconciler.render.{name}" for name in FORMATS
    }


def test_every_format_but_tables_writes_plans() -> None:
    """`--report` and `show` take each format that is for plans, and give whole lines for the same plan."""
    assert set(FORMATS) - set(offered(PLAN)) == {"csv"}
    assert all(renderer(PLAN, name)(example(), PlanHeader(), Style()).text.endswith("\n") for name in offered(PLAN))


def test_every_format_writes_audits() -> None:
    """`audit` takes each format that there is, and gives whole lines."""
    assert set(offered(AUDIT)) == set(FORMATS)
    assert all(renderer(AUDIT, name)(small(), PlanHeader(), Style()).text.endswith("\n") for name in FORMATS)


@pytest.mark.parametrize(("name", "hint"), [("jsn", "did you mean `json`?"), ("zzz", "there are: "), ("base", "")])
def test_an_unknown_format_is_wrong_usage(name: str, hint: str) -> None:
    """A misspelt format is answered with the nearest one, and no helper module passes for a format."""
    with pytest.raises(UsageError) as caught:
        renderer(PLAN, name)
    assert hint in caught.value.hint
