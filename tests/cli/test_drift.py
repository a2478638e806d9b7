"""`drift`: what changed at the vendors since the last apply, whatever the file says by now."""

import hashlib
import json

import pytest

from tests.cli.world import CI_SECRET, World, hook, ledger, payments, wallet

ALL = {"ci": hook(), "ledger": ledger(), "wallet": wallet(), "payments": payments()}


@pytest.fixture
def applied(world: World) -> World:
    """A world with one webhook at every vendor."""
    world.write(ALL)
    world.applied()
    world.forget_requests()
    return world


def report(world: World, exit: int) -> dict:
    """The report as JSON, by webhook name."""
    result = world("drift", "--format", "json")
    assert result.exit == exit, result
    return json.loads(result.stdout)


def test_none(applied: World) -> None:
    """Nobody changed anything: 0, whatever the file says meanwhile; what cannot be read is unverified."""
    applied.write({"ci": hook(events=["star"])})
    result = applied("drift")
    assert result.exit == 0
    assert "unverified" in result.stdout
    assert report(applied, 0)["webhooks"]
    assert applied.total_writes() == 0


def test_changed(applied: World) -> None:
    """A field changed at the vendor is 2, with before and after."""
    applied.box["github"].edit(applied.box["github"].webhooks()[0]["id"], events=["push"])
    result = applied("drift")
    assert result.exit == 2
    assert "~ ci" in result.stdout
    (webhook,) = [each for each in report(applied, 2)["webhooks"] if each["name"] == "ci"]
    (field,) = webhook["fields"]
    assert (field["path"], field["before"], field["after"]) == ("/events", ["pull_request", "push"], ["push"])
    assert applied.total_writes() == 0


def test_a_secret_that_moved(applied: World) -> None:
    """A secret that was taken away or renewed there is drift, and `plan` counts the same, even what it cannot mend."""
    applied.box["github"].edit(applied.box["github"].webhooks()[0]["id"], config={"secret": None})
    applied.box["cryptofuse"].rotate_secret()
    assert report(applied, 2)["summary"]["drift"] == 2
    assert applied.planned()["summary"]["drift"] == 2
    assert "2 drifted" in applied("plan").stdout
    applied.environment["CI_SECRET"] = "ours is another one now"
    assert applied.planned()["summary"]["drift"] == 1


def test_gone(applied: World) -> None:
    """A webhook that somebody deleted is drift, also where the file does not have it any more."""
    applied.box["github"].remove(applied.box["github"].webhooks()[0]["id"])
    applied.box["cryptofuse"].remove("account")
    applied.write({name: block for name, block in ALL.items() if name != "ci"})
    result = applied("drift")
    assert result.exit == 2
    assert "gone" in result.stdout
    gone = {each["name"] for each in report(applied, 2)["webhooks"] if each["certainty"] == "absent"}
    assert gone == {"ci", "wallet"}


def test_a_secret_removed(applied: World) -> None:
    """A secret that somebody took away is drift, though its value can never be read."""
    applied.box["github"].edit(applied.box["github"].webhooks()[0]["id"], config={"secret": None})
    result = applied("drift")
    assert result.exit == 2
    assert "secret" in result.stdout
    assert applied.change("ci")["secret"] == "changed"
    applied.applied()
    assert applied("drift").exit == 0


def test_a_read_that_fails(applied: World) -> None:
    """What cannot be read is a problem and 1, never drift; other drift is still told."""
    applied.box["github"].fail("500", method="GET", times=None)
    applied.box["coinbase-payments"].edit("wh_1001", events=["EVENT_TYPE_PAYMENT_VOIDED"])
    result = applied("drift")
    assert result.exit == 1
    assert "~ ledger" in result.stdout
    assert "github" in result.stdout + result.stderr
    told = report(applied, 1)
    assert [problem["provider"] for problem in told["problems"]] == ["github"]
    assert {each["name"]: each["certainty"] for each in told["webhooks"]}["ci"] == "unknown"


def test_targets(applied: World) -> None:
    """A target limits what is read; an unknown one is 64."""
    applied.box["github"].edit(applied.box["github"].webhooks()[0]["id"], events=["push"])
    assert applied("drift", "--target", "ledger").exit == 0
    assert applied("drift", "--target", "ci").exit == 2
    wrong = applied("drift", "--target", "legder")
    assert wrong.exit == 64
    assert "ledger" in wrong.stderr


def test_nothing_applied(world: World) -> None:
    """With nothing applied there is no drift, and no vendor is asked."""
    world.write(ALL)
    result = world("drift")
    assert result.exit == 0
    assert all(world.box[vendor].requests == [] for vendor in world.box)


def test_a_provider_that_is_gone(applied: World) -> None:
    """An entry whose provider the file no longer has is a problem with its way out."""
    applied.write({"ci": hook()}, drop=("coinbase",))
    result = applied("drift")
    assert result.exit == 1
    assert "whsync state rm ledger" in result.stdout + result.stderr


