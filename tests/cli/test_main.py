"""The command line as a whole: exit codes, global options, help, errors in words and as JSON."""

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

from reconciler import __version__
from reconciler.cli import main as entry
from reconciler.cli import version
from reconciler.errors import LockHeldError, RefusedError, StateError
from tests.cli.conftest import Run

LOCK = '{"format": "whsync.lock/1", "webhooks": {}}'
SECRET = "s3cr3t-9d1f"


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ([], "Commands:"),
        (["state"], "Commands:"),
        (["pln"], "did you mean `plan`?"),
        (["state", "lst"], "did you mean `list`?"),
        (["no-such-command"], "no command 'no-such-command'"),
        (["--no-such-flag"], "No such option '--no-such-flag'"),
        (["validate", "--formt", "json"], "--format"),
        (["validate", "--format", "xml"], "'text', 'json'"),
        (["version", "stray"], "stray"),
        (["validate", "a.yaml", "-c", "b.yaml"], "keep one of the two"),
        (["show"], "FILE"),
        (["show", "p", "--format", "jsn"], "did you mean `json`?"),
        (["--config"], "requires an argument"),
        (["--parallelism", "0", "version"], "--parallelism"),
        (["version", "--max-wait", "soon"], "--max-wait"),
        (["version", "--max-wait", "nan"], "not a length of time"),
        (["version", "--lock-timeout", "inf"], "'inf' is not a length of time"),
        (["sandbox", "--latency", "nan"], "not a length of time"),
        (["schema", "lokc"], "lokc"),
        (["completion", "cmd"], "bash"),
    ],
)
def test_wrong_usage_is_64_and_says_what_is_right(run: Run, argv: list[str], words: str) -> None:
    """A misspelt command, flag or value ends with 64, never 2, tells on stderr, and leaves stdout empty."""
    result = run(*argv)
    assert (result.exit, result.stdout) == (64, "")
    assert words in result.stderr


@pytest.mark.parametrize("name", ["PARALLELISM", "MAX_WAIT", "LOCK_TIMEOUT"])
def test_a_wrong_variable_is_wrong_usage(run: Run, name: str) -> None:
    """A value that no flag would take is not taken from a variable either."""
    result = run("version", env={f"WHSYNC_{name}": "soon"})
    assert result.exit == 64
    assert "soon" in result.stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [(StateError("torn"), 1), (LockHeldError("busy"), 1), (RefusedError("too many"), 3), (KeyboardInterrupt(), 130)],
)
def test_what_ends_a_command_decides_the_exit_code(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int
) -> None:
    """Errors are 1, refusals 3, an interrupt 130; what happened is said on stderr."""
    _let_version_raise(monkeypatch, error)
    result = run("version")
    assert (result.exit, result.stdout) == (code, "")
    assert result.stderr == f"Error: {error}\n" or code == 130


