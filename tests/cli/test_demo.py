"""`whsync demo`: a story that leaves nothing behind."""

import os
from pathlib import Path

from tests.cli.conftest import Run


def test_the_demo_is_nobodys_business_but_its_own(run: Run, tmp_path: Path) -> None:
    """A shell that is set up for the user's own files neither changes the story nor has it change those files."""
    (tmp_path / "prod.lock.json").write_text(held := '{"format": "whsync.lock/1", "webhooks": {}}')
    mine = {"LOCK": "prod.lock.json", "CONFIG": "prod.yaml", "QUIET": "1"}
    result = run("demo", env={f"WHSYNC_{name}": value for name, value in mine.items()})
    assert result.exit == 0, result
    assert [path.name for path in tmp_path.iterdir()] == ["prod.lock.json"]
    assert (tmp_path / "prod.lock.json").read_text() == held
    assert not [name for name in os.environ if name.startswith("DEMO_")]
