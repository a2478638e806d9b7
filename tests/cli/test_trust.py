"""A stranger's change: whatever the files, an include, a manifest, the lock, a saved plan or a link ask for, nothing
runs, nothing is read elsewhere and nothing is sent until somebody whom they cannot reach has granted it."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler.audit.types import AuditSettings
from reconciler.config.audit import AuditBlock
from reconciler.sandbox import Sandbox
from tests.cli.conftest import Result, Run
from tests.cli.world import World, hook

REQUEST = {"GITHUB_EVENT_NAME": "pull_request"}
OTHER = "another-credential-0123456789"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Simulated vendors, started."""
    with Sandbox() as box:
        yield box


@pytest.fixture
def ours(run: Run, tmp_path: Path, sandbox: Sandbox) -> World:
    """A configuration that was applied; its vendor is at an origin that whsync does not know by itself."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    world = World(run, folder, sandbox)
    world.environment["OTHER_KEY"] = OTHER
    world.write({"ci": hook()}, drop=("coinbase", "cryptofuse", "cryptopocket"))
    world.applied()
    world.forget_requests()
    return world


def trust_of(world: World, **more: Any) -> Path:
    """The trust file of the files as they are, kept beside their folder; `more` adds to it."""
    written = yaml.safe_load(world("trust", "write").stdout)
    path = world.folder.parent / "trust.yaml"
    path.write_text(yaml.safe_dump({**written, **more}), encoding="utf-8")
    return path


def refused(result: Result) -> list[dict[str, Any]]:
    """What a command was refused, in JSON."""
    assert result.exit == 3, result
    error = json.loads(result.stdout)["error"]
    assert error["kind"] == "untrusted"
    problems: list[dict[str, Any]] = error["problems"]
    assert {problem["kind"] for problem in problems} == {"untrusted"}
    return problems


def plan(world: World, *argv: str, env: Mapping[str, str] = REQUEST) -> Result:
    """`whsync plan` as JSON, where a request is checked."""
    return world("plan", "--format", "json", *argv, env=dict(env))


def asked_anything(world: World) -> bool:
    """Whether any vendor was asked anything."""
    return any(world.box[vendor].requests for vendor in world.box)


def edit(world: World, **provider: Any) -> None:
    """What a stranger changes in the provider's entry."""
    whole = json.loads(world.config.read_text(encoding="utf-8"))
    whole["providers"]["github"].update(provider)
    world.config.write_text(json.dumps(whole), encoding="utf-8")


# The levels


@pytest.mark.parametrize(
    "variables",
    [
        {"GITHUB_EVENT_NAME": "pull_request"},
        {"GITHUB_EVENT_NAME": "pull_request_target"},
        {"CI_MERGE_REQUEST_IID": "7"},
        {"CI_EXTERNAL_PULL_REQUEST_IID": "7"},
        {"BITBUCKET_PR_ID": "7"},
        {"SYSTEM_PULLREQUEST_PULLREQUESTID": "7"},
        {"BUILD_REASON": "PullRequest"},
    ],
)
def test_a_request_that_is_checked_is_strict_by_itself(ours: World, variables: dict[str, str]) -> None:
    """No file can switch that off; the environment can, and a trust file says what is granted."""
    (origin, *_) = refused(plan(ours, env=variables))
    assert origin["at"].startswith("webhooks.yaml:")
    assert not asked_anything(ours)
    assert plan(ours, env={**variables, "WHSYNC_TRUST": "open"}).exit == 0
    assert plan(ours, "--trust", str(trust_of(ours)), env=variables).exit == 0


@pytest.mark.parametrize("variables", [{}, {"GITHUB_EVENT_NAME": "push"}, {"BUILD_REASON": "Manual"}, {"CI": "true"}])
def test_elsewhere_the_files_are_their_authors(ours: World, variables: dict[str, str]) -> None:
    """So is what an empty variable says, which CI systems make of one that is not set."""
    assert plan(ours, env={**variables, "WHSYNC_TRUST": ""}).exit == 0


