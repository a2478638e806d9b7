"""Auditors' questions: who made each change, since when, what was undone; in the lock, `state` and plans."""

import json
from typing import Any

import pytest

from tests.cli.world import World, events, hook, ledger

PIPELINE = {
    "GITLAB_CI": "true",
    "CI_COMMIT_SHA": "c0ffee",
    "CI_PIPELINE_URL": "https://lab.acme.com/-/pipelines/7",
    "GITLAB_USER_LOGIN": "grace",
}
WHO = {"user": "grace", "commit": "c0ffee", "url": "https://lab.acme.com/-/pipelines/7"}
URL = "https://ci.acme.com/hooks"


@pytest.fixture
def audited(world: World) -> World:
    """Two webhooks that a pipeline has made."""
    world.environment |= PIPELINE
    world.write({"ci": hook(), "ledger": ledger()})
    world.applied()
    return world


def listed(world: World) -> dict[str, Any]:
    """What `state list` tells, by name."""
    told = json.loads(world("state", "list", "--format", "json").stdout)
    return {each["name"]: each for each in told}


def test_every_entry_says_who_made_it(audited: World) -> None:
    """One run has one id; user, commit and pipeline come from the CI system; since when is told, and how it came."""
    ci, ledger_ = audited.lock["ci"], audited.lock["ledger"]
    assert ci["by"] == ledger_["by"]
    assert {key: ci["by"][key] for key in WHO} == WHO
    assert set(ci["by"]) == {"run", "at", "user", "host", "commit", "url"}
    assert ci["since"]["how"] == ledger_["since"]["how"] == "created"
    told = listed(audited)["ci"]
    assert (told["by"], told["since"]) == (ci["by"], ci["since"])
    assert told["secret"]["at"] == ci["secret"]["at"]


def test_only_what_a_run_changes_is_its_own(audited: World) -> None:
    """The next run signs what it changes, keeps since when that is managed, and leaves the other entry alone."""
    before = audited.lock
    audited.environment["GITLAB_USER_LOGIN"] = "ada"
    audited.write({"ci": hook(events=["push"]), "ledger": ledger()})
    audited.applied()
    after = audited.lock
    assert after["ledger"] == before["ledger"]
    assert (after["ci"]["by"]["user"], after["ci"]["since"]) == ("ada", before["ci"]["since"])
    assert after["ci"]["by"]["run"] != before["ci"]["by"]["run"]
    bytes_before = audited.lock_path.read_bytes()
    audited.applied()
    assert audited.lock_path.read_bytes() == bytes_before


def test_nobody_is_noted_who_does_not_want_it(audited: World) -> None:
    """With WHSYNC_NO_PROVENANCE an entry that is changed says nothing of who did it."""
    audited.environment["WHSYNC_NO_PROVENANCE"] = "1"
    audited.write({"ci": hook(events=["push"]), "ledger": ledger()})
    audited.applied()
    assert "by" not in audited.lock["ci"]
    assert "by" in audited.lock["ledger"]


def test_what_was_adopted_says_so(world: World) -> None:
    """By an apply, and by hand."""
    keys = [world.box["github"].add(f"acme/{repo}", config={"url": URL}) for repo in ("api", "web")]
    world.write({"one": hook(secret=None), "two": hook(secret=None, scope={"repo": "web"})})
    assert world("adopt", "two", "--id", str(keys[1]), "--yes").exit == 0
    world.applied()
    assert [world.lock[name]["since"]["how"] for name in ("one", "two")] == ["adopted", "adopted"]
    assert world.lock["two"]["by"]["user"]


def test_drift_that_was_undone_stays_in_the_record(audited: World) -> None:
    """Who looks later sees what somebody had made of a webhook, and when an apply put it right."""
    (there,) = audited.box["github"].webhooks()
    audited.box["github"].edit(there["id"], events=["star"])
    result = audited.apply("--format", "json")
    done = next(event for event in events(result) if event["event"] == "applied")
    assert [(field["path"], field["cause"]) for field in done["fields"]] == [("/events", "drift")]
    assert done["by"]["user"] == "grace"
    reverted = audited.lock["ci"]["reverted"]
    assert reverted["fields"] == [{"path": "/events", "before": ["star"], "after": ["pull_request", "push"]}]
    assert reverted["at"]
    audited.write({"ci": hook(events=["push"]), "ledger": ledger()})
    audited.applied()
    assert audited.lock["ci"]["reverted"] == reverted
    assert listed(audited)["ci"]["reverted"] == reverted


def test_a_refused_update_signs_nothing(audited: World) -> None:
    """What the vendor refused is no change, and the lock is as it was."""
    before = audited.lock_path.read_bytes()
    audited.environment["GITLAB_USER_LOGIN"] = "ada"
    audited.environment["CI_SECRET"] = "another secret, 42 characters long, to be refused"
    audited.box["github"].fail("403", method="PATCH", times=None)
    assert audited.apply().exit == 1
    assert audited.lock_path.read_bytes() == before


def test_a_deletion_shows_what_goes(audited: World) -> None:
    """URL and events stand in the plan that takes them away, and in the event that tells it."""
    audited.write({"ledger": ledger()})
    change = audited.change("ci", "--prune")
    assert [(field["path"], field["after"]) for field in change["fields"]] == [("/url", None), ("/events", None)]
    told = audited("plan", "--prune").stdout
    assert f"- {URL}" in told
    assert "- pull_request, push" in told
    gone = next(event for event in events(audited.apply("--prune", "--format", "json")) if event["event"] == "removed")
    assert [field["before"] for field in gone["fields"]] == [URL, ["pull_request", "push"]]


def test_a_saved_plan_shows_its_flags(audited: World) -> None:
    """Who reviews it sees what was asked for."""
    audited("plan", "--prune", "--target", "ci", "--max-changed", "50%", "--out", "plan.json")
    first = audited("show", "plan.json").stdout.splitlines()[0]
    assert "flags: --prune --target ci --max-changed 50%" in first
    audited("plan", "--out", "plain.json")
    assert "flags" not in audited("show", "plain.json").stdout


@pytest.mark.parametrize("key", [None, "a fingerprint key"])
def test_who_shares_a_secret(audited: World, key: str | None) -> None:
    """Two webhooks with one secret have one digest; it is found out at the time, and stands in no file."""
    audited.environment |= {"OTHER": "quite another secret of ours"} | ({"WHSYNC_FINGERPRINT_KEY": key} if key else {})
    block = hook(for_each={"repo": ["web", "docs"]}, scope={"repo": "${each.repo}"})
    other = hook(url="https://ci.acme.com/other", secret={"from": "env:OTHER"})
    audited.write({"svc": block, "other": other, "ledger": ledger()})
    audited.applied("--prune")
    told = {name: each["secret"]["digest"] for name, each in listed(audited).items()}
    assert told["svc[docs]"] == told["svc[web]"]
    assert len(set(told.values())) == 3
    assert None not in told.values()
    again = {name: each["secret"]["digest"] for name, each in listed(audited).items()}
    assert (again == told) == (key is not None)
    assert all(digest not in audited.lock_path.read_text("utf-8") for digest in told.values())
    audited.environment["CI_SECRET"] = "not what was applied any more"
    assert listed(audited)["svc[web]"]["secret"]["digest"] is None


def test_a_list_without_sound_files(audited: World) -> None:
    """Files that are broken hide who shares a secret, and nothing else."""
    audited.config.write_text(audited.config.read_text("utf-8").replace('"events"', '"evnets"'), "utf-8")
    told = listed(audited)["ci"]
    assert told["secret"]["digest"] is None
    assert told["by"]["user"] == "grace"
