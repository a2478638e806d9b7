"""What is refused, by plan and apply alike and before any write; and what is only reported."""

import json

import pytest

from tests.cli.world import World, hook, ledger, payments, wallet


def test_a_refusal_is_said_once(world: World) -> None:
    """An apply that a policy stops shows the reason in its plan, and not again; where no plan is shown, on stderr."""
    world.write({"ci": hook(url="http://ci.acme.com/h")})
    told = world.apply()
    assert told.exit == 3
    assert (told.stdout + told.stderr).count("which is not https") == 1
    assert world.apply("--format", "json").stderr.count("which is not https") == 1
    assert world.apply("--format", "json", "-q").stderr.count("which is not https") == 1


def test_a_single_mistake_is_said_once(world: World) -> None:
    """One problem of the files is one sentence with its place and its way out."""
    world.write({"ci": hook(evnts=["push"])})
    told = world("plan")
    assert told.exit == 1
    assert told.stderr.startswith("Error: webhooks.yaml:")
    assert told.stderr.count("`evnts` is not known here") == 1


def refused(world: World, *words: str) -> str:
    """Plan and apply must both end with 3, without a write and with the folder as it was; what apply said."""
    before = world.files()
    world.forget_requests()
    planned = world("plan", *words)
    applied = world.apply(*words)
    assert (planned.exit, applied.exit) == (3, 3), (planned, applied)
    assert world.total_writes() == 0
    assert world.files() == before
    assert "nothing was written" in applied.stderr
    return applied.stdout + applied.stderr


def many(count: int, **changes: object) -> dict:
    """That many webhooks in one repository."""
    return {f"ci{at:02}": hook(url=f"https://ci.acme.com/{at}", secret=None, **changes) for at in range(count)}


def test_hosts_and_encryption(world: World) -> None:
    """A URL outside `allowed_hosts`, or without https, stops everything, also webhooks that are fine."""
    world.write(
        {"ci": hook(), "ledger": ledger(url="https://evil.example.com")}, policy={"allowed_hosts": ["*.acme.com"]}
    )
    said = refused(world)
    assert "evil.example.com" in said
    (refusal,) = json.loads(world("plan", "--format", "json").stdout)["refusals"]
    assert (refusal["kind"], refusal["name"]) == ("unsafe", "ledger")
    world.write({"ci": hook(url="http://ci.acme.com/hooks")})
    assert "https" in refused(world)
    world.write({"ci": hook(url="http://ci.acme.com/hooks")}, policy={"https_only": False})
    world.applied()


def test_a_threshold(world: World) -> None:
    """More changes than `max_changed` stop before the first write; `--max-changed` lets one run through."""
    world.write(many(10))
    world.applied()
    world.write(many(10, events=["star"]), policy={"max_changed": "30%"})
    assert "--max-changed 10" in refused(world)
    world.write({**many(10), "ci00": many(1, events=["star"])["ci00"]}, policy={"max_changed": "30%"})
    world.applied()
    world.write(many(10, events=["fork"]), policy={"max_changed": 3})
    refused(world)
    world.applied("--max-changed", "10")
    assert {tuple(each["events"]) for each in world.box["github"].webhooks()} == {("fork",)}
    assert world("plan", "--max-changed", "lots").exit == 64


def test_what_the_user_writes_is_not_refused(world: World) -> None:
    """Protection is against losing a webhook, not against its owner: `status: inactive` in the file switches it off."""
    world.write({"ci": hook(lifecycle={"protect": True})})
    world.applied()
    world.write({"ci": hook(lifecycle={"protect": True}, status="inactive", events=["star"])})
    world.applied()
    (there,) = world.box["github"].webhooks()
    assert (there["active"], there["events"]) == (False, ["star"])


def test_protection_outlives_the_block(world: World) -> None:
    """`protect` is kept in the lock: removing the block and pruning is refused, and says how to go on."""
    world.write({"ci": hook(lifecycle={"protect": True})})
    world.applied()
    assert world.lock["ci"]["protect"] is True
    world.write({})
    said = refused(world, "--prune-all")
    assert "protect" in said
    assert world.actions() == {"ci": "orphan"}
    world.write({"ci": hook()})
    world.applied()
    assert world.lock["ci"]["protect"] is True, "what the file does not say is not changed"
    world.write({})
    refused(world, "--prune-all")
    world.write({"ci": hook(lifecycle={"protect": False})})
    assert "only the lock changes: no longer protects it" in world("plan").stdout
    world.applied()
    world.write({})
    world.applied("--prune-all")
    assert world.box["github"].webhooks() == []


def test_unmanaged_can_be_denied(world: World) -> None:
    """A remote webhook that nobody manages is a finding, or a refusal, or ignored, as the policy says."""
    world.write({"ci": hook()})
    world.applied()
    key = world.box["github"].add("acme/api", config={"url": "https://old.acme.com/x"})
    plan = world.planned("--detailed-exitcode")
    assert plan["unmanaged"] == [
        {
            "provider": "github",
            "scope": {"owner": "acme", "repo": "api"},
            "remote_id": str(key),
            "url": "https://old.acme.com/x",
        }
    ]
    assert f"{key} -> https://old.acme.com/x" in world("plan").stdout
    world.write({"ci": hook()}, policy={"unmanaged": "ignore"})
    assert world.planned()["unmanaged"] == []
    world.write({"ci": hook()}, policy={"unmanaged": "deny"})
    assert str(key) in refused(world)
    assert len(world.box["github"].webhooks()) == 2


