"""`whsync schema`: JSON Schemas for editors and programs."""

import json

import pytest

from tests.cli.conftest import Run


@pytest.mark.parametrize("name", ["config", "lock", "plan", "event", "manifest"])
def test_each_schema_is_printed(run: Run, name: str) -> None:
    """Every kind of document has a schema, which is JSON on stdout and nothing else."""
    result = run("schema", name)
    assert (result.exit, result.stderr) == (0, "")
    assert json.loads(result.stdout)["$schema"].startswith("https://json-schema.org/")
