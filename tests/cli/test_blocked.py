"""One webhook's trouble stops only itself: it is shown with its differences, and never counted as unchanged."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.conftest import Run
from tests.cli.keys import TOKEN, Vendor, served
from tests.cli.world import CI_SECRET, World, hook, ledger, payments, problems

KEEPER = Path(__file__).parents[1] / "world" / "manifests" / "keeper.yaml"


@pytest.fixture
def unset(world: World) -> World:
    """A world with two webhooks, and the secret of one is not at hand any more."""
    world.write({"ci": hook(), "ledger": ledger()})
    world.applied()
    del world.environment["CI_SECRET"]
    world.forget_requests()
    return world


def test_a_webhook_whose_secret_is_unset_is_not_unchanged(unset: World) -> None:
    """Nothing differs that anybody can see, and still nobody is told that all is well."""
    assert unset.apply().exit == 1
    told = unset("plan").stdout
    assert "? ci  blocked" in told
    assert told.splitlines()[-2:] == [
        "1 blocked, 1 secret unverifiable, 1 unchanged. 1 problem.",
        "Incomplete: 1 is blocked.",
    ]
    summary = unset.planned(exit=1)["summary"]
    assert (summary["blocked"], summary["noop"]) == (1, 1)
    assert unset.total_writes() == 0


def test_an_update_that_does_not_need_the_secret_is_made(unset: World) -> None:
    """The events change without it; the exit code and a problem tell of the secret, which stays what it was."""
    unset.write({"ci": hook(events=["star"]), "ledger": ledger()})
    result = unset.apply()
    assert result.exit == 1
    assert "environment variable CI_SECRET is not set" in result.stdout
    assert unset.writes("github") == ["PATCH /repos/acme/api/hooks/12345678"]
    (there,) = unset.box["github"].webhooks()
    assert (there["events"], there["config"]["secret"]) == (["star"], CI_SECRET)
    unset.environment["CI_SECRET"] = CI_SECRET
    assert [unset.change("ci")[key] for key in ("action", "secret")] == ["noop", "unverifiable"]


def test_a_new_webhook_waits_for_its_secret(unset: World) -> None:
    """It is not made without; what it would be is shown, and its neighbour is made."""
    unset.write({"ci": hook(), "new": hook(url="https://ci.acme.com/new"), "ledger": ledger(events=[LEDGER])})
    plan = unset("plan", "--format", "json")
    changes = {change["name"]: change for change in json.loads(plan.stdout)["changes"]}
    assert (changes["new"]["action"], changes["new"]["calls"]) == ("noop", [])
    assert {field["path"] for field in changes["new"]["fields"]} >= {"/url", "/events"}
    assert [problem["names"] for problem in problems(plan)] == [["ci", "new"]]
    assert "Plan: 0 to add, 1 to change, 0 to destroy." in unset("plan").stdout
    assert unset.apply().exit == 1
    assert (unset.writes("github"), len(unset.writes("coinbase-payments"))) == ([], 1)


def test_many_webhooks_that_lack_one_variable_are_one_problem(unset: World) -> None:
    """One cause, one message: it has their number and the first of their names, and each of them is blocked."""
    block = hook(for_each={"repo": [f"r{number}" for number in range(9)]}, scope={"repo": "${each.repo}"})
    unset.write({"many": block, "ledger": ledger()})
    (problem,) = problems(unset("plan", "--format", "json"))
    assert len(problem["names"]) == 9
    assert "9 webhooks: " in problem["summary"]
    assert "many[r0], many[r1], many[r2] and 6 more of many" in problem["summary"]
    plan = unset("plan")
    assert plan.stdout.count("CI_SECRET is not set (") == 1
    assert plan.stdout.splitlines()[-1] == "Incomplete: 9 are blocked."


LEDGER = "EVENT_TYPE_PAYMENT_REFUNDED"


class Keeper(Vendor):
    """See `keeper.yaml`."""

    kind = "keeper"

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        """A status and a document."""
        match method, path:
            case "GET", ["hooks"]:
                return 200, {"hooks": [{**row, "has_secret": bool(self.secrets[row["id"]])} for row in self.rows]}
            case "POST", ["hooks"]:
                return 200, self.add(body.pop("secret", None), **body)
            case "PUT", ["hooks", row_id]:
                self.secrets[row_id] = body.pop("secret", "")
                self.row(row_id).update(body)
                return 200, self.row(row_id)
            case _:
                return 404, {"message": "no such call"}


@pytest.fixture
def keeper(run: Run, tmp_path: Path) -> Iterator[tuple[Keeper, Any]]:
    """A vendor whose updates need the secret, and a command line beside it."""
    vendor = Keeper()
    with served(vendor) as url:
        (tmp_path / "keeper.yaml").write_text(KEEPER.read_text("utf-8"), "utf-8")
        provider = {"type": "./keeper.yaml", "base_url": url, "auth": {"token": "env:TOKEN"}}

        def whsync(*argv: str, **webhooks: Any) -> Any:
            whole = {"version": 1, "providers": {"own": provider}, "webhooks": webhooks}
            (tmp_path / "webhooks.yaml").write_text(yaml.safe_dump(whole), "utf-8")
            return run(*argv, cwd=tmp_path, env={"TOKEN": TOKEN, "OURS": "a secret of ours"})

        yield vendor, whsync


def test_an_update_that_would_lose_the_secret_stops_alone(keeper: tuple[Keeper, Any]) -> None:
    """It has a name, its differences and a way out that works; the other webhook is made."""
    vendor, whsync = keeper
    theirs = vendor.add("somebody's", url="https://a.acme.com/x", events=["a"], label="theirs")
    one = {"url": "https://a.acme.com/x", "events": ["a"], "description": "ours", "secret": {"from": "env:OURS"}}
    two = {"url": "https://a.acme.com/two", "events": ["a"]}
    result = whsync("apply", "--yes", one=one, two=two)
    assert result.exit == 1
    assert "? one  blocked" in result.stdout
    assert "theirs -> ours" in result.stdout
    assert "one: Keeper would lose the secret if description changed without it" in result.stdout
    assert "Plan: 1 to add, 0 to change, 0 to destroy. 1 write. 1 blocked" in result.stdout
    assert [row["url"] for row in vendor.rows] == ["https://a.acme.com/x", "https://a.acme.com/two"]
    assert whsync("rotate", "one", "--yes", one=one, two=two).exit == 0
    assert (theirs["label"], vendor.secrets[theirs["id"]]) == ("ours", "a secret of ours")
    assert whsync("plan", "--detailed-exitcode", one=one, two=two).exit == 0


@pytest.mark.parametrize("make", [ledger, payments])
def test_a_create_without_what_the_vendor_needs_is_told_by_the_plan(world: World, make: Any) -> None:
    """Coinbase and CryptoPocket make nothing without events; the problem has its place, and nothing is sent."""
    block = {key: value for key, value in make().items() if key != "events"}
    world.write({"one": block, "ci": hook()})
    plan = json.loads(world("plan", "--format", "json").stdout)
    (problem,) = plan["problems"]
    assert (problem["kind"], problem["name"]) == ("config", "one")
    assert "events" in problem["summary"] + problem["hint"]
    line = 1 + world.config.read_text(encoding="utf-8").splitlines().index('    "one": {')
    assert problem["at"].endswith(f"webhooks.yaml:{line}:5")
    assert world.apply().exit == 1
    assert world.total_writes() == 1, "the other one was made"


def test_a_secret_that_the_file_does_not_speak_of_is_not_lost(keeper: tuple[Keeper, Any]) -> None:
    """Somebody's webhook with a secret is taken over without one: the way out is to write one, and it works."""
    vendor, whsync = keeper
    theirs = vendor.add("somebody's", url="https://a.acme.com/x", events=["a"], label="theirs")
    one: dict[str, Any] = {"url": "https://a.acme.com/x", "events": ["b"]}
    result = whsync("apply", "--yes", one=one)
    assert result.exit == 1
    assert "with a `secret` in the file, `whsync rotate one` sets it and changes the rest with it" in result.stdout
    assert vendor.secrets[theirs["id"]] == "somebody's"
    one["secret"] = {"from": "env:OURS"}
    assert whsync("rotate", "one", "--yes", one=one).exit == 0
    assert (theirs["events"], vendor.secrets[theirs["id"]]) == (["b"], "a secret of ours")
    assert whsync("plan", "--detailed-exitcode", one=one).exit == 0


