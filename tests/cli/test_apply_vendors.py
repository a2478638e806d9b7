"""Applying at each of the four vendors: created, in sync, changed with the smallest calls, secrets kept."""

import stat

from tests.cli.world import CI_SECRET, World, hidden_in, hook, ledger, payments, wallet

ALL = {"ci": hook(), "ledger": ledger(), "wallet": wallet(), "payments": payments()}


def test_everything_is_made_once(world: World) -> None:
    """One apply makes a webhook at every vendor; a second makes no write and leaves the lock's bytes alone."""
    world.write(ALL)
    done = world.applied()
    assert "4 applied, 0 failed" in done.stdout
    assert {name: len(world.box[name].webhooks()) for name in world.box} == dict.fromkeys(world.box, 1)
    before, touched = world.lock_path.read_bytes(), world.lock_path.stat().st_mtime_ns
    assert stat.S_IMODE(world.lock_path.stat().st_mode) == 0o600
    world.forget_requests()
    again = world.applied()
    assert world.total_writes() == 0
    assert (world.lock_path.read_bytes(), world.lock_path.stat().st_mtime_ns) == (before, touched)
    assert "No changes." in again.stdout
    left = {path.name for path in world.folder.iterdir()} - {"webhooks.lock.json.lock", ".webhooks.lock.json.versions"}
    assert left == {"secrets", "webhooks.lock.json", "webhooks.yaml"}


def test_the_plan_after_an_apply_is_empty(world: World) -> None:
    """Applying and planning again gives an empty plan; what cannot be read is unverified, never in sync."""
    world.write(ALL)
    world.applied()
    plan = world.planned("--detailed-exitcode")
    assert {change["name"]: change["action"] for change in plan["changes"]} == dict.fromkeys(ALL, "noop")
    assert {change["name"]: change["certainty"] for change in plan["changes"]} == {
        "ci": "present",
        "ledger": "present",
        "wallet": "present",
        "payments": "unreadable",
    }
    assert plan["summary"]["unverified"] == 1


def test_no_secret_is_told(world: World) -> None:
    """Neither our secrets nor issued ones nor credentials stand in any output, nor in the lock or a plan."""
    world.write(ALL)
    texts = [world(*words) for words in (("plan", "-v"), ("plan", "--format", "json"), ("plan", "-o", "saved"))]
    texts += [world.apply("-vv"), world("drift"), world("state", "show", "ci"), world("state", "show", "wallet")]
    written = [world.lock_path.read_bytes(), (world.folder / "saved").read_bytes()]
    said = [text for result in texts for text in (result.stdout, result.stderr)]
    issued = [world.box["coinbase-payments"].webhooks()[0]["secret"], world.box["cryptofuse"].webhooks()[0]["secret"]]
    public = ("FUSE_ID", "POCKET_KEY")
    ours = [value for name, value in world.environment.items() if name not in public]
    for secret in [*ours, *issued]:
        assert hidden_in(secret, *said, *written)


def test_issued_secrets_are_in_their_places(world: World) -> None:
    """An issued secret is exactly in its file, mode 0600, its folder 0700; the mask of a read is noted."""
    world.write({"ledger": ledger(), "wallet": wallet()})
    world.applied()
    for name, vendor in (("ledger", "coinbase-payments"), ("wallet", "cryptofuse")):
        path = world.folder / "secrets" / name
        assert path.read_text() == world.box[vendor].webhooks()[0]["secret"]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert world.lock[name]["secret"]["fingerprint"].startswith(("scrypt$", "sha256$"))
    assert stat.S_IMODE((world.folder / "secrets").stat().st_mode) == 0o700
    assert world.lock["wallet"]["secret"]["mask"].startswith(world.box["cryptofuse"].webhooks()[0]["secret"][:12])


def test_github_keeps_the_secret_through_every_change(world: World) -> None:
    """Changing events, then the URL, then both, never wipes the secret, and each change is one minimal call."""
    world.write({"ci": hook()})
    world.applied()
    key = world.box["github"].webhooks()[0]["id"]
    here = f"PATCH /repos/acme/api/hooks/{key}"
    for changes, calls, bodies in (
        ({"events": ["push"]}, [here], [{"events": ["push"]}]),
        (
            {"events": ["push"], "url": "https://ci.acme.com/v2"},
            [f"{here}/config"],
            [{"url": "https://ci.acme.com/v2"}],
        ),
    ):
        world.forget_requests()
        world.write({"ci": hook(**changes)})
        world.applied()
        assert world.writes("github") == calls
        assert [asked.json() for asked in world.asked("github")] == bodies
        assert world.box["github"].webhooks()[0]["config"]["secret"] == CI_SECRET
    world.forget_requests()
    world.write({"ci": hook(url="https://ci.acme.com/v3", events=["push", "star"], status="inactive")})
    world.applied()
    assert world.writes("github") == [here]
    there = world.box["github"].webhooks()[0]
    assert (there["config"]["secret"], there["active"], sorted(there["events"])) == (CI_SECRET, False, ["push", "star"])


