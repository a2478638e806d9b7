"""The running record: every run and change gets its line, nothing secret is in it, and nobody rewrites it unnoticed."""

import json
import os
from typing import Any

import pytest

from reconciler.state.records import file, read
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


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The disk that records are on: the lines of these numbers, counted from 0, do not fit."""
    full: list[int] = []
    count = iter(range(1_000))
    write = file._write_whole

    def written(descriptor: int, data: bytes) -> None:
        if next(count) in full:
            raise OSError(28, "No space left on device")
        write(descriptor, data)

    monkeypatch.setattr(file, "_write_whole", written)
    return full


def test_nothing_is_written_to_a_vendor_without_a_record(world: World, disk: list[int]) -> None:
    """Where the run's line does not fit on the disk, the run ends before its first write, and says why."""
    world.write({"ledger": ledger()})
    disk.append(0)
    result = recorded(world, "apply", "--yes")
    assert result.exit == 1
    assert f"the record {NAME} cannot be written: No space left on device" in result.stderr
    assert world.total_writes() == 0
    assert not world.lock


def test_no_call_is_started_once_a_line_is_missing(world: World, disk: list[int]) -> None:
    """Where the line of a change does not fit, the run ends in order; what it did is in the lock and still recorded."""
    world.write({f"ci-{number}": hook(scope={"repo": repo}) for number, repo in enumerate(("api", "web"))})
    disk.append(1)
    result = recorded(world, "apply", "--yes", "--parallelism", "1")
    assert result.exit == 1
    assert "cannot be written" in result.stderr
    assert len(world.lock) == world.total_writes()
    start, *changes, end = lines(world)
    assert [change["result"] for change in changes] == ["applied"], "the line that did not fit, with the run's end"
    assert (start["record"], end["result"], end["error"]["code"]) == ("run", "failed", "record-unusable")
    disk.clear()
    assert recorded(world, "apply", "--yes").exit == 0
    assert len(world.lock) == 2


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


def test_a_record_is_shown(two: World) -> None:
    """Run by run, for people and for programs; a saved plan is shown as before."""
    assert recorded(two, "drift").exit == 0
    text = two("show", NAME)
    assert (text.exit, text.stderr) == (0, "")
    assert text.stdout.count("run ") == 2
    assert "+ ci  create" in text.stdout
    assert "2 applied, 0 failed, 0 skipped" in text.stdout
    told = json.loads(two("show", NAME, "--format", "json", "--report", "json=runs.json").stdout)
    validate("runs", told)
    assert told == json.loads((two.folder / "runs.json").read_text(encoding="utf-8"))
    assert [(run["command"], run["end"]["result"]) for run in told["runs"]] == [("apply", "done"), ("drift", "done")]
    assert {change["name"] for change in told["runs"][0]["changes"]} == {"ci", "ledger"}
    assert two("show", NAME, "--format", "sarif").exit == 64
    assert two("show", NAME, "--report", f"json={NAME}").exit == 64


def proof(world: World, *argv: str, exit: int = 0) -> dict[str, Any]:
    """What `show --verify` says for programs."""
    result = world("show", "--verify", NAME, "--format", "json", *argv)
    assert result.exit == exit, result
    told: dict[str, Any] = json.loads(result.stdout)
    validate("proof", told)
    return told


def test_a_whole_record_is_proven(two: World) -> None:
    """What it holds, from when to when, and the digest to be kept elsewhere, which is found again later."""
    told = proof(two)
    assert (told["whole"], told["lines"], told["runs"], told["changes"]) == (True, 4, 1, 2)
    assert told["first"] <= told["last"]
    assert recorded(two, "drift").exit == 0
    again = proof(two, "--head", told["head"])
    assert (again["whole"], again["kept"]) == (True, {"digest": told["head"], "line": 4})
    text = two("show", "--verify", NAME, "--head", told["head"]).stdout
    assert f"{NAME}: whole." in text
    assert "Line 4 has the digest that you have kept; 2 lines came since." in text
    assert f"--head {again['head']}" in text


def test_a_changed_record_is_told(two: World) -> None:
    """With the line, what is wrong, and exit code 1; nothing behind it is shown as if it were true."""
    file = two.folder / NAME
    lines_before = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([lines_before[0], *lines_before[2:]]))
    told = proof(two, exit=1)
    assert (told["whole"], told["fault"]["line"], told["fault"]["code"]) == (False, 2, "record-broken")
    result = two("show", "--verify", NAME)
    assert result.exit == 1
    assert "BROKEN at line 2: it does not follow line 1" in result.stdout
    shown = two("show", NAME).stdout
    assert "Broken at line 2" in shown
    assert "ledger" not in shown