def test_a_field_that_leaves_the_file_is_no_difference(world: World) -> None:
    """From then on a plan leaves what the vendor has, and the lock keeps its bytes; `drift` tells, where it is to."""
    world.write({"ci": hook(events=["push"], status="active")})
    world.applied()
    held = world.lock_path.read_bytes()
    world.write({"ci": {key: value for key, value in hook().items() if key not in ("events", "status")}})
    key = world.box["github"].webhooks()[0]["id"]
    world.box["github"].edit(key, events=["star"], active=False)
    assert world("plan", "--detailed-exitcode").exit == 0
    told = world("drift")
    assert (told.exit, told.stdout.count("unmanaged field changed")) == (2, 2)
    world.applied()
    assert world.lock_path.read_bytes() == held
    left = {key: value for key, value in hook().items() if key not in ("events", "status")}
    world.write({"ci": left}, policy={"drift": "managed"})
    assert world("drift").exit == 0
    world.write({"ci": hook(events=["star"], status="active")})
    plan = world("plan").stdout
    assert "inactive -> active" in plan
    world.applied()
    assert world.box["github"].webhooks()[0]["active"] is True


def moves(world: World) -> dict[str, tuple[object, object]]:
    """What a report says of the fields of `ci` that the file does not manage, by path."""
    (webhook,) = [each for each in report(world, 2)["webhooks"] if each["name"] == "ci"]
    assert {field["kind"] for field in webhook["unmanaged"]} <= {"unmanaged_change"}
    return {field["path"]: (field["before"], field["after"]) for field in webhook["unmanaged"]}


def test_what_the_file_does_not_mention_is_seen_to_move(applied: World) -> None:
    """Switched off, or its TLS no longer checked: drift, and told by the plan, which changes managed fields only."""
    held = applied.lock_path.read_bytes()
    key = applied.box["github"].webhooks()[0]["id"]
    assert applied("drift").exit == 0
    applied.box["github"].edit(key, active=False, config={"insecure_ssl": "1"})
    assert moves(applied) == {"/status": ("active", "inactive"), "/options/insecure_ssl": ("0", "1")}
    text = applied("drift").stdout
    assert "status        active -> inactive   unmanaged field changed" in text
    plan = applied.planned()
    (finding,) = plan["findings"]
    assert (finding["kind"], finding["name"]) == ("unmanaged_change", "ci")
    assert "insecure_ssl 0 -> 1" in finding["summary"]
    assert applied("plan", "--detailed-exitcode").exit == 0
    applied.applied()
    assert applied.lock_path.read_bytes() == held
    applied.write(ALL, policy={"drift": "managed"})
    assert applied("drift").exit == 0
    assert applied.planned().get("findings", []) == []


def test_what_an_apply_has_seen_is_no_news(applied: World) -> None:
    """What the vendor showed after the last apply of a webhook is what later moves are held against."""
    key = applied.box["github"].webhooks()[0]["id"]
    applied.box["github"].edit(key, active=False)
    applied.write({**ALL, "ci": hook(events=["star"])})
    applied.applied()
    assert applied("drift").exit == 0
    applied.box["github"].edit(key, active=True)
    assert moves(applied) == {"/status": ("inactive", "active")}


def test_long_values_stand_as_digests(applied: World) -> None:
    """A description that is nobody's, and longer than a line, is in neither the lock nor the report."""
    applied.box["coinbase-payments"].edit("wh_1001", description="x" * 300)
    (webhook,) = [each for each in report(applied, 2)["webhooks"] if each["name"] == "ledger"]
    (field,) = webhook["unmanaged"]
    assert (field["path"], field["before"]) == ("/description", None)
    assert field["after"] == "a long value"


def test_plain_digests_of_before_are_made_stronger(applied: World) -> None:
    """A lock from before is read; the next apply, though nothing differs, leaves no digest without salt in it."""
    applied.box["coinbase-payments"].edit("wh_1001", description="x" * 300)
    lock = json.loads(applied.lock_path.read_text("utf-8"))
    words = json.dumps(["/description", "x" * 300])
    lock["webhooks"]["ledger"]["shown"] = {"/description": f"sha256:{hashlib.sha256(words.encode()).hexdigest()[:16]}"}
    applied.lock_path.write_text(json.dumps(lock))
    assert applied("drift").exit == 0
    assert "sha256:" in applied.lock_path.read_text("utf-8")
    applied.applied()
    assert "sha256:" not in applied.lock_path.read_text("utf-8")
    assert "digest:salted$" in applied.lock_path.read_text("utf-8")
    assert applied("drift").exit == 0


def stranger(world: World) -> None:
    """Somebody makes a webhook of their own."""
    world.box["github"].add("acme/api", events=["push"], config={"url": "https://elsewhere.example.com/x"})