def test_an_empty_variable_does_not_open(ours: World) -> None:
    """A variable that CI makes empty, since its secret is not there, says nothing at all."""
    assert plan(ours, env={**REQUEST, "WHSYNC_TRUST": ""}).exit == 3


@pytest.mark.parametrize("command", [("plan",), ("apply", "--yes"), ("drift",), ("adopt", "ci", "--id", "1", "--yes")])
def test_every_command_that_could_reach_a_vendor_is_held(ours: World, command: tuple[str, ...]) -> None:
    """Whether the lock binds or the level does, nothing is asked."""
    edit(ours, base_url=ours.box["cryptofuse"].url)
    for env in ({}, REQUEST):
        assert ours(*command, env=env).exit == 3
        assert not asked_anything(ours)


def test_rotation_is_held(ours: World) -> None:
    """No command runs for it."""
    edit(ours, auth={"token": "cmd:touch ran; echo x"})
    assert ours("rotate", "ci", "--yes", env=REQUEST).exit == 3
    assert not (ours.folder / "ran").exists()


def test_usual_origins_and_variables_need_no_trust_file(ours: World) -> None:
    """What the built-in manifest has by itself is granted; nothing else, not even another variable for it."""
    ours.config.write_text(
        "version: 1\nproviders: {github: {}}\nwebhooks:\n"
        "  ci: {scope: {owner: a, repo: b}, url: 'https://x.example/z', events: [push]}\n",
        encoding="utf-8",
    )
    ours.lock_path.unlink()
    assert ours("plan", "--offline", env=REQUEST).exit == 0
    edit_yaml(ours, lambda whole: whole["providers"]["github"].update(auth={"token": "env:OTHER_KEY"}))
    (problem,) = refused(ours("plan", "--offline", "--format", "json", env=REQUEST))
    assert "env:OTHER_KEY" in problem["summary"]
    assert 'origins: [{origin: "https://api.github.com", credentials: ["env:OTHER_KEY"]}]' in problem["hint"]


def edit_yaml(world: World, change: Any) -> None:
    """What a stranger changes anywhere in the file."""
    whole = yaml.safe_load(world.config.read_text(encoding="utf-8"))
    change(whole)
    world.config.write_text(yaml.safe_dump(whole), encoding="utf-8")


# Attacks on a strict run with a trust file


def test_from_the_file(ours: World) -> None:
    """Another origin, a command, another credential, another secret, a variable: each is refused at its own place."""
    trust = str(trust_of(ours))
    fuse = ours.box["cryptofuse"].url
    edit(ours, base_url=fuse, auth={"token": "cmd:touch ran; echo x"})
    told = refused(plan(ours, "--trust", trust))
    assert any(f"leads to {fuse}" in problem["summary"] for problem in told)
    assert any("runs a command" in problem["summary"] for problem in told)
    assert all(problem["at"] and problem["hint"].startswith("the trust file would have to say: ") for problem in told)
    ours.write({"ci": hook(secret={"from": "env:OTHER_KEY"})}, drop=("coinbase", "cryptofuse", "cryptopocket"))
    (secret,) = refused(plan(ours, "--trust", trust))
    assert "env:OTHER_KEY" in secret["summary"]
    assert not asked_anything(ours)
    assert not (ours.folder / "ran").exists()


def test_a_variable_is_told_before_what_it_gave(ours: World) -> None:
    """What it was filled into is not shown, in whatever it stands."""
    trust = str(trust_of(ours))
    edit(ours, base_url="https://${HARMLESS}.example")
    result = plan(ours, "--trust", trust, env={**REQUEST, "HARMLESS": "value-of-it"})
    (problem,) = refused(result)
    assert "${HARMLESS}" in problem["summary"]
    assert "value-of-it" not in result.stdout + result.stderr


