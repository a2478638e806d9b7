"""`whsync import --discover`: a whole organisation in one command, by the pages of one list."""

from pathlib import Path
from typing import Any

from tests.cli.conftest import Run
from tests.cli.forge import Yard, serving
from tests.cli.test_import import URL, add, base, empty_after, imported
from tests.cli.world import World, hook

LISTS = "/orgs/acme/repos"


def repositories(world: World, *names: str) -> None:
    """Repositories of acme that the vendor lists."""
    for name in names:
        world.box["github"].make_repo(f"acme/{name}")


def test_an_organisation(world: World) -> None:
    """Every repository is read once; a webhook that all but one have is one block, for which the vendor lists them."""
    repositories(world, "api", "web", "docs", "empty")
    for repo in ("api", "web", "docs"):
        add(world, repo)
    other = "https://chat.acme.com/x"
    add(world, "web", other), add(world, "web", other, events=["release"])
    base(world)
    world.forget_requests()
    document = imported(world, "--discover", "--into", "webhooks.yaml")
    names = ["ci[api]", "ci[docs]", "ci[web]", "chat-push", "chat-release"]
    assert [each["name"] for each in document["imported"]] == names
    text = world.config.read_text("utf-8")
    assert (
        "  # 3 of 4 repositories when this was written; a new one gets the webhook, too, with the next apply\n" in text
    )
    assert "    for_each: {repo: {discover: repositories, except: [empty]}}\n    url: https://ci" in text
    assert "key:" not in text
    asked = [each.path for each in world.box["github"].requests]
    assert asked.count(LISTS) == 1
    assert sum(path.endswith("/hooks") for path in asked) == 4
    assert world.total_writes() == 0
    empty_after(world)
    repositories(world, "new")
    assert {name: action for name, action in world.actions().items() if action != "noop"} == {"ci[new]": "create"}
    world.lock_path.unlink()  # and without the lock, all are found again by what the file says
    assert {*world.actions().values()} == {"adopt", "create"}


def test_an_owner_that_only_the_command_names(world: World) -> None:
    """`--scope owner=…` says whose repositories; nothing else is looked into."""
    repositories(world, "api")
    add(world, "api")
    world.config.write_text(f"version: 1\nproviders:\n  github: {{base_url: {world.box['github'].url}}}\n")
    document = imported(world, "--discover", "--scope", "owner=acme", "--into", "webhooks.yaml")
    assert [place["scope"] for place in document["places"]] == [{"owner": "acme", "repo": "api"}]
    empty_after(world)


def test_a_block_that_discovers_for_itself(world: World) -> None:
    """What the file's own `discover` makes is managed, applied or not; only the rest is imported."""
    repositories(world, "api", "web")
    add(world, "api")
    other = add(world, "web", "https://other.acme.com/x")
    block = hook(secret=None, options=None, events=["push"], scope={"repo": "${each.repo}"})
    world.write(
        {"ci": {**block, "for_each": {"repo": {"discover": "repositories"}}}},
        drop=("coinbase", "cryptofuse", "cryptopocket"),
    )
    world.config.write_text(world.config.read_text("utf-8"))
    document = imported(world, "--discover", "--into", "webhooks.yaml")
    assert [each["remote_id"] for each in document["imported"]] == [other]
    assert world.actions() == {"ci[api]": "adopt", "ci[web]": "create", "other": "noop"}


def test_a_block_that_lists_is_no_wish(world: World) -> None:
    """Where the file's own block had the vendor list, an import without `--discover` writes names all the same."""
    repositories(world, "api", "web", "docs")
    for repo in ("api", "web", "docs"):
        add(world, repo), add(world, repo, "https://other.acme.com/x")
    base(world, f"webhooks:\n  ci: {{for_each: {{repo: {{discover: repositories}}}}, url: '{URL}', events: [push]}}\n")
    world.applied()
    imported(world, "--into", "webhooks.yaml")
    assert "for_each: {repo: [api, docs, web]}" in world.config.read_text("utf-8")
    empty_after(world)


def test_a_list_that_fails(world: World) -> None:
    """Nothing is concluded, and the exit code tells."""
    base(world)
    world.box["github"].fail("500", path=LISTS, times=None)
    document = imported(world, "--discover", "--into", "webhooks.yaml", exit=1)
    assert [problem["provider"] for problem in document["problems"]] == ["github"]
    assert document["summary"]["imported"] == 0


MINE = {"about": "one's own", "fills": "project", "path": "/groups/all/projects", "value": "path"}
LISTS_OF_FORGE = {"projects": {**MINE, "needs": ["group"], "path": "/groups/{group}/projects"}, "mine": MINE}


def test_a_group_that_no_scope_names(run: Run, tmp_path: Path) -> None:
    """What only a list needs says which list is meant, beside the scope and in the block that is left to it."""
    with serving() as forge:
        usual = forge.answer
        groups = {"acme": ["grp/api", "grp/web", "grp/docs"], "all": ["grp/api", "grp/web", "grp/docs", "other/x"]}
        forge.names = {path: number for number, path in enumerate(groups["all"])}
        forge.hooks = {(at, str(at)): {"id": str(at), "url": URL, "events": ["push"]} for at in range(4)}

        def answer(method: str, path: str, body: Any) -> tuple[int, Any]:
            _, kind, group, *_ = path.split("/")
            return (200, [{"path": each} for each in groups[group]]) if kind == "groups" else usual(method, path, body)

        forge.answer = answer  # type: ignore[method-assign]
        yard = Yard(run, tmp_path, forge, discover=LISTS_OF_FORGE)
        yard.write()
        strange = yard("import", "--discover", "--scope", "grup=acme", exit=64)
        assert "there are: group, project" in strange.stderr
        yard("import", "--discover", "--scope", "group=acme", "--into", "webhooks.yaml")
        assert [call for call in forge.asked if "groups" in call] == ["GET /groups/acme/projects"]
        text = (tmp_path / "webhooks.yaml").read_text("utf-8")
        assert "for_each: {project: {discover: projects, group: acme}}" in text
        assert "scope:" not in text
        assert [*yard.lock] == ["ci[grp/api]", "ci[grp/docs]", "ci[grp/web]"]
        assert "No changes." in yard("plan", "--detailed-exitcode").stdout
