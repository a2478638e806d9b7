"""What `whsync import` makes of many webhooks (rows, exceptions, keys, lists, hidden URLs), and that all come back."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.conftest import Run
from tests.cli.pager import pager_in
from tests.cli.pair import VALUES as PAIR
from tests.cli.pair import desk
from tests.cli.test_import import URL, add, base, empty_after, imported
from tests.cli.test_import_discover import repositories
from tests.cli.world import World, hidden_in, wallet

TOKEN = "Zq9xT0pS3cretAbC12"
CHAT = f"https://chat.acme.com/services/{TOKEN}"


def blocks(world: World) -> dict[str, Any]:
    """What another reader of YAML finds in the file."""
    found: dict[str, Any] = yaml.safe_load(world.config.read_text("utf-8"))["webhooks"]
    return found


def test_documentation_hooks(world: World) -> None:
    """Each repository with a number in its url and a secret of its own: one block with a row for each."""
    repos = {"lib-c": 263729, "lib-cpp": 263743, "lib-java": 263744}
    for repo, number in repos.items():
        add(world, repo, f"https://docs.example.org/api/{repo}/{number}/", config={"secret": f"secret-of-{repo}"})
    base(world)
    imported(world, *(word for repo in repos for word in ("--scope", f"repo={repo}")), "--into", "webhooks.yaml")
    assert (
        world.config.read_text("utf-8").partition("webhooks:\n")[2]
        == """\
  docs:
    for_each:
      - {repo: lib-c, id: 263729}
      - {repo: lib-cpp, id: 263743}
      - {repo: lib-java, id: 263744}
    scope: {repo: "${each.repo}"}
    url: "https://docs.example.org/api/${each.repo}/${each.id}/"
    events: [push]
    # secret: {from: "env:DOCS_HOOK_SECRET_${each.repo}"}  # not readable: the one in use belongs there
