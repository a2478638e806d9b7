"""Exceptions as people meet them: overrides that touch secrets, policies of one provider, commands nobody trusts."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.pair import VALUES, Desk, desk
from tests.cli.world import World, hook

SECRETS = {"basic": {"from": "env:BASIC"}, "bearer": {"from": "env:BEARER"}}
BLOCK: dict[str, Any] = {
    "for_each": [{"team": "core"}, {"team": "money"}, {"team": "ops"}],
    "url": "https://hooks.acme.com/${each.team}",
    "secrets": SECRETS,
}


@pytest.fixture
def pair(run: Run, tmp_path: Path) -> Iterator[Desk]:
    """A vendor whose webhooks have three secrets, and two more values of ours."""
    with desk(run, tmp_path) as made:
        made.environment |= {"MONEY_SIGNING": "signing-secret-of-money", "money_BASIC": "password-of-money-1"}
        yield made


def sent(pair: Desk) -> dict[str, dict[str, Any]]:
    """What the vendor got, by the end of the URL."""
    return {body["url"].rpartition("/")[2]: body for _, _, body in pair.vendor.writes}


def test_an_override_has_secrets_of_its_own(pair: Desk) -> None:
    """One of three signs with another, has another password and keeps the third; nothing shows any of them."""
    own = {"secret": {"from": "env:MONEY_SIGNING"}, "secrets": {"basic": {"from": "env:${each.team}_BASIC"}}}
    pair.write(**BLOCK, override={"money": own})
    pair.applied()
    got = sent(pair)
    usual = {"password": VALUES["BASIC"], "token": VALUES["BEARER"]}
    assert (got["core"]["secret"], got["core"]["auth"]) == (VALUES["SIGNING"], usual)
    assert (got["ops"]["secret"], got["ops"]["auth"]) == (VALUES["SIGNING"], usual)
    assert got["money"]["secret"] == "signing-secret-of-money"
    assert got["money"]["auth"] == {"password": "password-of-money-1", "token": VALUES["BEARER"]}
    assert pair("plan", "--detailed-exitcode").exit == 0
    pair.environment["money_BASIC"] = "password-of-money-2"
    pair.vendor.writes.clear()
    pair.applied()
    ((_, _, body),) = pair.vendor.writes
    assert body["auth"] == {"password": "password-of-money-2"}
    for value in (*VALUES.values(), "signing-secret-of-money", "password-of-money-1", "password-of-money-2"):
        assert not any(value in text for text in pair.everything())


def test_an_override_lets_one_secret_be_made(pair: Desk) -> None:
    """Its sink is its own: a sink that the whole block would share is refused, the row's is not."""
    made = {"generate": 24, "to": "file:./secrets/${each.team}"}
    pair.write(**BLOCK, override={"o*": {"secret": made}})
    pair.applied()
    assert sent(pair)["ops"]["secret"] == (pair.folder / "secrets" / "ops").read_text("utf-8")
    assert [file.name for file in (pair.folder / "secrets").iterdir()] == ["ops"]
    pair.write(**BLOCK, override={"*": {"secret": {**made, "to": "file:./secrets/all"}}})
    assert "store their secrets in the same place" in pair("validate", exit=1).stderr


def test_a_secret_that_an_override_names_wrongly_is_told_there(pair: Desk) -> None:
    """With its place; what it replaces in the block is no matter."""
    pair.write(**BLOCK, override={"money": {"secrets": {"basc": {"from": "env:BASIC"}}}})
    told = pair("validate", exit=1).stderr
    assert "Pair has no secret called `basc`" in told
    assert "did you mean `basic`?" in told
    pair.write(**BLOCK, override={"money": {"secrets": {"basic": {"to": "file:./x"}}}})
    assert "Pair does not issue the secret `basic`" in pair("validate", exit=1).stderr


OTHERS = ("coinbase", "cryptofuse", "cryptopocket")


def test_strangers_of_one_provider_go_and_those_of_another_stay(world: World) -> None:
    """`unmanaged: delete` below one entry, with its own exceptions, is nothing to another of the same vendor."""
    github = world.box["github"]
    strict: dict[str, Any] = {
        "type": "github",
        "base_url": github.url,
        "scope": {"owner": "acme"},
        "limits": {"per_second": 1000},
    }
    strict["policy"] = {"unmanaged": "delete", "except": ["https://spared.vendor.com/*"]}
    hooks = {"here": hook(secret=None), "there": hook(secret=None, provider="strict", scope={"repo": "web"})}
    world.write(hooks, providers={"strict": strict}, drop=OTHERS)
    world.applied()
    for repo in ("api", "web"):
        for url in ("https://strange.example.com/x", "https://spared.vendor.com/y"):
            github.add(f"acme/{repo}", config={"url": url}, events=["push"])
    plan = world.planned("--prune")
    assert [each["provider"] for each in plan["changes"] if each["action"] == "delete"] == ["strict"]
    world.applied("--prune")
    left = {(each["target"], each["config"]["url"]) for each in github.webhooks()}
    assert ("acme/web", "https://strange.example.com/x") not in left
    assert {("acme/web", "https://spared.vendor.com/y"), ("acme/api", "https://strange.example.com/x")} <= left
    assert len(left) == 5


