"""`whsync import`: what exists becomes YAML and lock such that the next plan is empty, and no secret is written."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.world import World, hook, validate, wallet

URL = "https://ci.acme.com/hooks"
HEAD = """\
# ours
version: 1
providers:
  github: {base_url: "%s", scope: {owner: acme}, limits: {per_second: 1000}}   # the account
"""


def empty_after(world: World, *argv: str) -> None:
    """The next plan has nothing to do, whatever exit code it may use for that."""
    planned = world("plan", "--detailed-exitcode", *argv)
    assert planned.exit == 0, planned
    assert "No changes." in planned.stdout


def base(world: World, rest: str = "") -> None:
    """A configuration with GitHub and nothing else."""
    world.config.write_text(HEAD % world.box["github"].url + rest, encoding="utf-8")


def add(world: World, repo: str, url: str = URL, **more: Any) -> str:
    """A webhook that somebody made by hand."""
    events = more.pop("events", ["push"])
    config = {"url": url, **more.pop("config", {})}
    return str(world.box["github"].add(f"acme/{repo}", config=config, events=events, **more))


def imported(world: World, *argv: str, exit: int = 0) -> dict[str, Any]:
    """The document of an import."""
    result = world("import", "--format", "json", *argv)
    assert result.exit == exit, result
    document: dict[str, Any] = json.loads(result.stdout)
    validate("import", document)
    return document


def test_two_repositories_with_one_webhook_each(world: World) -> None:
    """What is the same but for the repository is one block, bound by ids; nothing is sent, nothing differs after."""
    ids = {repo: add(world, repo, config={"content_type": "json", "secret": "by hand"}) for repo in ("api", "web")}
    base(world)
    result = world("import", "--scope", "repo=api", "--scope", "repo=web", "--into", "webhooks.yaml")
    assert result.exit == 0, result
    assert (
        world.config.read_text("utf-8")
        == HEAD % world.box["github"].url
        + """
webhooks:
  ci:
    for_each: {repo: [api, web]}
    scope: {repo: "${each.repo}"}
    url: https://ci.acme.com/hooks
    events: [push]
    options: {content_type: json}
    # secret: {from: "env:CI_HOOK_SECRET"}  # not readable: the one in use belongs there
