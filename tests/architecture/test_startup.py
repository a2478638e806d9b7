"""Commands that need no vendor start without the packages that only vendors and reports need."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("httpx", "deepdiff", "rich", "jinja2")

TALKERS = ("boto3", "botocore", "keyring", "http.client", "urllib.request", "ssl", "subprocess")
"""What a kind of secret reference may need once a secret is read or stored."""

CONFIG = """\
version: 1
providers:
  github:
    auth: {token: env:GITHUB_TOKEN}
webhooks:
  ci:
    provider: github
    scope: {owner: acme, repo: api}
    url: https://ci.acme.com/hooks
    events: [push]
"""

RUN_AND_TELL = f"""\
import sys
from reconciler.cli.main import main
code = 0
try:
    code = main()
except SystemExit as exit:
    code = exit.code
sys.stdout.flush()
sys.stderr.write("\\nLOADED " + " ".join(name for name in {HEAVY!r} if name in sys.modules))
sys.exit(code)
"""
"""Runs the command as the installed script does, then names the heavy modules it loaded on the last line of stderr."""


@pytest.mark.parametrize("arguments", [["--help"], ["version"], ["validate"], ["schema", "config"]], ids=" ".join)
def test_light_commands_load_no_heavy_package(arguments: list[str], tmp_path: Path) -> None:
    """`--help`, `version`, `validate` and `schema` succeed and load neither the HTTP client nor a report's packages."""
    (tmp_path / "webhooks.yaml").write_text(CONFIG, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WHSYNC_")}
    command = [sys.executable, "-c", RUN_AND_TELL, *arguments]
    run = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr.splitlines()[-1].split() == ["LOADED"]


def test_checking_references_loads_nothing_that_talks() -> None:
    """Whether a reference is well written is known before anything that could fetch a secret is even imported."""
    check = f"""
import sys
from reconciler.config import reference
from reconciler.secrets import registry
for name in ("env:A", "file:a", "cmd:a", "vault:a/b#c", "aws-sm:a#b", "aws-ssm:a", "keyring:a/b"):
    assert str(reference.source(name, registry)) == name
assert str(reference.sink("env-file:a#B", registry)) == "env-file:a#B"
print("LOADED", *(name for name in {TALKERS!r} if name in sys.modules))
"""
    run = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=False, timeout=60)
    assert run.stdout.split() == ["LOADED"], run.stderr
