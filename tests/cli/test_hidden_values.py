"""References in URLs and options: what is behind them is sent, compared and told apart, and shown nowhere."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.pager import Pager, pager_in
from tests.cli.world import World, hidden_in, hook, ledger, payments, wallet

TOKEN, KEY = "Zq9xT0pS3cretTokenOfTheRoom", 'k3y-of "the" receiver/0123456789'
PART = "https://chat.example.com/api/${secret:env:CHAT_TOKEN}/in?team=blue&x=1"
WHOLE = {"from": "env:CHAT_URL"}
OPTIONS = {
    "auth_header": {"from": "env:RECEIVER_KEY"},
    "headers": [{"name": "X-Api-Key", "value": "${secret:env:RECEIVER_KEY}"}, {"name": "X-Plain", "value": "plain"}],
    "extra": {"Free-Name": {"from": "env:RECEIVER_KEY"}, "other": "open"},
    "tags": ["open", "is ${secret:env:RECEIVER_KEY}"],
    "sealed": "Bearer ${secret:env:RECEIVER_KEY}",
}


@pytest.fixture
def pager(run: Run, tmp_path: Path) -> Iterator[Pager]:
    """The vendor, with the variables that references name."""
    with pager_in(run, tmp_path) as pager:
        url = f"https://chat.example.com/services/{TOKEN}"
        pager.environment |= {"CHAT_TOKEN": TOKEN, "CHAT_URL": url, "RECEIVER_KEY": KEY}
        yield pager


def everything(pager: Pager) -> list[str | bytes]:
    """All that every command says and leaves behind, around a first apply, a change at the vendor and a new secret."""
    formats = ("text", "json", "markdown", "html", "github", "gitlab", "junit", "sarif", "ndjson")
    said: list[str | bytes] = []

    def tell(*words: str, **env: str) -> None:
        result = pager(*words, **env)
        said.extend([result.stdout, result.stderr])

    reports = [word for each in formats for word in ("--report", f"{each}=report.{each}")]
    tell("validate")
    tell("plan", "--offline")
    tell("plan", "-vv", "-o", "saved", *reports)
    for form in formats:
        tell("show", "saved", "--format", form)
    tell("apply", "--yes", "-vv", "--record", "record.jsonl", "--format", "json")
    tell("plan", "-vv", CHAT_TOKEN="another-token-0123456789", CHAT_URL="https://chat.example.com/another/0123456789")
    for held in pager.hooks.values():
        held["url"] = f"https://elsewhere.example.net/v2/{TOKEN}/x"
        held["auth_header"] = f"was {KEY}"
        held["headers"] = [{"name": "X-Other", "value": KEY}]
    for words in (("plan",), ("drift", "-vv"), ("audit",), ("state", "show", "chat"), ("drift", "--format", "html")):
        tell(*words)
    pager.refuses = True
    tell("apply", "--yes", "-vv")
    files = [path for path in pager.folder.rglob("*") if path.is_file()]
    return [*said, *(path.read_bytes() for path in files)]


@pytest.mark.parametrize("url", [PART, WHOLE], ids=["part", "whole"])
def test_hidden_in_every_channel(pager: Pager, url: object) -> None:
    """Neither the URL's token nor the header's key stands in any output, lock, saved plan, record or report."""
    pager.write({"url": url, "options": OPTIONS})
    said = everything(pager)
    assert pager.writes[0]["url"].count(TOKEN) == 1
    for secret in (TOKEN, KEY):
        assert hidden_in(secret, *said)


def test_sent_as_they_are(pager: Pager) -> None:
    """The vendor gets the whole URL and whole headers, wherever in maps and lists a reference stands."""
    pager.write({"url": PART, "options": OPTIONS})
    pager.applied()
    (sent,) = pager.writes
    assert sent == {
        "url": f"https://chat.example.com/api/{TOKEN}/in?team=blue&x=1",
        "auth_header": KEY,
        "headers": [{"name": "X-Api-Key", "value": KEY}, {"name": "X-Plain", "value": "plain"}],
        "extra": {"Free-Name": KEY, "other": "open"},
        "tags": ["open", f"is {KEY}"],
        "sealed": f"Bearer {KEY}",
    }


def test_what_is_public_stays_readable(pager: Pager) -> None:
    """A plan shows host, path and names of headers, and a fingerprint in the place of what is hidden."""
    pager.write({"url": PART, "options": OPTIONS})
    shown = {field["path"]: field["after"] for field in pager.change()["fields"]}
    before, _, after = shown["/url"].partition("/***~")
    assert before == "https://chat.example.com/api"
    assert after[8:12] == "/in?"
    assert TOKEN not in str(shown)
    assert '"name":"X-Api-Key"' in shown["/options/headers"]
    assert '"value":"plain"' in shown["/options/headers"]
    pager.applied()
    assert "***~scrypt$14$" in pager.lock["applied"]["url"]


def test_of_a_whole_url_the_host_stays_readable(pager: Pager) -> None:
    """Reviewers see where a URL that is a reference leads, and nothing behind the host."""
    pager.write({"url": WHOLE})
    (field,) = pager.change()["fields"]
    assert field["after"].startswith("https://chat.example.com/***~")
    assert len(field["after"]) == len("https://chat.example.com/***~12345678")


@pytest.mark.parametrize("url", [PART, WHOLE], ids=["part", "whole"])
def test_a_rotation_at_the_source_is_an_update(pager: Pager, url: object) -> None:
    """Another value behind the reference plans an update because of the file, and then there is nothing to do."""
    pager.write({"url": url, "options": {"sealed": OPTIONS["sealed"]}})
    pager.applied()
    pager.environment["CHAT_TOKEN"] = "another-token-0123456789"
    pager.environment["CHAT_URL"] = "https://chat.example.com/services/another-token-0123456789"
    change = pager.change()
    assert (change["action"], [field["path"] for field in change["fields"]]) == ("update", ["/url"])
    assert change["fields"][0]["cause"] == "config"
    pager.applied()
    assert "another-token-0123456789" in pager.hooks["1"]["url"]


def test_a_rotation_of_what_no_read_shows_is_seen(pager: Pager) -> None:
    """An option that the vendor never shows is compared by the fingerprint that the lock keeps."""
    pager.write({"url": "https://hooks.acme.com/a", "options": {"sealed": {"from": "env:RECEIVER_KEY"}}})
    pager.applied()
    pager.environment["RECEIVER_KEY"] = "another-key-0123456789"
    assert [field["path"] for field in pager.change()["fields"]] == ["/options/sealed"]
    pager.applied()
    assert pager.hooks["1"]["sealed"] == "another-key-0123456789"


def test_drift_is_seen_by_the_lock_alone(pager: Pager) -> None:
    """Drift needs none of the references: the lock's fingerprints tell whether the vendor has what was applied."""
    pager.write({"url": PART, "options": {"auth_header": OPTIONS["auth_header"]}})
    pager.applied()
    del pager.environment["CHAT_TOKEN"], pager.environment["RECEIVER_KEY"]
    assert pager("drift").exit == 0
    pager.hooks["1"]["url"] = "https://chat.example.com/api/somebody-elses-token/in?team=blue&x=1"
    result = pager("drift")
    assert result.exit == 2
    assert "somebody-elses-token" not in result.stdout
    assert result.stdout.count("https://chat.example.com/api/***~") == 2


