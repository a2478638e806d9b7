"""One place under several names: no webhook is bound to two names, and none is deleted for another."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.forge import Yard, serving
from tests.cli.world import World, hook

PATH, NUMBER = {"scope": {"project": "grp/api"}}, {"scope": {"project": "42"}}


@pytest.fixture
def yard(run: Run, tmp_path: Path, stack: ExitStack) -> Yard:
    """A folder and its forge, by a manifest that knows nothing of the names of projects."""
    return Yard(run, tmp_path, stack.enter_context(serving()))


def test_a_number_for_a_path(yard: Yard) -> None:
    """A new name at another spelling of the place adopts, and the old name is not pruned: the user is told why."""
    yard.write(ci=PATH)
    yard("apply", "--yes")
    yard.write(new=NUMBER)
    assert yard.actions("--prune", exit=1) == {"new": "adopt", "ci": "orphan"}
    done = yard("apply", "--yes", "--prune", exit=1)
    assert "whsync state rm ci" in done.stdout + done.stderr
    assert yard.forge.ids == [(42, "1")]
    yard("state", "rm", "ci", "--yes")
    assert yard.actions("--prune") == {"new": "noop"}


def test_two_host_names_of_one_server(yard: Yard) -> None:
    """So it is where the server has two names, each with an entry of its own."""
    yard.write(ci=PATH)
    yard("apply", "--yes")
    new = {"new": {"base_url": f"http://localhost:{yard.forge.port}"}}
    yard.write(new, moved={**PATH, "provider": "new"})
    done = yard("apply", "--yes", "--prune", exit=1)
    assert "may be the remote webhook of moved" in done.stdout + done.stderr
    assert yard.forge.ids == [(42, "1")]


def test_ids_that_each_project_counts(yard: Yard) -> None:
    """Where two webhooks have one id and each its URL, pruning one works as ever."""
    yard.forge.counts = True
    yard.write(api=PATH, web={"scope": {"project": "grp/web"}, "url": "https://ci.acme.com/web"})
    yard("apply", "--yes")
    assert yard.forge.ids == [(42, "1"), (43, "1")]
    yard.write(api=PATH)
    yard("apply", "--yes", "--prune")
    assert yard.forge.ids == [(42, "1")]


# Names that have no case


def _at(owner: str, repo: str = "api") -> dict[str, dict[str, str]]:
    return {"scope": {"owner": owner, "repo": repo}}


def test_other_letters_are_no_other_place(world: World) -> None:
    """Where names have no case, a corrected spelling moves nothing: only the lock follows, without a write."""
    world.write({"ci": hook(**_at("Acme"))})
    world.applied()
    secret = world.lock["ci"]["secret"]
    world.write({"ci": hook(**_at("acme", "API"))})
    world.forget_requests()
    change = world.change("ci")
    assert len(world.box["github"].requests) == 1
    assert (change["action"], change["calls"], change["secret"]) == ("update", [], "same")
    world.forget_requests()
    world.applied("--prune")
    assert world.total_writes() == 0
    assert world.lock["ci"]["scope"] == {"owner": "acme", "repo": "API"}
    assert world.lock["ci"]["secret"] == secret
    assert world.actions("--prune") == {"ci": "noop"}


def test_a_new_name_and_other_letters(world: World) -> None:
    """A webhook renamed in the same change is carried over; what is had at one spelling is had at all."""
    world.write({"ci": hook(**_at("Acme"))})
    world.applied()
    there = world.box["github"].webhooks()
    world.write({"new": hook(**_at("acme"), lifecycle={"was": ["ci"]})})
    world.applied("--prune")
    assert world.box["github"].webhooks() == there
    assert set(world.lock) == {"new"}
    world.write({"other": hook(**_at("ACME"))})
    assert world("adopt", "other", "--id", str(there[0]["id"]), "--yes").exit == 1


def test_two_spellings_in_one_file(world: World) -> None:
    """Each webhook keeps the spelling that it has, and their place is read once."""
    other = {"url": "https://ci.acme.com/other"}
    world.write({"one": hook(**_at("Acme")), "two": hook(**_at("acme"), **other)})
    world.applied()
    assert world.writes("github") == ["POST /repos/Acme/api/hooks", "POST /repos/acme/api/hooks"]
    world.forget_requests()
    assert world.actions("--prune") == {"one": "noop", "two": "noop"}
    assert [each.path for each in world.box["github"].requests] == ["/repos/Acme/api/hooks"]
    world.forget_requests()
    assert world("drift").exit == 0
    assert len(world.box["github"].requests) == 1
    world.write({"two": hook(**_at("acme"), **other)})
    world.applied("--prune")
    assert [each["config"]["url"] for each in world.box["github"].webhooks()] == [other["url"]]


def test_two_webhooks_for_one_repository(world: World) -> None:
    """Two entries that mean one place and one URL are told by `validate`, whatever the letters."""
    world.write({"one": hook(**_at("Acme")), "two": hook(**_at("acme", "API"))})
    told = world("validate")
    assert told.exit == 1
    assert "mean the same remote webhook" in told.stdout + told.stderr


def test_letters_that_matter(yard: Yard) -> None:
    """Where the manifest does not say so, another spelling is another place."""
    yard.write(ci=PATH)
    yard("apply", "--yes")
    yard.write(ci={"scope": {"project": "Grp/api"}})
    assert "its scope changed" in yard.plan(exit=1)["problems"][0]["summary"]


# Places that tell which they are

KNOWN = {"scope": [{"path": "/projects/{project}", "place": {"id": "id"}}]}


def test_a_number_for_a_path_of_one_place(yard: Yard) -> None:
    """Where the vendor tells which place it is, a corrected name moves nothing, and is asked for once."""
    yard.describe(**KNOWN)
    yard.write(ci={**PATH, "secret": {"from": "env:CI_SECRET"}})
    yard("apply", "--yes")
    secret = yard.lock["ci"]["secret"]
    yard.write(ci={**NUMBER, "secret": {"from": "env:CI_SECRET"}})
    assert yard.actions("--prune") == {"ci": "update"}
    yard("apply", "--yes", "--prune")
    assert yard.forge.writes == []
    assert (yard.lock["ci"]["scope"], yard.lock["ci"]["secret"]) == (NUMBER["scope"], secret)
    yard("plan", "--prune")
    assert yard.forge.asked == ["GET /projects/42/hooks"]


def test_a_new_name_at_one_place(yard: Yard) -> None:
    """What the lock has at the path is not adopted at the number under another name, and says how to keep it."""
    yard.describe(**KNOWN)
    yard.write(ci=PATH)
    yard("apply", "--yes")
    yard.write(new=NUMBER)
    assert "was: [ci]" in yard("plan").stdout
    yard("apply", "--yes", "--prune")
    assert yard.forge.ids == [(42, "2")]
    assert set(yard.lock) == {"new"}


def test_two_places_with_equal_ids_are_two(yard: Yard) -> None:
    """Where the vendor tells that places differ, one of two webhooks that look alike is pruned as ever."""
    yard.describe(**KNOWN)
    yard.forge.counts = True
    yard.write(api=PATH, web={"scope": {"project": "grp/web"}})
    yard("apply", "--yes")
    yard.write(api=PATH)
    yard("apply", "--yes", "--prune")
    assert yard.forge.ids == [(42, "1")]


def test_two_names_for_one_webhook_stop(yard: Yard) -> None:
    """Two entries that the vendor shows to be one webhook are a problem of both, and nothing is written."""
    yard.describe(**KNOWN)
    yard.write(ci=PATH)
    yard("apply", "--yes")
    yard.write(ci=PATH, team={**NUMBER, "events": ["push", "release"]})
    assert yard.actions(exit=1) == {"ci": "noop", "team": "noop"}
    yard("apply", "--yes", exit=1)
    assert yard.forge.writes == []


def test_a_place_that_does_not_tell_stays_in_doubt(yard: Yard) -> None:
    """Where that call fails, nothing is deleted."""
    yard.describe(scope=[{"path": "/projects/{project}", "place": {"id": "id", "ok_when": "nothing"}}])
    yard.write(ci=PATH)
    yard("apply", "--yes")
    yard.write(new=NUMBER)
    assert yard.actions("--prune", exit=1) == {"new": "adopt", "ci": "orphan"}
