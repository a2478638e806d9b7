"""Under a CI runner, no words of a vendor, of a file or of its name become a command of that runner."""

import json
import os
from pathlib import Path

import pytest

from reconciler.cli.context import Context
from tests.cli.conftest import Run
from tests.cli.world import World, hook, ledger
from tests.unit.test_runners import HARMLESS, MARKERS, commands

GITHUB, GITLAB, AZURE = {"GITHUB_ACTIONS": "true"}, {"GITLAB_CI": "true"}, {"TF_BUILD": "True"}
EVERY = [GITHUB, GITLAB, AZURE, {"CI": "true"}, {"TEAMCITY_VERSION": "2026.1"}]
NASTY = "\n".join([*HARMLESS, *MARKERS])


def foreign(text: str) -> list[str]:
    """The commands in an output that are no masks of ours."""
    return [line for line in commands(text) if not line.startswith("::add-mask::")]


@pytest.mark.parametrize("runner", EVERY, ids=lambda each: next(iter(each)))
def test_a_vendors_words_are_no_commands(world: World, runner: dict[str, str]) -> None:
    """Plans, drift, events, traces and lists, as text and as JSON, on stdout and stderr; JSON means the same."""
    world.write({"ledger": ledger()})
    world.applied()
    world.box["coinbase-payments"].edit("wh_1001", description=NASTY)
    world.write({"ledger": ledger(description=NASTY.replace("notice", "debug")), "ci": hook()})
    before = world("plan", "--format", "json").stdout
    formats = [(command, "--format", "json") for command in ("plan", "drift")]
    for words in (
        ("plan",),
        ("plan", "--report", "text=r.txt"),
        ("drift",),
        *formats,
        ("apply", "--yes", "-vv"),
        ("state", "show", "ledger"),
    ):
        result = world(*words, env=runner)
        for text in (result.stdout, result.stderr):
            assert foreign(text) == []
        if words == formats[0]:
            fields = [json.loads(each)["changes"][1]["fields"] for each in (before, result.stdout)]
            assert fields[0] == fields[1]
    assert foreign((world.folder / "r.txt").read_text()) == []


@pytest.mark.parametrize("name", [*HARMLESS, "x\n::notice::x"])
@pytest.mark.parametrize("runner", [GITHUB, GITLAB, AZURE], ids=lambda each: next(iter(each)))
def test_nor_are_files_names(run: Run, tmp_path: Path, runner: dict[str, str], name: str) -> None:
    """A file that a repository has under such a name is at the beginning of the line that tells its mistake."""
    if "/" in name or os.name == "nt":
        pytest.skip("no such name here")
    (tmp_path / f"{name}.yaml").write_text(
        f"version: 1\nwebhooks: {{a: {{provider: {json.dumps(NASTY)}, {json.dumps(name)}: 1}}}}\n"
    )
    (tmp_path / f"{name}.lock.json").write_text("{}")
    for words in (("validate",), ("validate", "--format", "json"), ("plan", "--lock", "none.json"), ("state", "list")):
        result = run(*words, "-c", f"{name}.yaml", env=runner)
        assert result.exit == (words[0] != "state")
        assert foreign(result.stdout + result.stderr) == []


def test_nor_are_wrong_words_and_questions(
    run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Usage errors quote what was typed, and a question may name anything."""
    for word in (*HARMLESS, *MARKERS):
        result = run(word, env=GITHUB)
        assert foreign(result.stdout + result.stderr) == []
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("sys.stdin.readline", lambda: "no\n")
    monkeypatch.setattr("reconciler.cli.context.forget_what_was_typed", lambda terminal: None)
    for command in HARMLESS:
        assert not Context().confirm(command)
    assert foreign(capsys.readouterr().err) == []


def test_elsewhere_text_stays(run: Run, tmp_path: Path) -> None:
    """Without a runner, names are shown as they are."""
    (tmp_path / "::a.yaml").write_text("webhooks: {}\n")
    assert run("validate", "-c", "::a.yaml").stderr.startswith("::a.yaml:")