def test_newcomers(applied: World) -> None:
    """A webhook that nobody declared is told and is drift, in the places where the lock has some."""
    stranger(applied)
    told = report(applied, 2)
    assert (told["summary"]["drift"], told["summary"]["unmanaged"]) == (0, 1)
    assert told["unmanaged"][0]["url"] == "https://elsewhere.example.com/x"
    text = applied("drift").stdout
    assert "Not managed\n  github owner=acme repo=api" in text
    assert text.splitlines()[-1] == "Drift: 0 of 4 webhooks. 1 unverified, 1 unverifiable, 1 unmanaged."


@pytest.mark.parametrize(
    ("policy", "exit", "words"),
    [
        ({"unmanaged": "ignore"}, 0, ""),
        ({"unmanaged": "deny"}, 2, "policy.unmanaged denies them"),
        ({"unmanaged": "deny", "drift": "managed"}, 2, "policy.unmanaged denies them"),
        ({"drift": "managed"}, 0, "elsewhere.example.com"),
    ],
)
def test_newcomers_by_the_policy(applied: World, policy: dict[str, str], exit: int, words: str) -> None:
    """`ignore` hides them, `deny` makes them drift whatever else counts."""
    stranger(applied)
    applied.write(ALL, policy=policy)
    told = applied("drift")
    assert told.exit == exit
    assert words in told.stdout
    assert ("elsewhere.example.com" in told.stdout) == (policy.get("unmanaged") != "ignore")


def test_one_that_the_file_declares_is_no_newcomer(applied: World) -> None:
    """What is to be adopted, and what another target has, is known already."""
    stranger(applied)
    more = {"more": hook(url="https://elsewhere.example.com/x", events=["push"], secret=None)}
    applied.write({**ALL, **more})
    assert report(applied, 0)["unmanaged"] == []
    applied.applied()
    assert applied("drift", "--target", "ci").exit == 0


def test_newcomers_however_the_place_is_spelled(applied: World) -> None:
    """What the lock has is no stranger, and what the file declares no newcomer, in other letters of one place."""
    stranger(applied)
    at = {"scope": {"owner": "ACME", "repo": "API"}}
    more = {"more": hook(url="https://elsewhere.example.com/x", events=["push"], secret=None, **at)}
    applied.write({**ALL, "ci": hook(**at), **more})
    assert report(applied, 0)["unmanaged"] == []
    del more["more"]
    applied.write({**ALL, "ci": hook(**at)})
    assert [each["url"] for each in report(applied, 2)["unmanaged"]] == ["https://elsewhere.example.com/x"]


def test_what_cannot_be_seen_is_named(applied: World) -> None:
    """A secret behind a mask of nothing but stars, and an API without reads, are never said to be in order."""
    text = applied("drift").stdout
    assert "Cannot be verified\n  secret            ci" in text
    assert "? payments  unverified: this API cannot be read" in text
    summary = report(applied, 0)["summary"]
    assert (summary["unverified"], summary["unverifiable"]) == (1, 1)
    applied.write({"payments": payments()})
    alone = applied("drift", "--target", "payments")
    assert alone.stdout.splitlines()[-1] == "Incomplete: 1 cannot be read."


def test_another_account_is_a_problem_as_in_a_plan(applied: World) -> None:
    """Where the provider leads elsewhere by now nothing was compared, and nobody is told that nothing drifted."""
    elsewhere = {"github": {"base_url": "http://127.0.0.1:9", "scope": {"owner": "acme"}}}
    applied.write(ALL, providers=elsewhere)
    assert applied("plan").exit == applied("drift").exit == 3
    trust = applied.folder / "trust.yaml"
    assert applied("trust", "write", "--out", "trust.yaml").exit == 0
    applied.environment["WHSYNC_TRUST"] = str(trust)
    (planned,) = [each for each in applied.planned(exit=1)["problems"] if each["kind"] == "config"]
    told = report(applied, 1)
    assert [problem["summary"] for problem in told["problems"]] == [planned["summary"]]
    assert [problem["hint"] for problem in told["problems"]] == [planned["hint"]]
    text = applied("drift").stdout
    assert "No drift" not in text
    assert text.splitlines()[-1] == "Incomplete: 1 could not be read."


def test_a_secret_behind_stars_is_never_the_same(applied: World) -> None:
    """It is as applied, unverifiable, and no difference; `--reassert` sends it, once more what nobody could see."""
    change = applied.change("ci")
    assert (change["action"], change["secret"], change["secret_note"]) == ("noop", "unverifiable", "as applied")
    plan = applied("plan", "--detailed-exitcode")
    assert plan.exit == 0
    assert "Secrets that cannot be verified\n  ci" in plan.stdout
    assert "Incomplete" not in plan.stdout
    applied.box["github"].edit(applied.box["github"].webhooks()[0]["id"], config={"secret": "somebody else's secret"})
    assert applied("plan", "--detailed-exitcode").exit == 0
    assert applied.change("ci", "--reassert")["secret"] == "changed"
    applied.applied("--reassert", "--target", "ci")
    assert applied.box["github"].webhooks()[0]["config"]["secret"] == CI_SECRET
