"""Blocks whose repositories the vendor lists: what is planned, what is gone, what fails, and what it costs."""

import json
from typing import Any

import pytest

from tests.cli.world import Block, World, hook, problems, validate

LISTS = "/orgs/acme/repos"


def block(spec: Block | None = None, **changes: Any) -> Block:
    """A hook on each repository that is listed."""
    each = {"repo": {"discover": "repositories", **(spec or {})}}
    return hook(for_each=each, scope={"repo": "${each.repo}"}, **changes)


def repositories(world: World, *names: str, **facts: Any) -> None:
    """Make repositories of acme."""
    for name in names:
        world.box["github"].make_repo(f"acme/{name}", **facts)


def lists(world: World) -> list[str]:
    """The lists of repositories that were asked for, page by page."""
    return [each.path for each in world.box["github"].requests if each.path.endswith("/repos")]


def test_each_repository_that_fits_gets_its_webhook(world: World) -> None:
    """Globs, exceptions and filters choose; names are those of rows; the plan after an apply is empty."""
    repositories(world, "lib-a", "lib-b", "lib-legacy", "api", ".github")
    repositories(world, "lib-old", archived=True)
    world.write({"ci": block({"match": ["lib-*"], "except": ["*-legacy"], "archived": False})})
    assert world.actions() == {"ci[lib-a]": "create", "ci[lib-b]": "create"}
    world.applied()
    assert {each["target"] for each in world.box["github"].webhooks()} == {"acme/lib-a", "acme/lib-b"}
    assert world.actions() == {"ci[lib-a]": "noop", "ci[lib-b]": "noop"}
    assert "No changes." in world("plan").stdout


def test_the_scope_is_filled_in_where_it_is_silent(world: World) -> None:
    """The list says which parameter its values are; whoever writes it has the same."""
    repositories(world, "api")
    world.write({"ci": hook(for_each={"repo": {"discover": "repositories"}}, scope=None)})
    assert world.change("ci[api]")["scope"] == {"owner": "acme", "repo": "api"}


def test_the_plan_tells_what_was_discovered(world: World) -> None:
    """As text and as JSON: from where, how many, which of them; and its basis has a digest of that."""
    repositories(world, "api", "web", "legacy")
    world.write({"ci": block({"except": ["legacy"]})})
    assert "Discovered\n  ci 3 repositories of github (owner acme), 2 of them meant\n" in world("plan").stdout
    for form in ("markdown", "html"):
        assert "3 repositories of github (owner acme), 2 of them meant" in world("plan", "--format", form).stdout
    plan = world.planned()
    assert plan["discovered"] == [
        {
            "block": "ci",
            "key": "repo",
            "provider": "github",
            "what": "repositories",
            "given": {"owner": "acme"},
            "found": 3,
            "values": ["api", "web"],
            "source": "vendor",
            "failed": False,
        }
    ]
    assert plan["basis"]["discovered"].startswith("sha256:")
    world.write({"ci": hook()})
    assert "discovered" not in world.planned() | world.planned()["basis"]


def test_combined_with_lists_and_with_lists_that_need_each_other(world: World) -> None:
    """Other keys make every combination; a list is asked for once for each thing that it needs."""
    repositories(world, "api")
    world.box["github"].make_repo("beta/web")
    each = {"owner": ["acme", "beta"], "repo": {"discover": "repositories"}, "part": ["a", "b"]}
    scope = {"owner": "${each.owner}", "repo": "${each.repo}"}
    world.write({"ci": hook(for_each=each, scope=scope, url="https://ci.acme.com/${each.part}")})
    assert set(world.actions()) == {"ci[acme,api,a]", "ci[acme,api,b]", "ci[beta,web,a]", "ci[beta,web,b]"}
    assert sorted(lists(world)) == ["/orgs/acme/repos", "/orgs/beta/repos"]


