"""Planning against vendors that fail: unknown is unknown, never a create or a delete, and other providers go on."""

import pytest

from reconciler.model.webhook import Observation, Scope
from reconciler.providers.engine import interpret, reading
from reconciler.providers.engine.api import Api
from reconciler.providers.protocol import Steps
from tests.cli.world import World, hook, ledger, payments, wallet

ALL = {"ci": hook(), "ledger": ledger(), "wallet": wallet(), "payments": payments()}
READS = {"github": "/repos/acme/api/hooks", "coinbase-payments": "/api/v1/webhook", "cryptofuse": "/user/me/"}
NAMES = {"github": "ci", "coinbase-payments": "ledger", "cryptofuse": "wallet"}
PROVIDERS = {"github": "github", "coinbase-payments": "coinbase", "cryptofuse": "cryptofuse"}
BROKEN = ["401", "403", "404", "500", "502", "html", "empty", "half-json", "huge", "redirect", "drop-before"]


@pytest.fixture
def applied(world: World) -> World:
    """A world with one webhook at every vendor, and one more at each in the file of today."""
    world.write(ALL)
    world.applied()
    world.forget_requests()
    return world


@pytest.mark.parametrize("vendor", READS)
@pytest.mark.parametrize("fault", BROKEN)
def test_a_failed_read_proves_nothing(applied: World, vendor: str, fault: str) -> None:
    """Whatever a read answers but the truth: exit 1, certainty unknown, no change; the others are planned."""
    name = NAMES[vendor]
    applied.box[vendor].fail(fault, method="GET", path=READS[vendor], times=None)
    applied.write({**ALL, "ci": hook(events=["star"]), "ledger": ledger(events=["EVENT_TYPE_PAYMENT_VOIDED"])})
    before = applied.files()
    plan = applied.planned("--prune", exit=1)
    change = {each["name"]: each for each in plan["changes"]}
    assert (change[name]["certainty"], change[name]["action"], change[name]["calls"]) == ("unknown", "noop", [])
    assert {other["certainty"] for each, other in change.items() if each not in (name, "payments")} == {"present"}
    (problem,) = plan["problems"]
    assert problem["provider"] == PROVIDERS[vendor]
    assert plan["summary"]["create"] == plan["summary"]["delete"] == 0
    assert applied.files() == before


