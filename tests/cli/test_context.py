"""What every command shares: colours, questions, and where the lock is."""

from pathlib import Path

import pytest

from reconciler.cli.context import Context
from reconciler.render.json import plan_json
from tests.cli.conftest import Run, Stream
from tests.unit.render.plans import example

ESCAPE = "\x1b["


@pytest.mark.parametrize(
    ("argv", "env", "terminal", "coloured"),
    [
        ([], {}, False, False),
        ([], {"TERM": "xterm"}, True, True),
        ([], {"TERM": "dumb"}, True, False),
        ([], {"NO_COLOR": "1"}, True, False),
        (["--no-color"], {}, True, False),
        ([], {"WHSYNC_NO_COLOR": "1"}, True, False),
        ([], {"FORCE_COLOR": "1"}, False, True),
        ([], {"FORCE_COLOR": "0"}, False, False),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
        ([], {"CI": "true"}, False, False),
    ],
)
def test_colour_only_where_it_is_wanted(
    run: Run, tmp_path: Path, argv: list[str], env: dict[str, str], terminal: bool, coloured: bool
) -> None:
    """Only a terminal gets colours, unless they are forced; every usual way to refuse them works."""
    (tmp_path / "plan.json").write_text(plan_json(example()))
    result = run("show", "plan.json", *argv, env=env, terminal=terminal)
    assert result.exit == 0
    assert (ESCAPE in result.stdout) == coloured


@pytest.mark.parametrize(("typed", "agreed"), [("yes\n", True), ("y\n", False), ("YES\n", False), ("", False)])
def test_only_yes_is_yes(monkeypatch: pytest.MonkeyPatch, typed: str, agreed: bool) -> None:
    """Nothing but the whole word agrees; an end of input does not."""
    monkeypatch.setattr("sys.stdin", Stream(typed, terminal=True))
    monkeypatch.setattr("sys.stderr", Stream())
    assert Context().confirm("Sure?") is agreed


@pytest.mark.parametrize(
    ("config", "lock"),
    [
        ("", "webhooks.lock.json"),
        ("lock: state/hooks.json\n", "state/hooks.json"),
        ("lock: state/hooks.json\nwebhooks: {broken: {url: '${UNSET}'}}\n", "state/hooks.json"),
    ],
)
def test_the_lock_is_found_beside_the_files(tmp_path: Path, config: str, lock: str) -> None:
    """The lock's place comes from the configuration, also where the rest of it is not in order."""
    (tmp_path / "w.yaml").write_text("version: 1\n" + config)
    whsync = Context()
    whsync.take("config", (str(tmp_path / "w.yaml"),))
    assert whsync.lock_path() == tmp_path / lock


def test_configurations_add_up() -> None:
    """`-c` before and after the command counts as both; a variable counts only where no `-c` is given."""
    whsync = Context()
    whsync.take("config", ("from-variable",), from_variable=True)
    assert list(map(str, whsync.config_paths)) == ["from-variable"]
    whsync.take("config", ("a",))
    whsync.take("config", ("b",))
    assert list(map(str, whsync.config_paths)) == ["a", "b"]


@pytest.mark.parametrize("words", [("plan", "--offline"), ("state", "list"), ("validate",)])
def test_a_lock_that_is_not_there_while_another_is(run: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    """A mistyped --lock would mean that nothing was ever applied: it is told once, on stderr, naming the other."""
    (tmp_path / "webhooks.yaml").write_text("version: 1\nproviders: {github: {}}\n")
    said = "Warning: there is no lock webhook.lock.json, so nothing counts as applied; there is webhooks.lock.json."
    assert "Warning" not in run(*words, "--lock", "webhook.lock.json").stderr
    (tmp_path / "webhooks.lock.json").write_text('{"format": "whsync.lock/1", "webhooks": {}}')
    result = run(*words, "--lock", "webhook.lock.json", "-q")
    assert result.stderr.count(said) == 1
    assert "Warning" not in result.stdout
    assert "Warning" not in run(*words, "--lock", "webhooks.lock.json").stderr
