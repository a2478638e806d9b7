"""What a renderer makes beside its text reaches whoever reads it, also where the text goes into a file."""

from pathlib import Path

import pytest

from reconciler.cli.context import Context
from reconciler.cli.reports import Report, write_reports
from reconciler.planning.types import Plan
from reconciler.render import json
from reconciler.render.base import Artifacts, PlanHeader, Style
from tests.unit.render.plans import example

MADE = Artifacts("the text", ("::error file=w.yaml::no such key",), {"pending": "2"})
BESIDE = "::error file=w.yaml::no such key\npending=2\n"


def test_nothing_of_it_is_lost(capsys: pytest.CaptureFixture[str]) -> None:
    """The text is data and alone on stdout; annotations and outputs follow on stderr, where a runner reads them."""
    Context().deliver(MADE)
    assert capsys.readouterr() == ("the text\n", BESIDE)


def test_a_report_keeps_to_its_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A report's text goes into its file as it is, and what is beside it goes where it always goes."""

    def made(plan: Plan, header: PlanHeader, style: Style) -> Artifacts:
        return MADE

    monkeypatch.setattr(json, "render_plan", made)
    write_reports([Report("json", tmp_path / "plan.json")], example(), PlanHeader(), Context())
    assert (tmp_path / "plan.json").read_text() == "the text"
    assert capsys.readouterr() == ("", BESIDE)
