"""The examples that are shapes of real life, each played as its README tells it, with what was there before."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from reconciler.sandbox import Sandbox
from tests.docs.test_examples import ACCOUNTS, GROUP, Example, box, example, named

__all__ = ["box", "example"]
FORGOTTEN = ("scanner", "licences", "mirror")
THEIRS = "set years ago by somebody who has left"


def actions(example: Example) -> dict[str, str]:
    """What a plan would do, by name."""
    plan = json.loads(example.whsync("plan", "--format", "json").stdout)
    return {change["name"]: change["action"] for change in plan["changes"]}


def old_hooks(example: Example) -> list[int]:
    """Hang the twelve hooks of the file by hand, with secrets that nobody knows; gives their ids."""
    github, made = example.box["github"], []
    example.whsync("apply", "--yes")
    for hook in github.webhooks():
        github.remove(hook["id"])
        unknown = any(name in hook["config"]["url"] for name in FORGOTTEN)
        known = hook["config"].get("secret")
        config = {**hook["config"], **({"secret": THEIRS} if unknown else {"secret": known} if known else {})}
        made.append(github.add("acme", config=config, events=hook["events"], active=hook["active"]))
    example.lock().unlink()
    return made


def secrets(example: Example) -> dict[int, str | None]:
    """What each hook signs with."""
    return {hook["id"]: hook["config"].get("secret") for hook in example.box["github"].webhooks()}


@named("12-old-organisation")
def test_an_old_organisation_is_taken_over_as_it_is(example: Example) -> None:
    """Twelve are adopted with no write at all, those that differ in a query among them; secrets and switches stay."""
    ids = old_hooks(example)
    before, written = secrets(example), example.writes()
    assert list(actions(example).values()) == ["adopt"] * 12
    assert "team=core" not in example.whsync("plan", "--full").stdout
    assert example.whsync("apply", "--yes").exit == 0
    assert (example.writes(), secrets(example)) == (written, before)
    assert len({entry["remote_id"] for entry in locked(example).values()}) == len(ids) == 12
    assert set(actions(example).values()) == {"noop"}


@named("12-old-organisation")
def test_what_is_not_in_the_file_stays(example: Example) -> None:
    """A change keeps a secret that nobody knows; one switch is the receiver's; a protected one is not pruned."""
    old_hooks(example)
    assert example.whsync("apply", "--yes").exit == 0
    before = secrets(example)
    example.replace("events: [push]\n  licences", "events: [push, release]\n  licences")
    example.replace("url: https://licences.acme.com/github", "url: https://licences.acme.com/in")
    assert {name for name, action in actions(example).items() if action != "noop"} == {"scanner", "licences"}
    assert example.whsync("apply", "--yes").exit == 0
    assert secrets(example) == before
    (backup,) = (hook for hook in example.box["github"].webhooks() if "backup" in hook["config"]["url"])
    example.box["github"].edit(backup["id"], active=True)
    assert set(actions(example).values()) == {"noop"}
    text = (example.folder / "webhooks.yaml").read_text("utf-8")
    start, end = text.index("  audit:\n"), text.index("  people:\n")
    (example.folder / "webhooks.yaml").write_text(text[:start] + text[end:], "utf-8")
    assert example.whsync("apply", "--yes", "--prune").exit == 3


def locked(example: Example) -> dict[str, Any]:
    """The lock's webhooks by name."""
    webhooks: dict[str, Any] = json.loads(example.lock().read_text("utf-8"))["webhooks"]
    return webhooks