"""
    )
    empty_after(world)
    assert world("fmt", "--check").exit == 0
    text = world.config.read_text("utf-8").replace("# secret:", "secret:")
    world.config.write_text(text, encoding="utf-8")
    secrets = {f"DOCS_HOOK_SECRET_{repo.replace('-', '_')}": f"secret-of-{repo}" for repo in repos}
    assert world.apply("--own-secrets", env=secrets).exit == 0


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"active": False}, {"status": "inactive"}),
        ({"events": ["push", "release"]}, {"events": ["push", "release"]}),
        ({"config": {"content_type": "form"}}, {"options": {"content_type": "form"}}),
        ({"config": {"content_type": "json", "insecure_ssl": "1"}}, {"options": {"insecure_ssl": True}}),
        ({"config": {"url": f"{URL}?job=2", "content_type": "json"}}, {"url": f"{URL}?job=2"}),
    ],
)
def test_one_exception(world: World, field: dict[str, Any], said: dict[str, Any]) -> None:
    """What one of several has otherwise is one line beside the block."""
    usual: dict[str, Any] = {"config": {"content_type": "json"}}
    for repo in ("api", "docs", "mobile"):
        add(world, repo, **usual)
    add(world, "web", **{**usual, **field})
    base(world)
    places = [word for repo in ("api", "docs", "mobile", "web") for word in ("--scope", f"repo={repo}")]
    imported(world, *places, "--into", "webhooks.yaml")
    (block,) = blocks(world).values()
    assert block["for_each"] == {"repo": ["api", "docs", "mobile", "web"]}
    assert {name: {each: _typed(value) for each, value in own.items()} for name, own in block["override"].items()} == {
        "web": said
    }
    assert world.config.read_text("utf-8").count("web: {") == 1
    empty_after(world)
    assert world("fmt", "--check").exit == 0


def _typed(value: Any) -> Any:
    """Switches that are spelled as texts."""
    if isinstance(value, dict):
        return {name: _typed(inner) for name, inner in value.items()}
    return {"1": True, "0": False}.get(str(value), value)


def test_an_exception_that_is_usual(world: World) -> None:
    """Where the block is switched off, the one that is on says so, though being on is usual."""
    for repo in ("api", "docs", "mobile"):
        add(world, repo, active=False)
    add(world, "web")
    base(world)
    places = [word for repo in ("api", "docs", "mobile", "web") for word in ("--scope", f"repo={repo}")]
    imported(world, *places, "--into", "webhooks.yaml")
    assert blocks(world)["ci"]["override"] == {"web": {"status": "active"}}
    empty_after(world)


def test_a_url_that_holds_a_token(world: World) -> None:
    """No file has it, nor what is told; the next plan wants its variable, and is empty with it, and with no other."""
    add(world, "api", CHAT)
    base(world)
    record = ("--record", "runs.record")
    done = world("import", "--scope", "repo=api", "--into", "webhooks.yaml", *record, terminal=True)
    assert done.exit == 0
    assert "the next plan needs it in CHAT_HOOK_URL: chat" in done.stdout
    text = world.config.read_text("utf-8")
    assert 'url: {from: "env:CHAT_HOOK_URL"}' in text
    assert "# Looks like a secret, so it is not written here: https://chat.acme.com/services/***\n" in text
    assert "read -rs CHAT_HOOK_URL && export CHAT_HOOK_URL" in text
    assert hidden_in(TOKEN, done.stdout, done.stderr, *world.files().values())
    missing = world("plan", "--detailed-exitcode")
    assert missing.exit == 1
    assert "CHAT_HOOK_URL is not set" in missing.stdout
    set_ = {"CHAT_HOOK_URL": CHAT}
    planned = world("plan", "--detailed-exitcode", env=set_)
    assert (planned.exit, "No changes." in planned.stdout) == (0, True), planned
    assert world("drift").exit == 0
    assert world("plan", "--detailed-exitcode", env={"CHAT_HOOK_URL": f"{CHAT}x"}).exit == 2
    again = world("import", "--scope", "repo=api", "--into", "webhooks.yaml", "--format", "json", env=set_)
    assert json.loads(again.stdout)["summary"]["managed"] == 1
    assert (world.total_writes(), world("fmt", "--check").exit) == (0, 0)


def test_urls_that_hold_tokens_of_their_own(world: World) -> None:
    """One block, and a variable for each; where two would have one variable, each stands by itself."""
    repos = ("api", "web", "x-lib", "x.lib")
    urls = {repo: f"https://chat.acme.com/in/{at}9xT0pS3cretAbC12" for at, repo in enumerate(repos)}
    for repo in ("api", "web"):
        add(world, repo, urls[repo])
    base(world)
    document = imported(world, "--scope", "repo=api", "--scope", "repo=web", "--into", "webhooks.yaml")
    assert [each["variables"] for each in document["imported"]] == [["CHAT_HOOK_URL_api"], ["CHAT_HOOK_URL_web"]]
    assert blocks(world)["chat"]["url"] == {"from": "env:CHAT_HOOK_URL_${each.repo}"}
    for repo in ("x-lib", "x.lib"):
        add(world, repo, urls[repo])
    world.environment |= {f"CHAT_HOOK_URL_{repo}": urls[repo] for repo in ("api", "web")}
    more = imported(world, "--scope", "repo=x-lib", "--scope", "repo=x.lib", "--into", "webhooks.yaml")
    variables = [name for each in more["imported"] for name in each["variables"]]
    assert len(blocks(world)) == 3
    places = [each["scope"]["repo"] for each in more["imported"]]
    environment = {name: urls[repo] for name, repo in zip(variables, places, strict=True)}
    planned = world("plan", "--detailed-exitcode", env=environment)
    assert (planned.exit, "No changes." in planned.stdout) == (0, True), planned


def test_one_token_at_many_places(world: World) -> None:
    """What is the same everywhere is one variable, which is asked for once."""
    for repo in ("api", "web", "docs"):
        add(world, repo, CHAT)
    base(world)
    places = [word for repo in ("api", "web", "docs") for word in ("--scope", f"repo={repo}")]
    document = imported(world, *places, "--into", "webhooks.yaml")
    assert {name for each in document["imported"] for name in each["variables"]} == {"CHAT_HOOK_URL"}
    assert world("plan", "--detailed-exitcode", env={"CHAT_HOOK_URL": CHAT}).exit == 0


def test_a_token_that_stands_elsewhere_too(world: World) -> None:
    """Another address with the token in it is hidden, too; and the run's own credential is not taken for a token."""
    own = world.environment["GITHUB_TOKEN"]
    add(world, "api", CHAT)
    add(world, "api", f"https://relay.acme.com/to?x={TOKEN}")
    add(world, "web", f"https://relay.acme.com/in/{own}")
    base(world)
    document = imported(world, "--scope", "repo=api", "--scope", "repo=web", "--into", "webhooks.yaml")
    assert sorted(name for each in document["imported"] for name in each["variables"]) == [
        "CHAT_HOOK_URL",
        "RELAY_HOOK_URL",
    ]
    assert "holds a secret of this run" in document["left_out"][0]["reason"]
    for text in world.files().values():
        assert hidden_in(TOKEN, text)
        assert hidden_in(own, text)


