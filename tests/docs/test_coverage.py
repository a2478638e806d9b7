"""The documents leave nothing out and point to nothing that is not there."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import click
import pytest
import yaml

from docsite import commands
from reconciler.cli.main import cli
from reconciler.cli.options import _GLOBAL, EXIT_CODES
from reconciler.config.published import config_schema
from reconciler.config.reference import SINK, SOURCE
from reconciler.secrets import registry
from tests.docs.blocks import DOCUMENTS, ROOT, relative

COMMANDS = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUARANTEES = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
LINK = re.compile(r"\]\(([^)\s]+)\)")
TEST = re.compile(r"`(tests/[\w/]+(?:\.py)?)(?:::(\w+))?`")


ALL = dict(commands.every())


@pytest.mark.parametrize("name", ALL)
def test_every_command_and_flag_is_documented(name: str) -> None:
    """Each command has its line in docs/commands.md, which names all its own flags."""
    rows = [line for line in COMMANDS.splitlines() if line.startswith(f"| `{name}")]
    assert rows
    own = [option for option in ALL[name].params if isinstance(option, click.Option) and option.name not in _GLOBAL]
    missing = [option.name for option in own if not any(f"`{name}" in rows[0] for name in _spelt(option))]
    assert missing == []


def _spelt(option: click.Option) -> list[str]:
    return [name for name in option.opts if name.startswith("--")]


@pytest.mark.parametrize("option", [option for option in cli.params if option.name in _GLOBAL], ids=str)
def test_every_global_flag_is_documented(option: click.Option) -> None:
    """Each flag that all commands take is there with its variable."""
    assert all(f"`{name}" in COMMANDS for name in _spelt(option))
    assert f"`{option.envvar}`" in COMMANDS


def test_no_command_is_made_up() -> None:
    """No line of the table is about a command that does not exist."""
    named = re.findall(r"^\| `(whsync(?: [a-z]+)+)", COMMANDS, re.MULTILINE)
    assert set(named) == set(ALL)


def test_every_key_of_the_configuration_is_documented() -> None:
    """Each key that the schema of `webhooks.yaml` knows is named in docs/configuration.md."""
    schema = config_schema(registry)  # without what single vendors have, which their own pages tell
    missing = {key for key in _keys(schema) if f"`{key}" not in CONFIGURATION and f"{key}:" not in CONFIGURATION}
    assert missing == set()


def _keys(schema: Any) -> Iterator[str]:
    """The keys of all mappings that a schema describes."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
    for inner in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _keys(inner)


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_links_lead_somewhere(document: Any) -> None:
    """Every link to a file of the repository finds it."""
    links = [link for link in LINK.findall(document.read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in links if not (document.parent / link.partition("#")[0]).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_links_into_a_document_find_the_heading(document: Any) -> None:
    """What follows `#` in a link is a heading there, spelt as GitHub does."""
    links = [link.partition("#") for link in LINK.findall(document.read_text(encoding="utf-8")) if "://" not in link]
    lost = [f"{path}#{anchor}" for path, _, anchor in links if anchor and anchor not in _anchors(document, path)]
    assert lost == []


def _anchors(document: Any, path: str) -> set[str]:
    text = (document.parent / path if path else document).read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_named_tests_exist(document: Any) -> None:
    """Every test that a document calls a proof is there under that name."""
    for path, name in TEST.findall(document.read_text(encoding="utf-8")):
        assert (ROOT / path).exists(), path
        assert not name or f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), name


def test_the_layers_are_those_that_are_enforced() -> None:
    """docs/architecture.md lists the wings in the order in which `lint-imports` lets them see each other."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = [each for each in project["tool"]["importlinter"]["contracts"] if each["id"] == "wings"]
    assert (contract["type"], contract["containers"], contract["exhaustive"]) == ("layers", ["reconciler"], True)
    enforced = [name for layer in contract["layers"] for name in re.findall(r"\w+", layer) if name != "__main__"]
    told = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rule = told[told.index("1. **Layers.**") : told.index("2. **Pure modules**")]
    assert re.findall(r"`(\w+)`", rule) == enforced


def test_the_ten_promises_have_a_row_each() -> None:
    """The table of docs/guarantees.md has each promise under its number, with tests that are named below, too."""
    rows = re.findall(r"^\| (\d+) \| [^|]+ \| [^|]+ \| (.+) \|$", GUARANTEES, re.MULTILINE)
    parts = re.split(r"^\*\*(\d+)\. ", GUARANTEES.partition("\n## ")[0], flags=re.MULTILINE)
    promises = dict(zip(parts[1::2], parts[2::2], strict=True))
    shown = {number: TEST.findall(tests) for number, tests in rows}
    assert list(shown) == list(promises) == [str(number) for number in range(1, 11)]
    assert all(shown.values())
    strangers = [tests for number, tests in shown.items() if not {*tests} <= {*TEST.findall(promises[number])}]
    assert strangers == []


@pytest.mark.parametrize("document", [README, COMMANDS], ids=["README.md", "docs/commands.md"])
def test_exit_codes_are_those_of_the_help(document: str) -> None:
    """Both tables of exit codes have the codes that every `--help` ends with."""
    codes = re.findall(r"(?:: |; )(\d+) ", EXIT_CODES.replace("\n", " "))
    assert re.findall(r"^\| (\d+) \| [^|]+ \|$", document, re.MULTILINE) == codes


def test_every_place_of_secrets_is_documented() -> None:
    """Each scheme of references and sinks is in docs/configuration.md and in the changelog."""
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    schemes = {*re.findall(r"[(|]([a-z][a-z-]+):", SOURCE.pattern(registry) + SINK.pattern(registry))}
    assert {"env", "env-file", "vault"} <= schemes
    assert [name for name in sorted(schemes) if f"`{name}:" not in CONFIGURATION or f"`{name}:" not in changes] == []


def test_contributors_are_told_of_every_folder_of_tests() -> None:
    """The table of CONTRIBUTING.md has all of them."""
    told = re.findall(r"`(tests/\w+)`", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    folders = {relative(folder) for folder in (ROOT / "tests").iterdir() if any(folder.glob("test_*.py"))}
    assert sorted(folders - {*told}) == []


def test_the_hook_for_commits_is_called_what_it_is_called() -> None:
    """docs/commands.md names the hook of .pre-commit-hooks.yaml."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert f"- id: {hook['id']}\n" in COMMANDS