def test_owners_that_are_discovered_themselves(world: World) -> None:
    """What one list gives is what the next one needs."""
    repositories(world, "api")
    world.box["github"].make_repo("beta/web")
    each = {"owner": {"discover": "owners"}, "repo": {"discover": "repositories"}}
    world.write({"ci": hook(for_each=each, scope=None)})
    assert set(world.actions()) == {"ci[acme,api]", "ci[beta,web]"}


def test_many_repositories_cost_the_pages_of_one_list(world: World) -> None:
    """Two blocks, 230 repositories: three pages, asked for once."""
    repositories(world, *(f"r{number:03}" for number in range(230)))
    world.write({"ci": block({"match": ["r00?"]}), "audit": block({"match": ["r01?"]}, url="https://a.acme.com/")})
    assert len(world.actions()) == 20
    assert lists(world) == [LISTS] * 3


def test_a_repository_that_vanished_is_gone_and_never_pruned(world: World) -> None:
    """Its webhook stays in the lock, is not read, and says so; an exception of the files makes it an orphan."""
    repositories(world, "api", "web")
    world.write({"ci": block()})
    world.applied()
    world.box["github"].delete_repo("acme/web")
    gone = world.change("ci[web]", "--prune")
    assert (gone["action"], gone["certainty"], gone["code"]) == ("orphan", "absent", "place-gone")
    assert "state rm 'ci[web]'" in gone["reason"]
    world.forget_requests()
    world.applied("--prune")
    assert world.total_writes() == 0
    assert set(world.lock) == {"ci[api]", "ci[web]"}
    assert not [each for each in world.box["github"].requests if "/web/" in each.path]
    assert world.actions("--detailed-exitcode", exit=2)["ci[web]"] == "orphan"
    repositories(world, "web")
    world.write({"ci": block({"except": ["web"]})})
    assert world.actions("--prune")["ci[web]"] == "delete"


def test_another_spelling_is_no_other_repository(world: World) -> None:
    """GitHub's names have no case: who changes that changes nothing."""
    repositories(world, "api")
    world.write({"ci": block()})
    world.applied()
    repositories(world, "api", name="API")
    assert world.actions() == {"ci[api]": "noop"}


def test_what_no_longer_fits_a_filter_is_no_orphan_either(world: World) -> None:
    """Somebody archived it at the vendor, which is no word of the files."""
    repositories(world, "api", "web")
    world.write({"ci": block({"archived": False})})
    world.applied()
    repositories(world, "web", archived=True)
    left = world.change("ci[web]", "--prune")
    assert (left["action"], left["certainty"], left["code"]) == ("orphan", "unreadable", "place-unfit")


def test_a_list_that_fails_plans_nothing_for_its_block(world: World) -> None:
    """Nothing of it is an orphan, nothing is made; other blocks go on, and the exit code tells."""
    repositories(world, "api")
    world.write({"ci": block(), "other": hook(scope={"repo": "web"})})
    world.applied()
    world.write({"ci": block(), "other": hook(scope={"repo": "web"}, events=["push"])})
    world.box["github"].fail("500", path=LISTS, times=None)
    result = world("plan", "--prune", "--format", "json")
    assert result.exit == 1
    plan = json.loads(result.stdout)
    found = {change["name"]: (change["action"], change.get("blocked", False)) for change in plan["changes"]}
    assert found == {"ci[api]": ("noop", True), "other": ("update", False)}
    assert [(each["code"], each["provider"]) for each in problems(result)] == [("discovery-failed", "github")]
    assert world.apply("--prune").exit == 1
    assert set(world.lock) == {"ci[api]", "other"}
    assert world("plan").stdout.splitlines()[-1].startswith("Incomplete: 1 is blocked")


def test_half_a_list_is_none(world: World) -> None:
    """The second page fails, so nothing may be concluded of the first."""
    repositories(world, *(f"r{number:03}" for number in range(130)))
    world.write({"ci": block()})
    world.box["github"].fail("500", path=LISTS, times=None, skip=1)
    assert world.actions(exit=1) == {}