def test_two_with_one_url(world: World) -> None:
    """A key says what tells them apart, so that they are found again without a lock as well."""
    add(world, "api", config={"content_type": "json"})
    add(world, "api", config={"content_type": "form"})
    base(world)
    assert imported(world, "--scope", "repo=api", "--into", "webhooks.yaml")["summary"]["left_out"] == 0
    assert [block["key"] for block in blocks(world).values()] == [["url", "options/content_type"]] * 2
    empty_after(world)
    world.lock_path.unlink()
    assert [*world.actions().values()] == ["adopt", "adopt"]


def test_an_archived_one_is_no_exception(world: World) -> None:
    """What tells the places without the webhook apart is said once; a place that nobody could read is no reason."""
    repositories(world, "api", "web", "docs", "lib")
    for number in range(3):
        world.box["github"].make_repo(f"acme/old-{number}", archived=True)
    for repo in ("api", "web", "docs", "lib"):
        add(world, repo)
    base(world)
    world.box["github"].forbid("acme/lib")
    imported(world, "--discover", "--into", "webhooks.yaml", exit=1)
    assert blocks(world)["ci"]["for_each"] == {"repo": ["api", "docs", "web"]}
    base(world)
    world.lock_path.unlink()
    world.box["github"].permit("acme/lib")
    imported(world, "--discover", "--into", "webhooks.yaml")
    assert blocks(world)["ci"]["for_each"] == {"repo": {"discover": "repositories", "archived": False}}
    empty_after(world)


def test_without_discover_nobody_is_left_to_list(world: World) -> None:
    """A list that would take in what comes later is written only where it was asked for."""
    repositories(world, "api", "web", "docs")
    for repo in ("api", "web", "docs"):
        add(world, repo)
    base(world)
    places = [word for repo in ("api", "web", "docs") for word in ("--scope", f"repo={repo}")]
    imported(world, *places, "--into", "webhooks.yaml")
    assert blocks(world)["ci"]["for_each"] == {"repo": ["api", "docs", "web"]}