"""
    )
    assert {name: entry["remote_id"] for name, entry in world.lock.items()} == {
        f"ci[{repo}]": remote_id for repo, remote_id in ids.items()
    }
    assert {entry["since"]["how"] for entry in world.lock.values()} == {"adopted"}
    assert world.total_writes() == 0
    empty_after(world)
    assert world("drift").exit == 0
    assert "2 imported, 0 managed already, 0 left out." in result.stdout


def test_a_second_import_finds_nothing_new(world: World) -> None:
    """What is in the lock, or only in the file yet, is managed: no file and no lock is touched."""
    for repo in ("api", "web"):
        add(world, repo)
    base(world, "webhooks:\n  mine:\n    scope: {repo: api}\n    url: https://ci.acme.com/hooks\n    events: [push]\n")
    assert imported(world, "--into", "webhooks.yaml", "--scope", "repo=web")["summary"]["imported"] == 1
    files = world.files()
    again = imported(world, "--into", "webhooks.yaml")
    assert again["summary"] | {"reads": 0} == {
        "found": 2, "imported": 0, "managed": 2, "left_out": 0, "problems": 0, "reads": 0
    }  # fmt: skip
    assert (again["file"], world.files()) == (None, files)


def test_without_into_it_is_only_shown(world: World) -> None:
    """Data goes to stdout, what is told to stderr; file, lock and vendor stay as they are. A pipe gets whole urls."""
    add(world, "api", URL + "?team=a&branch=main")
    base(world)
    files = world.files()
    shown = world("import", "--scope", "repo=api")
    assert shown.exit == 0
    assert 'url: "https://ci.acme.com/hooks?team=a&branch=main"\n' in shown.stdout
    assert "Nothing was written" in shown.stderr
    assert "1 to import" in shown.stderr
    assert "branch=main" not in shown.stderr
    assert world.files() == files
    world.config.write_text(world.config.read_text() + shown.stdout)
    assert world("validate").exit == 0


def test_a_terminal_shows_no_query(world: World) -> None:
    """What outputs hide of addresses is in the file only."""
    add(world, "api", URL + "?branch=the-main-one")
    add(world, "web", URL + "?branch=the-other-one")
    base(world)
    places = ("--scope", "repo=api", "--scope", "repo=web")
    shown = world("import", *places, terminal=True)
    done = world("import", *places, "--into", "webhooks.yaml", terminal=True)
    assert done.exit == 0
    assert "${each.repo}" in shown.stdout
    for text in (shown.stdout, shown.stderr, done.stdout, done.stderr):
        assert "the-main-one" not in text
        assert "the-other-one" not in text
    assert "the-main-one" in world.config.read_text("utf-8")
    empty_after(world)


def test_without_a_configuration_one_is_written(run: Run, tmp_path: Path) -> None:
    """A vendor by its name, with its usual variables: a whole file and a lock; also where a shell has made the file."""
    from reconciler.sandbox import Sandbox

    with Sandbox(["cryptofuse"]) as box:
        box["cryptofuse"].add(callback_url="https://hooks.acme.com/cryptofuse")
        usual = {f"CRYPTOFUSE_{key.upper()}": value for key, value in box["cryptofuse"].credentials.items()}
        usual["CRYPTOFUSE_URL"] = box["cryptofuse"].url
        for words, name in (
            (("cryptofuse",), "webhooks.yaml"),
            ((), "other.yaml"),
            (("--into", "third.yaml"), "third.yaml"),
        ):
            named = ("-c", name) if name == "other.yaml" else ()
            if name == "webhooks.yaml":
                (tmp_path / name).touch()
            lock = ("--lock", f"{name}.lock.json")
            result = run("import", *words, *named, *lock, env=usual)
            assert result.exit == 0, result
            text = (tmp_path / name).read_text("utf-8")
            assert "base_url: ${CRYPTOFUSE_URL}" in text
            assert '# secret: {to: "file:./secrets/acme"}  # issued by the vendor' in text
            assert run("fmt", "--check", "-c", name).exit == 0
            planned = run("plan", "--detailed-exitcode", "-c", name, *lock, env=usual)
            assert (planned.exit, "No changes." in planned.stdout) == (0, True), planned
            (tmp_path / "webhooks.yaml").unlink(missing_ok=True)


def test_nothing_says_where_to_look(world: World, run: Run) -> None:
    """Wrong usage, with the parameters that are missing, and nothing is written."""
    base(world)
    asked = world("import", "--into", "webhooks.yaml")
    assert asked.exit == 64
    assert "--scope owner=… --scope repo=…, or --scope org=…" in asked.stderr
    assert world("import", "--scope", "repo").exit == 64
    assert "owner, repo" in world("import", "--scope", "rep=api").stderr
    assert "did you mean `github`" in world("import", "githb").stderr
    assert world.lock == {}


def test_what_is_left_out_is_told(world: World) -> None:
    """A plain-http address that the policy refuses, one more of a url in the file: each with its reason in both."""
    add(world, "api", "http://old.acme.com/hook")
    ids = [add(world, "api", "https://x.acme.com/x")]
    mine = "  mine:\n    scope: {repo: api}\n    url: https://ci.acme.com/hooks\n    events: [push]\n"
    base(world, f"webhooks:\n{mine}")
    world.applied()
    ids.append(add(world, "api", config={"content_type": "json"}))
    document = imported(world, "--scope", "repo=api", "--into", "webhooks.yaml")
    reasons = {each["remote_id"]: each["reason"] for each in document["left_out"]}
    assert [each["remote_id"] for each in document["imported"]] == ids[:1]
    assert "not https" in reasons.pop(next(each for each in reasons if each not in ids))
    assert "and `mine` mean the same remote webhook" in reasons[ids[1]]
    text = world.config.read_text("utf-8")
    assert text.count("# Not imported: ") == 2
    assert world("plan", "--detailed-exitcode").exit == 0
    assert world("validate").exit == 0


def test_the_lock_claims_no_secret(world: World) -> None:
    """Once the comment is taken away, nothing is sent until the user wants that: nobody knows which one is in use."""
    add(world, "api", config={"secret": "set by hand"})
    base(world)
    assert world("import", "--scope", "repo=api", "--into", "webhooks.yaml").exit == 0
    assert world.lock["ci"]["secret"]["fingerprint"] is None
    text = world.config.read_text("utf-8").replace("# secret:", "secret:").replace("CI_HOOK_SECRET", "CI_SECRET")
    world.config.write_text(text, encoding="utf-8")
    world.applied()
    assert world.total_writes() == 0
    assert world.change("ci")["secret"] == "unverifiable"
    world.applied("--own-secrets")
    assert world.writes("github") == [f"PATCH /repos/acme/api/hooks/{world.lock['ci']['remote_id']}/config"]


def test_what_an_apply_made_is_imported_as_it_was(world: World) -> None:
    """Without the lock and the webhooks of the file, all comes back but names and secrets."""
    world.write(
        {"ci": hook(status="inactive"), "web": hook(scope={"repo": "web"}), "wallet": wallet()},
        drop=("cryptopocket", "coinbase"),
    )
    world.applied()
    before = world.lock
    world.lock_path.unlink()
    world.write({}, drop=("cryptopocket", "coinbase"))
    document = imported(world, "--scope", "repo=api", "--scope", "repo=web", "--into", "webhooks.yaml")
    assert document["summary"]["imported"] == 3
    found = {entry["remote_id"]: entry for entry in world.lock.values()}
    for entry in before.values():
        again = found[entry["remote_id"]]
        assert {name: entry["applied"][name] for name in again["applied"]} == again["applied"]
    assert world("plan", "--detailed-exitcode", env={"CI_SECRET": "x"}).exit == 0


def test_who_cannot_be_read_is_named(world: World) -> None:
    """Beside others it is told and is no error; alone, or by name, it is one."""
    add(world, "api")
    world.write({})
    document = imported(world, "--scope", "repo=api", "--into", "webhooks.yaml")
    assert {each["provider"] for each in document["not_looked"]} == {"coinbase", "cryptopocket"}
    assert document["summary"]["imported"] == 1
    alone = world("import", "cryptopocket", "--format", "json")
    assert alone.exit == 1
    assert "adopt NAME --id ID" in json.loads(alone.stdout)["error"]["hint"]


def test_a_place_that_cannot_be_read(world: World) -> None:
    """The others are imported all the same, and the exit code tells."""
    add(world, "api")
    base(world)
    world.box["github"].forbid("acme/gone")
    document = imported(world, "--scope", "repo=api", "--scope", "repo=gone", "--into", "webhooks.yaml", exit=1)
    assert [each["name"] for each in document["imported"]] == ["ci"]
    assert [problem["provider"] for problem in document["problems"]] == ["github"]
    assert not document["complete"]


def test_the_files_own_defaults_count(world: World) -> None:
    """What a default says otherwise is written; where it cannot be, the webhook is left out, and why is said."""
    add(world, "api", config={"content_type": "form"})
    add(world, "web", "https://ci.acme.com/json", config={"content_type": "json"})
    base(world, "defaults: {status: active, options: {content_type: json}, provider: github}\n")
    document = imported(world, "--scope", "repo=api", "--scope", "repo=web", "--into", "webhooks.yaml")
    assert document["summary"]["imported"] == 2
    text = world.config.read_text("utf-8").partition("webhooks:")[2]
    assert text.count("content_type: form") == 1
    assert "content_type: json" not in text
    assert "provider:" not in text
    empty_after(world)


def test_an_included_file_gets_them(world: World) -> None:
    """Any file of the configuration, also one that is not there yet; no other, for nothing would read that."""
    for repo in ("api", "web"):
        add(world, repo, f"https://{repo}.acme.com/hooks")
    base(world, "include: [teams/*.yaml]\n")
    teams = world.folder / "teams"
    teams.mkdir()
    (teams / "a.yaml").write_text("webhooks: {}  # of team a\n")
    assert imported(world, "--scope", "repo=api", "--into", "teams/a.yaml")["summary"]["imported"] == 1
    assert (teams / "a.yaml").read_text().startswith("webhooks:  # of team a\n  acme:\n")
    assert imported(world, "--scope", "repo=web", "--into", "teams/b.yaml")["summary"]["imported"] == 1
    empty_after(world)
    stray = world("import", "--scope", "repo=api", "--into", "elsewhere.yaml")
    assert stray.exit == 64
    assert "-c webhooks.yaml -c elsewhere.yaml" in stray.stderr
    add(world, "api", "https://third.acme.com/x")
    both = ("-c", "webhooks.yaml", "-c", "elsewhere.yaml")
    assert imported(world, *both, "--scope", "repo=api", "--into", "elsewhere.yaml")["summary"]["imported"] == 1
    assert world("plan", "--detailed-exitcode", *both).exit == 0


def test_a_vendor_that_is_no_entry_becomes_one(world: World) -> None:
    """Its entry comes behind the others, and their comments stay."""
    base(world)
    text = world.config.read_text("utf-8")
    world.environment |= {"CRYPTOFUSE_URL": world.box["cryptofuse"].url}
    world.environment |= {
        f"CRYPTOFUSE_{key.upper()}": value for key, value in world.box["cryptofuse"].credentials.items()
    }
    world.box["cryptofuse"].add(callback_url="https://hooks.acme.com/cryptofuse")
    result = world("import", "cryptofuse", "--into", "webhooks.yaml")
    assert result.exit == 0, result
    now = world.config.read_text("utf-8")
    assert now.startswith(text + "  cryptofuse:\n    base_url: ${CRYPTOFUSE_URL}\n")
    empty_after(world)


@pytest.mark.parametrize(
    "text", ['{"version": 1, "providers": %s, "webhooks": {"x": %s}}', "version: 1\nproviders: %s\nwebhooks: {x: %s}\n"]
)
def test_a_file_in_brackets(world: World, text: str) -> None:
    """JSON, too, gets another webhook; comments have no place there, so the report alone tells of secrets."""
    add(world, "api")
    provider = {"github": {"base_url": world.box["github"].url, "scope": {"owner": "acme"}}}
    mine = {"scope": {"repo": "web"}, "url": "https://x.acme.com/x", "events": ["push"]}
    world.config.write_text(text % (json.dumps(provider), json.dumps(mine)))
    assert imported(world, "--scope", "repo=api", "--into", "webhooks.yaml")["summary"]["imported"] == 1
    assert world.actions() == {"ci": "noop", "x": "create"}


def test_a_record_has_it(world: World) -> None:
    """Who keeps a running record finds each adoption in it."""
    add(world, "api")
    base(world)
    assert world("import", "--scope", "repo=api", "--into", "webhooks.yaml", "--record", "runs.record").exit == 0
    lines = [json.loads(line) for line in (world.folder / "runs.record").read_text().splitlines()]
    assert [line.get("name") for line in lines if line.get("action") == "adopt"] == ["ci"]


def test_a_file_that_changes_meanwhile(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody writes while vendors are read is not written over, and nothing is bound."""
    from reconciler.cli import importing
    from reconciler.run import imports

    add(world, "api")
    base(world)
    found = imports.imported

    def slow(*words: Any) -> Any:
        outcome = found(*words)
        world.config.write_text("somebody's")
        return outcome

    monkeypatch.setattr(importing, "imported", slow)
    result = world("import", "--scope", "repo=api", "--into", "webhooks.yaml")
    assert result.exit == 1
    assert world.config.read_text() == "somebody's"
    assert world.lock == {}