def test_found_again_by_its_url(pager: Pager) -> None:
    """Without a lock, a webhook with a hidden URL is taken over by that URL and not made twice."""
    pager.write({"url": PART})
    pager.applied()
    (pager.folder / "webhooks.lock.json").unlink()
    pager.write({"url": PART, "description": "Chat"}, lock="other.lock.json")
    assert pager.change()["action"] == "adopt"
    assert pager("apply", "--yes").exit == 0
    assert len(pager.hooks) == 1


def test_a_lost_answer_is_settled_by_reading(pager: Pager) -> None:
    """A create whose answer was lost is found by its hidden URL and not repeated."""
    pager.drops = True
    pager.write({"url": PART})
    assert pager("apply", "--yes").exit in (0, 1)
    assert pager("apply", "--yes").exit == 0
    assert len(pager.hooks) == 1
    assert pager("plan", "--detailed-exitcode").exit == 0


def test_a_second_webhook_with_the_hidden_url_is_a_duplicate(pager: Pager) -> None:
    """Somebody's second webhook with the same URL is told, without the URL's secret."""
    pager.write({"url": PART})
    pager.applied()
    pager.hooks["9"] = {**pager.hooks["1"], "id": "9"}
    result = pager("plan", "--format", "json")
    assert [finding["kind"] for finding in json.loads(result.stdout)["findings"]] == ["duplicate"]
    assert hidden_in(TOKEN, result.stdout)


