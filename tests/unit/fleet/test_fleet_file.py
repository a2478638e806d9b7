"""`fleet.yaml`: which tenants there are, what each has, and every mistake at its place."""

import os
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from reconciler import document
from reconciler.errors import ConfigError, UntrustedError
from reconciler.fleet.load import load
from reconciler.fleet.schema import fleet_schema, looks_secret
from reconciler.fleet.types import Environment, Fleet
from reconciler.support.reach import Reach

WHOLE = """\
version: 1
results: kept
folders: ["teams/*"]
defaults:
  schedule: 24h
  variables: {region: eu}
  environment: {prefix: "{TENANT}_", file: "env/{tenant}.env"}
tenants:
  shop: {repair: drift, schedule: 30m, variables: {stage: "01"}}
  legacy:
    files: "old/*.yaml"
    lock: locks/legacy.json
    var_file: [old/values/vars.yml]
    environment: {inherit: [SHARED_TOKEN]}
"""


def fleet(folder: Path, text: str) -> Fleet:
    """The fleet file with that text, beside two teams' folders and one of another kind."""
    for name in ("teams/shop/webhooks.yaml", "teams/a-team/webhooks.yaml", "old/b.yaml", "old/a.yaml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("version: 1\n", encoding="utf-8")
    (folder / "teams" / "empty").mkdir(exist_ok=True)
    (folder / "fleet.yaml").write_text(text, encoding="utf-8")
    return load(folder / "fleet.yaml")


def told(folder: Path, text: str) -> list[str]:
    """What is wrong with a fleet file, each with its line and column."""
    with pytest.raises(ConfigError) as caught:
        fleet(folder, text)
    assert all(str(problem.at).startswith(str(folder / "fleet.yaml")) for problem in caught.value.problems)
    return [f"{p.at.line}:{p.at.column} {p.summary} | {p.hint}" for p in caught.value.problems if p.at is not None]


def test_a_whole_file(tmp_path: Path) -> None:
    """Folders become tenants, what a tenant says goes before the defaults, and every path starts at the file."""
    found = fleet(tmp_path, WHOLE)
    assert [each.name for each in found.tenants] == ["a-team", "shop", "legacy"]
    team, shop, legacy = found.tenants
    root = str(tmp_path)
    assert found.results == f"{root}/kept"
    assert (team.files, team.folder) == ((f"{root}/teams/a-team/webhooks.yaml",), f"{root}/teams/a-team")
    assert team.environment == Environment((f"{root}/env/a-team.env",), "A_TEAM_")
    assert (team.schedule, team.repairs) == (86400, False)
    assert (shop.schedule, shop.repairs) == (1800, True)
    assert shop.variables == (("region", "eu"), ("stage", "01"))
    assert legacy.files == (f"{root}/old/a.yaml", f"{root}/old/b.yaml")
    assert (legacy.folder, legacy.lock) == (f"{root}/old", f"{root}/locks/legacy.json")
    assert legacy.var_files == (f"{root}/old/values/vars.yml",)
    assert legacy.environment == Environment((), "", ("SHARED_TOKEN",))
    assert [each.at.line for each in found.tenants if each.at is not None] == [3, 9, 10]


def test_what_editors_are_told_takes_it() -> None:
    """The published schema and the reader agree on a whole file."""
    Draft202012Validator(fleet_schema()).validate(document.load(WHOLE.encode(), "fleet.yaml"))


def test_every_mistake_at_once_and_at_its_place(tmp_path: Path) -> None:
    """A misspelt key, a schedule that is none, a word that is none, a tenant without files, a pattern without any."""
    text = """\
version: 1
folders: [teams/*, nowhere/*]
tenants:
  shop: {schedul: 24h}
  legacy: {schedule: daily, repair: always}
  "../up": {files: old/a.yaml}
"""
    assert told(tmp_path, text) == [
        "2:20 no folder with a webhooks.yaml matches nowhere/* | paths start at the fleet file",
        "4:10 `schedul` is not known here | did you mean `schedule`?",
        "5:22 `tenants.legacy.schedule` is no length of time | write 30m, 24h or 7d",
        "5:37 `tenants.legacy.repair` cannot be 'always' | write never or drift",
        "6:3 `tenants.../up` cannot be the name of a tenant | use 1 to 64 letters, digits, `.`, `_` and `-`, "
        "a letter or a digit first",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 1\n", "the fleet has no tenant"),
        ("version: 1\ntenants: {legacy: {schedule: 1h}}\n", "the tenant legacy has no files"),
        ("version: 1\ntenants: {a: {files: old/a.yaml}, A: {files: old/b.yaml}}\n", "differ in capitals only"),
        ("version: 1\ntenants: {a: {files: '${HOME}/a.yaml'}}\n", "holds `${…}`"),
        ("version: 1\ntenants: {a: {files: old/c.yaml}}\n", "no file matches old/c.yaml"),
        ("version: 1\nfolders: teams/*\ntenants: {shop: {lock: 'postgresql://me:pw@db/x'}}\n", "holds a password"),
        ("version: 2\nfolders: teams/*\n", "`version`"),
    ],
)
def test_what_cannot_be_meant(tmp_path: Path, text: str, said: str) -> None:
    """Each says what is wrong, and has a way out."""
    (found,) = told(tmp_path, text)
    assert said in found
    assert not found.endswith("| ")


