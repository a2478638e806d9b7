"""Every format of the same documents, word for word, with the exit code first."""

import os
from pathlib import Path

import pytest

from reconciler import __version__
from reconciler.render.formats import PLAN, offered
from tests.unit.render.samples import SAMPLES

GOLDEN = Path(__file__).parent / "golden" / "formats"
UPDATE = bool(os.environ.get("WHSYNC_UPDATE_GOLDEN"))
"""Set this variable to write the golden files anew; then read their diff."""


@pytest.mark.parametrize("form", sorted(set(offered(PLAN)) - {"html"}))
@pytest.mark.parametrize("name", SAMPLES)
def test_documents_read_as_agreed(name: str, form: str) -> None:
    """A document reads as in its golden file, so that a change of what a pipeline reads is a decision."""
    made = SAMPLES[name].written(form)
    beside = [*made.annotations, *(f"{key}={value}" for key, value in made.outputs.items())]
    text = "\n".join([f"exit {SAMPLES[name].code}", *beside, "", made.text]).replace(__version__, "VERSION")
    file = GOLDEN / f"{name}.{form}"
    if UPDATE:
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    assert text == file.read_text(encoding="utf-8")