def test_adopting_another_url_keeps_it_hidden(pager: Pager) -> None:
    """What stands at the vendor where the file hides something is hidden, though nobody knows that value."""
    pager.hooks["7"] = {"id": "7", "url": "https://chat.example.com/api/an-old-token-987654321/in?team=blue&x=1"}
    pager.write({"url": PART})
    assert pager("adopt", "chat", "--id", "7", "--yes").exit == 0
    assert hidden_in("an-old-token-987654321", (pager.folder / "webhooks.lock.json").read_bytes())
    result = pager("plan")
    assert "update" in result.stdout
    assert hidden_in("an-old-token-987654321", result.stdout)


def test_a_saved_plan_holds_until_the_secret_moves(pager: Pager) -> None:
    """A saved plan has no value; an apply of it looks the reference up again, and refuses where that moved."""
    pager.write({"url": PART})
    assert pager("plan", "-o", "saved").exit == 0
    moved = pager("apply", "saved", CHAT_TOKEN="another-token-0123456789")
    assert moved.exit == 1
    assert "no longer as the plan saw it: chat" in moved.stderr
    assert pager.writes == []
    assert pager("apply", "saved").exit == 0
    assert TOKEN in pager.hooks["1"]["url"]


def test_offline_nothing_is_looked_up(pager: Pager) -> None:
    """An offline plan compares what is public with the lock, and says what it could not know."""
    pager.write({"url": PART, "options": {"auth_header": OPTIONS["auth_header"]}})
    pager.applied()
    bare = dict.fromkeys(("CHAT_TOKEN", "RECEIVER_KEY"), "")
    planned = pager("plan", "--offline", "--format", "json", **bare)
    (change,) = json.loads(planned.stdout)["changes"]
    assert (change["action"], change["unseen"]) == ("noop", ["/options/auth_header", "/url"])
    pager.write({"url": PART.replace("/api/", "/v2/")})
    result = pager("plan", "--offline", **bare)
    assert "https://chat.example.com/v2/${secret:env:CHAT_TOKEN}/in" in result.stdout


def test_validation_looks_nothing_up(pager: Pager) -> None:
    """`validate` is content with references whose variables are not there."""
    pager.write({"url": WHOLE, "options": OPTIONS})
    assert pager("validate", CHAT_URL="", CHAT_TOKEN="", RECEIVER_KEY="").exit == 0


def test_what_cannot_be_had_stops_that_webhook(pager: Pager) -> None:
    """A reference with nothing behind it is that webhook's problem; nothing is sent."""
    pager.write({"url": PART})
    result = pager("apply", "--yes", CHAT_TOKEN="")
    assert result.exit == 1
    assert "CHAT_TOKEN" in result.stdout + result.stderr
    assert pager.writes == []


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("https://evil.example/api/x", "policy.allowed_hosts does not list"),
        ("http://hooks.acme.com/api/x", "which is not https"),
    ],
)
def test_the_policy_holds_for_what_is_behind_a_reference(pager: Pager, value: str, says: str) -> None:
    """Where a hidden URL leads is held against the policy once it is known, and before anything is sent."""
    policy = {"allowed_hosts": ["*.acme.com"]}
    pager.write({"url": WHOLE}, policy=policy)
    assert pager("validate").exit == 0
    result = pager("apply", "--yes", CHAT_URL=value)
    assert (result.exit, pager.writes) == (3, [])
    assert says in result.stdout + result.stderr
    pager.write({"url": PART}, policy=policy)
    assert pager("validate").exit == 1