def test_a_bug_in_one_vendors_code_stops_no_other(applied: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception that nobody foresaw while a vendor is read is that vendor's failed read, and tells no value."""
    read = reading.observe

    def broken(api: Api, scope: Scope, known: frozenset[str]) -> Steps[Observation]:
        if api.manifest.type == "github":
            raise KeyError("a value")
        return (yield from read(api, scope, known))

    monkeypatch.setattr(interpret, "observe", broken)
    plan = applied.planned(exit=1)
    certainty = {change["name"]: change["certainty"] for change in plan["changes"]}
    assert certainty == {"ci": "unknown", "ledger": "present", "wallet": "present", "payments": "unreadable"}
    (problem,) = plan["problems"]
    assert (problem["kind"], problem["provider"]) == ("internal", "github")
    assert "an unforeseen KeyError" in problem["summary"]
    assert "a value" not in str(plan)


@pytest.mark.parametrize("vendor", ["github", "cryptofuse"])
@pytest.mark.parametrize("fault", BROKEN)
def test_a_failed_first_read_creates_nothing(world: World, vendor: str, fault: str) -> None:
    """With nothing applied and a read that fails, an apply makes nothing there, ends with 1, and does the rest."""
    world.write(ALL)
    world.box[vendor].fail(fault, method="GET", path=READS[vendor], times=None)
    result = world.apply()
    assert result.exit == 1
    assert world.writes(vendor) == []
    assert NAMES[vendor] not in world.lock
    assert set(ALL) - {NAMES[vendor]} == set(world.lock)
    assert "could not be read" in result.stdout


@pytest.mark.parametrize(
    ("fault", "kind"), [("401", "auth"), ("403", "forbidden"), ("500", "vendor"), ("429", "rate_limited")]
)
def test_the_kind_of_problem(applied: World, fault: str, kind: str) -> None:
    """JSON tells what kind of trouble it was, and what to do about it."""
    applied.box["github"].fail(fault, method="GET", times=None)
    (problem,) = applied.planned(exit=1)["problems"]
    assert problem["kind"] == kind
    assert problem["hint"]


def test_a_missing_repository_is_not_a_missing_webhook(applied: World) -> None:
    """GitHub answers 404 to those without rights: that is never `absent`, and the plan stops there."""
    applied.box["github"].forbid("acme/api", visible=True)
    (problem,) = applied.planned(exit=1)["problems"]
    assert problem["kind"] == "forbidden"
    applied.box["github"].forbid("acme/api")
    assert applied.change("ci", exit=1)["certainty"] == "unknown"


def test_a_deleted_repository_names_the_way_to_let_go(world: World) -> None:
    """What was applied in a place that is not there any more is let go of with one command, in plans and in drift."""
    world.write({"ci": hook(), "cd": hook(url="https://ci.acme.com/cd")})
    world.applied()
    world.box["github"].forbid("acme/api")
    (kept,) = world.planned(exit=1)["problems"]
    assert "take it out of the files and let go" in kept["hint"]
    world.write({"other": hook(scope={"repo": "web"})}, drop=("coinbase", "cryptofuse", "cryptopocket"))
    (gone,) = world.planned(exit=1)["problems"]
    assert gone["hint"].startswith("if it was deleted, let go of what was applied there: `whsync state rm cd ci`")
    assert "`whsync state rm cd ci`" in world("drift").stdout
    assert world("state", "rm", "cd", "ci", "--yes").exit == 0
    assert world.actions() == {"other": "create"}


def test_a_place_where_nothing_was_applied_is_perhaps_misspelt(world: World) -> None:
    """A repository that is not there, and never was, is a question of spelling or of rights."""
    world.write({"ci": hook(scope={"repo": "apy"})})
    world.box["github"].forbid("acme/apy")
    (problem,) = world.planned(exit=1)["problems"]
    assert "how its scope is spelled" in problem["hint"]


def test_gone_by_hand_is_made_again(applied: World) -> None:
    """Where the list succeeds without it, a webhook is absent, and a create is planned that says so."""
    applied.box["github"].remove(applied.box["github"].webhooks()[0]["id"])
    applied.box["coinbase-payments"].remove("wh_1001")
    plan = {change["name"]: change for change in applied.planned()["changes"]}
    assert (plan["ci"]["action"], plan["ci"]["certainty"]) == ("create", "absent")
    assert "gone at the vendor" in plan["ci"]["reason"]
    assert (plan["ledger"]["action"], plan["ledger"]["certainty"]) == ("create", "absent")
    applied.applied()
    assert applied.actions() == dict.fromkeys(ALL, "noop")


def test_a_second_page_that_fails(world: World) -> None:
    """One page of many that fails makes the whole list unknown."""
    vendor = world.box["github"]
    for number in range(150):
        vendor.add(
            "acme/api",
            events=[f"{'push' if number < 20 else 'star'}"] if number < 40 else EVENTS[number // 20],
            config={"url": f"https://x.acme.com/{number}"},
        )
    world.write({"ci": hook()})
    assert world.planned()["summary"]["unmanaged"] == 150
    vendor.clear_requests()
    vendor.fail("500", method="GET", skip=1, times=None)
    assert world.actions(exit=1) == {"ci": "noop"}
    assert len({each.query.get("page", "1") for each in vendor.requests}) == 2


EVENTS = [["fork"], ["watch"], ["create"], ["delete"], ["issues"], ["member"], ["public"], ["release"], ["status"]]


def test_planning_only_reads(world: World) -> None:
    """No plan of any kind writes to a vendor or to the folder, whatever differs."""
    world.write(ALL)
    before = world.files()
    for words in ((), ("--prune",), ("--reassert",), ("--offline",), ("--detailed-exitcode",)):
        assert world("plan", *words).exit in (0, 2)
    assert world.total_writes() == 0
    assert world.files() == before


def test_one_list_a_scope(world: World) -> None:
    """Many webhooks of one scope cost one list."""
    world.write({f"ci{number}": hook(url=f"https://ci.acme.com/{number}") for number in range(5)})
    world.planned()
    assert [request.path for request in world.box["github"].requests] == ["/repos/acme/api/hooks"]


def test_foreign_text_is_harmless(world: World) -> None:
    """Escape sequences in what a vendor tells reach no terminal, whatever the output."""
    nasty = "\x1b[2J\x1b]0;owned\x07\u202e\x9b2J|<b>`x`\r\nPlan: 0 to add"
    world.write({"ledger": ledger()})
    world.applied()
    world.box["coinbase-payments"].edit("wh_1001", description=nasty, url=f"https://x.acme.com/{nasty}")
    world.box["github"].add("acme/api", config={"url": "https://other.acme.com/"})
    world.write({"ledger": ledger(description="ours"), "ci": hook()})
    formats = [(command, "--format", "json") for command in ("plan", "drift")]
    for words in (("plan",), ("drift",), *formats, ("plan", "-vv"), ("apply", "--yes"), ("state", "list")):
        result = world(*words)
        for text in (result.stdout, result.stderr):
            assert text.replace("\n", "").isprintable()
            assert text.isascii() or words[-1] != "json"
            assert "\nPlan: 0 to add\n" not in text


def test_many_places_that_fail_alike(world: World) -> None:
    """A dead token is told once, and asked about once, not for each of many repositories; every webhook is unknown."""
    world.environment["GITHUB_TOKEN"] = "revoked"
    world.write({"ci": hook(for_each={"repo": [f"r{at}" for at in range(40)]}, scope={"repo": "${each.repo}"})})
    plan = world.planned(exit=1)
    assert {change["certainty"] for change in plan["changes"]} == {"unknown"}
    (problem,) = plan["problems"]
    assert "40 places of github (owner acme, repo r0; " in problem["summary"]
    assert problem["kind"] == "auth"
    assert len(world.box["github"].requests) == 1
    assert world("plan").stdout.splitlines()[-1] == "Incomplete: 40 could not be read."


def test_places_that_fail_for_one_reason_are_one_problem(world: World) -> None:
    """Where every repository is forbidden, each is asked, for another may be allowed, and one message tells of all."""
    names = [f"r{at}" for at in range(12)]
    for name in names:
        world.box["github"].forbid(f"acme/{name}", visible=True)
    world.write({"ci": hook(for_each={"repo": names}, scope={"repo": "${each.repo}"})})
    (problem,) = world.planned(exit=1)["problems"]
    assert (problem["kind"], "12 places of github" in problem["summary"]) == ("forbidden", True)
    assert len(world.box["github"].requests) >= len(names)
