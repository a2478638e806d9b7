"""`policy: {unmanaged: delete, except: […]}` and `whsync prune --unmanaged`: what nobody declared, and how it goes."""

import json

import pytest

from tests.cli.world import World, hook

DELETE = {"unmanaged": "delete"}
STRANGE = "https://strange.example.com/x"


@pytest.fixture
def strange(world: World) -> World:
    """Our hook, and two that nobody declared, in one repository; another repository is no business of ours."""
    world.write({"ci": hook(secret=None)})
    world.applied()
    for url in (STRANGE, "https://spared.vendor.com/y"):
        world.box["github"].add("acme/api", config={"url": url}, events=["push"])
    world.box["github"].add("acme/other", config={"url": STRANGE}, events=["push"])
    world.forget_requests()
    return world


def there(world: World) -> list[str]:
    """The URLs that the vendor has."""
    return [each["config"]["url"] for each in world.box["github"].webhooks()]


def names(world: World) -> dict[str, str]:
    """What the strangers of the place are called, by URL."""
    return {each["url"]: f"github:{each['remote_id']}" for each in world.planned()["unmanaged"]}


def declare(world: World, **policy: object) -> None:
    """Our hook with this policy."""
    world.write({"ci": hook(secret=None)}, policy=policy)


def test_only_prune_deletes_and_the_plan_shows_it(strange: World) -> None:
    """Without --prune they are a difference that a plan shows; with it they are deleted, in places of the file only."""
    called = names(strange)
    declare(strange, unmanaged="delete")
    made = strange.planned("--detailed-exitcode", exit=2)
    assert {each["name"]: each["action"] for each in made["changes"]} == {
        "ci": "noop",
        **dict.fromkeys(called.values(), "orphan"),
    }
    assert made["unmanaged"] == []
    assert "with --prune it goes" in strange("plan").stdout
    strange.applied()
    assert len(there(strange)) == 4
    told = strange("plan", "--prune").stdout
    assert "policy.unmanaged is delete" in told
    assert "Plan: 0 to add, 0 to change, 2 to destroy. 2 writes." in told
    strange.applied("--prune")
    assert there(strange) == ["https://ci.acme.com/hooks", STRANGE]
    assert set(strange.lock) == {"ci"}
    assert strange.actions("--detailed-exitcode", "--prune") == {"ci": "noop"}


@pytest.mark.parametrize(
    "pattern", ["https://spared.vendor.com/*", "url:*spared*", "events:push", "id:*", "options/content_type:*"]
)
def test_what_a_pattern_spares_stays(strange: World, pattern: str) -> None:
    """By URL or id, or by a field: it stays unmanaged and is shown so, and nobody is refused for it."""
    declare(strange, unmanaged="delete", **{"except": [pattern]})
    strange.applied("--prune")
    assert "https://spared.vendor.com/y" in there(strange)
    assert "https://spared.vendor.com/y" in strange("plan").stdout
    declare(strange, unmanaged="deny", **{"except": [pattern]})
    refused = json.loads(strange("plan", "--format", "json").stdout)["refusals"]
    assert [each for each in refused if "spared" in each["summary"]] == []


def test_deny_and_drift_know_what_is_spared(strange: World) -> None:
    """What may be there is neither refused nor drift; another newcomer is both."""
    declare(strange, unmanaged="deny", **{"except": ["https://spared.vendor.com/*", "https://strange.*"]})
    assert strange("plan").exit == 0
    assert strange("drift").exit == 0
    declare(strange, unmanaged="deny", **{"except": ["https://spared.vendor.com/*"]})
    assert strange("plan").exit == 3
    assert strange("drift").exit == 2


def test_a_saved_plan_deletes_exactly_what_was_reviewed(strange: World) -> None:
    """The plan holds its deletions; who adds another stranger, or changes one, makes it stale or is not touched."""
    declare(strange, unmanaged="delete")
    assert strange("plan", "--prune", "--out", "plan.json").exit == 0
    strange.box["github"].add("acme/api", config={"url": "https://late.example.com"}, events=["push"])
    assert strange("apply", "plan.json").exit == 0
    assert there(strange) == ["https://ci.acme.com/hooks", STRANGE, "https://late.example.com"]
    assert strange("plan", "--prune", "--out", "plan.json").exit == 0
    strange.box["github"].edit(strange.box["github"].webhooks()[-1]["id"], events=["release"])
    assert "no longer as the plan saw it" in strange("apply", "plan.json").stderr


def test_nothing_goes_where_ours_is_not_certain(strange: World) -> None:
    """A webhook of ours that two may be stops every deletion in its place: one of them is ours."""
    strange.lock_path.unlink()
    strange.box["github"].add("acme/api", config={"url": "https://ci.acme.com/hooks"}, events=["release"])
    before = there(strange)
    declare(strange, unmanaged="delete")
    result = strange.apply("--prune", "--max-changed", "100%")
    assert result.exit == 1
    assert "it may be ci, of which nobody knows which one it is" in " ".join(result.stdout.split())
    assert there(strange) == before
    assert strange.writes("github") == []