def test_what_the_next_plan_would_change_is_left_out(world: World) -> None:
    """A default secret would be sent to a webhook that has none: that one is not imported, and the plan stays empty."""
    add(world, "api")
    add(world, "web", "https://web.acme.com/x", config={"secret": "set by hand"})
    base(world, 'defaults: {secret: {from: "env:CI_SECRET"}}\n')
    document = imported(world, "--scope", "repo=api", "--scope", "repo=web", "--into", "webhooks.yaml")
    assert [each["scope"]["repo"] for each in document["imported"]] == ["web"]
    assert "the next plan would change it: the secret is new" in document["left_out"][0]["reason"]
    assert world("plan", "--detailed-exitcode").exit == 0
    assert world.total_writes() == 0


def test_an_organisation_of_twelve(world: World) -> None:
    """As old files of such have them: some switched off, secrets that nobody knows, urls that differ in the query."""
    github = world.box["github"]
    for number in range(12):
        config = {"url": f"https://ci.acme.com/hook?job={number % 6}", "content_type": "json", "insecure_ssl": "0"}
        if number >= 6:
            config["url"] = f"https://notify{number}.acme.com/in"
        if number % 2:
            config["secret"] = f"secret-number-{number}"
        github.add("acme", config=config, events=["push", "release"][: 1 + number % 2], active=number % 5 != 0)
    base(world)
    document = imported(world, "--scope", "org=acme", "--into", "webhooks.yaml")
    assert document["summary"]["imported"] == 12
    names = [each["name"] for each in document["imported"]]
    assert len(set(names)) == 12
    assert {"notify7", "notify11"} <= set(names)
    text = world.config.read_text("utf-8")
    assert text.count("status: inactive") == 3
    assert text.count("not readable: the one in use belongs there") == 6
    assert text.count("none is set") == 6
    assert "job=4" in text
    assert "insecure_ssl" not in text
    assert "secret-number" not in text
    empty_after(world)
    assert world("fmt", "--check").exit == 0