def test_from_an_include(ours: World) -> None:
    """Neither a path nor a pattern nor a link leads out; nothing out there is opened or shown."""
    outside = ours.folder.parent / "outside"
    outside.mkdir()
    (outside / "more.yaml").write_text("a line that nobody here may see: [\n", encoding="utf-8")
    (ours.folder / "link.yaml").symlink_to(outside / "more.yaml")
    trust = str(trust_of(ours))
    for pattern in (
        "../outside/more.yaml",
        "../outside/*.yaml",
        "../*/more.yaml",
        str(outside / "more.yaml"),
        "link.yaml",
    ):
        edit_yaml(ours, lambda whole, pattern=pattern: whole.update(include=[pattern]))
        for argv in (["plan"], ["validate"], ["state", "list"]):
            result = ours(*argv, "--format", "json", "--trust", trust)
            (problem,) = refused(result)
            assert "nobody here may see" not in result.stdout + result.stderr
            assert "roots:" in problem["hint"]


def test_from_a_manifest(ours: World) -> None:
    """One's own manifest is trusted by its bytes only, and none is read out of the folder."""
    manifest = ours.folder / "own.yaml"
    manifest.write_text(MANIFEST, encoding="utf-8")
    fuse = ours.box["cryptofuse"].url
    mine = {"type": "./own.yaml", "base_url": fuse, "auth": {"one": "env:OTHER_KEY"}}
    edit_yaml(ours, lambda whole: whole["providers"].update(own=mine))
    trust = trust_of(ours)
    assert plan(ours, "--trust", str(trust)).exit == 0
    manifest.write_text(MANIFEST.replace("/login", "/elsewhere"), encoding="utf-8")
    (problem,) = refused(plan(ours, "--trust", str(trust)))
    assert "manifest ./own.yaml" in problem["summary"]
    assert "manifests: [" in problem["hint"]
    manifest.write_text(MANIFEST + f"base_url: {fuse}\nvariables: {{one: OTHER_KEY}}\n", encoding="utf-8")
    edit_yaml(ours, lambda whole: whole["providers"].update(own={"type": "./own.yaml"}))
    only_bytes = trust_of(ours)
    granted = yaml.safe_load(only_bytes.read_text(encoding="utf-8"))
    granted["origins"] = [each for each in granted["origins"] if each["origin"] != fuse]
    only_bytes.write_text(yaml.safe_dump(granted), encoding="utf-8")
    (problem,) = refused(plan(ours, "--trust", str(only_bytes)))
    assert f"leads to {fuse} with env:OTHER_KEY" in problem["summary"]
    manifest.write_text(MANIFEST, encoding="utf-8")
    edit_yaml(ours, lambda whole: whole["providers"].update(own=mine))
    manifest.rename(ours.folder.parent / "own.yaml")
    manifest.symlink_to(ours.folder.parent / "own.yaml")
    (problem,) = refused(plan(ours, "--trust", str(trust)))
    assert "leads out of the configuration's folder" in problem["summary"]
    assert not ours.box["cryptofuse"].requests


def test_from_the_lock(ours: World) -> None:
    """A lock that came with the change proves nothing, and none is read elsewhere."""
    trust = str(trust_of(ours))
    fuse = ours.box["cryptofuse"].url
    whole = json.loads(ours.lock_path.read_text(encoding="utf-8"))
    whole["webhooks"]["ci"]["account"] = fuse
    ours.lock_path.write_text(json.dumps(whole), encoding="utf-8")
    edit(ours, base_url=fuse)
    refused(plan(ours, "--trust", trust))
    ours.lock_path.rename(ours.folder.parent / "lock.json")
    ours.lock_path.symlink_to(ours.folder.parent / "lock.json")
    (problem,) = refused(plan(ours, "--trust", trust))
    assert problem["summary"].startswith("the lock ")
    edit_yaml(ours, lambda changed: changed.update(lock="../lock.json"))
    (problem,) = refused(plan(ours, "--trust", trust))
    assert problem["at"].startswith("webhooks.yaml:")
    assert not asked_anything(ours)


