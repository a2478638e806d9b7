"""examples/06-gitlab, from a merge request to an issue about drift, each script line as it stands there."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.sandbox import Sandbox
from reconciler.sandbox.github import GitHub
from tests.pipelines.conftest import ROOT, example_files, need_programs
from tests.pipelines.elsewhere import ISSUE_TOKEN, GitLab, Machine
from tests.pipelines.repository import Repository

pytestmark = [pytest.mark.slow, pytest.mark.skipif("sys.platform == 'win32'", reason="runners of Linux")]
EXAMPLE = ROOT / "examples" / "06-gitlab"
REQUEST = {
    "CI_PIPELINE_SOURCE": "merge_request_event",
    "CI_DEFAULT_BRANCH": "main",
    "CI_MERGE_REQUEST_IID": "7",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
}
MAIN = {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main"}
NIGHT = {**MAIN, "CI_PIPELINE_SOURCE": "schedule"}


class World:
    """A copy of the example in a project, and the simulated vendor."""

    def __init__(self, folder: Path, vendor: GitHub) -> None:
        self.vendor = vendor
        self.repository = Repository(folder / "repository", example_files(EXAMPLE, vendor.url))
        machine = Machine(folder / "machine", self.repository)
        token = vendor.credentials["token"]
        variables = {
            "HOOKS_READ_TOKEN": token,
            "HOOKS_WRITE_TOKEN": token,
            "WHSYNC_ISSUE_TOKEN": ISSUE_TOKEN,
            "WHSYNC_LOCK_TOKEN": "glpat-lock-4567",
        }
        self.gitlab = GitLab(EXAMPLE / ".gitlab-ci.yml", machine, variables)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """See `World`. At the end, no call may have been one that GitLab would refuse."""
    need_programs()
    with Sandbox(("github",)) as box:
        made = World(tmp_path, box["github"])
        yield made
        made.gitlab.server.close()
    assert made.gitlab.wrong == []


def test_which_jobs_a_pipeline_has(world: World) -> None:
    """A request is planned, main is planned and applied, a schedule looks for drift; the lock's branch has none."""
    assert world.gitlab.jobs(**REQUEST) == ["plan"]
    assert world.gitlab.jobs(**MAIN) == ["plan-to-apply", "apply"]
    assert world.gitlab.jobs(**NIGHT) == ["drift"]
    assert world.gitlab.jobs(**{**MAIN, "CI_COMMIT_BRANCH": "whsync-lock"}) == []


def test_a_request_a_merge_and_a_night(world: World) -> None:
    """Counts for the widget; exactly the plan of main's pipeline; the lock on its branch; an issue that closes."""
    gitlab = world.gitlab
    world.repository.propose(7, {})
    planned = gitlab.run("plan", "refs/pull/7/merge", {}, REQUEST)
    assert planned.code == 0, planned.log
    assert json.loads(planned.files["counts.json"]) == {"create": 1, "update": 0, "delete": 0}
    assert {"quality.json", "junit.xml", "plan.md", "plan.html"} <= set(planned.files)
    assert world.vendor.webhooks() == []

    main = gitlab.run("plan-to-apply", "main", {}, MAIN)
    applied = gitlab.run("apply", "main", main.files, MAIN)
    assert applied.code == 0, applied.log
    assert world.repository.files("whsync-lock") == ["webhooks.lock.json"]
    again = gitlab.run("apply", "main", main.files, MAIN)
    assert (again.code, len(world.vendor.webhooks())) == (1, 1), "the same plan does not hold a second time"

    (hook,) = world.vendor.webhooks()
    for events, code, states in (
        (["push"], 0, ["opened"]),
        (["push", "star"], 0, ["opened"]),
        (None, 1, ["opened"]),
        (["push", "release"], 0, ["closed"]),
    ):
        if events is None:
            world.vendor.fail("403", method="GET", times=None)
        else:
            world.vendor.faults.clear()
            world.vendor.edit(hook["id"], events=events)
        night = gitlab.run("drift", "main", {}, NIGHT)
        assert (night.code, [each["state"] for each in gitlab.issues]) == (code, states), night.log
    assert "star" in gitlab.issues[0]["description"]
    assert gitlab.notes == ["No drift any more: https://gitlab.example/acme/hooks/-/pipelines/1"]


def test_a_fork_is_planned_without_credentials(world: World) -> None:
    """Its pipeline has no variable of the project, and ends green with a plan."""
    world.repository.propose(7, {})
    planned = world.gitlab.run("plan", "refs/pull/7/merge", {}, REQUEST, forked=True)
    assert planned.code == 0, planned.log
    assert json.loads(planned.files["counts.json"])["create"] == 1
    assert world.vendor.requests == []


def test_a_stale_plan_writes_nothing(world: World) -> None:
    """Something changed at the vendor while the job waited to be started."""
    main = world.gitlab.run("plan-to-apply", "main", {}, MAIN)
    world.vendor.add("acme/api", config={"url": "https://deploy.acme.com/github"})
    refused = world.gitlab.run("apply", "main", main.files, MAIN)
    assert refused.code == 1
    assert [each.method for each in world.vendor.requests if each.method != "GET"] == []
    assert world.repository.files("whsync-lock") == []


def test_a_cancelled_apply_keeps_its_lock(world: World) -> None:
    """The script is killed behind the last write; what GitLab runs afterwards all the same knows of it."""
    main = world.gitlab.run("plan-to-apply", "main", {}, MAIN)
    script = world.gitlab.said["apply"]["script"]
    (keep,) = [at for at, line in enumerate(script) if line.endswith('lock.sh" keep')]
    script[keep] = "kill -KILL $$"
    assert world.gitlab.run("apply", "main", main.files, MAIN).code != 0
    assert len(world.vendor.webhooks()) == 1
    assert world.repository.files("whsync-lock") == ["webhooks.lock.json"]