def test_after_a_lost_lock_the_secret_is_there_and_the_way_out_is_one_command(keeper: tuple[Keeper, Any]) -> None:
    """The file's secret can be had, so nobody calls it missing; what sends every such secret is named, and works."""
    vendor, whsync = keeper
    urls = [f"https://a.acme.com/{number}" for number in range(2)]
    for url in urls:
        vendor.add("somebody's", url=url, events=["a"], label="theirs")
    hooks = {
        f"hook{number}": {"url": url, "events": ["a"], "description": "ours", "secret": {"from": "env:OURS"}}
        for number, url in enumerate(urls)
    }
    result = whsync("apply", "--yes", **hooks)
    assert result.exit == 1
    assert "the vendor's is not known to be the file's" in result.stdout
    assert "at hand" not in result.stdout
    assert "`whsync apply --own-secrets` sends the file's secrets, and changes the rest with them" in result.stdout
    assert whsync("apply", "--own-secrets", "--yes", **hooks).exit == 0
    assert {vendor.secrets[row["id"]] for row in vendor.rows} == {"a secret of ours"}
    assert whsync("plan", "--detailed-exitcode", **hooks).exit == 0


def test_a_webhook_made_without_a_secret_is_not_blocked_over_one(keeper: tuple[Keeper, Any], tmp_path: Path) -> None:
    """Nobody ever gave it a secret, so no change of it can lose one, also where the vendor does not tell."""
    vendor, whsync = keeper
    manifest = tmp_path / "keeper.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace("has: has_secret, ", ""), "utf-8")
    one = {"url": "https://a.acme.com/x", "events": ["a"], "description": "first"}
    assert whsync("apply", "--yes", one=one).exit == 0
    assert whsync("apply", "--yes", one={**one, "description": "second"}).exit == 0
    assert [row["label"] for row in vendor.rows] == ["second"]