def test_one_provider_may_keep_what_all_others_delete(world: World) -> None:
    """The file's `delete` gives way to `report` below an entry; what is not written there holds as it does for all."""
    world.write({"ci": hook(secret=None)}, policy={"unmanaged": "delete"}, drop=OTHERS)
    world.applied()
    world.box["github"].add("acme/api", config={"url": "https://strange.example.com/x"}, events=["push"])
    own: dict[str, dict[str, Any]] = {"github": {"policy": {"unmanaged": "report"}}}
    world.write({"ci": hook(secret=None)}, policy={"unmanaged": "delete"}, providers=own, drop=OTHERS)
    world.applied("--prune")
    assert len(world.box["github"].webhooks()) == 2
    own["github"]["policy"] = {"https_only": True}
    world.write({"ci": hook(secret=None)}, policy={"unmanaged": "delete"}, providers=own, drop=OTHERS)
    world.applied("--prune")
    assert len(world.box["github"].webhooks()) == 1


@pytest.mark.parametrize("lists", [{"from": "cmd:touch ran; echo api"}, {"repo": {"from": "cmd:touch ran; echo api"}}])
@pytest.mark.parametrize("command", ["plan", "apply", "validate", "drift"])
def test_a_list_from_a_command_that_nobody_trusts(world: World, lists: dict[str, Any], command: str) -> None:
    """Under a trust file that does not name it: exit code 3, what the file would have to say, and nothing has run."""
    key = "repo" if "repo" in lists else "value"
    world.write({"ci": hook(for_each=lists, scope={"repo": f"${{each.{key}}}"}, secret=None)}, drop=OTHERS)
    origin = {"origin": world.box["github"].url, "credentials": ["env:GITHUB_TOKEN"]}
    trust: dict[str, Any] = {"version": 1, "origins": [origin]}
    refused = world(command, env={"WHSYNC_TRUST": json.dumps(trust)})
    assert (refused.exit, "commands: [" in refused.stderr) == (3, True), refused
    assert "webhooks.yaml:" in refused.stderr
    assert not (world.folder / "ran").exists()
    assert world.box["github"].requests == []
    trust["commands"] = ["touch ran; echo api"]
    assert world("plan", env={"WHSYNC_TRUST": json.dumps(trust)}).exit == 0
    assert (world.folder / "ran").exists()


@pytest.mark.parametrize("text", ["api, web", '["api", "web"]', "api\nweb\n"])
def test_a_list_from_a_variable(world: World, text: str) -> None:
    """JSON, commas or lines, as a list or as the values of a key, make the same webhooks."""
    for lists, key in (("${REPOS}", "value"), ({"repo": "${REPOS}"}, "repo"), ({"from": "env:REPOS"}, "value")):
        world.environment["REPOS"] = text
        world.write({"ci": hook(for_each=lists, scope={"repo": f"${{each.{key}}}"}, secret=None)}, drop=OTHERS)
        assert world.actions() == {"ci[api]": "create", "ci[web]": "create"}


def test_a_variable_file_keeps_to_what_is_allowed(world: World) -> None:
    """Another value is told at its line in the file, before any vendor is asked; one that is allowed goes through."""
    world.write({"ci": hook(scope={"repo": "${repo}"}, secret=None)}, drop=OTHERS)
    declared = world.config.read_text().replace(
        '"version": 1,', '"version": 1, "variables": {"repo": {"allowed": ["api"]}},'
    )
    world.config.write_text(declared)
    (world.folder / "vars.yaml").write_text("# which\nrepo: apj\n")
    for command in ("plan", "apply", "drift", "validate"):
        refused = world(command, "--var-file", "vars.yaml")
        assert refused.exit == 1
        assert "vars.yaml:2:7: `repo` cannot be 'apj'" in refused.stderr
    assert world.box["github"].requests == []
    (world.folder / "vars.yaml").write_text("repo: api\n")
    assert world("plan", "--var-file", "vars.yaml").exit == 0
