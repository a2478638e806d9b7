"""`adopt NAME --id ID`: binding a webhook of the file to one that exists, without a write to the vendor."""

import pytest

from tests.cli.world import World, hook, ledger, payments, wallet

URL = "https://ci.acme.com/hooks"


def test_bound_without_a_write(world: World) -> None:
    """After adopting, the lock has the id and what is there; plan and apply then change that one."""
    key = world.box["github"].add("acme/api", events=["star"], config={"url": "https://old.acme.com/x"})
    world.write({"ci": hook(secret=None)})
    result = world("adopt", "ci", "--id", str(key), "--yes")
    assert result.exit == 0
    assert world.total_writes() == 0
    assert (world.lock["ci"]["remote_id"], world.lock["ci"]["applied"]["url"]) == (str(key), "https://old.acme.com/x")
    change = world.change("ci")
    assert change["action"] == "update"
    assert {field["path"] for field in change["fields"]} == {"/url", "/events", "/options/content_type"}
    assert {field["cause"] for field in change["fields"]} == {"config"}
    world.applied()
    assert [each["id"] for each in world.box["github"].webhooks()] == [key]
    assert world.actions() == {"ci": "noop"}


def test_asking(world: World) -> None:
    """It asks on a terminal, takes only `yes`, and needs `--yes` elsewhere."""
    key = str(world.box["github"].add("acme/api", config={"url": URL}))
    world.write({"ci": hook()})
    result = world("adopt", "ci", "--id", key)
    assert result.exit == 64
    assert "--yes" in result.stderr
    assert world("adopt", "ci", "--id", key, stdin="no\n", terminal=True).exit == 1
    assert world.lock == {}
    agreed = world("adopt", "ci", "--id", key, stdin="yes\n", terminal=True)
    assert agreed.exit == 0
    assert f"{key} -> {URL}" in agreed.stderr
    assert set(world.lock) == {"ci"}


def test_the_question_cannot_be_rewritten(world: World) -> None:
    """A vendor's URL stands in the question as it is, never as something that a terminal obeys."""
    world.write({"ledger": ledger()})
    world.applied()
    assert world("state", "rm", "ledger", "--yes").exit == 0
    world.box["coinbase-payments"].edit("wh_1001", url="https://h/\x1b]0;PWNED\x07\x9b2K\u202e\nBind ledger to 8?")
    asked = world("adopt", "ledger", "--id", "wh_1001", stdin="yes\n", terminal=True)
    assert asked.exit == 0
    assert "PWNED" in asked.stderr
    assert asked.stderr.replace("\n", "").isprintable()
    assert "\nBind ledger to 8" not in asked.stderr


@pytest.mark.parametrize("name", ["github", "coinbase"])
def test_an_id_that_does_not_exist(world: World, name: str) -> None:
    """A wrong id is 1 with kind not_found, and nothing is bound."""
    world.write({"it": hook() if name == "github" else ledger()})
    result = world("adopt", "it", "--id", "4711", "--yes")
    assert result.exit == 1
    assert "4711" in result.stderr
    assert ("`whsync plan` lists" in result.stderr) == (name == "github")
    assert world.lock == {}


def test_an_id_that_is_taken(world: World) -> None:
    """A remote webhook belongs to one name only; both ways out are named."""
    world.write({"ci": hook()})
    world.applied()
    key = world.lock["ci"]["remote_id"]
    world.write({"ci": hook(), "other": hook(url="https://ci.acme.com/other")})
    result = world("adopt", "other", "--id", key, "--yes")
    assert result.exit == 1
    assert "already belongs to ci" in result.stderr
    assert "state rm" in result.stderr
    assert set(world.lock) == {"ci"}


def test_a_name_that_does_not_exist(world: World) -> None:
    """An unknown name is wrong usage, with a suggestion."""
    world.write({"ledger": ledger()})
    result = world("adopt", "ledgre", "--id", "wh_1", "--yes")
    assert result.exit == 64
    assert "ledger" in result.stderr
    assert world("adopt", "ledger", "--yes").exit == 64


def test_where_nobody_can_look(world: World) -> None:
    """The user vouches for subscriptions, one id an event; the next apply updates them and subscribes none of them."""
    for event in ("PAY_IN", "COINS_SENT"):
        world.box["cryptopocket"].add(type=event, url="https://old.acme.com")
    world.write({"payments": payments(events=["PAY_IN", "COINS_SENT"])})
    asked = world("adopt", "payments", "--id", "PAY_IN,COINS_SENT", stdin="yes\n", terminal=True)
    assert asked.exit == 0
    assert "vouch" in asked.stderr
    world.applied()
    assert set(world.writes("cryptopocket")) == {"POST /api/updateWebhookSubscription"}
    assert {each["url"] for each in world.box["cryptopocket"].webhooks()} == {"https://hooks.acme.com/cryptopocket"}
    assert world.actions() == {"payments": "noop"}


