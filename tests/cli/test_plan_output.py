"""What `plan` writes and how it ends: exit codes, JSON, reports, saved plans, targets, offline."""

import json
import re
import stat

import pytest

from tests.cli.world import CI_SECRET, World, hook, ledger, payments, validate, wallet

ALL = {"ci": hook(), "ledger": ledger(), "wallet": wallet(), "payments": payments()}
FAMILY = hook(for_each={"repo": ["api", "web"]}, scope={"repo": "${each.repo}"})


def undated(text: str) -> str:
    """A plan's JSON without the one value that may differ."""
    return re.sub(r'"created_at": "[^"]+"', "", text)


def test_exit_codes(world: World) -> None:
    """0 with differences, 2 with them only where it is asked for, 0 again when there are none."""
    world.write(ALL)
    assert world("plan").exit == 0
    assert world("plan", "--detailed-exitcode").exit == 2
    world.applied()
    assert world("plan", "--detailed-exitcode").exit == 0
    world.write({"ci": hook()})
    assert world("plan", "--detailed-exitcode").exit == 2


def test_problems_beat_differences(world: World) -> None:
    """A problem is 1, a refusal 3, whatever differs."""
    world.write(ALL)
    world.box["github"].fail("500", method="GET", times=None)
    assert world("plan", "--detailed-exitcode").exit == 1
    world.write(ALL, policy={"allowed_hosts": ["*.example.com"]})
    assert world("plan", "--detailed-exitcode").exit == 3


def test_json_is_whole(world: World) -> None:
    """The JSON plan is valid, counts right, and names every call."""
    world.write(ALL)
    plan = world.planned()
    assert plan["format"] == "whsync.plan/1"
    assert plan["summary"]["create"] == 4
    assert plan["summary"]["writes"] == sum(len(change["calls"]) for change in plan["changes"]) == 4
    assert plan["basis"]["config"].startswith("sha256:")


def test_equal_input_gives_equal_bytes(world: World) -> None:
    """Two plans of the same world differ in `created_at` at most; unordered events make no difference."""
    world.write(ALL)
    world.applied()
    world.write({**ALL, "ci": hook(events=["star", "fork", "push"])})
    texts = [world("plan", "--format", "json").stdout for _ in range(3)]
    assert len({undated(text) for text in texts}) == 1


def test_no_fingerprint_of_a_new_secret_makes_plans_differ(world: World) -> None:
    """A secret that is new or changed does not make two plans of one world differ."""
    world.write({"ci": hook()})
    texts = [world("plan", "--format", "json").stdout for _ in range(2)]
    assert len({undated(text) for text in texts}) == 1


def test_reports_in_the_same_run(world: World) -> None:
    """`--report` writes other formats beside the text, all of one run; an unknown format is wrong usage."""
    world.write(ALL)
    result = world("plan", "--report", "json=plan.json", "--report", "text=plan.txt")
    assert result.exit == 0
    validate("plan", json.loads((world.folder / "plan.json").read_text()))
    assert (world.folder / "plan.txt").read_text() == result.stdout
    for wrong in ("yamel=x", "json", "json=", "=x"):
        assert world("plan", "--report", wrong).exit == 64


def test_a_report_that_cannot_be_written(world: World) -> None:
    """A report in a folder that is not there is an error with its path, before anything is claimed."""
    world.write(ALL)
    result = world("plan", "--report", "json=nowhere/plan.json")
    assert result.exit == 1
    assert "nowhere/plan.json" in result.stderr


def test_the_saved_plan(world: World) -> None:
    """`--out` saves what `show` renders again; only its owner may read it."""
    world.write(ALL)
    result = world("plan", "--out", "saved")
    assert result.exit == 0
    validate("plan", json.loads((world.folder / "saved").read_text()))
    assert stat.S_IMODE((world.folder / "saved").stat().st_mode) == 0o600
    shown = world("show", "saved", "--format", "json")
    assert json.loads(shown.stdout) == json.loads((world.folder / "saved").read_text())
    assert "4 to add" in world("show", "saved").stdout


def test_targets(world: World) -> None:
    """A target limits plan and reads; a for_each family is one name; unknown ones are 64 with a suggestion."""
    world.write({"ci": FAMILY, "ledger": ledger()})
    assert world.actions("--target", "ledger") == {"ledger": "create"}
    assert world.box["github"].requests == []
    assert set(world.actions("--target", "ci")) == {"ci[api]", "ci[web]"}
    assert set(world.actions("--target", "ci[web]", "--target", "ledger")) == {"ci[web]", "ledger"}
    for command in ("plan", "apply"):
        wrong = world(command, "--target", "ledgr")
        assert wrong.exit == 64
        assert "did you mean `ledger`?" in wrong.stderr
    assert world("plan", "--target", "").exit == 64
    world.applied("--target", "ci[web]")
    assert set(world.lock) == {"ci[web]"}
    world.write({"ledger": ledger()})
    assert world.actions("--target", "ledger") == {"ledger": "create"}
    assert world.actions("--target", "ci") == {"ci[web]": "orphan"}


def test_offline(world: World) -> None:
    """`--offline` needs neither network nor credentials, compares file and lock, and never calls it in sync."""
    world.write(ALL)
    world.applied()
    world.forget_requests()
    world.environment.clear()
    world.write({**ALL, "ci": hook(events=["star"]), "new": hook(url="https://ci.acme.com/new")})
    plan = world.planned("--offline")
    actions = {change["name"]: change["action"] for change in plan["changes"]}
    assert actions == {**dict.fromkeys(ALL, "noop"), "ci": "update", "new": "create"}
    assert plan["summary"]["reads"] == 0
    assert all(world.box[vendor].requests == [] for vendor in world.box)
    told = world("plan", "--offline").stdout
    assert "unverified" in told
    assert world("plan", "--offline", "--detailed-exitcode").exit == 2