def test_an_unforeseen_error_tells_no_values(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug ends in one sentence without a traceback, since its message may hold a secret; -vv adds places only."""
    _let_version_raise(monkeypatch, ValueError(SECRET))
    quiet, loud = run("version"), run("version", "-vv")
    assert (quiet.exit, loud.exit) == (1, 1)
    assert "internal error: ValueError" in quiet.stderr
    assert "Traceback" not in quiet.stderr
    assert "line" in loud.stderr
    assert SECRET not in quiet.stderr + loud.stderr


@pytest.mark.parametrize(
    ("error", "what"), [(MemoryError(), "memory"), (RuntimeError("can't start new thread"), "threads")]
)
def test_a_machine_that_has_no_more(run: Run, monkeypatch: pytest.MonkeyPatch, error: Exception, what: str) -> None:
    """That is no bug of ours, and is told with the way out."""
    _let_version_raise(monkeypatch, error)
    result = run("version")
    assert result.exit == 1
    assert f"this machine has no more {what}" in result.stderr
    assert "bug" not in result.stderr


def test_errors_are_json_where_json_was_asked_for(run: Run) -> None:
    """`--format json` gives programs the error on stdout, and people still get theirs on stderr."""
    result = run("show", "nowhere.json", "--format", "json")
    assert result.exit == 1
    assert json.loads(result.stdout)["error"]["summary"] == "there is no plan nowhere.json"
    assert "there is no plan nowhere.json" in result.stderr


def test_json_errors_carry_the_kind(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs tell a bug from a mistake by `kind`."""
    _let_version_raise(monkeypatch, ValueError(SECRET))
    result = run("version", "--format=json")
    assert json.loads(result.stdout)["error"]["kind"] in ("internal", "config")
    assert SECRET not in result.stdout


@pytest.mark.parametrize(
    ("argv", "env"),
    [
        (["--lock", "other.json", "state", "list"], {}),
        (["state", "--lock", "other.json", "list"], {}),
        (["state", "list", "--lock", "other.json"], {}),
        (["state", "list", "-lock=other.json"], {}),
        (["state", "list"], {"WHSYNC_LOCK": "other.json"}),
        (["--lock", "wrong.json", "state", "list", "--lock", "other.json"], {}),
        (["state", "list", "--lock", "other.json"], {"WHSYNC_LOCK": "wrong.json"}),
    ],
)
def test_global_options_go_anywhere(run: Run, tmp_path: Path, argv: list[str], env: dict[str, str]) -> None:
    """Before or after the command, with one dash, or as a variable: the nearest to the command's end wins."""
    (tmp_path / "other.json").write_text(LOCK)
    (tmp_path / "wrong.json").write_text("")
    assert run(*argv, env=env).exit == 0


@pytest.mark.parametrize("argv", [["--help"], ["-h"], ["validate", "-h"], ["state", "--help"], ["state", "rm", "-h"]])
def test_help_tells_exit_codes_and_global_options(run: Run, argv: list[str]) -> None:
    """Every help ends with the exit codes, so that nobody has to look for them."""
    result = run(*argv)
    assert result.exit == 0
    for word in ("Exit codes:", "130", "--config", "--no-color"):
        assert word in result.stdout


@pytest.mark.parametrize("name", ["apply", "plan", "show", "sandbox", "schema", "providers show"])
def test_help_lists_options_only_as_options(run: Run, name: str) -> None:
    """What stands under `Options:` begins with a dash, and formats are named."""
    told = run(*name.split(), "--help").stdout
    options = told.partition("\nOptions:\n")[2].partition("\n\n")[0]
    assert [line for line in options.splitlines() if not line.lstrip().startswith("-") and line[2] != " "] == []
    assert "…." not in options


def test_every_listed_command_can_be_asked_for_help(run: Run) -> None:
    """No command of the list is a promise only."""
    codes = {name: run(name, "--help").exit for name in entry.COMMANDS}
    assert codes == dict.fromkeys(entry.COMMANDS, 0)


def test_version_is_told(run: Run) -> None:
    """`version` and `--version` print the version and nothing else."""
    assert run("version").stdout == run("--version").stdout == f"{__version__}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_printed(run: Run, shell: str) -> None:
    """Each shell gets a script that asks whsync."""
    result = run("completion", shell)
    assert result.exit == 0
    assert "_WHSYNC_COMPLETE" in result.stdout


@pytest.mark.parametrize(("typed", "offered"), [("whsync va", "validate"), ("whsync state li", "list")])
def test_completion_knows_the_commands(typed: str, offered: str) -> None:
    """Pressing Tab behind `va` offers `validate`, and likewise for the commands of a group."""
    env = {"_WHSYNC_COMPLETE": "bash_complete", "COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" "))}
    done = subprocess.run([sys.executable, "-m", "reconciler"], env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"plain,{offered}\n", "")


@pytest.mark.parametrize(
    "words", [["-m", "reconciler"], ["-c", "from reconciler.cli.main import main; raise SystemExit(main())"]]
)
def test_processes_end_with_the_code(words: list[str], tmp_path: Path) -> None:
    """`python -m reconciler` and the installed script hand the exit code to the shell."""
    for argv, code in ((["version"], 0), (["show", "nowhere"], 1), (["pln"], 64)):
        done = subprocess.run([sys.executable, *words, *argv], cwd=tmp_path, capture_output=True, check=False)
        assert done.returncode == code


def test_a_reader_that_went_away_is_no_error(tmp_path: Path) -> None:
    """`whsync … | head -1` prints no complaint."""
    command = f"{sys.executable} -m reconciler schema manifest | head -1"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("{\n", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
@pytest.mark.parametrize("argv", ["schema manifest", "validate --format json"])
def test_a_full_disk_is_one_sentence(tmp_path: Path, argv: str) -> None:
    """Output that cannot be written is an error like any other, with its exit code."""
    (tmp_path / "webhooks.yaml").write_text("version: 1\n")
    command = f"{sys.executable} -m reconciler {argv} > /dev/full"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "Error: <stdout>: No space left on device\n")


def test_a_poor_encoding_ends_no_command(tmp_path: Path) -> None:
    """On a terminal that knows ASCII only, other characters are shown as escapes."""
    (tmp_path / "b\u00e4r").write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "reconciler", "show", "b\u00e4r"],
        cwd=tmp_path,
        env={"PYTHONIOENCODING": "ascii", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "the plan b\\xe4r is empty" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such redirections")
@pytest.mark.parametrize(("closed", "told"), [(">&-", False), ("2>&-", True), ("<&-", True), (">&- 2>&- <&-", False)])
def test_a_closed_stream_is_no_error(tmp_path: Path, closed: str, told: bool) -> None:
    """What goes to a stream that is closed is thrown away, and no file that is opened takes its place."""
    (tmp_path / "webhooks.yaml").write_text("version: 1\nproviders: {github: {}}\n")
    command = f"{sys.executable} -m reconciler validate --format json {closed}"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, bool(done.stdout)) == (0, "", told)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such redirections")
def test_nobody_answers_on_a_closed_stream(tmp_path: Path) -> None:
    """A question without stdin is refused as one without a terminal is."""
    code = "import sys; from reconciler.cli.main import main; from reconciler.cli.context import Context; "
    code += "main(['version']); Context().confirm('Go ahead?')"
    done = subprocess.run(
        ["sh", "-c", f'{sys.executable} -c "{code}" <&-'], capture_output=True, text=True, check=False
    )
    assert "UsageError: there is no terminal to ask on" in done.stderr


@pytest.mark.parametrize("module", ["click", "yaml", "httpx", "pydantic"])
def test_nothing_is_imported_from_the_current_folder(tmp_path: Path, module: str) -> None:
    """A repository that has a `click.py` is no reason to run it."""
    (tmp_path / f"{module}.py").write_text("open('imported', 'w').close()\n")
    (tmp_path / "webhooks.yaml").write_text("version: 1\nproviders: {github: {}}\n")
    words = [sys.executable, "-m", "reconciler", "validate"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert not (tmp_path / "imported").exists()


def _let_version_raise(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(version.command, "callback", fail)
    monkeypatch.setattr(
        version.command, "params", [*version.command.params, click.Option(["--format"], expose_value=False)]
    )