def test_nothing_goes_where_nobody_could_look(strange: World) -> None:
    """A place whose read fails holds no strangers."""
    declare(strange, unmanaged="delete")
    strange.box["github"].fail("500", method="GET", times=None)
    assert strange.apply("--prune").exit == 1
    assert strange.writes("github") == []


def test_a_target_means_no_strangers(strange: World) -> None:
    """Who names webhooks means these and nothing else."""
    declare(strange, unmanaged="delete")
    assert strange.actions("--prune", "--target", "ci") == {"ci": "noop"}


def test_many_strangers_are_held_by_the_threshold(strange: World) -> None:
    """They count against all that is there, so that a wrong token or file does not empty an account."""
    for number in range(10):
        strange.box["github"].add("acme/api", config={"url": f"https://many.example.com/{number}"}, events=["push"])
    declare(strange, unmanaged="delete")
    assert strange.apply("--prune").exit == 3
    assert strange.writes("github") == []
    strange.applied("--prune", "--max-changed", "100%")
    assert there(strange) == ["https://ci.acme.com/hooks", STRANGE]


def test_no_webhook_in_the_files_needs_prune_all(strange: World) -> None:
    """An empty file is more often the wrong file."""
    strange.write({}, policy=DELETE)
    assert strange.apply("--prune").exit == 3
    assert strange.writes("github") == []


def test_a_lost_answer_of_a_deletion_is_settled(strange: World) -> None:
    """The call arrived and its answer did not: reading tells, nothing stays in the lock, and nothing is asked twice."""
    declare(strange, unmanaged="delete")
    strange.box["github"].fail("drop-after", method="DELETE", times=1)
    strange.apply("--prune")
    strange.applied("--prune")
    assert there(strange) == ["https://ci.acme.com/hooks", STRANGE]
    assert set(strange.lock) == {"ci"}
    assert sorted(strange.writes("github")) == sorted(set(strange.writes("github")))


def test_a_refused_deletion_leaves_nothing_behind(strange: World) -> None:
    """The vendor said no: it is told, and the lock does not know the stranger."""
    declare(strange, unmanaged="delete")
    strange.box["github"].fail("403", method="DELETE", times=None)
    result = strange.apply("--prune")
    assert result.exit == 1
    assert set(strange.lock) == {"ci"}
    assert len(there(strange)) == 4


def test_prune_takes_single_ones_by_name(strange: World) -> None:
    """One is shown, asked about and deleted; the other, and every webhook of ours, stays as it is."""
    called = names(strange)
    strange.write({"ci": hook(secret=None, events=["push"])})
    asked = strange("prune", "--unmanaged", called[STRANGE])
    assert (asked.exit, strange.writes("github")) == (64, [])
    done = strange("prune", "--unmanaged", called[STRANGE], "--yes")
    assert done.exit == 0
    assert f"- {called[STRANGE]}  delete" in done.stdout
    assert "you named it" in done.stdout
    assert len(strange.writes("github")) == 1
    assert set(there(strange)) == {"https://ci.acme.com/hooks", "https://spared.vendor.com/y", STRANGE}
    assert set(strange.lock) == {"ci"}


def test_prune_says_what_there_is(strange: World) -> None:
    """A name that means nothing, one of ours, one that is spared, and a forgotten flag: each with a way out."""
    called = names(strange)
    wrong = strange("prune", "--unmanaged", "github:1", "--yes")
    assert wrong.exit == 64
    assert "did you mean `github:" in wrong.stderr
    assert strange("prune", "--unmanaged", "ci", "--yes").exit == 64
    assert "`whsync apply --prune`" in strange("prune", "ci").stderr
    assert strange("prune", "--unmanaged").exit == 64
    declare(strange, **{"except": ["https://strange.*"]})
    spared = strange("prune", "--unmanaged", called[STRANGE], "--yes")
    assert (spared.exit, "policy.except spares" in spared.stderr) == (64, True)
    assert strange.writes("github") == []


def test_the_trusted_policy_binds(strange: World) -> None:
    """Who says `report` outside of the files is not overruled by a file that says `delete`."""
    trust = {"version": 1, "policy": {"unmanaged": "report"}, "origins": []}
    trust["origins"] = [{"origin": strange.box["github"].url, "credentials": ["env:GITHUB_TOKEN"]}]
    (strange.folder / "trust.yaml").write_text(json.dumps(trust), "utf-8")
    strange.write({"ci": hook(secret=None)}, policy=DELETE, drop=("coinbase", "cryptofuse", "cryptopocket"))
    made = json.loads(strange("plan", "--prune", "--format", "json", "--trust", "trust.yaml").stdout)
    assert ([each["action"] for each in made["changes"]], len(made["unmanaged"])) == (["noop"], 2)
