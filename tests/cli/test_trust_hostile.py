"""What a hostile reading of the guard found: each of these went through once. See `test_trust` for the rest."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from reconciler.config.loaded import Loaded
from reconciler.errors import SecretError
from reconciler.model.secret import SecretRef
from reconciler.providers import registry
from reconciler.providers.engine.interpret import CompiledVendor
from reconciler.providers.language.manifest import Manifest
from reconciler.run.runtime import RunSettings, Runtime
from reconciler.sandbox import Sandbox
from reconciler.secrets.source import Resolver
from reconciler.support.reach import Reach
from tests.cli.conftest import Run
from tests.cli.test_trust import OTHER, REQUEST, asked_anything, edit, edit_yaml, plan, refused, trust_of
from tests.cli.world import World, hook

BUILTIN = Path(__file__).parents[2] / "reconciler/providers/builtin"
DROP = ("coinbase", "cryptofuse", "cryptopocket")


@pytest.fixture
def ours(run: Run, tmp_path: Path) -> Iterator[World]:
    """A configuration that was applied; its vendor is at an origin that whsync does not know by itself."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    with Sandbox() as box:
        world = World(run, folder, box)
        world.environment["OTHER_KEY"] = OTHER
        world.write({"ci": hook()}, drop=DROP)
        world.applied()
        world.forget_requests()
        yield world


# Variables


NAMING = {
    "type": lambda whole: whole["providers"]["github"].update(type="${OTHER_KEY}"),
    "lock": lambda whole: whole.update(lock="../${OTHER_KEY}"),
    "include": lambda whole: whole.update(include=["../${OTHER_KEY}/x.yaml"]),
    "manifest": lambda whole: whole["providers"]["github"].update(type="../${OTHER_KEY}.yaml"),
    "events": lambda whole: whole["webhooks"]["ci"].update(events=["${OTHER_KEY}"]),
    "scope": lambda whole: whole["webhooks"]["ci"].update(scope={"owner": "a", "repo": "${OTHER_KEY}/b/c"}),
    "defaults": lambda whole: whole.update(defaults={"status": "${OTHER_KEY}"}),
    "policy": lambda whole: whole.update(policy={"unmanaged": "${OTHER_KEY:-x}"}),
    "row": lambda whole: whole["webhooks"]["ci"].update(for_each=["${OTHER_KEY}"]),
}
"""Places where a mistake is quoted in what a run says of it."""


@pytest.mark.parametrize("place", NAMING)
def test_no_mistake_shows_a_variable_that_nobody_granted(ours: World, place: str) -> None:
    """It is refused instead of being filled in, so that no message can quote what it gave."""
    trust = str(trust_of(ours))
    edit_yaml(ours, NAMING[place])
    commands: list[tuple[str, ...]] = [
        ("plan",),
        ("validate",),
        ("plan", "--untrusted"),
        ("drift",),
        ("apply", "--yes"),
    ]
    for argv in commands:
        for form in ("json", "text"):
            result = ours(*argv, "--format", form, "--trust", trust, env=REQUEST)
            mistake = "--untrusted" in argv and place == "policy"  # there the files' default stands, and it is wrong
            assert result.exit == (1 if mistake else 3)
            assert OTHER not in result.stdout + result.stderr
        assert "OTHER_KEY" in result.stdout + result.stderr
    commands = [("state", "list"), ("state", "show", "ci"), ("rotate", "ci", "--yes"), ("adopt", "ci", "--id", "1")]
    for argv in commands:
        result = ours(*argv, "--trust", trust, env=REQUEST)
        assert OTHER not in result.stdout + result.stderr
    assert not asked_anything(ours)


