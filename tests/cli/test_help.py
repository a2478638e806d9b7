"""`--help` and Tab: defaults, variables, examples, and names that can be completed."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from reconciler.cli.context import Context
from reconciler.cli.main import cli
from reconciler.cli.options import Command
from reconciler.run.runtime import RunSettings
from tests.cli.conftest import Run
from tests.cli.test_other_tools import EVERY

FILE = """\
version: 1
providers: {github: {}}
webhooks:
  solo: {url: "https://ci.acme.com/s", scope: {owner: acme, repo: api}}
  ci: {for_each: {repo: [r10, r2]}, url: "https://ci.acme.com/h", scope: {owner: acme, repo: "${each.repo}"}}
"""


@pytest.mark.parametrize("path", [path for path in EVERY if path])
def test_every_help_shows_examples_that_are_understood(path: tuple[str, ...]) -> None:
    """Each command shows command lines that parse as they stand, and that call it."""
    command = EVERY[path]
    assert isinstance(command, Command)
    assert command.examples
    for example in command.examples:
        line = re.search(r"whsync ([^)>]*)", example)
        assert line is not None
        words = shlex.split(line[1])
        assert tuple(words[: len(path)]) == path
        ctx, found = cli.make_context("whsync", list(words), obj=Context()), cli
        while isinstance(found, click.Group):
            name, inner, words = found.resolve_command(ctx, words)
            assert inner is not None
            ctx, found = inner.make_context(name, list(words), parent=ctx), inner  # type: ignore[assignment]
            words = [*ctx._protected_args, *ctx.args]


def test_help_tells_variables_and_defaults_that_are_true(run: Run) -> None:
    """Each global option names its variable, and its default is the one that a run takes."""
    told = " ".join(run("plan", "--help").stdout.split())
    for name in ("CONFIG", "LOCK", "TRUST", "PARALLELISM", "MAX_WAIT", "LOCK_TIMEOUT", "NO_COLOR", "VERBOSE", "QUIET"):
        assert f"variable: WHSYNC_{name}" in told
    usual = RunSettings()
    assert usual.parallelism is None
    assert "usually 16, or what their limits add up to (64 at most). [variable: WHSYNC_PARALLELISM]" in told
    assert (usual.max_wait, "variable: WHSYNC_MAX_WAIT; default: 5m]" in told) == (300, True)
    assert "$ whsync plan --target ci --out plan.json" in told


class Offered:
    """Asks whsync as a shell does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, typed: str, shell: str = "bash", **env: str) -> list[str]:
        """The words that are offered behind `typed`."""
        last = typed.rpartition(" ")[2] if shell == "fish" else str(typed.count(" "))
        root = str(Path(__file__).parents[2])
        env = {
            "PYTHONPATH": root,
            "_WHSYNC_COMPLETE": f"{shell}_complete",
            "COMP_WORDS": typed,
            "COMP_CWORD": last,
            **env,
        }
        words = [sys.executable, "-m", "reconciler"]
        done = subprocess.run(words, env=env, cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.stderr == ""
        lines = [line for line in done.stdout.splitlines() if line]
        return (
            [line for line in lines if line not in ("plain", "_")]
            if shell != "bash"
            else [line.partition(",")[2] for line in lines]
        )


@pytest.fixture
def offered(tmp_path: Path) -> Offered:
    """What Tab offers in a folder with files and a lock."""
    (tmp_path / "webhooks.yaml").write_text(FILE)
    entry: dict[str, object] = {
        "provider": "github",
        "type": "github",
        "account": "https://api.github.com",
        "scope": {},
    }
    entry |= {"remote_id": "1", "applied": {"url": "https://h.test"}, "protect": False, "secret": None}
    lock = {"format": "whsync.lock/1", "webhooks": {"old": {**entry, "provider": "v1"}, "ci[r2]": entry}}
    (tmp_path / "webhooks.lock.json").write_text(json.dumps(lock))
    return Offered(tmp_path)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("whsync plan --target ", ["ci", "ci[r2]", "ci[r10]", "old", "provider:github", "provider:v1", "solo"]),
        ("whsync plan --target provider:", ["provider:github", "provider:v1"]),
        ("whsync plan --target=provider:g", ["provider:github"]),
        ("whsync apply --target ci[", ["ci[r2]", "ci[r10]"]),
        ("whsync drift --target o", ["old"]),
        ("whsync adopt ", ["ci[r2]", "ci[r10]", "solo"]),
        ("whsync rotate s", ["solo"]),
        ("whsync rotate p", ["provider:github"]),
        ("whsync state show ", ["ci", "ci[r2]", "old", "provider:github", "provider:v1"]),
        ("whsync state rm old ", ["ci", "ci[r2]", "old", "provider:github", "provider:v1"]),
        ("whsync state mv o", ["old"]),
        ("whsync providers show gitl", ["gitlab", "gitlab-group", "gitlab-system"]),
        ("whsync sandbox cryptof", ["cryptofuse"]),
        ("whsync plan --format t", ["text"]),
        ("whsync validate --format j", ["json", "junit"]),
        ("whsync plan --report j", ["json=", "junit="]),
    ],
)
def test_tab_offers_names(offered: Offered, typed: str, words: list[str]) -> None:
    """Webhooks of the files and the lock, vendors and formats are offered, `r2` before `r10`."""
    assert offered(typed) == words


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
@pytest.mark.parametrize(
    ("line", "words", "offers"),
    [
        (
            "whsync plan --target ",
            ("whsync", "plan", "--target", ""),
            "ci ci[r2] ci[r10] old provider:github provider:v1 solo",
        ),
        ("whsync plan --target pro", ("whsync", "plan", "--target", "pro"), "provider:github provider:v1"),
        ("whsync plan --target provider:", ("whsync", "plan", "--target", "provider", ":"), "github v1"),
        ("whsync plan --target provider:g", ("whsync", "plan", "--target", "provider", ":", "g"), "github"),
        ("whsync plan --target=provider:g", ("whsync", "plan", "--target", "=", "provider", ":", "g"), "github"),
        ("whsync plan --target=ci[", ("whsync", "plan", "--target", "=", "ci["), "ci[r2] ci[r10]"),
        ("whsync plan --report js", ("whsync", "plan", "--report", "js"), "json="),
    ],
)
def test_bash_writes_what_is_offered_behind_what_is_typed(
    run: Run, offered: Offered, line: str, words: tuple[str, ...], offers: str
) -> None:
    """The script of `completion bash` goes on where a colon ends a word for bash, and takes no name for a pattern."""
    (offered.folder / "cir").touch()  # what `ci[r2]` would mean as a pattern
    (offered.folder / "whsync").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m reconciler "$@"\n')
    (offered.folder / "whsync").chmod(0o755)
    script = (
        f"complete() {{ :; }}\n{run('completion', 'bash').stdout}\n"
        f"COMP_WORDBREAKS=$' \\t\\n\"\\'><=;|&(:' COMP_LINE={shlex.quote(line)} COMP_POINT={len(line)}\n"
        f"COMP_WORDS=({shlex.join(words)}) COMP_CWORD={len(words) - 1}\n"
        '_whsync_completion ./whsync; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", script], cwd=offered.folder, capture_output=True, text=True, check=True)
    assert done.stdout.split() == offers.split()
    assert done.stderr == ""


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_each_shell_is_offered_them(offered: Offered, shell: str) -> None:
    """What bash is offered, zsh and fish are, too."""
    assert "old" in " ".join(offered("whsync state show o", shell))


@pytest.mark.parametrize(
    "broken", ["", "webhooks: [", "version: 1\nwebhooks: {a: null, b: {for_each: 1}, c: {for_each: {k: ['${X}']}}}\n"]
)
def test_tab_never_shows_an_error(offered: Offered, broken: str) -> None:
    """Files that are broken, or not there, offer what the rest has, in silence."""
    (offered.folder / "webhooks.yaml").write_text(broken)
    assert "old" in offered("whsync plan --lock webhooks.lock.json --target ")
    (offered.folder / "webhooks.lock.json").write_text("{")
    (offered.folder / "webhooks.yaml").unlink()
    assert offered("whsync plan --target ") == []
    assert offered("whsync -c nowhere.yaml plan --target ", WHSYNC_MAX_WAIT="soon") == []


def test_tab_runs_nothing_and_writes_nothing(offered: Offered) -> None:
    """Completing starts no command of the files and leaves the folder as it is."""
    told = FILE.replace("{github: {}}", "{github: {auth: {token: 'cmd:touch ran'}}}")
    (offered.folder / "webhooks.yaml").write_text(told)
    before = sorted(offered.folder.iterdir())
    assert "solo" in offered("whsync plan --target ")
    assert sorted(offered.folder.iterdir()) == before


def test_tab_shows_no_credential(offered: Offered) -> None:
    """A variable that a reference names is filled in no name, not even while somebody types one."""
    told = FILE + "  leak: {for_each: ['x${GITHUB_TOKEN}'], url: https://h.example/x, scope: {org: o}}\n"
    (offered.folder / "webhooks.yaml").write_text(told)
    assert offered("whsync plan --target leak[", GITHUB_TOKEN="t0ken-of-mine") == []