@pytest.mark.parametrize("value", ["not a url at all", "ftp://hooks.acme.com/x1", "https://hooks.acme.com/x#y1"])
def test_what_is_no_url_is_refused_without_showing_it(pager: Pager, value: str) -> None:
    """What is behind a reference must be a URL; the error names the reference and not the value."""
    pager.write({"url": WHOLE})
    result = pager("plan", CHAT_URL=value)
    assert result.exit == 1
    assert "${secret:env:CHAT_URL}" in result.stdout + result.stderr
    assert value not in result.stdout + result.stderr


def test_too_short_to_be_hidden(pager: Pager) -> None:
    """A value that could not be found where others repeat it is refused."""
    pager.write({"url": PART})
    result = pager("plan", CHAT_TOKEN="abc")
    assert result.exit == 1
    assert "fewer than 6 characters" in result.stdout + result.stderr


def test_a_mask_of_the_vendors_is_no_value(pager: Pager) -> None:
    """Where the vendor masks it, the plan is empty and says that it cannot verify; another public part is drift."""
    pager.shows = "masked"
    pager.write(
        {
            "url": "https://chat.example.com/services/${secret:env:CHAT_TOKEN}",
            "options": {"headers": OPTIONS["headers"]},
        }
    )
    pager.applied()
    assert sorted(pager.change()["unseen"]) == ["/options/headers", "/url"]
    drift = pager("drift")
    assert drift.exit == 0
    assert "url" in drift.stdout
    assert "headers" in drift.stdout
    pager.hooks["1"]["url"] = "https://chat.example.com/other/abcdefgh"
    pager.hooks["1"]["headers"][0]["name"] = "X-Other-Key"
    assert pager("drift").exit == 2
    assert {field["path"] for field in pager.change()["fields"]} == {"/url", "/options/headers"}
    pager.hooks["1"]["url"] = f"https://chat.example.com/services/{TOKEN}"
    pager.hooks["1"]["headers"][0]["name"] = "X-Api-Key"
    pager.environment["CHAT_TOKEN"] = "another-token-0123456789"
    assert [field["path"] for field in pager.change()["fields"]] == ["/url"]


def test_what_the_vendor_puts_behind_a_url_is_not_the_files(pager: Pager) -> None:
    """With the manifest's word for it, plans after an apply are empty, and drift of what stands before is seen."""
    pager.shows = "appended"
    pager.environment["HOOK_SECRET"] = "8jkjspfz6tjfeqlojnoalmlyzvukqrsm"
    pager.write({"url": "https://chat.example.com/services/T01", "secret": {"from": "env:HOOK_SECRET"}})
    assert "the manifest says so: `url: {…, drop_after: /}`" in pager("apply", "--yes").stdout
    pager.manifest["fields"]["url"]["drop_after"] = "/"
    pager.write({"url": "https://chat.example.com/services/T01", "secret": {"from": "env:HOOK_SECRET"}})
    pager.applied()
    assert pager("drift").exit == 0
    pager.hooks["1"]["url"] = "https://chat.example.com/services/T02"
    assert pager("drift").exit == 2


def test_a_variable_that_calls_itself_secret_is_hidden(pager: Pager) -> None:
    """`${CHAT_TOKEN}` in a URL and `${RECEIVER_KEY}` in an option are hidden like references; `${ROOM}` is not."""
    options = {"auth_header": "${RECEIVER_KEY}", "extra": {"room": "${ROOM}"}}
    pager.environment["ROOM"] = "the-blue-room"
    pager.write({"url": "https://chat.example.com/${CHAT_TOKEN}", "options": options})
    said = everything(pager)
    assert pager.writes[0]["url"] == f"https://chat.example.com/{TOKEN}"
    for secret in (TOKEN, KEY):
        assert hidden_in(secret, *said)
    assert not hidden_in("the-blue-room", *said)