def test_a_refused_variable_is_told_with_its_place_and_its_grant(ours: World) -> None:
    """Nothing that follows from its gap is told beside it."""
    edit_yaml(ours, lambda whole: whole.update(include=["../${OTHER_KEY}/x.yaml"]))
    (problem,) = refused(plan(ours))
    assert problem["at"].startswith("webhooks.yaml:")
    assert problem["hint"] == 'the trust file would have to say: variables: ["OTHER_KEY"]'
    edit_yaml(ours, lambda whole: whole.update(include=["${NOT_SET:-more}.yaml"]))
    (ours.folder / "more.yaml").write_text("webhooks: {}\n", encoding="utf-8")
    assert plan(ours, "--trust", str(trust_of(ours))).exit == 0  # what is not there shows nothing


def test_tab_fills_in_no_more_than_the_command_would(ours: World) -> None:
    """Names of a `for_each` hold what its rows say; files elsewhere are not looked at."""
    edit_yaml(ours, lambda whole: whole["webhooks"].update(all={**hook(), "for_each": ["${OTHER_KEY}"]}))
    typed = {"_WHSYNC_COMPLETE": "bash_complete", "COMP_WORDS": "whsync rotate al", "COMP_CWORD": "2", **os.environ}

    def offered(**env: str) -> str:
        words, whole = [sys.executable, "-m", "reconciler"], {**typed, "OTHER_KEY": OTHER, **env}
        return subprocess.run(words, env=whole, cwd=ours.folder, capture_output=True, text=True, check=True).stdout

    assert OTHER in offered(WHSYNC_TRUST="open")
    assert OTHER not in offered(WHSYNC_TRUST="version: 1\n")


def test_a_trust_file_is_not_made_where_a_request_is_checked(ours: World) -> None:
    """Writing one reads all files that are named and fills in all variables: for one's own files, or on purpose."""
    edit(ours, base_url="https://${OTHER_KEY}.example")
    result = ours("trust", "write", env=REQUEST)
    assert (result.exit, OTHER in result.stdout + result.stderr) == (64, False)
    assert "--trust open" in result.stderr
    assert OTHER in ours("trust", "write", "--trust", "open", env=REQUEST).stdout


# Files


@pytest.mark.parametrize("pattern", ["**/../*.y*ml", "*/*.yaml", "link/../../out?ide/*"])
def test_a_pattern_tells_no_names_of_other_folders(ours: World, pattern: str) -> None:
    """Behind a wildcard, a link or `..` leads elsewhere: what is there is neither read nor listed."""
    outside = ours.folder.parent / "outside"
    outside.mkdir()
    for folder in (outside, ours.folder.parent):
        (folder / "nobody-knows.yaml").write_text("webhooks: {}\n", encoding="utf-8")
    (ours.folder / "link").symlink_to(outside)
    edit_yaml(ours, lambda whole: whole.update(include=[pattern]))
    for argv in (("plan",), ("validate",), ("plan", "--untrusted")):
        result = ours(*argv, "--format", "json", env=REQUEST)
        assert refused(result)
        assert "nobody-knows" not in result.stdout + result.stderr


@pytest.mark.parametrize("key", ["include", "lock", "type"])
def test_what_is_no_path_is_a_mistake(ours: World, key: str) -> None:
    """And no fault of whsync's."""
    whole = json.loads(ours.config.read_text(encoding="utf-8"))
    (whole["providers"]["github"] if key == "type" else whole)[key] = ["a\0b/*"] if key == "include" else "./a\0b/c"
    ours.config.write_text(json.dumps(whole), encoding="utf-8")
    result = plan(ours)
    assert (result.exit, "internal error" in result.stderr) == (1, False), result


@pytest.mark.parametrize("name", ["{}", "{}.journal", "{}.lock", "{}.holder", "{}.rescue", ".{}.versions"])
def test_nothing_of_the_lock_is_a_link_out(ours: World, name: str) -> None:
    """The journal is read and written, the guard opened, the note of the holder replaced: all stay inside."""
    trust = str(trust_of(ours))
    outside = ours.folder.parent / "outside"
    outside.write_text(OTHER, encoding="utf-8")
    link = ours.folder / name.format("webhooks.lock.json")
    if link.is_dir():
        shutil.rmtree(link)
    link.unlink(missing_ok=True)
    link.symlink_to(outside)
    for lock in ((), ("--lock", "webhooks.lock.json")):
        for argv in (("plan",), ("apply", "--yes"), ("state", "list")):
            assert ours(*argv, *lock, "--trust", trust, env=REQUEST).exit == 3
    assert outside.read_text(encoding="utf-8") == OTHER