def test_some_of_the_parts(world: World) -> None:
    """Vouching for one of two events leaves the other to be subscribed."""
    world.box["cryptopocket"].add(type="PAY_IN", url="https://old.acme.com")
    world.write({"payments": payments(events=["PAY_IN", "COINS_SENT"])})
    assert world("adopt", "payments", "--id", "PAY_IN", "--yes").exit == 0
    world.applied()
    assert len(world.box["cryptopocket"].webhooks()) == 2
    assert sorted(world.writes("cryptopocket")) == [
        "POST /api/subscribeToWebhook",
        "POST /api/updateWebhookSubscription",
    ]


def test_an_event_that_cannot_be(world: World) -> None:
    """An id that is none of the webhook's events is told rather than believed in silence."""
    world.write({"payments": payments()})
    for nonsense in ("wh_1", "", " , "):
        result = world("adopt", "payments", "--id", nonsense, "--yes")
        assert result.exit == 64
        assert "--id" in result.stderr
    assert world.lock == {}


def test_a_part_that_is_taken(world: World) -> None:
    """A subscription that is part of another webhook cannot be adopted."""
    world.write({"payments": payments(events=["PAY_IN", "COINS_SENT"])})
    world.applied()
    world.write({"payments": payments(events=["COINS_SENT"]), "other": payments(events=["PAY_IN"])})
    result = world("adopt", "other", "--id", "PAY_IN", "--yes")
    assert result.exit == 1
    assert "already belongs to payments" in result.stderr


def test_a_singleton(world: World) -> None:
    """The account's one webhook is found by its place, so an apply adopts it; its secret stays unverifiable."""
    world.box["cryptofuse"].add(callback_url="https://hooks.acme.com/cryptofuse")
    world.write({"wallet": wallet()})
    assert world.actions() == {"wallet": "adopt"}
    world.applied()
    assert world.total_writes() == 0
    assert world.change("wallet")["secret"] == "unverifiable"


def test_an_adoption_while_reading_fails(world: World) -> None:
    """A vendor that cannot be read binds nothing."""
    key = world.box["github"].add("acme/api", config={"url": URL})
    world.write({"ci": hook()})
    world.box["github"].fail("500", method="GET", times=None)
    result = world("adopt", "ci", "--id", str(key), "--yes")
    assert result.exit == 1
    assert "could not be read" in result.stderr
    assert world.lock == {}


@pytest.mark.parametrize(
    ("block", "says"),
    [
        (hook(), "`whsync rotate it` gives it the file's"),
        (hook(secret={"generate": 32, "to": "file:./made"}), "`whsync rotate it` gives it the file's"),
        (wallet(), "the vendor shows it only once"),
    ],
    ids=["ours", "made", "issued"],
)
def test_a_secret_that_nobody_knows(world: World, block: dict, says: str) -> None:
    """Adopting succeeds where the vendor will not show the secret; it says that nobody knows it, and how to own it."""
    ours = block["provider"] == "github"
    key = "account"
    if ours:
        key = str(world.box["github"].add("acme/api", config={"url": URL, "secret": "somebody's"}))
    else:
        world.box["cryptofuse"].add(callback_url=block["url"])
    world.write({"it": block})
    result = world("adopt", "it", "--id", key, "--yes")
    assert result.exit == 0
    assert "Its secret is unverifiable: " in result.stdout
    assert says in result.stdout


def test_a_secret_that_is_shown_or_missing(world: World) -> None:
    """Nothing is said of a secret that the vendor shows, or that the file does not have; an unset one is named."""
    shown = world.box["coinbase-payments"].add(
        url="https://hooks.acme.com/coinbase", events=["EVENT_TYPE_PAYMENT_VOIDED"]
    )
    key = str(world.box["github"].add("acme/api", config={"url": URL}))
    world.write({"ledger": ledger(), "ci": hook(secret=None)})
    for name, remote_id in (("ledger", str(shown)), ("ci", key)):
        told = world("adopt", name, "--id", remote_id, "--yes")
        assert told.exit == 0
        assert "secret" not in told.stdout
    world.write({"ci": hook(secret={"from": "env:UNSET"})})
    told = world("adopt", "ci", "--id", key, "--yes")
    assert told.exit == 0
    assert "could not be compared: the environment variable UNSET is not set" in told.stdout
