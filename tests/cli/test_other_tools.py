"""Words that people bring from Terraform, decK and kubectl: each leads to ours, and none to a flag that deletes."""

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import pytest

from reconciler.cli import main as entry
from reconciler.cli.flags import DELIBERATE, no_such_flag
from reconciler.cli.other_tools import COMMANDS, FLAGS, STATE_COMMANDS
from tests.cli.conftest import Run

TAKES_AWAY = re.compile(r"\b(retire|delete|destroy|do not ask|anyway)", re.IGNORECASE)


def commands(group: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with its words."""
    yield path, group
    if isinstance(group, click.Group):
        context = click.Context(group)
        for name in group.list_commands(context):
            found = group.get_command(context, name)
            assert found is not None
            yield from commands(found, (*path, name))


EVERY = dict(commands(entry.cli))


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ("apply --dry-run", "`whsync plan` shows"),
        ("apply --dry-run=server", "`whsync plan` shows"),
        ("plan -json", "--format json"),
        ("apply -o json", "--format json"),
        ("drift --output=json", "--format json"),
        ("plan -input=false", "--yes"),
        ("apply -refresh=false", "--offline"),
        ("plan -refresh-only", "whsync drift"),
        ("plan -chdir=live", "-c FOLDER/webhooks.yaml"),
        ("-chdir=live plan", "-c FOLDER/webhooks.yaml"),
        ("apply -f webhooks.yaml", "-c FILE"),
        ("plan -input=false", "whsync apply --yes"),
        ("rotate -json x", "`whsync plan --format json`"),
        ("plan -compact-warnings", "`-q`"),
        ("drift --detailed-exitcode", "`whsync drift` ends with 2 by itself"),
        ("gateway sync", "`whsync apply`"),
        ("state replace-provider a b", "`whsync state mv --provider OLD NEW`"),
        ("apply -auto-approve=true", "see `whsync apply --help`"),
        ("diff", "whsync plan"),
        ("sync", "whsync apply"),
        ("refresh", "whsync drift"),
        ("destroy", "take the webhook out of the files"),
        ("output", "whsync state show NAME"),
        ("Import", "did you mean `import`"),
        ("format", "`whsync fmt` lays the files out"),
        ("export", "whsync import"),
        ("scan", "whsync audit"),
        ("state delete x", "whsync state rm NAME"),
    ],
)
def test_words_of_other_tools_lead_to_ours(run: Run, argv: str, words: str) -> None:
    """What Terraform, decK or kubectl call otherwise is wrong usage that says what whsync calls it."""
    result = run(*shlex.split(argv))
    assert (result.exit, result.stdout) == (64, "")
    assert words in result.stderr


@pytest.mark.parametrize("argv", ["plan -no-color", "apply -auto-approve", "plan -target=x", "plan -lock-timeout=10s"])
def test_words_that_are_the_same_just_work(run: Run, argv: str) -> None:
    """Terraform's spelling of what whsync has, too, reaches the command, which then misses its files."""
    result = run(*argv.split())
    assert (result.exit, "webhooks.yaml does not exist" in result.stderr) == (1, True)


@pytest.mark.parametrize("flag", ["--dry-run", "--prun", "--purne", "--prune-al", "--yess", "--auto-aprove", "--run"])
@pytest.mark.parametrize("command", ["plan", "apply", "drift"])
def test_no_flag_is_suggested_that_takes_something_away(run: Run, command: str, flag: str) -> None:
    """A slip of the keyboard is never answered with a flag that deletes, or that leaves out the question."""
    result = run(command, flag)
    assert result.exit == 64
    assert not [name for name in DELIBERATE if f"`{name}`" in result.stderr]


def test_every_flag_that_takes_something_away_is_known_as_one() -> None:
    """A new flag that retires webhooks or skips a question is listed, so that it is never suggested."""
    risky = {
        name
        for command in EVERY.values()
        for option in command.params
        if isinstance(option, click.Option) and TAKES_AWAY.search(option.help or "")
        for name in option.opts
        if name.startswith("--")
    }
    assert risky <= DELIBERATE


@pytest.mark.parametrize("table", [FLAGS, COMMANDS, STATE_COMMANDS])
def test_hints_name_commands_and_flags_that_exist(table: Mapping[str, str]) -> None:
    """No hint sends anybody to a command or a flag that there is not."""
    for hint in table.values():
        for words in map(shlex.split, re.findall(r"`(?:\w+=\w+ )?whsync ([^`]*)`", hint)):
            path = tuple(words[:2]) if tuple(words[:2]) in EVERY else tuple(words[:1])
            if "--help" not in words:
                known = {name for each in ((), path) for option in EVERY[each].params for name in option.opts}
                assert {word for word in words if word.startswith("-")} <= known


@pytest.mark.parametrize("path", [path for path, each in EVERY.items() if not isinstance(each, click.Group)])
def test_a_bare_flag_in_a_hint_is_one_of_that_command(path: tuple[str, ...]) -> None:
    """Where a command lacks the flag that ours would be, the hint names a command that has it."""
    known = {name for option in EVERY[path].params for name in option.opts}
    for flag in FLAGS:
        hint = no_such_flag(flag, EVERY[path].params, "whsync x").hint or ""
        assert set(re.findall(r"`(--[a-z-]+)", hint)) <= known
        for name, word in re.findall(r"`whsync (plan|apply) (--[a-z-]+)", hint):
            assert word in {option for each in EVERY[name,].params for option in each.opts}


def test_no_word_of_ours_is_called_foreign() -> None:
    """Once whsync has a command or a flag of that name, the table must not speak for it any more."""
    ours = {path[0] for path in EVERY if len(path) == 1}
    assert not ours & COMMANDS.keys()
    assert not {path[1] for path in EVERY if path[:1] == ("state",) and path[1:]} & STATE_COMMANDS.keys()


@pytest.mark.parametrize("written", ["10s", "5m", "1h", "1m30s", "200ms", "1.5", "0", "300"])
@pytest.mark.parametrize("flag", ["--max-wait", "--lock-timeout"])
def test_lengths_of_time_are_written_as_people_write_them(run: Run, flag: str, written: str) -> None:
    """A flag and its variable take `10s`, `5m`, `1h`, or a number of seconds."""
    variable = f"WHSYNC_{flag[2:].upper().replace('-', '_')}"
    assert run("version", flag, written).exit == run("version", env={variable: written}).exit == 0


@pytest.mark.parametrize("written", ["", "soon", "10x", "s", "-1", "1h soon", "10 s", "inf", "9" * 400, "\uff11s"])
def test_what_is_no_length_of_time_is_wrong_usage(run: Run, written: str) -> None:
    """Anything else ends with 64 and shows how it is written."""
    result = run("version", f"--max-wait={written}")
    assert result.exit == 64
    assert "10s, 5m, 1h" in result.stderr or "longer than any wait" in result.stderr


@pytest.mark.parametrize("word", ["json", "text", "yaml", "JSON"])
@pytest.mark.parametrize("flag", ["-o {}", "--out {}", "-o{}", "-o={}", "--out={}", "-out={}"])
def test_a_format_is_no_file(run: Run, tmp_path: Path, flag: str, word: str) -> None:
    """`-o json` asks elsewhere for JSON: it saves no plan in a file called `json`, and names `--format`."""
    result = run("plan", *flag.format(word).split())
    assert result.exit == 64
    assert f"`--format {word.lower() if word != 'yaml' else 'json'}`" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("word", "words"), [("json", "--format json"), ("plan.json", "--report json=plan.json"), ("json=", "json=FILE")]
)
@pytest.mark.parametrize("command", ["plan", "apply"])
def test_a_report_names_its_format_and_its_file(run: Run, tmp_path: Path, command: str, word: str, words: str) -> None:
    """One half of `--report F=FILE` is wrong usage that shows the whole."""
    result = run(command, "--report", word)
    assert result.exit == 64
    assert words in result.stderr
    assert list(tmp_path.iterdir()) == []
