"""The workflows of examples/05-github, from a fork's pull request to an issue about drift, each step as it stands."""

import io
import json
import zipfile
from collections.abc import Mapping

import pytest

from tests.pipelines.conftest import FORK, ROOT, World
from tests.pipelines.forge import BOT
from tests.pipelines.runner import Job

pytestmark = [pytest.mark.slow, pytest.mark.skipif("sys.platform == 'win32'", reason="runners of Linux")]


def changed(world: World, events: str = "[push]") -> str:
    """The file of the example with other events."""
    return world.text.replace("[push, release]", events)


def bodies(world: World, number: int) -> list[str]:
    """The comments of ours on a pull request."""
    return [each["body"] for each in world.forge.comments if each["issue"] == number and each["user"]["login"] == BOT]


def told(job: Job) -> Mapping[str, str]:
    """The outputs of the one step of a job that uses whsync's action."""
    (outputs,) = [each for each in job.outputs.values() if "exit-code" in each]
    return outputs


def test_a_forks_request_gets_one_comment_and_no_credential(world: World) -> None:
    """Planned without credentials, told by another workflow; a second push renews the comment."""
    run = world.push(7, changed(world), FORK)
    assert (run.jobs["plan"].conclusion, run.jobs["fork"].conclusion) == ("skipped", "success")
    assert bodies(world, 7) == []
    assert world.vendor.requests == []
    assert world.completed(run).conclusion == "success"
    (first,) = bodies(world, 7)
    assert first.startswith("<!-- whsync:plan -->\n")
    assert "Plan: 1 to add" in first
    assert "without any credential" in first

    again = world.push(7, changed(world, "[push, release, star]"), FORK)
    assert world.completed(again).conclusion == "success"
    (second,) = bodies(world, 7)
    assert "star" in second
    assert world.vendor.requests == []


def test_a_broken_file_of_a_fork_is_told_as_well(world: World) -> None:
    """Where there is no plan, the comment of the last one does not stay as if it were still true."""
    world.completed(world.push(7, changed(world), FORK))
    broken = world.push(7, changed(world, "[pushed]"), FORK)
    assert broken.conclusion == "failure"
    assert world.completed(broken).conclusion == "success"
    (body,) = bodies(world, 7)
    assert "there is no plan" in body
    assert "Plan: 1 to add" not in body


def test_a_broken_file_is_told_beside_the_request(world: World) -> None:
    """With its problem, for whoever may push here."""
    assert world.push(8, changed(world, "[pushed]")).conclusion == "failure"
    (body,) = bodies(world, 8)
    assert "no event" in body


def test_what_was_reviewed_is_applied_and_the_lock_is_kept(world: World) -> None:
    """Planned by reading only, commented, merged, applied; the lock is on its branch, no machine commits to main."""
    run = world.push(8, world.text)
    assert (run.jobs["plan"].conclusion, run.jobs["fork"].conclusion) == ("success", "skipped")
    assert "Plan: 1 to add" in bodies(world, 8)[0]
    assert world.vendor.webhooks() == []

    merged = world.merge(8)
    assert merged.jobs["apply"].conclusion == "success", merged.jobs["apply"].log
    (hook,) = world.vendor.webhooks()
    assert hook["config"]["url"] == "https://deploy.acme.com/github"
    assert world.repository.files("whsync-lock") == ["webhooks.lock.json"]
    assert json.loads(world.repository.show("whsync-lock", "webhooks.lock.json"))["webhooks"]
    assert world.repository.main() == world.forge.pulls[0]["merge_commit_sha"]
    assert "1 applied, 0 failed" in merged.jobs["apply"].page

    after = world.push(9, changed(world))
    assert "Plan: 0 to add, 1 to change" in bodies(world, 9)[0]
    assert (told(after.jobs["plan"])["changed"], told(after.jobs["plan"])["update"]) == ("true", "1")


def test_a_plan_that_no_longer_holds_is_refused(world: World) -> None:
    """Somebody makes the webhook at the vendor meanwhile: nothing is written; started by hand, what is true now is."""
    world.push(8, world.text)
    world.vendor.add("acme/api", config={"url": "https://deploy.acme.com/github"})
    merged = world.merge(8)
    assert merged.jobs["apply"].conclusion == "failure"
    assert "no longer as the plan saw it: deploy" in merged.jobs["apply"].log
    assert [each.method for each in world.vendor.requests if each.method != "GET"] == []
    assert world.repository.files("whsync-lock") == []

    by_hand = world.by_hand()
    assert by_hand.jobs["plan"].conclusion == by_hand.jobs["apply"].conclusion == "success"
    assert world.repository.files("whsync-lock") == ["webhooks.lock.json"]


def test_another_merge_in_between_is_noticed(world: World) -> None:
    """The file on main is not the one that was planned: refused before the first write."""
    world.push(8, world.text)
    world.push(9, changed(world))
    world.merge(9)
    (written,) = world.vendor.webhooks()
    refused = world.merge(8)
    assert refused.jobs["apply"].conclusion == "failure"
    assert world.vendor.webhooks() == [written]