def test_a_saved_plan_holds_only_while_the_same_is_discovered(world: World) -> None:
    """A repository that came makes it stale; one that no block means does not."""
    repositories(world, "api", "web")
    world.write({"ci": block({"match": ["api", "web", "lib-*"]})})
    assert world("plan", "--out", "plan.json").exit == 0
    assert "2 repositories" in world("show", "plan.json").stdout
    repositories(world, "unrelated")
    repositories(world, "lib-a")
    stale = world("apply", "plan.json")
    assert stale.exit == 1
    assert "what the vendors list has changed since the plan was made: lib-a came" in stale.stderr
    assert world.total_writes() == 0
    world.box["github"].delete_repo("acme/lib-a")
    assert world("apply", "plan.json").exit == 0
    assert len(world.box["github"].webhooks()) == 2


def test_offline_uses_what_the_lock_knows(world: World) -> None:
    """Its instances are compared, nothing is called gone, and the plan says so."""
    repositories(world, "api", "web")
    world.write({"ci": block()})
    world.applied()
    world.box["github"].delete_repo("acme/web")
    world.write({"ci": block(events=["push"])})
    world.forget_requests()
    result = world("plan", "--offline")
    assert not world.box["github"].requests
    assert "ci repositories: the 2 that the lock knows; offline, nobody was asked" in result.stdout
    assert world.actions("--offline") == {"ci[api]": "update", "ci[web]": "update"}


def test_validate_needs_no_network(world: World) -> None:
    """It checks the block with a stand-in, and says that it is discovered later."""
    world.write({"ci": block(), "other": hook()})
    result = world("validate")
    assert (result.exit, world.box["github"].requests) == (0, [])
    assert "1 webhook, 4 providers: valid; discovered by plan and apply: ci" in result.stdout


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"discover": "repos"}, "GitHub cannot list `repos`"),
        ({"discover": "repositories", "archive": False}, "have no `archive` to choose by"),
        ({"discover": "repositories", "match": "lib-*"}, "`match` must be a list of patterns"),
        ({"discover": "repositories", "archived": {}}, "`archived` must be a value"),
        ({"discover": "repositories", "owner": [1]}, "`owner` must be a text"),
    ],
)
def test_what_is_wrong_with_a_block_is_said_at_its_place(world: World, spec: Block, says: str) -> None:
    """Before anybody is asked."""
    world.write({"ci": hook(for_each={"repo": spec}, scope={"repo": "${each.repo}"})})
    result = world("validate")
    assert result.exit == 1
    assert says in result.stderr
    assert "webhooks.yaml:" in result.stderr


def test_what_a_list_needs_is_demanded(world: World) -> None:
    """A list of an owner's repositories needs one."""
    world.write({"ci": block()}, providers={"github": {"scope": {}}})
    result = world("validate")
    assert "`discover: repositories` needs `owner`" in result.stderr
    assert "write `owner:` beside `discover`, or into the `scope`" in result.stderr


def test_what_is_listed_may_stand_in_variables(world: World) -> None:
    """Whose it is, what is listed and filters are texts; patterns may be a list from a variable."""
    world.environment |= {"WHOSE": "acme", "WHAT": "repositories", "OLD": "false", "SOME": "api,we*"}
    spec = {"discover": "${WHAT}", "owner": "${WHOSE}", "archived": "${OLD}", "match": "${SOME}"}
    for repo in ("api", "web", "docs"):
        world.box["github"].make_repo(f"acme/{repo}")
    world.write({"ci": hook(for_each={"repo": spec}, scope={"repo": "${each.repo}", "owner": "${WHOSE}"})})
    assert world("validate").exit == 0
    assert world.actions() == {"ci[api]": "create", "ci[web]": "create"}


def test_mistakes_below_a_block_are_found_without_rows(world: World) -> None:
    """Whatever does not hang on what is discovered is checked; what does is not judged by the stand-in."""
    world.write({"ci": block(events=["pusch"], url="ftp://${each.repo}", options={"contenttype": "json"})})
    result = world("validate")
    assert "pusch" in result.stderr
    assert "contenttype" in result.stderr
    assert "example" not in result.stderr