def test_receivers_that_are_no_web_addresses(pager: Pager) -> None:
    """Where the manifest says so a URL may be an ARN; a list of allowed hosts must name how it begins."""
    arn = "arn:aws:events:eu-west-1::event-source/aws.partner/acme/1"
    pager.write({"url": arn})
    pager.applied()
    assert pager.hooks["1"]["url"] == arn
    pager.write({"url": arn}, policy={"allowed_hosts": ["*.acme.com"]})
    assert pager("plan").exit == 3
    pager.write({"url": arn}, policy={"allowed_hosts": ["arn:aws:events:*"]})
    assert pager("plan").exit == 0
    pager.write({"url": "pubsub:project:topic"})
    refused = pager("validate")
    assert refused.exit == 1
    assert "or one that begins with arn:" in refused.stdout + refused.stderr


@pytest.mark.parametrize(
    ("webhook", "says"),
    [
        ({"url": {"from": "hunter2"}}, "is not a secret reference"),
        ({"url": {"from": "env:A", "to": "file:x"}}, "must be a text or {from: REF}"),
        ({"url": "https://a.example/${secret:hunter2}"}, "has a `${secret:…}` that is not a secret reference"),
        ({"url": "https://a.example/x", "description": "${secret:env:CHAT_TOKEN}"}, "where nothing is hidden"),
        ({"url": "https://a.example/x", "options": {"retries": {"from": "env:A"}}}, "nothing of it can be hidden"),
        ({"url": "https://a.example/x", "options": {"auth_header": {"from": "nope"}}}, "is not a secret reference"),
    ],
)
def test_what_is_no_reference_is_told_at_its_place(pager: Pager, webhook: dict[str, object], says: str) -> None:
    """A wrong reference, or one where nothing can be hidden, is an error with file, line and column."""
    pager.write(webhook)
    result = pager("validate")
    assert result.exit == 1
    assert says in result.stdout + result.stderr
    assert "webhooks.yaml:" in result.stdout + result.stderr
    assert "hunter2" not in result.stdout + result.stderr


def test_references_are_under_the_guard(pager: Pager) -> None:
    """A strict run looks up no reference in a URL or an option that the trust file does not grant."""
    (pager.folder / "trust.yaml").write_text("version: 1\n")
    pager.write({"url": PART, "options": {"sealed": {"from": "cmd:touch ran"}}})
    result = pager("plan", "--trust", "trust.yaml")
    assert result.exit == 3
    said = result.stdout + result.stderr
    assert "env:CHAT_TOKEN" in said
    assert "touch ran" in said
    assert not (pager.folder / "ran").exists()
    untrusted = pager("plan", "--untrusted", CHAT_TOKEN="canary-0123456789")
    assert not (pager.folder / "ran").exists()
    assert hidden_in("canary-0123456789", untrusted.stdout, untrusted.stderr)


def test_a_credential_is_no_hidden_value(pager: Pager) -> None:
    """What proves who we are goes into no URL, whose receiver would have it."""
    pager.write({"url": "https://hooks.acme.com/${secret:env:PAGER_TOKEN}"})
    result = pager("validate")
    assert result.exit == 1
    assert "env:PAGER_TOKEN, which is a credential of `pager`" in result.stdout + result.stderr


