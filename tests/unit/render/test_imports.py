"""How an import reads: golden files, its schema, and what others wrote."""

import json
import os
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from reconciler.cli.schema import SCHEMAS
from reconciler.render.base import Style
from reconciler.render.formats import IMPORT, offered, renderer
from tests.unit.render.imports import ADDRESSES, everything, nothing, only_shown

GOLDEN = Path(__file__).parent / "golden" / "imports"
UPDATE = bool(os.environ.get("WHSYNC_UPDATE_GOLDEN"))
REPORTS = {"everything": everything(), "only-shown": only_shown(), "nothing": nothing()}


@pytest.mark.parametrize("form", offered(IMPORT))
@pytest.mark.parametrize("name", REPORTS)
def test_imports_read_as_agreed(name: str, form: str) -> None:
    """An import reads as in its golden file, so that a change of what people read is a decision."""
    text = renderer(IMPORT, form)(REPORTS[name], ADDRESSES, Style()).text
    file = GOLDEN / f"{name}.{form}"
    if UPDATE:
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", REPORTS)
def test_imports_keep_to_their_schema(name: str) -> None:
    """Every JSON of an import is valid, and its counts are those of its lists."""
    document = json.loads(renderer(IMPORT, "json")(REPORTS[name], ADDRESSES, Style()).text)
    Draft202012Validator(SCHEMAS["import"]()).validate(document)
    assert document["summary"]["imported"] == len(document["imported"])
    assert document["complete"] == (not document["problems"])


def test_long_sentences_fit_a_terminal() -> None:
    """Where text wraps, no line is wider than the terminal."""
    text = renderer(IMPORT, "text")(everything(), ADDRESSES, Style(width=60, wraps=True)).text
    assert all(len(line) <= 60 for line in text.splitlines() if not re.search(r"\S{50,}", line))
