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


@pytest.mark.parametrize(
    "arguments", [["--help"], ["plan", "--help"], ["version"], ["completion", "bash"]], ids=" ".join
)
def test_nobody_waits_for_a_renderer_on_a_terminal(arguments: list[str], tmp_path: Path) -> None:
    """Help, version and completion need no renderer where stdout and stderr are a terminal, either."""
    assert loaded_on_a_terminal(tmp_path, arguments, {}) == []


def test_completion_loads_no_renderer(tmp_path: Path) -> None:
    """What a shell asks for while somebody types answers at once."""
    asked = {"_WHSYNC_COMPLETE": "bash_complete", "COMP_WORDS": "whsync plan --tar", "COMP_CWORD": "2"}
    assert loaded_on_a_terminal(tmp_path, [], asked) == []


def test_reading_a_vendor_loads_nothing_that_draws(tmp_path: Path) -> None:
    """The HTTP client comes without its own command line, and leaves nothing behind that would be missed by others."""
    nobody = "auth: {token: env:GITHUB_TOKEN}, base_url: 'http://127.0.0.1:9'"
    text = CONFIG.replace("\n    auth: {token: env:GITHUB_TOKEN}", f" {{{nobody}}}")
    (tmp_path / "webhooks.yaml").write_text(text, encoding="utf-8")
    tell = """
import sys
from reconciler.cli.main import main
code = main(["plan"])
loaded = [name for name in ("httpx", "rich", "pygments", "httpx._main") if name in sys.modules]
import httpx._main
print("LOADED", code, *loaded)
"""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WHSYNC_")}
    run = subprocess.run(
        [sys.executable, "-c", tell],
        cwd=tmp_path,
        env={**kept, "GITHUB_TOKEN": "made-up"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.stdout.splitlines()[-1].split() == ["LOADED", "1", "httpx"], run.stderr


def test_what_is_done_at_once_draws_nothing(tmp_path: Path) -> None:
    """A plan that takes no second needs nothing that draws, on a terminal, too."""
    (tmp_path / "webhooks.yaml").write_text(CONFIG, encoding="utf-8")
    assert "rich" not in loaded_on_a_terminal(tmp_path, ["plan", "--offline"], {"PATIENT": "1"})


def loaded_on_a_terminal(folder: Path, arguments: list[str], more: dict[str, str]) -> list[str]:
    """The heavy modules that a command on a terminal of its own has loaded at its end."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WHSYNC_") and name != "CI"}
    patient = "import reconciler.cli.progress as p; p.AFTER = 1e9\n" if "PATIENT" in more else ""
    command = [sys.executable, "-c", patient + RUN_AND_TELL, *arguments]
    process = subprocess.Popen(
        command, cwd=folder, env={**kept, "TERM": "xterm", **more}, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    said = b""
    try:
        while part := os.read(ours, 4096):
            said += part
    except OSError:
        pass  # the other end is closed
    finally:
        os.close(ours)
        process.wait()
    last = said.decode().splitlines()[-1].split()
    assert last[0] == "LOADED", said
    return last[1:]


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