def test_from_a_saved_plan(ours: World) -> None:
    """A reviewed plan grants nothing: what it needs is looked up only where that is trusted."""
    trust = str(trust_of(ours))
    edit(ours, base_url=ours.box["cryptofuse"].url)
    whole = json.loads(ours.lock_path.read_text(encoding="utf-8"))
    whole["webhooks"]["ci"]["account"] = ours.box["cryptofuse"].url
    ours.lock_path.write_text(json.dumps(whole), encoding="utf-8")
    ours("plan", "--out", "plan.json")
    ours.forget_requests()
    assert ours("apply", "plan.json", "--trust", trust).exit == 3
    assert not asked_anything(ours)


@pytest.mark.parametrize("reference", ["file:../outside", "file:./link", "file:~/outside", "file:{}"])
def test_from_a_file_outside(ours: World, reference: str) -> None:
    """A secret's file stays below the folder, links followed, also where its reference is granted."""
    outside = ours.folder.parent / "outside"
    outside.write_text(OTHER, encoding="utf-8")
    (ours.folder / "link").symlink_to(outside)
    ref = reference.format(outside)
    drop = ("coinbase", "cryptofuse", "cryptopocket")
    ours.write({"ci": hook(secret={"from": ref})}, drop=drop)
    env = {**REQUEST, "HOME": str(ours.folder.parent)}
    trust = trust_of(ours)
    granted = yaml.safe_load(trust.read_text(encoding="utf-8"))
    granted["origins"][0]["credentials"].append(ref)
    trust.write_text(yaml.safe_dump({**granted, "roots": []}), encoding="utf-8")
    (problem,) = refused(plan(ours, "--trust", str(trust), env=env))
    assert "leads out of the configuration's folder" in problem["summary"]
    assert OTHER not in json.dumps(problem)
    trust.write_text(yaml.safe_dump({**granted, "roots": [str(ours.folder.parent)]}), encoding="utf-8")
    assert plan(ours, "--trust", str(trust), env=env).exit == 0


def test_the_configuration_is_no_link_out(ours: World) -> None:
    """The name that was typed is believed, the link that it has become is not."""
    real = ours.folder.parent / "real.yaml"
    ours.config.rename(real)
    ours.config.symlink_to(real)
    (problem,) = refused(plan(ours))
    assert problem["summary"].startswith("the configuration webhooks.yaml leads out")


def test_a_trusted_policy_cannot_be_loosened(ours: World) -> None:
    """Each of its words holds, whatever the files say; they may be stricter still."""
    drop = ("coinbase", "cryptofuse", "cryptopocket")
    trusted = {"allowed_hosts": ["*.acme.com"], "https_only": True, "unmanaged": "deny"}
    trust = str(trust_of(ours, policy=trusted))
    ours.box["github"].add("acme/api", config={"url": "https://elsewhere.example/x"})
    loose = {"allowed_hosts": ["*"], "https_only": False, "unmanaged": "ignore"}
    ours.write({"ci": hook(url="http://evil.example/x")}, policy=loose, drop=drop)
    result = plan(ours, "--trust", trust)
    assert result.exit == 3
    said = " ".join(each["summary"] for each in json.loads(result.stdout)["refusals"])
    assert "which the trusted policy does not list" in said
    assert "which is not https" in said
    assert "which the file does not manage" in said
    ours.write({"ci": hook()}, policy={"allowed_hosts": ["nothing.example"]}, drop=drop)
    result = plan(ours, "--trust", trust)
    assert "which policy.allowed_hosts does not list" in result.stdout


