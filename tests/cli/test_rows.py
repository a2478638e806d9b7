"""Rows, lists, overrides, variables and policies of providers, as people meet them on the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.world import World, hook

ROWS = [{"repo": f"r{at}", "id": at, "events": ["push", "fork"]} for at in range(12)]


def block(**changes: Any) -> dict[str, Any]:
    """Twelve webhooks of rows."""
    usual = {
        "for_each": ROWS,
        "scope": {"repo": "${each.repo}"},
        "url": "https://ci.acme.com/hooks/${each.repo}",
        "events": "${each.events}",
    }
    return hook(**{**usual, **changes})


def touch(world: World, path: str = "ran") -> str:
    """A command that leaves a trace and prints two names."""
    return f"touch {path}; echo api,web"


def test_rows_are_applied_and_stay(world: World) -> None:
    """Every row becomes a webhook; the same rows in another order are no difference."""
    world.write({"ci": block()})
    world.applied()
    assert len(world.box["github"].webhooks()) == 12
    world.write({"ci": block(for_each=[{**row} for row in reversed(ROWS)])})
    assert "No changes." in world("plan").stdout
    assert set(world.lock) == {f"ci[r{at}]" for at in range(12)}


def test_groups_and_targets_know_rows(world: World) -> None:
    """Equal changes of rows are told once, by the block and how many; a target means some of them."""
    world.write({"ci": block(override={"r3": {"status": "inactive"}})})
    told = world("plan").stdout
    assert "ci[11 of 12]" in told, told
    assert "ci[r3]" in told
    chosen = world.actions("--target", "ci[r1*]")
    assert set(chosen) == {"ci[r1]", "ci[r10]", "ci[r11]"}
    assert "ci[r3]" in world("plan", "--target", "ci[r3]", "--report", "html=plan.html").stdout
    assert "ci[r3]" in (world.folder / "plan.html").read_text(encoding="utf-8")


def test_an_override_is_one_line_of_the_plan(world: World) -> None:
    """What it changes is changed for the named webhook alone."""
    world.write({"ci": block()})
    world.applied()
    world.write({"ci": block(override={"r7": {"events": ["star"]}})})
    assert {name: action for name, action in world.actions().items() if action != "noop"} == {"ci[r7]": "update"}


def test_a_list_from_a_command_runs_where_it_must_and_nowhere_else(world: World) -> None:
    """A plan runs it; `validate`, Tab and an untrusted plan do not, and a request needs the trust file's word."""
    ran = world.folder / "ran"
    lists = {"repo": {"from": f"cmd:{touch(world)}"}}
    plain = {"for_each": lists, "events": ["push"]}
    world.write({"ci": block(**plain)}, drop=("coinbase", "cryptofuse", "cryptopocket"))
    told = world("validate")
    assert (told.exit, "The rows of ci come from a command, which validate does not run." in told.stderr) == (0, True)
    assert world("plan", "--untrusted").exit == 3
    request = {"GITHUB_EVENT_NAME": "pull_request"}
    refused = world("plan", env=request)
    assert (refused.exit, "commands: [" in refused.stderr) == (3, True)
    assert world("validate", env=request).exit == 3
    assert not ran.exists()
    assert set(world.actions()) == {"ci[api]", "ci[web]"}
    assert ran.exists()
    trust = world("trust", "write").stdout
    assert yaml.safe_load(trust)["commands"] == [touch(world)]
    (world.folder.parent / "trust.yaml").write_text(trust)
    assert world("plan", "--trust", "../trust.yaml", env=request).exit == 0


def test_a_command_that_fails_plans_nothing(world: World) -> None:
    """Its block would otherwise look as if all of its webhooks were gone."""
    world.write({"ci": block(for_each={"repo": {"from": "cmd:exit 3"}}, events=["push"])})
    told = world("plan")
    assert (told.exit, "the command `exit 3` ended with the exit code 3" in told.stderr) == (1, True)
    world.write({"ci": block(for_each={"repo": {"from": "cmd:true"}}, events=["push"])})
    assert "what `true` prints" in world("plan").stderr or "cmd:true is empty" in world("plan").stderr


def test_a_list_file_is_written_over_by_nothing(world: World) -> None:
    """It is a part of the configuration: no report and no sink takes its place."""
    (world.folder / "rows.json").write_text(json.dumps(ROWS))
    world.write({"ci": block(for_each={"from": "file:rows.json"})})
    assert world("plan", "--report", "json=rows.json").exit != 0
    assert json.loads((world.folder / "rows.json").read_text()) == ROWS


def test_secrets_of_rows_are_secrets(world: World) -> None:
    """Each row names its own; none is shown, and rotating one block reaches each."""
    world.environment |= {"S_r1": "first-secret-1234", "S_r2": "second-secret-1234"}
    world.write({"ci": block(for_each=ROWS[1:3], secret={"from": "env:S_${each.repo}"})})
    told = world.applied()
    assert "secret-1234" not in told.stdout + told.stderr + world.lock_path.read_text()
    assert {entry["secret"]["fingerprint"] for entry in world.lock.values()} != set()
    world.environment["S_r2"] = "another-secret-1234"
    changed = {name for name, action in world.actions().items() if action != "noop"}
    assert changed == {"ci[r2]"}


