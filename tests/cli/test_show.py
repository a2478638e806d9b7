"""`whsync show`: a saved plan reads as it did when it was made."""

from pathlib import Path

import pytest

from reconciler.render.json import plan_json
from tests.cli.conftest import Run
from tests.unit.render.plans import example


def test_a_saved_plan_is_shown(run: Run, tmp_path: Path) -> None:
    """The text names the file and ends in the same totals as when it was planned."""
    (tmp_path / "p.json").write_text(plan_json(example()))
    result = run("show", "p.json")
    assert (result.exit, result.stderr) == (0, "")
    assert result.stdout.startswith("p.json, made 2026-11-21T12:00:00Z by whsync 0.1.0")
    assert result.stdout.splitlines()[-1].startswith("Plan: 1 to add, 1 to change, 0 to destroy.")


def test_json_is_the_plan_file_again(run: Run, tmp_path: Path) -> None:
    """`--format json` gives the very bytes of the plan."""
    (tmp_path / "p.json").write_text(plan_json(example()))
    assert run("show", "p.json", "--format", "json").stdout == plan_json(example())


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"{", b"{}"])
def test_what_is_no_plan_is_an_error(run: Run, tmp_path: Path, content: bytes | None) -> None:
    """A missing, empty, binary, cut or foreign file ends with 1 and is named."""
    if content is not None:
        (tmp_path / "p.json").write_bytes(content)
    result = run("show", "p.json")
    assert (result.exit, result.stdout) == (1, "")
    assert "p.json" in result.stderr


def test_a_folder_is_no_plan(run: Run, tmp_path: Path) -> None:
    """Here as in `apply`."""
    for command in ("show", "apply"):
        result = run(command, str(tmp_path))
        assert (result.exit, "is not a plan of whsync" in result.stderr) == (1, True)