def test_github_without_a_secret_of_ours(world: World) -> None:
    """A secret that somebody else set survives changes of all fields, because only partial calls are made."""
    world.write({"ci": hook(secret=None)})
    world.applied()
    key = world.box["github"].webhooks()[0]["id"]
    world.box["github"].edit(key, config={"secret": "set by hand"})
    world.write({"ci": hook(secret=None, url="https://ci.acme.com/v2", events=["star"])})
    world.applied()
    there = world.box["github"].webhooks()[0]
    assert (there["config"]["secret"], there["config"]["url"]) == ("set by hand", "https://ci.acme.com/v2")


def test_our_secret_is_sent_when_it_changes(world: World) -> None:
    """Another value of the variable is one call to the config, and the vendor then has it."""
    world.write({"ci": hook()})
    world.applied()
    world.environment["CI_SECRET"] = "another one"
    assert world.change("ci")["secret"] == "changed"
    world.forget_requests()
    world.applied()
    assert [asked.json() for asked in world.asked("github")] == [{"secret": "another one"}]
    assert world.box["github"].webhooks()[0]["config"]["secret"] == "another one"
    assert world.actions() == {"ci": "noop"}


def test_coinbase_carries_what_is_not_managed(world: World) -> None:
    """A PUT holds all five fields, those that nobody manages as the vendor has them."""
    world.write({"ledger": ledger()})
    world.applied()
    vendor = world.box["coinbase-payments"]
    vendor.edit(vendor.webhooks()[0]["id"], description="by hand", status="WEBHOOK_STATUS_DEACTIVATED")
    world.forget_requests()
    world.write({"ledger": ledger(events=["EVENT_TYPE_PAYMENT_VOIDED"])})
    world.applied()
    (asked,) = world.asked("coinbase-payments")
    assert asked.method == "PUT"
    assert asked.json() == {
        "url": "https://hooks.acme.com/coinbase",
        "events": ["EVENT_TYPE_PAYMENT_VOIDED"],
        "description": "by hand",
        "identifier": "whsync:ledger",
        "status": "WEBHOOK_STATUS_DEACTIVATED",
    }


def test_coinbase_inactive_takes_two_calls(world: World) -> None:
    """An inactive webhook is made and then switched off; the plan says both calls beforehand."""
    world.write({"ledger": ledger(status="inactive", description="Ledger")})
    planned = [f"{call['method']} {call['url'].rpartition('/')[2]}" for call in world.change("ledger")["calls"]]
    assert planned == ["POST webhooks", "PUT {id}"]
    world.applied()
    assert world.box["coinbase-payments"].webhooks()[0]["status"] == "WEBHOOK_STATUS_DEACTIVATED"
    assert world.writes("coinbase-payments") == ["POST /api/v1/webhooks", "PUT /api/v1/webhooks/wh_1001"]
    assert world.actions() == {"ledger": "noop"}


def test_coinbase_keeps_the_id_when_switching_off_fails(world: World) -> None:
    """When the second call fails, id and secret are kept, and the next apply only switches off."""
    world.write({"ledger": ledger(status="inactive")})
    world.box["coinbase-payments"].fail("403", method="PUT")
    failed = world.apply()
    assert failed.exit == 1
    assert world.lock["ledger"]["remote_id"] == "wh_1001"
    assert (world.folder / "secrets/ledger").read_text() == world.box["coinbase-payments"].webhooks()[0]["secret"]
    world.forget_requests()
    world.applied()
    assert world.writes("coinbase-payments") == ["PUT /api/v1/webhooks/wh_1001"]
    assert len(world.box["coinbase-payments"].webhooks()) == 1


def test_cryptofuse_another_url(world: World) -> None:
    """Another URL is one POST; the stored secret and the mask stay as they are."""
    world.write({"wallet": wallet()})
    world.applied()
    record, stored = world.lock["wallet"]["secret"], (world.folder / "secrets/wallet").read_text()
    world.forget_requests()
    world.write({"wallet": wallet(url="https://hooks.acme.com/v2")})
    world.applied()
    assert [asked.json() for asked in world.asked("cryptofuse")] == [{"callback_url": "https://hooks.acme.com/v2"}]
    assert (world.folder / "secrets/wallet").read_text() == stored
    assert world.lock["wallet"]["secret"] == record
    assert world.actions() == {"wallet": "noop"}


def test_a_vendor_url_is_form_encoded(world: World) -> None:
    """CryptoPocket gets one form call an event, the URL percent-encoded so that `&`, `+` and `#` arrive."""
    url = "https://hooks.acme.com/in?a=1&b=x+y%20z"
    world.write({"payments": payments(url=url, events=["COINS_SENT", "PAY_IN"])})
    world.applied()
    asked = world.asked("cryptopocket")
    assert [each.path for each in asked] == ["/api/subscribeToWebhook"] * 2
    assert sorted(dict(each.form())["type"] for each in asked) == ["COINS_SENT", "PAY_IN"]
    assert {dict(each.form())["url"] for each in asked} == {url}
    assert {each.header("content-type").partition(";")[0] for each in asked} == {"application/x-www-form-urlencoded"}