def test_a_trusted_audit_cannot_be_loosened(ours: World) -> None:
    """A rule is at least as severe as usual, or as the trust file says; the files may still make it severer."""
    drop = ("coinbase", "cryptofuse", "cryptopocket")
    ours.box["github"].add("acme/api", config={"url": "http://elsewhere.example/x", "content_type": "json"})

    def found(rules: dict[str, Any], *argv: str) -> dict[str, str]:
        ours.write({"ci": hook()}, audit={"rules": rules}, drop=drop)
        report = json.loads(ours("audit", "--format", "json", *argv).stdout)
        return {each["code"]: each["severity"] for row in report["webhooks"] for each in row["findings"]}

    def trusted(**block: Any) -> tuple[str, str]:
        return "--trust", str(trust_of(ours, audit=block))

    off = {"plain-http": False, "unmanaged-found": False}
    usual = found({})
    assert usual.keys() >= off.keys()
    assert found(off).keys().isdisjoint(off)
    assert found(off, *trusted()) == usual
    assert found(off, *trusted(rules={"plain-http": "low", "unmanaged-found": False})) == {
        **{code: level for code, level in usual.items() if code != "unmanaged-found"},
        "plain-http": "low",
    }
    assert found({"unmanaged-found": "high"}, *trusted()) == {**usual, "unmanaged-found": "high"}


def test_a_trusted_age_of_secrets_holds() -> None:
    """The files may ask for younger secrets, not for older ones."""
    trusted = AuditBlock.model_validate({"secret_max_age": "90d"})
    assert trusted.bound(AuditSettings(secret_max_age=365)).secret_max_age == 90
    assert trusted.bound(AuditSettings(secret_max_age=30)).secret_max_age == 30


def test_a_trusted_threshold_holds_beside_the_files(ours: World) -> None:
    """A count holds beside a share; who starts the run may set another."""
    many = {f"w{number}": hook(url=f"https://ci.acme.com/{number}", secret=None) for number in range(10)}
    drop = ("coinbase", "cryptofuse", "cryptopocket")
    ours.write(many, policy={"max_changed": "100%"}, drop=drop)
    ours.applied("--prune")
    changed = {name: {**block, "events": ["push"]} for name, block in many.items()}
    ours.write(changed, policy={"max_changed": "100%"}, drop=drop)
    trust = str(trust_of(ours, policy={"max_changed": 3}))
    result = plan(ours, "--trust", trust)
    (refusal,) = json.loads(result.stdout)["refusals"]
    assert "max_changed is 3" in refusal["summary"]
    assert plan(ours, "--trust", trust, "--max-changed", "10").exit == 0


# The trust file itself


def test_what_is_written_is_enough_and_no_more(ours: World) -> None:
    """`trust write` names all that the files need; each line that is taken away is missed."""
    manifest = ours.folder / "own.yaml"
    manifest.write_text(MANIFEST, encoding="utf-8")
    mine = {"type": "./own.yaml", "base_url": ours.box["cryptofuse"].url, "auth": {"one": "cmd:echo ${HOME}"}}
    (ours.folder.parent / "outside").write_text(OTHER, encoding="utf-8")

    def change(whole: dict[str, Any]) -> None:
        whole["providers"]["own"] = mine
        whole["webhooks"]["ci"]["secret"] = {"from": "file:../outside"}
        whole["webhooks"]["ci"]["events"] = ["${TEAM}"]

    edit_yaml(ours, change)
    ours.environment["TEAM"] = "push"
    trust = trust_of(ours)
    written = yaml.safe_load(trust.read_text(encoding="utf-8"))
    assert sorted(written) == ["commands", "manifests", "origins", "roots", "variables", "version"]
    assert plan(ours, "--trust", str(trust)).exit == 0
    for key in ("commands", "manifests", "origins", "roots", "variables"):
        trust.write_text(yaml.safe_dump({**written, key: []}), encoding="utf-8")
        refused(plan(ours, "--trust", str(trust)))
    assert plan(ours, env={**REQUEST, "WHSYNC_TRUST": yaml.safe_dump(written)}).exit == 0


def test_a_variable_with_a_default_is_written_down(ours: World) -> None:
    """It is not set where the file is written, and may be where it is used."""
    edit_yaml(ours, lambda whole: whole["webhooks"]["ci"].update(url="https://ci.acme.com/${STAGE:-live}"))
    trust = str(trust_of(ours))
    assert plan(ours, "--trust", trust).exit == plan(ours, "--trust", trust, env={**REQUEST, "STAGE": "test"}).exit == 0


