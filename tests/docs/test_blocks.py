"""What a reader copies from the documents works: YAML is valid, command lines exist, the demo says what is quoted."""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from reconciler.cli.main import cli
from reconciler.fleet.load import load
from reconciler.trust.file import parse
from tests.cli.conftest import Run
from tests.docs.blocks import ROOT, Block, blocks
from tests.docs.parcelhub import FOLDER as PARCELHUB

MANIFEST = "# manifest: "
VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")
SHELL = ("sh", "console")
SEPARATORS = ("|", "||", "&&", ";", ">", "#")


def _manifests() -> list[Block]:
    return [block for block in blocks("yaml") if block.text.startswith(MANIFEST)]


def _write_manifests(folder: Path) -> None:
    """The manifests of the documents, where the documents' configurations look for them."""
    folder.mkdir()
    for block in _manifests():
        (folder / block.text.splitlines()[0].removeprefix(MANIFEST)).write_text(block.text, encoding="utf-8")


def _configurations() -> list[Block]:
    special = [*_manifests(), *_trust_files(), *_fleet_files()]
    return [block for block in blocks("yaml") if block not in special]


def _trust_files() -> list[Block]:
    return [block for block in blocks("yaml") if "\norigins:" in block.text]


def _fleet_files() -> list[Block]:
    return [block for block in blocks("yaml") if block.text.startswith("# fleet.yaml\n")]


@pytest.mark.parametrize("block", _fleet_files(), ids=str)
def test_fleet_files_are_understood(block: Block, tmp_path: Path) -> None:
    """Every fleet file in the documents is one, for the teams that its page makes."""
    for team in ("payments", "shop"):
        (tmp_path / "teams" / team).mkdir(parents=True)
        (tmp_path / "teams" / team / "webhooks.yaml").touch()
    (tmp_path / "fleet.yaml").write_text(block.text, encoding="utf-8")
    assert [each.name for each in load(tmp_path / "fleet.yaml").tenants] == ["payments", "shop"]


@pytest.mark.parametrize("block", _trust_files(), ids=str)
def test_trust_files_are_understood(block: Block) -> None:
    """Every trust file in the documents says something right, and something of each kind."""
    assert all(parse(block.text.encode(), "trust.yaml"))


@pytest.mark.parametrize("block", _configurations(), ids=str)
def test_configurations_are_valid(block: Block, run: Run, tmp_path: Path) -> None:
    """Every configuration in the documents passes `whsync validate` as it stands; parts only lack the version."""
    _write_manifests(tmp_path / "vendors")
    shutil.copy(PARCELHUB / "parcelhub.yaml", tmp_path)
    text = block.text if "version: 1" in block.text else f"version: 1\n{block.text}"
    (tmp_path / "webhooks.yaml").write_text(text, encoding="utf-8")
    result = run("validate", env=dict.fromkeys(VARIABLE.findall(text), "https://api.acme.com"))
    assert (result.exit, result.stderr) == (0, "")


@pytest.mark.parametrize("block", _manifests(), ids=str)
def test_manifests_are_sound(block: Block, run: Run, tmp_path: Path) -> None:
    """Every manifest in the documents keeps to the language, and its examples come true."""
    _write_manifests(tmp_path / "vendors")
    result = run("providers", "check", *map(str, (tmp_path / "vendors").iterdir()))
    assert (result.exit, result.stderr) == (0, "")


def test_there_is_a_manifest_to_learn_from() -> None:
    """The documents show a whole manifest."""
    assert _manifests()


def _command_lines() -> Iterator[tuple[str, list[str]]]:
    """Each `whsync …` of the shell blocks and of the workflow examples: where it stands, and its words."""
    for block in blocks(*SHELL):
        for number, line in enumerate(block.text.splitlines(), block.line + 1):
            if block.language == "console" and not line.startswith("$ "):
                continue  # what a command says
            words = shlex.split(line.removeprefix("$ "), comments=True)
            end = next((at for at, word in enumerate(words) if word in SEPARATORS), len(words))
            if words and Path(words[0]).name == "whsync":
                yield f"{block.document.name}:{number}", words[1:end]


@pytest.mark.parametrize("words", [pytest.param(words, id=where) for where, words in _command_lines()])
def test_command_lines_are_understood(words: list[str]) -> None:
    """Every command line in the documents has a command and flags that exist, with the arguments they need."""
    command: click.Command = cli
    context = click.Context(cli, info_name="whsync", **cli.context_settings)
    while isinstance(command, click.Group):
        name, command_or_none, words = command.resolve_command(context, words)
        assert command_or_none is not None
        command, context = command_or_none, click.Context(command_or_none, parent=context, info_name=name)
    command.parse_args(context, list(words))


def _normal(line: str) -> str:
    """A line without what differs from run to run: ports, seconds, dates, and blanks at its end."""
    line = re.sub(r"(127\.0\.0\.1):\d+", r"\1:PORT", line)
    return re.sub(r"\d{4}-\d\d-\d\d", "DATE", re.sub(r"\d+\.\d\d s", "N s", line)).rstrip()


def test_the_quoted_demo_is_what_the_demo_says(run: Run) -> None:
    """The README quotes `whsync demo` word for word and in order; only where it says `…` is something left out."""
    (quoted,) = [block for block in blocks("text") if block.document == ROOT / "README.md"]
    result = run("demo")
    assert result.exit == 0
    said = [_normal(line) for line in result.stdout.splitlines()]
    at, skipping = 0, True
    for line in map(_normal, quoted.text.splitlines()):
        if line == "…":
            skipping = True
            continue
        if line and line[0].isdigit():
            skipping = True  # a further step of the story
        found = said.index(line, at) if skipping and line in said[at:] else at
        assert said[found : found + 1] == [line]
        at, skipping = found + 1, False