def test_a_duplicate_is_a_finding(world: World) -> None:
    """A second remote webhook with a managed one's URL is reported, and changes neither plan nor exit code."""
    world.write({"ci": hook()})
    world.applied()
    world.box["github"].add("acme/api", events=["star"], config={"url": "https://ci.acme.com/hooks"})
    plan = world.planned("--detailed-exitcode")
    assert [finding["kind"] for finding in plan["findings"]] == ["duplicate"]
    assert plan["findings"][0]["name"] == "ci"
    assert "duplicate" in world("plan").stdout


def test_two_candidates_are_a_problem(world: World) -> None:
    """Two remote webhooks that both fit are ambiguous: 1, no write, and adopting one settles it."""
    first = world.box["github"].add("acme/api", events=["star"], config={"url": "https://ci.acme.com/hooks"})
    second = world.box["github"].add("acme/api", events=["fork"], config={"url": "https://ci.acme.com/hooks"})
    world.write({"ci": hook()})
    (problem,) = world.planned(exit=1)["problems"]
    assert problem["kind"] == "ambiguous"
    assert str(first) in problem["summary"]
    assert str(second) in problem["summary"]
    assert "whsync adopt ci --id" in problem["hint"]
    assert world.apply().exit == 1
    assert world.total_writes() == 0
    assert world("adopt", "ci", "--id", str(second), "--yes").exit == 0
    assert world.change("ci")["remote_id"] == str(second)


@pytest.mark.parametrize("name", ["wallet", "payments"])
def test_a_prune_that_the_vendor_cannot_do(world: World, name: str) -> None:
    """Where the vendor can neither delete nor switch off, pruning is refused, and the named way out works."""
    blocks = {"wallet": wallet(), "payments": payments(), "ci": hook()}
    world.write(blocks)
    world.applied()
    world.write({other: block for other, block in blocks.items() if other != name})
    assert world.actions() == {**dict.fromkeys(blocks, "noop"), name: "orphan"}
    assert f"whsync state rm {name}" in refused(world, "--prune")
    assert world("state", "rm", name, "--yes").exit == 0
    world.applied("--prune")
    assert name not in world.lock


def test_an_orphan_left_does_not_fail_an_apply(world: World) -> None:
    """Without `--prune` a removed webhook stays, is told, and the apply ends with 0."""
    world.write({"ci": hook(), "ledger": ledger()})
    world.applied()
    world.write({"ledger": ledger()})
    done = world.applied()
    assert "ci" in done.stdout
    assert "ci" in world.lock
    assert len(world.box["github"].webhooks()) == 1


def test_a_field_the_vendor_does_not_have(world: World) -> None:
    """A field that its vendor lacks is an error with its place and reason; a default that it lacks is skipped."""
    world.write({"wallet": wallet(description="mine")})
    wrong = world("plan")
    assert wrong.exit == 1
    assert "webhooks.yaml:" in wrong.stderr
    assert "description" in wrong.stderr
    world.config.write_text(
        world.config.read_text()
        .replace('"description": "mine",', "")
        .replace('"policy"', '"defaults": {"status": "active"}, "policy"')
    )
    world.write({"wallet": wallet(), "ci": hook()})
    assert world("plan").exit == 0


def test_one_remote_for_two_names(world: World) -> None:
    """Two entries that mean the same remote webhook are refused when the file is read."""
    for blocks in ({"a": wallet(), "b": wallet(url="https://b.acme.com")}, {"a": hook(), "b": hook()}):
        world.write(blocks)
        wrong = world("plan")
        assert wrong.exit == 1
        assert wrong.stderr.count("webhooks.yaml:") >= 1
    assert all(world.box[vendor].requests == [] for vendor in world.box)


def two_entries(world: World, **hooks: dict) -> None:
    """A file with `github` and `second`, which look at the same repositories with tokens of their own."""
    world.environment["SECOND_TOKEN"] = world.environment["GITHUB_TOKEN"]
    second = {"type": "github", "base_url": world.box["github"].url, "auth": {"token": "env:SECOND_TOKEN"}}
    second |= {"scope": {"owner": "acme"}}
    world.write(hooks, providers={"second": second}, policy={"unmanaged": "deny"})


def test_what_another_entry_manages_is_no_stranger(world: World) -> None:
    """Two provider entries that look at one repository do not call each other's webhooks unmanaged."""
    two_entries(world, a=hook(url="https://a.acme.com/a"), b=hook(url="https://a.acme.com/b", provider="second"))
    world.applied()
    plan = world("plan", "--detailed-exitcode")
    assert plan.exit == 0
    assert "Not managed" not in plan.stdout
    world.box["github"].add("acme/api", config={"url": "https://x.acme.com"}, events=["push"])
    assert world("plan").exit == 3
    assert len(json.loads(world("plan", "--format", "json").stdout)["unmanaged"]) == 1, "one webhook is told once"


def test_two_entries_may_not_mean_one_webhook(world: World) -> None:
    """A repository is the same whoever's token asks; so one URL in it is one webhook."""
    two_entries(world, a=hook(), b=hook(provider="second"))
    result = world("validate")
    assert result.exit == 1
    assert "`b` and `a` mean the same remote webhook" in result.stdout + result.stderr
    two_entries(world, a=hook(url="https://a.acme.com/a"), b=hook(url="https://a.acme.com/b", provider="second"))
    world.applied("--target", "a")
    taken = world("adopt", "b", "--id", world.lock["a"]["remote_id"], "--yes")
    assert taken.exit == 1
    assert "already belongs to a" in taken.stderr