def test_a_wrong_trust_file_trusts_nothing(ours: World) -> None:
    """It ends the run, with its place; a missing one never means `open`."""
    path = ours.folder.parent / "trust.yaml"
    assert "cannot be read" in plan(ours, "--trust", str(path), env={}).stdout
    for text, word in (
        ("version: 1\norigin: []\n", "`origin` is not known here"),
        ("version: 2\n", "version"),
        ("version: 1\norigins: [{origin: 'https://x.example/path'}]\n", "is more than an origin"),
        ("version: 1\nmanifests: [abc]\n", "is not a digest"),
        ("version: 1\norigins: [\n", "trust.yaml:"),
    ):
        path.write_text(text, encoding="utf-8")
        result = plan(ours, "--trust", str(path), env={})
        assert (result.exit, word in result.stdout) == (1, True), result
    assert not asked_anything(ours)


def test_writing_one_to_a_file(ours: World) -> None:
    """It is written where it is asked for, over nothing of ours."""
    assert ours("trust", "write", "--out", "../kept.yaml").exit == 0
    assert plan(ours, "--trust", "../kept.yaml").exit == 0
    assert ours("trust", "write", "--out", "webhooks.yaml").exit == 64


# Open: the lock binds


def test_another_origin_than_the_lock_has(ours: World) -> None:
    """Its credentials stay where they were, until somebody says that the place only has another name."""
    moved = ours.box["github"].url.replace("127.0.0.1", "localhost")
    edit(ours, base_url=moved)
    (problem,) = refused(plan(ours, env={}))
    assert f"whsync state mv --account {ours.box['github'].url} {moved}" in problem["hint"]
    assert plan(ours, "--trust", str(trust_of(ours)), env={}).exit == 0
    ours("state", "mv", "--account", ours.box["github"].url, moved, "--yes")
    assert plan(ours, env={}).exit == 0


def test_a_new_provider_is_nobody_elses(ours: World) -> None:
    """Another entry with webhooks of its own goes where it says."""
    other = {"type": "github", "base_url": ours.box["github"].url.replace("127.0.0.1", "localhost")}
    ours.write(
        {"ci": hook(), "more": hook(provider="other", scope={"owner": "acme", "repo": "web"})},
        providers={"other": other},
        drop=("coinbase", "cryptofuse", "cryptopocket"),
    )
    assert plan(ours, env={}).exit == 0


def test_a_manifest_that_proves_us_otherwise(run: Run, tmp_path: Path, sandbox: Sandbox) -> None:
    """The lock notes how an own manifest's calls prove themselves; a change of that is refused, of others not."""
    world = World(run, tmp_path, sandbox)
    text = (Path(__file__).parents[2] / "reconciler/providers/builtin/github.yaml").read_text(encoding="utf-8")
    own = tmp_path / "own.yaml"
    own.write_text(text, encoding="utf-8")
    drop = ("coinbase", "cryptofuse", "cryptopocket")
    world.write({"ci": hook()}, providers={"github": {"type": "./own.yaml"}}, drop=drop)
    world.applied()
    assert world.lock["ci"]["manifest"].startswith("sha256:")
    own.write_text(text.replace("title: GitHub", "title: Git Hub"), encoding="utf-8")
    assert plan(world, env={}).exit == 0
    own.write_text(text.replace("GITHUB_TOKEN", "OTHER_KEY"), encoding="utf-8")
    (problem,) = refused(plan(world, env={"OTHER_KEY": OTHER}))
    assert "proves who we are in another way than when it was applied" in problem["summary"]


def test_confirmed_on_a_terminal_and_kept(ours: World) -> None:
    """Anything but `yes` refuses; `yes` is kept on this machine, for this folder, out of its reach."""
    moved = ours.box["github"].url.replace("127.0.0.1", "localhost")
    edit(ours, base_url=moved)
    declined = ours("plan", terminal=True, stdin="no\n")
    assert declined.exit == 3
    assert "Trust webhooks.yaml with that" in declined.stderr
    assert ours("plan", terminal=True, stdin="yes\n").exit == 0
    assert ours("plan").exit == 0
    assert ours("plan", env=REQUEST).exit == 3
    edit(ours, base_url=ours.box["cryptofuse"].url)
    assert ours("plan").exit == 3