def test_a_lock_that_was_typed_is_where_it_was_typed(ours: World) -> None:
    """`--lock` names a place outside, which is believed; a link that the change put there is not."""
    trust = str(trust_of(ours))
    elsewhere = ours.folder.parent / "locks"
    elsewhere.mkdir()
    shutil.copy(ours.lock_path, elsewhere / "one.json")
    assert plan(ours, "--lock", "../locks/one.json", "--trust", trust).exit == 0
    (ours.folder / "l.json").symlink_to(elsewhere / "one.json")
    assert plan(ours, "--lock", "l.json", "--trust", trust).exit == 3
    assert ours("state", "list", "--lock", "l.json", "--trust", trust).exit == 3


def test_no_file_is_read_that_only_the_lock_names(ours: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock came with the change: where it says that a secret was stored is looked into as little as elsewhere."""
    trust = str(trust_of(ours))
    outside = ours.folder.parent / "outside"
    outside.write_text(OTHER, encoding="utf-8")
    reaches: list[Reach] = []
    here = Runtime.here

    def noted(loaded: Loaded, settings: RunSettings) -> Runtime:
        reaches.append(settings.reach)
        return here(loaded, settings)

    monkeypatch.setattr(Runtime, "here", noted)
    for argv in (("plan",), ("drift",), ("plan", "--untrusted")):
        ours(*argv, "--trust", trust, env=REQUEST)
    assert len(reaches) == 3
    for reach in reaches:
        resolver = Resolver(ours.folder, {}, reach=reach)
        for scheme, target in (("file", str(outside)), ("file", "../outside"), ("env-file", "../outside#KEY")):
            ref = SecretRef(scheme, target)
            assert resolver.held(ref) == resolver.at_hand(ref) == ()
            assert not resolver.is_full(ref)
            with pytest.raises(SecretError):
                resolver.resolve(ref)


def test_what_is_confirmed_does_not_come_from_the_checkout(ours: World) -> None:
    """Where the home folder is the checkout, as in many containers, a change could bring its own confirmation."""
    trust = str(trust_of(ours))
    edit(ours, base_url=ours.box["cryptofuse"].url)
    (ours.folder / ".git").mkdir()
    home = {"XDG_STATE_HOME": str(ours.folder / ".state")}
    assert ours("plan", terminal=True, stdin="yes\n", env=home).exit != 0
    granted = yaml.safe_load(Path(trust).read_text(encoding="utf-8"))
    granted["origins"] = [{"origin": ours.box["cryptofuse"].url, "credentials": ["env:GITHUB_TOKEN", "env:CI_SECRET"]}]
    from reconciler.trust.file import kept_at

    planted = kept_at(ours.folder, home)
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_text(yaml.safe_dump(granted), encoding="utf-8")
    for argv in (("plan",), ("plan", "--trust", trust)):
        assert ours(*argv, env=home).exit == 3
    assert not asked_anything(ours)


# Secrets


def test_a_listing_compares_no_secret_that_nobody_granted(ours: World) -> None:
    """`state list` tells equal secrets by a digest: with a lock of one's own making that would confirm a guess."""
    trust = str(trust_of(ours))
    key = {"WHSYNC_FINGERPRINT_KEY": "k" * 32}
    ours.write({"ci": hook(secret={"from": "env:OTHER_KEY"})}, drop=DROP)
    ours.applied()

    def digest(*argv: str) -> Any:
        (row,) = json.loads(ours("state", "list", "--format", "json", *argv, env={**REQUEST, **key}).stdout)
        return row["secret"]["digest"]

    assert digest("--trust", "open") is not None
    assert digest("--trust", trust) is None
    assert digest("--trust", str(trust_of(ours))) is not None


def test_no_manager_is_asked_about_a_place_that_nobody_granted(ours: World) -> None:
    """A plan looks whether a place holds a secret already, with this machine's access to the manager."""
    trust = str(trust_of(ours))
    ours.write(
        {"new": hook(url="https://ci.acme.com/new", secret={"generate": 32, "to": "vault:secret/any#key"})}, drop=DROP
    )
    (problem,) = refused(plan(ours, "--trust", trust))
    assert "vault:secret/any#key" in problem["summary"]
    assert 'credentials: ["vault:secret/any#key"]' in problem["hint"]
    assert not asked_anything(ours)
    assert ours("plan", "--offline", "--trust", str(trust_of(ours)), env=REQUEST).exit == 0


# The level


@pytest.mark.parametrize(
    "variables",
    [
        {"GITHUB_EVENT_NAME": "pull_request_review"},
        {"GITHUB_EVENT_NAME": "pull_request_review_comment"},
        {"GITHUB_EVENT_NAME": "workflow_call", "GITHUB_REF": "refs/pull/7/merge"},
    ],
)
def test_every_event_that_checks_a_request_out_is_one(ours: World, variables: dict[str, str]) -> None:
    """The runner checks the request's merge out for reviews as well."""
    refused(plan(ours, env=variables))


def test_an_empty_flag_is_no_level(ours: World) -> None:
    """`--trust "$NOT_SET"` was meant to be held to something."""
    result = ours("plan", "--trust", "")
    assert (result.exit, "--trust names no file" in result.stderr) == (64, True)


def test_a_whole_trust_file_on_one_line_is_no_path(ours: World) -> None:
    """Nor could a file of that name, which a change may bring along, take its place."""
    whole = {"version": 1, "policy": {"unmanaged": "deny"}}
    text = json.dumps(whole)
    (ours.folder / text).write_text(trust_of(ours).read_text(encoding="utf-8"), encoding="utf-8")
    refused(plan(ours, env={**REQUEST, "WHSYNC_TRUST": text}))
    (ours.folder / "version: 1").write_text(trust_of(ours).read_text(encoding="utf-8"), encoding="utf-8")
    refused(plan(ours, env={**REQUEST, "WHSYNC_TRUST": "version: 1"}))


def test_an_untrusted_plan_is_held_to_the_trusted_policy(ours: World) -> None:
    """Nothing else of the trust file counts there."""
    trust = str(trust_of(ours, policy={"allowed_hosts": ["ci.acme.com"]}))
    assert plan(ours, "--untrusted", "--trust", trust).exit == 0
    ours.write({"ci": hook(url="https://evil.example/x")}, drop=DROP)
    result = plan(ours, "--untrusted", "--trust", trust)
    assert (result.exit, "the trusted policy" in result.stdout) == (3, True)
    ours.write({"ci": hook(secret={"from": "file:../outside"})}, drop=DROP)
    refused(plan(ours, "--untrusted", "--trust", str(trust_of(ours))))


def test_no_setting_moves_what_is_usual(ours: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package makes a vendor of the settings it is given: what it goes to and takes by them nobody has granted."""
    manifest = yaml.safe_load((BUILTIN / "github.yaml").read_text(encoding="utf-8"))
    manifest["settings"]["host"] = {"default": "api.github.com", "about": "Its host."}
    manifest["settings"]["variable"] = {"default": "GITHUB_TOKEN", "about": "Its variable."}

    def made(settings: Mapping[str, Any]) -> CompiledVendor:
        url = f"https://{settings.get('host', 'api.github.com')}"
        variables = {"token": settings.get("variable", "GITHUB_TOKEN")}
        whole = Manifest.model_validate({**manifest, "base_url": url, "variables": variables})
        return CompiledVendor(whole, settings)

    package = SimpleNamespace(load=lambda: made, dist=None, value="package")
    monkeypatch.setattr(registry, "_installed", lambda: {"package": package})
    ours.lock_path.unlink()
    for settings, allowed in (({}, True), ({"host": "evil.example"}, False), ({"variable": "OTHER_KEY"}, False)):
        entry = {"type": "package", "settings": settings}
        ours.config.write_text(json.dumps({"version": 1, "providers": {"p": entry}}), encoding="utf-8")
        result = ours("plan", "--offline", env=REQUEST)
        assert result.exit == (0 if allowed else 3), (settings, result)


# Open: the lock binds


def test_a_manifest_of_ones_own_in_the_place_of_a_built_in_one(ours: World) -> None:
    """Where it proves us in another way than the built-in one it is refused; a copy is not."""
    own = ours.folder / "own.yaml"
    text = (BUILTIN / "github.yaml").read_text(encoding="utf-8")
    own.write_text(text.replace("title: GitHub", "title: Ours"), encoding="utf-8")
    edit(ours, type="./own.yaml")
    assert plan(ours, env={}).exit == 0
    ours.forget_requests()
    own.write_text(text.replace("  token: GITHUB_TOKEN", "  token: OTHER_KEY"), encoding="utf-8")
    (problem,) = refused(plan(ours, env={}))
    assert "proves who we are in another way" in problem["summary"]
    assert "manifests: [" in problem["hint"]
    by_query = text.replace("type: github", "type: mine").replace(
        "kind: bearer", "{kind: query, params: {a: '{token}'}}"
    )
    own.write_text(by_query, encoding="utf-8")
    refused(plan(ours, env={}))
    assert not asked_anything(ours)


@pytest.mark.parametrize("lifecycle", [None, {"was": ["ci"]}])
def test_renaming_leads_nowhere(ours: World, lifecycle: Any) -> None:
    """Another provider entry, another name that says what it was: the lock's webhook is still looked for at home."""
    name = "ci" if lifecycle is None else "builds"
    moved = {"type": "github", "base_url": ours.box["cryptofuse"].url, "auth": {"token": "env:GITHUB_TOKEN"}}
    ours.write(
        {name: hook(provider="other", scope={"owner": "acme", "repo": "api"}, lifecycle=lifecycle)},
        providers={"other": moved},
        drop=(*DROP, "github"),
    )
    (problem, *_) = refused(plan(ours, env={}))
    assert f"leads to {ours.box['cryptofuse'].url}" in problem["summary"]
    assert not asked_anything(ours)


def test_what_is_not_settled_binds_as_well(ours: World) -> None:
    """A create whose answer was lost stands in the journal only; it would be looked for with the same credentials."""
    entry = json.loads(ours.lock_path.read_text(encoding="utf-8"))["webhooks"]["ci"]
    from reconciler.model.action import Action
    from reconciler.state import journal
    from reconciler.state.event import Intended

    ours.lock_path.unlink()
    scope = tuple(sorted(entry["scope"].items()))
    intent = Intended(
        "ci", Action.CREATE, "github", "github", entry["account"], scope, None, entry["applied"]["url"], entry["at"]
    )
    ours.lock_path.with_name("webhooks.lock.json.journal").write_bytes(journal.text([intent]))
    edit(ours, base_url=ours.box["cryptofuse"].url)
    (problem, *_) = refused(plan(ours, env={}))
    assert f"leads to {ours.box['cryptofuse'].url}" in problem["summary"]
    assert not asked_anything(ours)


def test_another_vendors_origin_is_not_this_ones(ours: World) -> None:
    """A webhook of another provider, moved here, does not lend its origin."""
    fuse = {"auth": {"client_id": "env:FUSE_ID", "client_secret": "env:FUSE_SECRET"}}
    wallet = {"provider": "cryptofuse", "url": "https://hooks.acme.com/c", "secret": {"to": "file:./wallet"}}
    ours.write({"ci": hook(), "wallet": wallet}, providers={"cryptofuse": fuse}, drop=("coinbase", "cryptopocket"))
    ours.applied()
    ours.forget_requests()
    there = ours.box["cryptofuse"].url
    ours.write(
        {"ci": hook(), "wallet": {**hook(), "url": "https://hooks.acme.com/c"}},
        providers={"github": {"base_url": there}},
        drop=DROP,
    )
    (problem, *_) = refused(plan(ours, env={}))
    assert f"leads to {there}" in problem["summary"]
    assert not asked_anything(ours)


# Honest users


def test_an_origin_with_its_usual_port_is_the_origin(ours: World) -> None:
    """What is written in another spelling than the files' means the same."""
    trust = trust_of(ours)
    written = yaml.safe_load(trust.read_text(encoding="utf-8"))
    written["origins"].append({"origin": "https://GIT.acme.com:443/", "credentials": ["env:GITHUB_TOKEN"]})
    trust.write_text(yaml.safe_dump(written), encoding="utf-8")
    ours.write({}, providers={"github": {"base_url": "https://git.acme.com"}}, drop=DROP)
    assert ours("plan", "--offline", "--trust", str(trust), env=REQUEST).exit == 0


def test_the_first_strict_run_round_trips(ours: World) -> None:
    """What `trust write` writes of rows, subfolders, includes, file secrets and managers is all that is asked for."""
    teams, shared = ours.folder / "teams", ours.folder.parent / "shared"
    teams.mkdir()
    shared.mkdir()
    manifest = (BUILTIN / "github.yaml").read_text(encoding="utf-8").replace("type: github", "type: mine")
    (teams / "mine.yaml").write_text(manifest, encoding="utf-8")
    (shared / "own.yaml").write_text(manifest.replace("type: mine", "type: own"), encoding="utf-8")
    (ours.folder / "key").write_text(OTHER, encoding="utf-8")
    url = ours.box["github"].url
    more: dict[str, Any] = {
        "providers": {"mine": {"type": "./mine.yaml", "base_url": url, "auth": {"token": "file:./key"}}},
        "webhooks": {
            "all": {
                "for_each": {"repo": ["api", "web"]},
                "provider": "mine",
                "scope": {"owner": "acme", "repo": "${each.repo}"},
                "url": "https://ci.acme.com/${each.repo}",
                "secret": {"from": "vault:secret/hooks/${each.repo}#key"},
            }
        },
    }
    (teams / "a.yaml").write_text(yaml.safe_dump(more), encoding="utf-8")
    other = {
        "providers": {"own": {"type": "./own.yaml", "base_url": url, "auth": {"token": "cmd:printf '%s' \"a: b\""}}}
    }
    (shared / "b.yaml").write_text(yaml.safe_dump(other), encoding="utf-8")
    edit_yaml(ours, lambda whole: whole.update(include=["teams/*.yaml", "../shared/b.yaml"]))
    # a manifest is no configuration
    (teams / "mine.yaml").rename(teams / "mine.yml")
    more["providers"]["mine"]["type"] = "./mine.yml"
    (teams / "a.yaml").write_text(yaml.safe_dump(more), encoding="utf-8")
    for problem in refused(ours("plan", "--offline", "--format", "json", env=REQUEST)):
        assert "roots: [" in problem["hint"]
    trust = trust_of(ours)
    assert ours("plan", "--offline", "--trust", str(trust), env=REQUEST).exit == 0
    written = yaml.safe_load(trust.read_text(encoding="utf-8"))
    assert written["roots"] == [os.path.realpath(shared)]
    assert "vault:secret/hooks/web#key" in written["origins"][0]["credentials"]
    for grant in ("origins", "manifests", "commands"):
        trust.write_text(yaml.safe_dump({**written, grant: []}), encoding="utf-8")
        problems = refused(ours("plan", "--offline", "--format", "json", "--trust", str(trust), env=REQUEST))
        whole = {key: list(value) if isinstance(value, list) else value for key, value in written.items()}
        whole[grant] = []
        for problem in problems:
            said = yaml.safe_load(problem["hint"].partition("would have to say: ")[2])
            for key, lines in said.items():
                whole[key] = [*whole.get(key, []), *lines]
        trust.write_text(yaml.safe_dump(whole), encoding="utf-8")
        result = ours("plan", "--offline", "--format", "json", "--trust", str(trust), env=REQUEST)
        assert result.exit == 0, (grant, result.stdout)