def test_a_vendor_without_lists_says_so(world: World) -> None:
    """Coinbase has none."""
    world.write({"x": {"provider": "coinbase", "url": "https://a.acme.com/", "for_each": {"a": {"discover": "b"}}}})
    assert "Coinbase" in world("validate").stderr
    assert "cannot list its places" in world("validate").stderr


def test_names_that_could_be_more_than_names_are_left_out(world: World) -> None:
    """The vendor's text names webhooks, files and commands, so it is checked, told, and never read again."""
    repositories(world, "api")
    odd = ("$(touch pwned)", "..", "a,b", "-rf", "x y", "${each.repo}", world.environment["GITHUB_TOKEN"])
    for number, name in enumerate(odd):
        world.box["github"].make_repo(f"acme/odd{number}", name=name)
    world.write({"ci": block(secret={"from": "cmd:printf %s-0123456789abcdef ${each.repo}"})})
    result = world.apply("--format", "json")
    assert result.exit == 1
    assert set(world.lock) == {"ci[api]"}
    plan = world.planned(exit=1)
    assert [problem["code"] for problem in plan["problems"]] == ["name-unusable"]
    assert "pwned" in plan["problems"][0]["summary"]
    assert not (world.folder / "pwned").exists()
    assert world.environment["GITHUB_TOKEN"] not in json.dumps(plan)
    world.write({"ci": block({"match": ["api"]}, secret={"from": "cmd:printf %s-0123456789abcdef ${each.repo}"})})
    assert world.actions() == {"ci[api]": "noop"}


def test_max_changed_holds(world: World) -> None:
    """Deletions that the files ask for are counted as ever, and gone places are none of them."""
    names = [f"r{number:02}" for number in range(12)]
    repositories(world, *names)
    world.write({"ci": block()})
    world.applied()
    for name in names[:6]:
        world.box["github"].delete_repo(f"acme/{name}")
    assert world("plan", "--prune").exit == 0
    world.write({"ci": block({"match": ["r11"]})})
    refused = world("plan", "--prune")
    assert refused.exit == 3
    assert "12 managed webhooks of github would go" in refused.stdout


def test_drift_knows_what_is_gone(world: World) -> None:
    """A place that vanished took its webhook along; a list that fails leaves it open."""
    repositories(world, "api", "web")
    world.write({"ci": block()})
    world.applied()
    assert world("drift").exit == 0
    world.box["github"].delete_repo("acme/web")
    report = json.loads(world("drift", "--format", "json").stdout)
    assert {each["name"]: each["certainty"] for each in report["webhooks"]} == {
        "ci[api]": "present",
        "ci[web]": "absent",
    }
    assert report["problems"] == []
    world.box["github"].fail("500", path=LISTS, times=None)
    assert world("drift").exit == 1


def test_two_blocks_that_mean_one_webhook_spoil_only_themselves(world: World) -> None:
    """What the vendor lists makes a clash with a webhook of the files: that block waits, the webhook does not."""
    repositories(world, "api", "web")
    world.write({"ci": block(), "own": hook()})
    assert world.actions(exit=1) == {"own": "create"}
    repositories(world, "other")
    world.write({"ci": block({"except": ["api"]}), "own": hook()})
    assert set(world.actions()) == {"ci[other]", "ci[web]", "own"}


def test_rotating_and_adopting_what_was_discovered(world: World) -> None:
    """Commands that mean one webhook find it."""
    repositories(world, "api")
    identifier = world.box["github"].add("acme/api", events=["star"], config={"url": "https://else.acme.com/"})
    world.write({"ci": block(secret={"generate": 24, "to": "file:secrets/${each.repo}"})})
    assert world("adopt", "ci[api]", "--id", str(identifier), "--yes").exit == 0
    world.applied()
    before = (world.folder / "secrets" / "api").read_bytes()
    assert world("rotate", "ci", "--yes").exit == 0
    assert (world.folder / "secrets" / "api").read_bytes() != before