def test_a_forks_merge_is_applied_by_hand_only(world: World) -> None:
    """A fork's run may hold any plan, so none is taken from there; nor is there one for a commit nobody proposed."""
    world.push(7, changed(world), FORK)
    world.forge.keep(world.forge.runs[-1]["id"], "whsync-plan", {"plan.json": b"{}"})
    merged = world.merge(7)
    assert merged.jobs["apply"].conclusion == "failure"
    assert "No pull request of this repository was planned" in merged.jobs["apply"].log
    assert world.vendor.requests == []
    assert world.by_hand().conclusion == "success"
    assert len(world.vendor.webhooks()) == 1


def test_an_apply_that_failed_half_way_keeps_its_lock(world: World) -> None:
    """What was written is known to the next run, although this one ends red."""
    second = "  other:\n    scope: {owner: acme, repo: web}\n    url: https://deploy.acme.com/w\n    events: [push]\n"
    world.push(8, world.text + second)
    world.vendor.fail("403", method="POST", path="/repos/acme/web/hooks", times=None)
    merged = world.merge(8)
    assert merged.jobs["apply"].conclusion == "failure"
    assert told(merged.jobs["apply"])["applied"] == "1"
    (kept,) = json.loads(world.repository.show("whsync-lock", "webhooks.lock.json"))["webhooks"]
    assert kept == "deploy"


def test_drift_opens_one_issue_that_closes_itself(world: World) -> None:
    """Opened, renewed, left alone by a night that could not read, closed when nothing differs, and then a new one."""
    world.push(8, world.text)
    world.merge(8)
    assert world.night().conclusion == "success"
    assert world.forge.issues == []

    (hook,) = world.vendor.webhooks()
    world.vendor.edit(hook["id"], events=["push"])
    assert world.night().conclusion == "success"
    (issue,) = world.forge.issues
    assert issue["body"].startswith("<!-- whsync:drift -->")
    assert "release" in issue["body"]

    world.vendor.edit(hook["id"], events=["push", "star"])
    assert world.night().conclusion == "success"
    (issue,) = world.forge.issues
    assert "star" in issue["body"]

    world.vendor.fail("403", method="GET", times=None)
    assert world.night().conclusion == "failure"
    assert [each["state"] for each in world.forge.issues] == ["open"]
    world.vendor.faults.clear()

    world.vendor.edit(hook["id"], events=["push", "release"])
    assert world.night().conclusion == "success"
    assert (issue["state"], issue["state_reason"]) == ("closed", "completed")
    assert any("No drift any more" in each["body"] for each in world.forge.comments if each["issue"] == issue["number"])

    world.vendor.edit(hook["id"], events=["push"])
    world.night()
    assert [each["state"] for each in world.forge.issues] == ["closed", "open"]


def test_findings_are_handed_to_code_scanning(world: World) -> None:
    """The optional workflow audits, and uploads SARIF."""
    world.vendor.add("acme/api", config={"url": "http://elsewhere.acme.com/x"})
    assert world.scan().conclusion == "success"
    (scan,) = world.runner.scans
    assert scan["version"] == "2.1.0"
    assert scan["runs"][0]["results"]


def test_a_merge_queue_gets_its_answer(world: World) -> None:
    """The check that it waits for runs there, too, and comments on nothing."""
    run = world.queue()
    assert (run.jobs["plan"].conclusion, run.jobs["fork"].conclusion) == ("success", "skipped")
    assert world.forge.comments == []


@pytest.mark.parametrize("world", [ROOT / "examples" / "04-drift-check"], indirect=True)
def test_the_shortest_check(world: World) -> None:
    """examples/04-drift-check: a request with credentials and a fork's without, and a night that drift ends red."""
    assert world.push(7, changed(world), FORK, workflow="").conclusion == "success"
    assert world.vendor.requests == []
    assert world.push(8, changed(world), workflow="").conclusion == "success"
    assert {each.method for each in world.vendor.requests} == {"GET"}
    world.apply_by_hand()
    assert world.night("").conclusion == "success"
    (hook,) = world.vendor.webhooks()
    world.vendor.edit(hook["id"], events=["push"])
    night = world.night("").jobs["check"]
    assert (night.conclusion, "changed at the vendor" in night.log) == ("failure", True)


def test_a_lock_that_its_branch_does_not_take_is_not_lost(world: World) -> None:
    """The run ends red, and has the lock as an artefact; the secrets that a sink refused would not be in it."""
    world.push(8, world.text)
    hook = world.repository.server / "hooks" / "pre-receive"
    hook.write_text(hook.read_text().replace("while read", 'if [ -z "$MERGING" ]; then exit 1; fi\nwhile read'))
    merged = world.merge(8)
    assert (merged.jobs["apply"].conclusion, len(world.vendor.webhooks())) == ("failure", 1)
    (kept,) = [each for each in world.forge.artifacts if each["name"] == "whsync-lock"]
    assert zipfile.ZipFile(io.BytesIO(kept["data"])).namelist() == ["webhooks.lock.json"]