def test_a_fingerprint_key_comes_and_goes(pager: Pager) -> None:
    """Once a key is set, what the lock has still fits; once it is lost, drift says so and does not call it drift."""
    pager.write({"url": PART})
    pager.applied()
    pager.environment["WHSYNC_FINGERPRINT_KEY"] = "the-key-of-the-fingerprints"
    assert pager("plan", "--detailed-exitcode").exit == 0
    pager.environment["CHAT_TOKEN"] = "another-token-0123456789"
    pager.applied()
    assert "***~hmac$" in pager.lock["applied"]["url"]
    assert pager("drift").exit == 0
    del pager.environment["WHSYNC_FINGERPRINT_KEY"]
    result = pager("drift")
    assert result.exit == 1
    assert "WHSYNC_FINGERPRINT_KEY" in result.stdout + result.stderr


def test_references_in_defaults_and_rows(pager: Pager) -> None:
    """Defaults may hide values, and `${each.KEY}` may stand in a reference."""
    pager.environment |= {"TOKEN_A": "token-of-room-a-0123", "TOKEN_B": "token-of-room-b-0123"}
    rows = {"for_each": {"room": ["A", "B"]}, "url": "https://chat.example.com/${secret:env:TOKEN_${each.room}}"}
    shared = {"options": {"auth_header": {"from": "env:RECEIVER_KEY"}}}
    pager.write(rows, defaults=shared)
    assert pager("apply", "--yes").exit == 0
    assert {held["url"] for held in pager.hooks.values()} == {
        f"https://chat.example.com/{pager.environment[name]}" for name in ("TOKEN_A", "TOKEN_B")
    }
    assert {held["auth_header"] for held in pager.hooks.values()} == {KEY}
    kept = [
        entry["applied"] for entry in json.loads((pager.folder / "webhooks.lock.json").read_text())["webhooks"].values()
    ]
    assert len({each["url"] for each in kept}) == 2
    assert pager("plan", "--detailed-exitcode").exit == 0


def test_two_references_to_one_url_are_told_apart(pager: Pager) -> None:
    """Two webhooks whose references lead to one URL are no two webhooks: nothing is made, and nothing shown."""
    pager.environment["OTHER_URL"] = pager.environment["CHAT_URL"]
    pager.write(None, webhooks={"chat": {"url": WHOLE}, "other": {"url": {"from": "env:OTHER_URL"}}})
    result = pager("apply", "--yes")
    assert result.exit == 1
    assert pager.hooks == {}
    assert "chat and other mean the same remote webhook" in result.stdout + result.stderr
    assert hidden_in(TOKEN, result.stdout, result.stderr)


def test_an_orphan_stays_hidden(pager: Pager) -> None:
    """A webhook that left the file is shown and pruned by what the lock keeps."""
    pager.write({"url": PART})
    pager.applied()
    pager.write(None)
    del pager.environment["CHAT_TOKEN"]
    said = pager("plan", "--prune", "--prune-all")
    assert hidden_in(TOKEN, said.stdout, said.stderr)
    assert "https://chat.example.com/api/***~" in said.stdout
    assert pager("apply", "--prune", "--prune-all", "--yes").exit == 0
    assert pager.hooks == {}


def test_at_vendors_of_every_kind(world: World) -> None:
    """One object for each event, nothing to read, a whole body, an account's only webhook: hidden, quiet, rotated."""
    hidden = "https://hooks.acme.com/${secret:env:ROOM_TOKEN}/"
    world.environment["ROOM_TOKEN"] = TOKEN
    blocks = {
        "ci": hook(url=f"{hidden}ci"),
        "ledger": ledger(url=f"{hidden}ledger"),
        "wallet": wallet(url=f"{hidden}wallet"),
        "pay": payments(url=f"{hidden}pay", events=["PAY_IN", "COINS_SENT"]),
    }
    world.write(blocks)
    world.applied()
    assert set(world.actions().values()) == {"noop"}
    assert hidden_in(TOKEN, *world.files().values())
    world.environment["ROOM_TOKEN"] = "another-token-0123456789"
    assert set(world.actions().values()) == {"update"}
    said = world.apply()
    assert said.exit == 0, said
    assert hidden_in("another-token-0123456789", said.stdout, said.stderr, *world.files().values())
    assert set(world.actions().values()) == {"noop"}