def test_two_folders_of_one_name(tmp_path: Path) -> None:
    """Tenants are called as their folders, so two of one name are an error that shows both."""
    (tmp_path / "more" / "shop").mkdir(parents=True)
    (tmp_path / "more" / "shop" / "webhooks.yaml").write_text("version: 1\n", encoding="utf-8")
    (found,) = told(tmp_path, "version: 1\nfolders: [teams/*, more/*]\n")
    assert f"teams{os.sep}shop" in found
    assert f"more{os.sep}shop" in found


@pytest.mark.parametrize(
    "variables",
    [
        "{GITHUB_TOKEN: abc}",
        "{db_password: x}",
        "{thing: fJ93kdP0qmZ7ax41LtsB}",
        "{thing: 'https://me:hunter2@host/'}",
        "{thing: '-----BEGIN KEY-----'}",
    ],
)
def test_no_secret_stands_in_the_file(tmp_path: Path, variables: str) -> None:
    """What looks like a secret is refused, told without its value, and with where it belongs."""
    (found,) = told(tmp_path, f"version: 1\nfolders: teams/*\ntenants: {{shop: {{variables: {variables}}}}}\n")
    assert "has what looks like a secret" in found
    assert "environment: {file: …}" in found
    assert not any(value in found for value in ("abc", "fJ93", "hunter2", "BEGIN"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("region", "eu-central-1"),
        ("account", "0b5c1f3e-8f61-4d5b-9f62-2f8f3cbb7a11"),
        ("host", "https://hooks.acme-company.example.com/v2"),
        ("keyboard", "qwertz"),
        ("owner", "acme_very_long_organisation_name"),
    ],
)
def test_ordinary_values_are_no_secrets(name: str, value: str) -> None:
    """Regions, account ids, addresses and long names may stand there."""
    assert not looks_secret(name, value)


def test_where_nobody_is_believed_nothing_outside_is_opened(tmp_path: Path) -> None:
    """Files, env-files, locks and results lead to what is trusted, or nothing is run; so do locks elsewhere."""
    inside = tmp_path / "checkout"
    inside.mkdir()
    fleet(inside, "version: 1\nfolders: teams/*\n")
    (tmp_path / "webhooks.yaml").write_text("version: 1\n", encoding="utf-8")
    reach = Reach((os.path.realpath(inside),))
    for keys in (
        "tenants: {shop: {environment: {file: ../env}}}",
        "tenants: {shop: {var_file: ../env}}",
        "tenants: {shop: {lock: ../lock.json}}",
        "tenants: {shop: {lock: 'https://evil.example/lock'}}",
        "tenants: {other: {files: ../webhooks.yaml}}",
        "results: ../kept",
    ):
        (inside / "fleet.yaml").write_text(f"version: 1\nfolders: teams/*\n{keys}\n", encoding="utf-8")
        assert load(inside / "fleet.yaml").tenants
        with pytest.raises(UntrustedError):
            load(inside / "fleet.yaml", reach)
