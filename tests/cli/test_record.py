"""The running record: every run and change gets its line, nothing secret is in it, and nobody rewrites it unnoticed."""

import os
from typing import Any

import pytest

from reconciler.state.records import read
from tests.cli.conftest import Result
from tests.cli.world import CI_SECRET, World, hidden_in, hook, ledger, validate

NAME = "webhooks.record"


def lines(world: World) -> list[dict[str, Any]]:
    """What the record holds, each line valid, the chain whole."""
    found = read(str(world.folder / NAME))
    assert (found.fault, found.cuts) == (None, ())
    for line in found.lines:
        validate("record", line.data)
    return [dict(line.data) for line in found.lines]


def kinds(world: World) -> list[str]:
    """The kinds of the lines."""
    return [line["record"] for line in lines(world)]


def recorded(world: World, *argv: str, **how: Any) -> Result:
    """A command that is recorded."""
    return world(*argv, "--record", NAME, **how)


@pytest.fixture
def two(world: World) -> World:
    """Two webhooks that a recorded run has made."""
    world.write({"ci": hook(url="https://ci.acme.com/hooks?token=s3cr3t-value"), "ledger": ledger()})
    assert recorded(world, "apply", "--yes").exit == 0
    return world


def test_an_apply_is_recorded(two: World) -> None:
    """Who, when, which plan; each change with its call, result and cause; how it ended, and what was seen of drift."""
    start, *changes, end = lines(two)
    assert (start["record"], start["command"], start["changes"]) == ("run", "apply", 2)
    assert start["plan"].startswith("sha256:")
    assert {"user", "host"} <= start["by"].keys()
    assert start["run"] == two.lock["ci"]["by"]["run"]
    ci = next(change for change in changes if change["name"] == "ci")
    assert (ci["action"], ci["result"], ci["code"]) == ("create", "applied", "create-absent")
    assert [call["method"] for call in ci["calls"]] == ["POST"]
    assert {field["path"]: field["cause"] for field in ci["fields"]}["/url"] == "new"
    assert ci["remote_id"] == two.lock["ci"]["remote_id"]
    assert (end["record"], end["result"], end["exit"], end["applied"]) == ("end", "done", 0, 2)
    assert end["drift"] == {"webhooks": 0, "drift": 0, "unseen": 0}
    assert {line["run"] for line in changes} == {end["run"]} == {start["run"]}


def test_no_secret_is_recorded(two: World) -> None:
    """Neither secrets nor the hidden parts of URLs; those stand as fingerprints, as in the plan."""
    text = (two.folder / NAME).read_bytes()
    secrets = [CI_SECRET, "s3cr3t-value", *two.environment.values()]
    assert all(hidden_in(secret, text) for secret in secrets)
    assert b"***" in text
    assert (two.folder / NAME).stat().st_mode & 0o777 == 0o600


def test_every_command_that_changes_the_lock_is_recorded(two: World) -> None:
    """`drift`, `rotate`, `state mv`, `state rm` and `adopt` add their runs behind each other."""
    identity = two.lock["ci"]["remote_id"]
    assert recorded(two, "drift").exit == 0
    assert recorded(two, "rotate", "ci", "--yes").exit == 0
    assert recorded(two, "state", "mv", "ci", "builds", "--yes").exit == 0
    assert recorded(two, "state", "rm", "builds", "--yes").exit == 0
    assert recorded(two, "adopt", "ci", "--id", identity, "--yes").exit == 0
    told = [(line["command"]) for line in lines(two) if line["record"] == "run"]
    assert told == ["apply", "drift", "rotate", "state mv", "state rm", "adopt"]
    changes = [(line["name"], line.get("action"), line["result"]) for line in lines(two) if line["record"] == "change"]
    assert changes[2:] == [
        ("ci", "update", "applied"),
        ("builds", None, "renamed"),
        ("builds", "forget", "applied"),
        ("ci", "adopt", "applied"),
    ]


def test_a_moved_place_is_recorded(two: World) -> None:
    """Each webhook that `state mv --scope` moves has its line, which says from where to where."""
    assert recorded(two, "state", "mv", "--scope", "owner=acme,repo=api", "owner=acme,repo=web", "--yes").exit == 0
    (moved,) = [line for line in lines(two)[4:] if line["record"] == "change"]
    assert (moved["name"], moved["scope"]["repo"]) == ("ci", "web")
    assert moved["notes"] == ["moved from scope owner=acme,repo=api to owner=acme,repo=web"]


