"""examples/07-bitbucket, from a pull request to a nightly look, each script line as it stands there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.sandbox import Sandbox
from reconciler.sandbox.github import GitHub
from tests.pipelines.conftest import ROOT, example_files, need_programs
from tests.pipelines.elsewhere import Bitbucket, Machine
from tests.pipelines.repository import Repository

pytestmark = [pytest.mark.slow, pytest.mark.skipif("sys.platform == 'win32'", reason="runners of Linux")]
EXAMPLE = ROOT / "examples" / "07-bitbucket"
REQUEST = {"BITBUCKET_PR_ID": "7", "BITBUCKET_PR_DESTINATION_BRANCH": "main"}


class World:
    """A copy of the example in a repository, and the simulated vendor."""

    def __init__(self, folder: Path, vendor: GitHub) -> None:
        self.vendor = vendor
        self.repository = Repository(folder / "repository", example_files(EXAMPLE, vendor.url))
        token = vendor.credentials["token"]
        variables = {"HOOKS_READ_TOKEN": token, "HOOKS_WRITE_TOKEN": token}
        machine = Machine(folder / "machine", self.repository)
        self.bitbucket = Bitbucket(EXAMPLE / "bitbucket-pipelines.yml", machine, variables)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """See `World`."""
    need_programs()
    with Sandbox(("github",)) as box:
        made = World(tmp_path, box["github"])
        yield made
        made.bitbucket.proxy.close()


def counts(world: World) -> dict[str, int]:
    """The values of the last report that are not nothing."""
    return {each["title"]: each["value"] for each in world.bitbucket.reports[-1]["data"] if each["value"]}


def test_a_request_a_merge_and_a_night(world: World) -> None:
    """A report on the commit; exactly the plan of the step before; the lock on its branch; a night that ends red."""
    bitbucket, pipelines = world.bitbucket, world.bitbucket.pipelines
    world.repository.propose(7, {})
    (step,) = pipelines["pull-requests"]["**"]
    planned = bitbucket.run(step, "refs/pull/7/merge", {}, **REQUEST)
    assert (planned.code, counts(world), bitbucket.reports[-1]["result"]) == (0, {"create": 1}, "PASSED"), planned.log
    assert world.vendor.webhooks() == []

    plan, apply = pipelines["branches"]["main"]
    assert apply["step"]["trigger"] == "manual"
    made = bitbucket.run(plan, "main", {})
    applied = bitbucket.run(apply, "main", made.files)
    assert (applied.code, len(world.vendor.webhooks())) == (0, 1), applied.log
    assert world.repository.files("whsync-lock") == ["webhooks.lock.json"]
    assert bitbucket.run(apply, "main", made.files).code == 1, "the same plan does not hold a second time"

    (drift,) = pipelines["custom"]["drift"]
    assert (bitbucket.run(drift, "main", {}).code, bitbucket.reports[-1]["result"]) == (0, "PASSED")
    (hook,) = world.vendor.webhooks()
    world.vendor.edit(hook["id"], events=["push"])
    assert (bitbucket.run(drift, "main", {}).code, counts(world)) == (2, {"drift": 1})
    world.vendor.fail("403", method="GET", times=None)
    assert bitbucket.run(drift, "main", {}).code == 1
    assert bitbucket.reports[-1]["details"].startswith("whsync failed")


def test_a_fork_is_planned_without_credentials(world: World) -> None:
    """Without the repository's variables, a plan asks nobody."""
    world.repository.propose(7, {})
    (step,) = world.bitbucket.pipelines["pull-requests"]["**"]
    world.bitbucket.variables = {}
    planned = world.bitbucket.run(step, "refs/pull/7/merge", {}, **REQUEST)
    assert (planned.code, counts(world)) == (0, {"create": 1}), planned.log
    assert world.vendor.requests == []
