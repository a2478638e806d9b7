"""What every command shares: colours, questions, and where the lock is."""

from pathlib import Path

import pytest

from reconciler.cli.context import Context
from reconciler.errors import ConfigError
from reconciler.render.json import plan_json
from reconciler.state.stores import address_of
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


LOCK = "lock: state/hooks.json\n"
TEAM = "include: [team/*.yaml]\n"


@pytest.mark.parametrize(
    ("files", "lock"),
    [
        ({"w.yaml": ""}, "webhooks.lock.json"),
        ({"w.yaml": LOCK}, "state/hooks.json"),
        ({"w.yaml": "lock: state/${ENV:-dev}.json\n"}, "state/dev.json"),
        ({"w.yaml": TEAM, "team/a.yaml": LOCK}, "state/hooks.json"),
        ({"w.yaml": "", "b/x.yaml": f"version: 1\n{LOCK}"}, "state/hooks.json"),
    ],
)
def test_the_lock_is_the_one_that_plans_use(tmp_path: Path, files: dict[str, str], lock: str) -> None:
    """`lock:` counts in whichever file it stands, and starts at the first file, for plans and for `state` alike."""
    whsync = written(tmp_path, files)
    assert whsync.lock_address() == whsync.load().lock == address_of(lock, tmp_path)


@pytest.mark.parametrize(
    "broken",
    [
        "providers: {own: {type: ./nowhere.yaml}}\n",
        "webhooks: {broken: {url: '${UNSET}', secret: literal}}\n",
        "polcy: {}\npolicy: {max_changed: most}\n",
        "include: [nowhere/*.yaml]\n",
    ],
)
@pytest.mark.parametrize("lock", ["state/hooks.json", "webhooks.lock.json"])
def test_the_lock_is_found_in_files_that_are_broken(tmp_path: Path, broken: str, lock: str) -> None:
    """`state` is the way out where a plan is none: it works as long as the files leave no doubt about the lock."""
    whsync = written(tmp_path, {"w.yaml": f"lock: {lock}\n{broken}"})
    assert whsync.lock_address() == address_of(lock, tmp_path)
    with pytest.raises(ConfigError):
        whsync.load()


@pytest.mark.parametrize(
    "files",
    [
        {"w.yaml": "lock: ${UNSET}.json\n"},
        {"w.yaml": LOCK, "b.yaml": f"version: 1\n{LOCK}"},
        {"w.yaml": "lock: s4://bucket/key\n"},
        {"w.yaml": "lock: []\n"},
        {"w.yaml": "include: [nowhere/*.yaml]\n"},
        {"w.yaml": "include: ['${UNSET}/*.yaml']\n"},
        {"w.yaml": TEAM, "team/a.yaml": "["},
        {"w.yaml": TEAM, "team/a.yaml": f"version: 2\n{LOCK}"},
    ],
)
def test_a_lock_that_cannot_be_told_is_asked_for(tmp_path: Path, files: dict[str, str]) -> None:
    """Another lock than plans use would look as if nothing had been applied, so it is never guessed."""
    with pytest.raises(ConfigError, match="which lock is meant") as caught:
        written(tmp_path, files).lock_address()
    assert "--lock FILE" in caught.value.hint
    assert all(problem.at for problem in caught.value.problems)


def written(folder: Path, files: dict[str, str]) -> Context:
    """Those files in a folder; `w.yaml`, `b.yaml` and `b/x.yaml` are named, the rest is for includes."""
    whsync = Context()
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(("version: 1\n" if name == "w.yaml" else "") + content)
        if not name.startswith("team/"):
            whsync.take("config", (str(folder / name),))
    return whsync


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


@pytest.mark.parametrize(
    "word", ["true", "False", "no", "0", "none", "", "state/", ".", "/", "..", "folder", "s4://bucket/key"]
)
@pytest.mark.parametrize("command", [("plan", "--offline"), ("state", "list")])
def test_a_word_that_is_no_lock(run: Run, tmp_path: Path, word: str, command: tuple[str, ...]) -> None:
    """What other tools take for a switch, a folder or nothing is wrong usage: else nothing would count as applied."""
    (tmp_path / "webhooks.yaml").write_text("version: 1\nproviders: {github: {}}\n")
    (tmp_path / "folder").mkdir()
    for words in ([*command, "--lock", word], [*command, f"-lock={word}"]):
        result = run(*words)
        assert (result.exit, result.stdout) == (64, "")
        assert "names no lock" in result.stderr
        assert "--lock FILE" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "webhooks.yaml"]


def test_a_strange_name_can_still_be_meant(run: Run, tmp_path: Path) -> None:
    """A file that is called like a switch is a lock where its path says so; an empty variable says nothing."""
    (tmp_path / "webhooks.yaml").write_text("version: 1\nproviders: {github: {}}\n")
    assert run("plan", "--offline", "--lock", "./true").exit == 0
    assert run("plan", "--offline", env={"WHSYNC_LOCK": ""}).exit == 0


@pytest.mark.parametrize("word", ["false", "/", "state/", "''"])
def test_the_file_names_no_lock(run: Run, tmp_path: Path, word: str) -> None:
    """The same words after `lock:` are a problem of the file, told at its place."""
    (tmp_path / "webhooks.yaml").write_text(f"version: 1\nlock: {word}\nproviders: {{github: {{}}}}\n")
    result = run("plan", "--offline")
    assert result.exit == 1
    assert "webhooks.yaml:2:7: `lock` names no lock" in result.stderr