def test_a_failure_is_recorded(world: World) -> None:
    """With its code, its sentence and its way out, and the run as incomplete."""
    world.write({"ci": hook(), "ledger": ledger()})
    world.box["github"].fail("403", method="POST", times=None)
    world.box["coinbase-payments"].fail("drop-after", method="POST", times=None)
    assert recorded(world, "apply", "--yes").exit == 1
    *_, end = told = lines(world)
    found = {line["name"]: (line["result"], line["problem"]["code"]) for line in told if line["record"] == "change"}
    assert found == {"ci": ("failed", "not-permitted"), "ledger": ("unsettled", "answer-lost")}
    assert (end["result"], end["exit"], end["failed"]) == ("incomplete", 1, 2)


def test_a_refusal_is_recorded(two: World) -> None:
    """A run that a guard stops has its end with the reason, and no change."""
    two.write({"ci": hook(url="http://ci.acme.com/hooks"), "ledger": ledger()}, policy={"https_only": True})
    assert recorded(two, "apply", "--yes").exit == 3
    *_, start, end = lines(two)
    assert (start["record"], end["record"], end["result"], end["exit"]) == ("run", "end", "refused", 3)


def test_who_says_no_is_recorded(two: World) -> None:
    """So is a question that was answered with no."""
    two.write({"ci": hook(events=["push"]), "ledger": ledger()})
    assert recorded(two, "apply", stdin="no\n", terminal=True).exit == 1
    assert lines(two)[-1]["result"] == "declined"


def test_nobody_is_noted_who_does_not_want_it(world: World) -> None:
    """With WHSYNC_NO_PROVENANCE the record says neither who nor where."""
    world.write({"ledger": ledger()})
    assert recorded(world, "apply", "--yes", env={"WHSYNC_NO_PROVENANCE": "1"}).exit == 0
    assert all("by" not in line for line in lines(world))
    assert len({line["run"] for line in lines(world)}) == 1


def test_a_variable_names_the_record(world: World) -> None:
    """WHSYNC_RECORD does what the flag does; empty, it says nothing."""
    world.write({"ledger": ledger()})
    assert world.apply(env={"WHSYNC_RECORD": ""}).exit == 0
    assert not (world.folder / NAME).exists()
    assert world.apply(env={"WHSYNC_RECORD": NAME}).exit == 0
    assert kinds(world) == ["run", "end"]


PRECIOUS = ["webhooks.yaml", "webhooks.lock.json", "webhooks.lock.json.journal", "ours", "pipe", "a/link"]


@pytest.mark.parametrize("path", [*PRECIOUS, "/dev/null", "", "s3://bucket/record"])
def test_what_is_needed_is_no_record(world: World, path: str) -> None:
    """Nothing is appended to the configuration, the lock, a file that is no record, a device, a pipe, a stray link."""
    world.write({"ledger": ledger()})
    world.applied()
    (world.folder / "ours").write_text("precious\n", encoding="utf-8")
    os.mkfifo(world.folder / "pipe")
    (world.folder / "a").mkdir()
    (world.folder / "a" / "link").symlink_to(world.folder.parent / "elsewhere")
    before = world.files()
    for argv in (["apply", "--yes"], ["drift"], ["state", "rm", "ledger", "--yes"]):
        result = world(*argv, "--record", path)
        assert result.exit in (1, 64), (argv, result)
    assert world.files() == before
    assert not (world.folder.parent / "elsewhere").exists()


def test_a_guard_that_is_a_link_is_not_followed(world: World) -> None:
    """Nor is what stands beside the record."""
    world.write({"ledger": ledger()})
    target = world.folder.parent / "target"
    target.write_text("precious", encoding="utf-8")
    (world.folder / f"{NAME}.lock").symlink_to(target)
    assert recorded(world, "apply", "--yes").exit in (1, 64)
    assert target.read_text(encoding="utf-8") == "precious"
    assert world.total_writes() == 0


def test_a_report_is_not_written_over_the_record(world: World) -> None:
    """One file cannot be both."""
    world.write({"ledger": ledger()})
    assert recorded(world, "apply", "--yes", "--report", f"json={NAME}").exit == 64
    assert not (world.folder / NAME).exists()


def test_nothing_is_written_to_a_vendor_without_a_record(world: World) -> None:
    """Where the record cannot be written, the run ends before its first write."""
    world.write({"ledger": ledger()})
    result = world.apply("--record", "webhooks.yaml/record")
    assert result.exit == 1
    assert world.total_writes() == 0
    assert not world.lock


def test_nothing_follows_a_broken_end(two: World) -> None:
    """A record whose last line was changed takes no more, says how to look, and no vendor is written to."""
    file = two.folder / NAME
    file.write_bytes(file.read_bytes().replace(b'"exit":0', b'"exit":1'))
    two.write({"ci": hook(events=["push"]), "ledger": ledger()})
    two.forget_requests()
    result = recorded(two, "apply", "--yes")
    assert result.exit == 1
    assert f"whsync show --verify {NAME}" in result.stderr
    assert two.total_writes() == 0