def test_nobody_is_asked_where_a_request_is_checked(ours: World) -> None:
    """A pipeline with a terminal is no person."""
    result = ours("plan", terminal=True, stdin="yes\n", env=REQUEST)
    assert (result.exit, "Only yes" in result.stderr) == (3, False)


# Untrusted


def test_an_untrusted_plan_uses_nothing(ours: World) -> None:
    """It compares the files with the lock: no call, no command, no credential, whatever they ask for."""
    edit(ours, base_url=ours.box["cryptofuse"].url, auth={"token": "cmd:touch ran; echo x"})
    result = plan(ours, "--untrusted", env={})
    assert not asked_anything(ours)
    assert not (ours.folder / "ran").exists()
    guess = hook(events=["push"], secret={"from": "env:OTHER_KEY"}, url=f"https://ci.acme.com/{OTHER}")
    ours.write({"ci": guess}, drop=("coinbase", "cryptofuse", "cryptopocket"))
    assert OTHER not in plan(ours, "--offline", env={}).stdout
    result = plan(ours, "--untrusted", env=REQUEST)
    assert OTHER in result.stdout  # a guess that hits is not told by being hidden: nobody looked the credential up
    assert result.exit == 0, result
    (change,) = json.loads(result.stdout)["changes"]
    assert (change["action"], change["secret"]) == ("update", "unverifiable")
    assert not asked_anything(ours)
    assert ours("plan", "--untrusted", "--out", "plan.json").exit == 64


def test_an_untrusted_plan_reads_no_other_file_and_fills_in_nothing(ours: World) -> None:
    """Both are refused at their places."""
    drop = ("coinbase", "cryptofuse", "cryptopocket")
    ours.write({"ci": hook(secret={"from": "file:../outside"})}, drop=drop)
    refused(plan(ours, "--untrusted", env={}))
    ours.write({"ci": hook(url="https://ci.acme.com/${OTHER_VALUE}")}, drop=drop)
    refused(plan(ours, "--untrusted", env={"OTHER_VALUE": "x"}))


def test_an_untrusted_plan_takes_defaults(ours: World) -> None:
    """What the files say of a variable is enough for a plan, whatever it is here; without a default it is refused."""
    drop = ("coinbase", "cryptofuse", "cryptopocket")
    ours.write({"ci": hook(url="https://ci.acme.com/${OTHER_VALUE:-usual}")}, drop=drop)
    result = plan(ours, "--untrusted", env={"OTHER_VALUE": "value-of-it"})
    assert (result.exit, "https://ci.acme.com/usual" in result.stdout) == (0, True)
    assert "value-of-it" not in result.stdout + result.stderr
    for texts in (("${OTHER_VALUE}", "${OTHER_VALUE:-usual}"), ("${OTHER_VALUE:-usual}", "${OTHER_VALUE}")):
        hooks = {f"ci{number}": hook(url=f"https://ci.acme.com/{number}/{text}") for number, text in enumerate(texts)}
        ours.write(hooks, drop=drop)
        refused(plan(ours, "--untrusted", env={"OTHER_VALUE": "value-of-it"}))


MANIFEST = """\
type: mini
title: Mini
sources: [https://mini.example/docs]
unknown: []
auth: [{kind: login, path: /login, body: {a: "{one}"}, token: "@", header: [X, "{token}"]}]
read: [{how: list, path: /hooks, items: "data", one: "/hooks/{id}"}]
identity: {id: id}
fields:
  url: {read: url, write: /url}
  events: {read: events, write: /events}
  status: {absent: none}
  description: {absent: none}
create: [{path: /hooks, ok_when: id}]
update: [{path: "/hooks/{id}"}]
retire: [{how: delete, path: "/hooks/{id}"}]
examples: []
"""