def test_offline_and_nothing_changed_is_one_line(world: World) -> None:
    """What was not read is counted and not listed, and no webhook is called unchanged."""
    world.write(ALL)
    world.applied()
    world.environment.clear()
    told = world("plan", "--offline", "--detailed-exitcode")
    assert told.exit == 0
    (line,) = told.stdout.splitlines()
    assert f"{len(ALL)} unverified" in line
    assert "unchanged" not in line


def test_offline_a_change_whose_calls_nobody_can_tell(world: World) -> None:
    """Where an update would carry what has to be read first, it is planned all the same, and says so."""
    world.write({"ledger": ledger()})
    world.applied()
    world.environment.clear()
    world.write({"ledger": ledger(events=["EVENT_TYPE_PAYMENT_VOIDED"])})
    change = world.change("ledger", "--offline", "--detailed-exitcode", exit=2)
    assert (change["action"], change["calls"]) == ("update", [])
    assert change["notes"] == ["offline: its calls are not known, for they carry what has to be read first"]
    assert [field["path"] for field in change["fields"]] == ["/events"]


def test_a_variable_that_is_not_set(world: World) -> None:
    """An unset secret variable is a problem of kind secret with its place; nothing of that webhook is planned."""
    del world.environment["CI_SECRET"]
    world.write({"ci": hook(), "ledger": ledger()})
    (problem,) = world.planned(exit=1)["problems"]
    assert problem["kind"] == "secret"
    assert "CI_SECRET" in problem["summary"]
    assert problem["at"].startswith("webhooks.yaml:")
    result = world.apply()
    assert result.exit == 1
    assert "webhooks.yaml:" in result.stdout
    assert set(world.lock) == {"ledger"}
    assert world.box["github"].webhooks() == []


def test_missing_credentials(world: World) -> None:
    """A provider without credentials is a problem that names the variable to set; the others go on."""
    del world.environment["GITHUB_TOKEN"]
    world.write({"ci": hook(), "ledger": ledger()})
    plan = world.planned(exit=1)
    (problem,) = plan["problems"]
    assert (problem["kind"], problem["provider"]) == ("auth", "github")
    assert "GITHUB_TOKEN" in problem["summary"] + problem["hint"]
    assert {change["name"]: change["action"] for change in plan["changes"]} == {"ci": "noop", "ledger": "create"}


@pytest.mark.parametrize(
    "words", [("plan", "--frobnicate"), ("plan", "extra"), ("plan", "--format", "yaml"), ("aply",)]
)
def test_wrong_usage_is_64(world: World, words: tuple[str, ...]) -> None:
    """A wrong command line is 64, never 2, and says where help is."""
    world.write(ALL)
    result = world(*words)
    assert result.exit == 64
    assert result.stderr.strip()
    assert result.stdout == ""


def test_no_file(world: World) -> None:
    """A missing configuration is 1 and named."""
    for words in (("plan",), ("apply", "--yes"), ("drift",)):
        result = world(*words)
        assert result.exit == 1
        assert "webhooks.yaml" in result.stderr


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "whsync.lock/9", "webhooks": {}}', '{"format": "other"}'])
def test_a_lock_that_is_no_lock(world: World, text: str) -> None:
    """Empty, truncated, foreign and newer locks end every command with 1 before any call, and stay as they are."""
    world.write(ALL)
    world.lock_path.write_text(text)
    for words in (("plan",), ("apply", "--yes"), ("drift",), ("adopt", "ci", "--id", "1", "--yes")):
        result = world(*words)
        assert result.exit == 1
        assert "webhooks.lock.json" in result.stderr
    assert world.lock_path.read_text() == text
    assert all(world.box[vendor].requests == [] for vendor in world.box)


def test_a_plan_that_cannot_be_saved(world: World) -> None:
    """The file that the user named is named, not a temporary one beside it; nothing is left behind."""
    world.write({"ci": hook()})
    before = world.files()
    for out in ("nowhere/plan", "webhooks.yaml/plan"):
        result = world("plan", "--out", out)
        assert result.exit == 1
        assert f"{out}: " in result.stderr
        assert ".tmp" not in result.stderr
    assert world.files() == before


@pytest.mark.parametrize(
    ("flags", "what"),
    [
        (["-o", "webhooks.lock.json"], "a file of whsync's own"),
        (["-o", "link"], "a file of whsync's own"),
        (["--report", "text=webhooks.yaml"], "a file of whsync's own"),
        (["--report", "json=./secrets/ledger"], "the file that the secret of `ledger` is stored in"),
        (["-o", "given"], "the file that the secret of `ci` is read from"),
        (["--lock", "other.json", "-o", "webhooks.lock.json"], "a file of whsync's own"),
        (["-o", "plan", "--report", "text=./plan"], "would be written twice"),
        (["--report", "text=plan", "--report", "json=secrets/../plan"], "would be written twice"),
    ],
)
def test_no_output_takes_the_place_of_something_else(world: World, flags: list[str], what: str) -> None:
    """A slip of the tab key does not cost the lock, the file, a secret, or another output."""
    (world.folder / "given").write_text(CI_SECRET, encoding="utf-8")
    (world.folder / "link").symlink_to("webhooks.yaml")
    world.write({"ci": hook(secret={"from": "file:given"}), "ledger": ledger()})
    world.applied()
    before = world.files()
    result = world("plan", *flags)
    assert result.exit == 64
    assert what in result.stderr
    assert world.files() == before
