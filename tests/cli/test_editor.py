"""Editors complete and check `webhooks.yaml` by its schema; a real YAML language server is asked."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reconciler.cli.schema import SCHEMAS
from tests.cli.conftest import Run
from tests.cli.language_server import LanguageServer
from tests.npm import npm_file

PACKAGE = "yaml-language-server@1.19.2"
PROGRAM = "yaml-language-server/bin/yaml-language-server"
FIRST = "# yaml-language-server: $schema=./config.schema.json\n"
SOUND = """version: 1
providers:
  github: {scope: {owner: acme}}
  till: {type: stripe}
webhooks:
  ci:
    provider: github
    scope: {repo: api}
    url: https://ci.acme.com/hooks
    events: [push, an_event_of_tomorrow]
    options: {content_type: json}
  paid:
    provider: till
    url: https://shop.acme.com/paid
    events: [charge.succeeded]
"""
STARTED = """version: 1
providers:
  github:
    settings:
      u
  till: {type: s}
webhooks:
  ci:
    provider: github
    events:
      - p
    options:
      c
  paid:
    provider: till
    events:
      - c
"""


@pytest.fixture
def server(pytestconfig: pytest.Config, tmp_path: Path) -> Iterator[LanguageServer]:
    """A language server for the folder, which has the schema."""
    program = npm_file(pytestconfig, PACKAGE, PROGRAM, "WHSYNC_YAML_LANGUAGE_SERVER")
    (tmp_path / "config.schema.json").write_text(json.dumps(SCHEMAS["config"]()), encoding="utf-8")
    with LanguageServer(program, tmp_path) as started:
        yield started


def after(text: str, line: str) -> dict[str, int]:
    """The place behind the first line that ends so, in a file that begins with `FIRST`."""
    lines = (FIRST + text).splitlines()
    number = next(number for number, each in enumerate(lines) if each.endswith(line))
    return {"line": number, "character": len(lines[number])}


@pytest.mark.slow
def test_an_editor_finds_nothing_wrong_where_nothing_is(server: LanguageServer) -> None:
    """An event that the manifest does not know yet is whsync's matter, not the editor's."""
    assert server.open("webhooks.yaml", FIRST + SOUND) == []


@pytest.mark.slow
def test_an_editor_tells_a_mistake(server: LanguageServer) -> None:
    """A key that there is not."""
    assert "evnts" in " ".join(server.open("webhooks.yaml", FIRST + SOUND.replace("events:", "evnts:", 1)))


@pytest.mark.slow
def test_an_editor_offers_what_the_vendor_has(server: LanguageServer) -> None:
    """Events, options and settings of the entry that is called as its manifest; the manifests; no other's events."""
    server.open("webhooks.yaml", FIRST + STARTED)
    assert {"push", "pull_request"} <= server.offered("webhooks.yaml", **after(STARTED, "- p"))
    assert {"content_type", "insecure_ssl"} <= server.offered("webhooks.yaml", **after(STARTED, "      c"))
    assert "unknown_events" in server.offered("webhooks.yaml", **after(STARTED, "      u"))
    assert {"stripe", "shopify"} <= server.offered("webhooks.yaml", **{**after(STARTED, "s}"), "character": 15})
    assert "push" not in server.offered("webhooks.yaml", **after(STARTED, "- c"))


def schema_for(run: Run, folder: Path, text: str) -> dict[str, Any]:
    """What `whsync -c webhooks.yaml schema config` prints."""
    (folder / "webhooks.yaml").write_text(text, encoding="utf-8")
    result = run("-c", "webhooks.yaml", "schema", "config", cwd=folder)
    assert (result.exit, result.stderr) == (0, "")
    schema: dict[str, Any] = json.loads(result.stdout)
    Draft202012Validator.check_schema(schema)
    return schema


def offers(schema: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """What webhooks of each entry are offered, by the entry's name; by an empty one, whatever they name."""
    return {
        each["if"].get("properties", {}).get("provider", {}).get("const", ""): each["then"]["properties"]
        for each in schema["$defs"]["Webhook"]["allOf"]
    }


def test_a_schema_for_ones_own_file(run: Run, tmp_path: Path) -> None:
    """Entries are told by the names that the file gives them."""
    told = offers(schema_for(run, tmp_path, SOUND.replace(", an_event_of_tomorrow", "")))
    assert set(told) == {"github", "till"}
    assert "charge.succeeded" in told["till"]["events"]["items"]["anyOf"][0]["enum"]


def test_the_only_entry_needs_no_name(run: Run, tmp_path: Path) -> None:
    """A webhook need not name the only provider there is."""
    text = "version: 1\nproviders: {code: {type: github}}\nwebhooks: {}\n"
    assert set(offers(schema_for(run, tmp_path, text))) == {""}


def test_what_is_offered_is_what_the_vendor_has() -> None:
    """Options below others are blocks, and scopes are those of all ways."""
    told = offers(SCHEMAS["config"]())
    assert told["github"]["scope"]["properties"].keys() == {"owner", "repo", "org"}
    assert told["github"]["options"]["properties"]["content_type"]["anyOf"][0]["enum"] == ["json", "form"]