EVERY_SHAPE = """
webhooks:
  all: {for_each: {repo: {discover: repositories, except: [legacy]}}, url: "https://ci.acme.com/hooks", events: [push]}
  some:
    for_each: {repo: [api, web, lib-a]}
    scope: {repo: "${each.repo}"}
    url: https://some.acme.com/${each.repo}/x
    events: [issues]
    override: {web: {status: inactive}}
  docs:
    for_each: [{repo: lib-a, id: 17}, {repo: lib-b, id: 18}]
    scope: {repo: "${each.repo}"}
    url: https://docs.example.org/${each.repo}/${each.id}/
    events: [push]
    options: {content_type: json}
    secret: {generate: 32, to: "file:./secrets/${each.repo}"}
  one: {scope: {repo: api}, url: "https://two.acme.com/", events: [push], options: {content_type: json}, key: [url, options/content_type]}
  two: {scope: {repo: api}, url: "https://two.acme.com/", events: [push], options: {content_type: form}, key: [url, options/content_type]}
  queries: {for_each: {stage: [test, prod]}, scope: {org: acme}, url: "https://q.acme.com/in?stage=${each.stage}", events: [member]}
  whole: {scope: {repo: web}, url: {from: "env:CHAT_URL"}, events: [release]}
  part: {for_each: {repo: [api, web]}, scope: {repo: "${each.repo}"}, url: "https://part.acme.com/${secret:env:PART_${each.repo}}/in", events: [release]}
"""  # noqa: E501
VALUES = {"CHAT_URL": CHAT, "PART_api": "A9xT0pS3cretAbC12", "PART_web": "W9xT0pS3cretAbC12"}


def test_every_shape_comes_back(world: World) -> None:
    """State at the vendor, import, an empty plan: whatever words of the language once made that state."""
    repositories(world, "api", "web", "lib-a", "lib-b", "mobile", "legacy")
    base(world, EVERY_SHAPE)
    assert world.apply(env=VALUES).exit == 0
    made = {entry["remote_id"]: entry for entry in world.lock.values()}
    world.lock_path.unlink()
    base(world)
    world.forget_requests()
    document = imported(world, "--discover", "--scope", "owner=acme", "--scope", "org=acme", "--into", "webhooks.yaml")
    assert document["summary"]["imported"] == len(made)
    assert document["summary"]["left_out"] == 0
    urls = {entry["remote_id"]: entry for entry in world.lock.values()}
    assert urls.keys() == made.keys()
    there = {str(hook["id"]): hook["config"]["url"] for hook in world.box["github"].webhooks()}
    environment: dict[str, str] = {}
    for each in document["imported"]:
        environment |= dict.fromkeys(each["variables"], there[each["remote_id"]])
    planned = world("plan", "--detailed-exitcode", env=environment)
    assert (planned.exit, "No changes." in planned.stdout) == (0, True), planned
    assert (world("fmt", "--check").exit, world("validate").exit, world.total_writes()) == (0, 0, 0)
    assert {len(block.get("for_each", {})) for block in blocks(world).values()} >= {1, 2}
    for value in VALUES.values():
        assert all(hidden_in(value, text) for text in world.files().values())


def test_every_simulated_vendor_that_lists(world: World) -> None:
    """What an apply made comes back from each of them, in one command, and nothing is to be done after it."""
    lists = {"coinbase": {"settings": {"list": True}}}
    world.box["coinbase-payments"].switch(list=True)
    ledgers = {
        f"ledger-{number}": {
            "provider": "coinbase",
            "url": f"https://hooks.acme.com/coinbase/{number}",
            "events": ["EVENT_TYPE_PAYMENT_CAPTURED"],
            "secret": {"to": f"file:./secrets/ledger-{number}"},
        }
        for number in range(3)
    }
    world.write({**ledgers, "wallet": wallet()}, providers=lists, drop=("cryptopocket",))
    world.applied()
    world.lock_path.unlink()
    world.write({}, providers=lists, drop=("cryptopocket",))
    document = imported(world, "--scope", "repo=api", "--into", "webhooks.yaml")
    assert document["summary"] | {"reads": 0} == {
        "found": 4, "imported": 4, "managed": 0, "left_out": 0, "problems": 0, "reads": 0
    }  # fmt: skip
    empty_after(world)