def test_audit_discover_looks_everywhere(world: World) -> None:
    """Every webhook of every repository of the organisation, managed or not, in text, JSON and CSV."""
    repositories(world, "api", "web", "lib")
    world.box["github"].add("acme/lib", events=["star"], config={"url": "https://lib.acme.com/"})
    world.write({"ci": hook()}, drop=("cryptofuse", "cryptopocket", "coinbase"))
    world.applied()
    found = world("audit", "--discover", "--format", "json")
    assert found.exit == 0
    report = json.loads(found.stdout)
    validate("audit", report)
    assert {place["scope"]["repo"] for place in report["places"]} == {"api", "web", "lib"}
    assert "https://lib.acme.com/" in world("audit", "--discover").stdout
    assert "lib" in world("audit", "--discover", "--format", "csv").stdout
    assert "https://lib.acme.com/" not in world("audit").stdout
    assert world("audit", "--discover", "--target", "ci").exit == 64


def test_audit_discover_says_what_it_could_not_list(world: World) -> None:
    """A list that fails is a problem, and the rest is told."""
    world.write({"ci": hook()}, drop=("cryptofuse", "cryptopocket", "coinbase"))
    world.applied()
    world.box["github"].fail("500", path=LISTS, times=None)
    found = world("audit", "--discover", "--format", "json")
    assert found.exit == 1
    assert [each["code"] for each in problems(found)] == ["discovery-failed"]


def test_a_strict_run_refuses_commands_of_what_is_discovered(world: World) -> None:
    """A command that hangs on the vendor's text is refused before it runs; one that does not, before any call."""
    repositories(world, "api")
    for command in ("cmd:printf 0123456789abcdef", "cmd:touch ${each.repo}"):
        world.write({"ci": block(secret={"from": command})}, drop=("cryptofuse", "cryptopocket", "coinbase"))
        trust = world.folder / "trust.yaml"
        trust.write_text(
            json.dumps(
                {
                    "version": 1,
                    "origins": [{"origin": world.box["github"].origin, "credentials": ["env:GITHUB_TOKEN"]}],
                }
            )
        )
        world.forget_requests()
        refused = world("plan", "--trust", "trust.yaml")
        assert refused.exit == 3
        assert "runs a command that nobody trusts" in refused.stderr
        assert bool(world.box["github"].requests) == ("each" in command)
        assert not (world.folder / "api").exists()


def test_json_of_a_plan_keeps_what_it_says(world: World) -> None:
    """A saved plan is shown from its file as it was."""
    repositories(world, "api")
    world.write({"ci": block()})
    world("plan", "--out", "plan.json")
    saved = json.loads((world.folder / "plan.json").read_text())
    again = json.loads(world("show", "plan.json", "--format", "json").stdout)
    assert again == saved


HIDING = "https://ci.acme.com/${secret:env:CHAT_${each.repo}}/in"


def test_what_a_discovered_webhook_hides_is_sent_and_shown_nowhere(world: World) -> None:
    """References in its URL are filled in with the row; the value is at the vendor, and not in the lock or a plan."""
    repositories(world, "a-b")
    world.environment["CHAT_a_b"] = "wide-open-sesame"
    world.write({"ci": block(url=HIDING)})
    assert "wide-open-sesame" not in world("plan").stdout
    world.applied()
    assert [each["config"]["url"] for each in world.box["github"].webhooks()] == [
        "https://ci.acme.com/wide-open-sesame/in"
    ]
    assert "wide-open-sesame" not in world.lock_path.read_text()
    assert world.actions() == {"ci[a-b]": "noop"}
    assert world("drift").exit == 0


def test_a_discovered_name_makes_no_credential_a_hidden_value(world: World) -> None:
    """Whoever may name a repository cannot have a credential sent to a receiver; other blocks go on."""
    repositories(world, "WEBHOOK")
    world.write({"ci": block(url="https://ci.acme.com/${secret:env:GITHUB_${each.repo}}"), "own": hook()})
    repositories(world, "TOKEN")
    plan = world.planned(exit=1)
    assert [each["name"] for each in plan["changes"]] == ["own"]
    assert "would send env:GITHUB_TOKEN, which is" in json.dumps(plan["problems"])