def test_lines_that_are_gone_from_the_end_are_told_by_who_kept_the_digest(two: World) -> None:
    """Without it the shorter record is whole; the run that lost its end is named."""
    head = proof(two)["head"]
    file = two.folder / NAME
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:-1]))
    assert len(proof(two)["unfinished"]) == 1
    assert proof(two, "--head", head, exit=1)["kept"] == {"digest": head, "line": None}
    assert "NOT WHOLE" in two("show", "--verify", NAME, "--head", head).stdout


def test_a_cut_line_accuses_nobody(two: World) -> None:
    """A run that was killed while it wrote is named, by the next run too, and the exit code stays 0."""
    file = two.folder / NAME
    file.write_bytes(file.read_bytes()[:-40])
    assert proof(two)["cut"] == [{"number": 4, "closed": False}]
    assert recorded(two, "drift").exit == 0
    assert proof(two)["cut"] == [{"number": 4, "closed": True}]
    assert "Line 4 was never finished" in two("show", "--verify", NAME).stdout


@pytest.mark.parametrize("path", ["nothing", "webhooks.yaml", ""])
def test_what_is_no_record_cannot_be_proven(two: World, path: str) -> None:
    """A file that is missing or another must not count as whole."""
    result = two("show", "--verify", path)
    assert result.exit == 1
    assert result.stderr.startswith("Error: ")
    assert two("show", "--verify", NAME, "--head", "").exit == 64


def test_pages_tell_what_was_recorded(two: World) -> None:
    """Of an apply, a plan, a saved plan, drift and an audit: each webhook's history, and drift over the runs, drawn."""
    two.write({"ci": hook(events=["push"]), "ledger": ledger()})
    assert two("plan", "--out", "plan.json", "--record", NAME, "--report", "html=plan.html").exit == 0
    assert two("show", "plan.json", "--record", NAME, "--report", "html=saved.html").exit == 0
    assert recorded(two, "apply", "--yes", "--report", "html=apply.html").exit == 0
    assert recorded(two, "drift", "--report", "html=drift.html").exit == 0
    assert two("audit", "--record", NAME, "--report", "html=audit.html").exit == 0
    names = ("plan", "saved", "apply", "drift", "audit")
    pages = {name: (two.folder / f"{name}.html").read_text(encoding="utf-8") for name in names}
    assert all("Drift over the recorded runs" in page for page in pages.values())
    assert all("create by <a" in page for page in pages.values())
    assert "Apply complete: 1 applied, 0 failed, 0 skipped." in pages["apply"]
    assert [page.count("update by <a") for page in pages.values()] == [0, 0, 1, 1, 1]
    assert "2 runs looked" in pages["apply"]
    assert all("3 runs looked" in pages[name] for name in ("drift", "audit"))
    assert kinds(two).count("run") == 3


def test_the_result_is_told_in_every_format(two: World) -> None:
    """Into a report of each, where the plan was; and on stdout, where that gets a whole and no events."""
    two.write({"ci": hook(events=["push"]), "ledger": ledger()})
    forms = ("text", "json", "ndjson", "html", "markdown", "github", "gitlab", "codequality", "junit", "sarif")
    two.box["github"].fail("403", method="PATCH", times=None)
    result = two.apply(*(word for form in forms for word in ("--report", f"{form}={form}.out")), "--format", "html")
    assert result.exit == 1
    assert result.stdout == (two.folder / "html.out").read_text(encoding="utf-8")
    texts = {form: (two.folder / f"{form}.out").read_text(encoding="utf-8") for form in forms}
    for form in set(forms) - {"gitlab"}:
        assert "not-permitted" in texts[form] or "forbidden" in texts[form], form
    assert json.loads(texts["gitlab"]) == {"create": 0, "update": 0, "delete": 0}
    whole = json.loads(texts["json"])
    validate("plan", whole)
    assert [event["event"] for event in whole["events"]][-2:] == ["failed", "finished"]
    told = [json.loads(line) for line in texts["ndjson"].splitlines()]
    for line in told:
        validate("ndjson", line)
    assert [line["event"] for line in told if line["record"] == "event"] == [
        event["event"] for event in whole["events"]
    ]
    assert "Apply incomplete: 0 applied, 1 failed" in texts["text"]