def test_further_secrets(run: Run, tmp_path: Path) -> None:
    """Each is a comment by its name; none is sent until somebody wants that, though the file names it."""
    with desk(run, tmp_path) as pair:
        pair.applied()
        (tmp_path / "webhooks.lock.json").unlink()
        pair.write()
        text = (tmp_path / "webhooks.yaml").read_text().partition("webhooks:")[0]
        (tmp_path / "webhooks.yaml").write_text(text)
        pair.vendor.writes.clear()
        pair("import", "--into", "webhooks.yaml")
        text = (tmp_path / "webhooks.yaml").read_text()
        lines = """\
    # secret: {from: "env:ACME_HOOK_SECRET"}  # the vendor shows it; it is not written here
    # secrets:
    #   basic: {from: "env:ACME_HOOK_BASIC"}  # not readable: the one in use belongs there
    #   bearer: {from: "env:ACME_HOOK_BEARER"}  # not readable: the one in use belongs there
"""
        assert text.endswith(lines)
        assert "No changes." in pair("plan", "--detailed-exitcode").stdout
        (tmp_path / "webhooks.yaml").write_text(text.replace("    # ", "    ").replace("    #   ", "      "))
        values: dict[str, Any] = {
            "ACME_HOOK_SECRET": PAIR["SIGNING"],
            "ACME_HOOK_BASIC": "x" * 9,
            "ACME_HOOK_BEARER": "y" * 9,
        }
        pair("apply", "--yes", **values)
        assert pair.vendor.writes == []
        pair("apply", "--yes", "--own-secrets", **values)
        assert pair.vendor.only["auth"] == {"password": "x" * 9, "token": "y" * 9}
        for value in PAIR.values():
            assert all(hidden_in(value, path.read_bytes()) for path in tmp_path.iterdir() if path.is_file())


def test_options_that_hold_secrets(run: Run, tmp_path: Path) -> None:
    """Headers that are keys are references to variables of their own, in lists and maps, too; plain ones stay."""
    secrets = {
        "ACME_HOOK_AUTH_HEADER": "Bearer of-the-receiver",
        "ACME_HOOK_AUTHORIZATION": 'Basic "quoted" words',
        "ACME_HOOK_X_API_KEY": "key-of-the-receiver",
    }
    header, extra, key = secrets.values()
    with pager_in(run, tmp_path) as pager:
        pager.write(None)
        pager.hooks["1"] = {
            "id": "1",
            "url": "https://in.acme.com/x",
            "name": f"as {key} says",
            "auth_header": header,
            "headers": [{"name": "X-Api-Key", "value": key}, {"name": "X-Plain", "value": "plain words"}],
            "extra": {"Authorization": extra, "Team": "payments"},
        }
        done = pager("import", "--into", "webhooks.yaml")
        assert done.exit == 0, done
        options = yaml.safe_load((tmp_path / "webhooks.yaml").read_text())["webhooks"]["acme"]["options"]
        assert options == {
            "auth_header": {"from": "env:ACME_HOOK_AUTH_HEADER"},
            "headers": [
                {"name": "X-Api-Key", "value": {"from": "env:ACME_HOOK_X_API_KEY"}},
                {"name": "X-Plain", "value": "plain words"},
            ],
            "extra": {"Authorization": {"from": "env:ACME_HOOK_AUTHORIZATION"}, "Team": "payments"},
        }
        assert "description: not managed, for a secret of this run is in it" in done.stdout
        for value in secrets.values():
            assert all(hidden_in(value, path.read_bytes()) for path in tmp_path.iterdir() if path.is_file())
            assert hidden_in(value, done.stdout)
        planned = pager("plan", "--detailed-exitcode", **secrets)
        assert (planned.exit, "No changes." in planned.stdout) == (0, True), planned
        assert pager.writes == []
        assert pager("plan", "--detailed-exitcode", **secrets | {"ACME_HOOK_X_API_KEY": "another-one"}).exit == 2