def test_a_policy_below_a_provider_is_that_providers(world: World) -> None:
    """Strangers at one entry are denied, at another ignored; a host without https is allowed at one alone."""
    world.box["github"].add("acme/api", config={"url": "https://elsewhere.acme.com/x"})
    hooks = {"ci": hook(url="http://hooks.build.svc/x", secret=None)}
    drop = ("coinbase", "cryptofuse", "cryptopocket")
    world.write(hooks, drop=drop)
    assert world("plan").exit == 3
    world.write(hooks, drop=drop, providers={"github": {"policy": {"http_hosts": ["hooks.build.svc"]}}})
    assert world("plan").exit == 0
    assert world("validate").exit == 0
    both = {"http_hosts": ["hooks.build.svc"], "unmanaged": "deny"}
    world.write(hooks, drop=drop, policy={"unmanaged": "ignore"}, providers={"github": {"policy": both}})
    assert world("plan").exit == 3
    world.write(
        hooks,
        drop=drop,
        policy={"unmanaged": "deny"},
        providers={"github": {"policy": {**both, "unmanaged": "ignore"}}},
    )
    world.applied()
    assert world("drift").exit == 0
    world.write(hooks, drop=drop, policy={"unmanaged": "ignore"}, providers={"github": {"policy": both}})
    assert world("drift").exit == 2


def test_a_trusted_policy_is_loosened_by_no_provider(world: World) -> None:
    """Where a trust file asks for https, only its own exceptions count."""
    drop = ("coinbase", "cryptofuse", "cryptopocket")
    own = {"policy": {"http_hosts": ["hooks.build.svc"], "https_only": False}}
    world.write({"ci": hook(url="http://hooks.build.svc/x", secret=None)}, drop=drop, providers={"github": own})
    origin = world.box["github"].url
    trust = {"version": 1, "origins": [{"origin": origin, "credentials": ["env:GITHUB_TOKEN"]}]}
    for policy, code in (({"https_only": True}, 3), ({"https_only": True, "http_hosts": ["*.svc"]}, 0)):
        assert world("plan", env={"WHSYNC_TRUST": json.dumps({**trust, "policy": policy})}).exit == code


def test_variables_reach_every_command_that_reads_the_files(world: World) -> None:
    """Also those that need only the lock, or which files there are; a name that nobody declares is wrong usage."""
    world.write({"ci": hook(scope={"repo": "${repo}"})}, drop=("coinbase", "cryptofuse", "cryptopocket"))
    text = world.config.read_text().replace(
        '"version": 1,', '"version": 1, "variables": {"repo": {"allowed": ["api", "web"]}},'
    )
    world.config.write_text(text.replace('"webhooks"', '"lock": "${repo}.lock.json", "webhooks"'))
    (world.folder / "api.yaml").write_text("repo: api\n")
    assert world("plan").exit == 1, "it is not set"
    assert world("apply", "--yes", "--var-file", "api.yaml").exit == 0
    for argv in (
        ["plan"],
        ["drift"],
        ["audit"],
        ["validate"],
        ["state", "list"],
        ["state", "show", "ci"],
        ["fmt", "--check"],
    ):
        assert world(*argv, "--var", "repo=api").exit in (0, 1 if argv[0] == "fmt" else 0), argv
        wrong = world(*argv, "--var", "rpo=api")
        assert (wrong.exit, "did you mean `repo`?" in wrong.stderr) == (64, True), argv
        assert world(*argv, "--var", "repo=docs").exit == 1, argv
        assert world(*argv, "--var", "repo").exit == 64, argv
    assert (world.folder / "api.lock.json").exists()
    assert world("plan", env={"WHSYNC_VAR": "repo=api"}).exit == 0


@pytest.mark.parametrize("words", [["--var", "env=a"], ["--var-file", "none.yaml"]])
def test_what_reads_no_files_needs_no_variables(world: World, words: list[str], tmp_path: Path) -> None:
    """As all global options, both may stand anywhere."""
    assert world("version", *words).exit == 0


def test_fmt_keeps_rows(world: World) -> None:
    """Laid out rows say what they said."""
    text = (
        "version: 1\nproviders: {github: {}}\nwebhooks:\n  ci:\n    for_each:\n    - {repo: api,  id: 017} # why\n"
        "    - repo: web\n      id: 2\n    scope: {owner: acme, repo: '${each.repo}'}\n    url: https://h.example/${each.id}\n"
        "    override: {'w*': {status: inactive}}\n"
    )
    world.config.write_text(text)
    assert world("fmt").exit == 0
    assert world("fmt", "--check").exit == 0
    laid = world.config.read_text()
    assert "# why" in laid
    assert yaml.safe_load(laid) == yaml.safe_load(text)