@named("13-documentation")
def test_each_row_has_its_number_and_its_secret(example: Example) -> None:
    """Addresses and secrets go where their rows say; another secret is one update, another order is none."""
    assert example.whsync("apply", "--yes").exit == 0
    hooks = {hook["target"].removeprefix("acme/"): hook for hook in example.box["github"].webhooks()}
    assert {
        repo: hook["config"]["url"].removeprefix("https://docs.acme.com/api/v2/webhook/")
        for repo, hook in hooks.items()
    } == {
        "api-client": "api-client/1042/",
        "handbook": "handbook/977/",
        "schema": "schema-reference/1311/",
    }
    assert {repo: sorted(hook["events"]) for repo, hook in hooks.items()}["handbook"] == ["push"]
    assert [hooks[repo]["config"]["secret"] for repo in hooks] == [
        example.variables[f"DOCS_HOOK_{repo.replace('-', '_')}"] for repo in hooks
    ]
    example.variables["DOCS_HOOK_handbook"] = "which the host has replaced"
    assert {name for name, action in actions(example).items() if action == "update"} == {"docs[handbook]"}
    assert example.whsync("apply", "--yes").exit == 0
    row = "      - {repo: handbook, project: handbook/977, events: [push]}\n"
    example.replace(row, "")
    example.replace(
        "    for_each:                          # docs[api-client]", f"    for_each:\n{row}      # docs[api-client]"
    )
    assert set(actions(example).values()) == {"noop"}


@pytest.fixture
def accounts(example: Example) -> Iterator[dict[str, Any]]:
    """The vendor of each account, and the variables that lead there."""
    with ExitStack() as stack:
        found = {name: stack.enter_context(Sandbox(("coinbase-payments",)))["coinbase-payments"] for name in ACCOUNTS}
        example.variables |= {f"{name}_URL": vendor.url for name, vendor in found.items()}
        yield found


@named("14-three-accounts")
def test_three_accounts_have_two_webhooks_each(example: Example, accounts: dict[str, Any]) -> None:
    """Each has its own, with its issued secret in a place of its own; what fails in one goes on in the others."""
    token, example.variables["AMERICA_TOKEN"] = example.variables["AMERICA_TOKEN"], "expired"
    assert example.whsync("apply", "--yes").exit == 1
    assert [len(vendor.webhooks()) for vendor in accounts.values()] == [2, 0, 2]
    example.variables["AMERICA_TOKEN"] = token
    assert example.whsync("apply", "--yes").exit == 0
    for name, vendor in accounts.items():
        made = {hook["url"].rpartition("/")[2]: hook["secret"] for hook in vendor.webhooks()}
        folder = example.folder / "secrets" / name.lower()
        assert made == {file.name: file.read_text("utf-8") for file in folder.iterdir()}
    hosts = {vendor.webhooks()[0]["url"].split("/")[2] for vendor in accounts.values()}
    assert hosts == {"hooks.acme.com", "hooks.staging.acme.com"}
    assert set(actions(example).values()) == {"noop"}


@named("14-three-accounts")
def test_a_trial_account_leads_to_staging_only(example: Example, accounts: dict[str, Any]) -> None:
    """Its own policy refuses the address that is right for the two others, before anything is written."""
    example.replace('      trial: {url: "https://hooks.staging.acme.com/refunds"}', "      trial: {status: active}")
    refused = example.whsync("plan")
    assert (refused.exit, "refunds[trial]" in refused.stdout) == (3, True)
    assert not any(vendor.webhooks() for vendor in accounts.values())


@named(GROUP)
def test_a_group_has_what_the_file_says_and_nothing_else(example: Example) -> None:
    """Every project has the webhook, one its own; strangers go with `--prune`, shown before, but not the spared one."""
    group, ci, stranger = example.gitlab, "https://ci.acme.com/gitlab", "https://elsewhere.example/in"
    spared = "https://acme.statuspage.example/hook"
    group.hang("acme/api", url=stranger)
    group.hang("acme/web", url=spared)
    assert example.whsync("apply", "--yes").exit == 0
    there = {"acme/api": [ci, stranger], "acme/web": [spared, ci], "acme/legacy": ["https://old-ci.acme.com/gitlab"]}
    assert group.urls() == {**there, "acme/attic-archived": []}
    assert stranger in example.whsync("plan", "--prune").stdout
    assert example.whsync("apply", "--yes", "--prune").exit == 0
    assert group.urls()["acme/api"] == [ci]
    assert spared in group.urls()["acme/web"]
    assert example.whsync("plan", "--prune", "--detailed-exitcode").exit == 0
    group.projects["acme/new"] = 9
    group.hooks["acme/new"] = {}
    assert actions(example)["ci[acme/new]"] == "create"
