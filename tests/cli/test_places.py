"""One place under several names: no webhook is bound to two names, and none is deleted for another."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.forge import BY_ID, MANIFEST, URL, Yard, serving
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


def test_a_create_that_is_answered_with_what_is_there(yard: Yard) -> None:
    """What a create was answered with is not deleted for another name, though no plan could know of it."""
    yard.describe(read=BY_ID)
    yard.forge.upserts = True
    yard.write(ci=PATH)
    yard("apply", "--yes")
    yard.write(new=NUMBER)
    assert yard.actions("--prune") == {"new": "create", "ci": "delete"}
    done = yard("apply", "--yes", "--prune", exit=1)
    assert "may be the remote webhook of new" in done.stdout + done.stderr
    assert yard.forge.ids == [(42, "1")]
    assert set(yard.lock) == {"ci", "new"}


def test_so_it_is_where_another_entry_makes_it(yard: Yard) -> None:
    """Two entries may lead to one server: nothing is retired before the other has made what it makes."""
    yard.describe(read=BY_ID)
    yard.forge.upserts = True
    yard.write(ci=PATH)
    yard("apply", "--yes")
    new = {"new": {"base_url": f"http://localhost:{yard.forge.port}"}}
    yard.write(new, moved={**PATH, "provider": "new"})
    yard("apply", "--yes", "--prune", exit=1)
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
    assert (change["action"], change["calls"], change["secret"]) == ("update", [], "unverifiable")
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


# Places that were renamed or moved

OURS = {"secret": {"from": "env:CI_SECRET"}}
NEW = {"scope": {"project": "grp/service"}}


def _renamed(yard: Yard) -> dict[str, Any]:
    """A webhook of which the project was renamed at the vendor since; its entry in the lock."""
    yard.write(ci={**PATH, **OURS})
    yard("apply", "--yes")
    entry: dict[str, Any] = yard.lock["ci"]
    yard.forge.names = {"42": 42, "grp/service": 42}
    yard.forge.renamed = {"grp/api": "grp/service"}
    return entry


@pytest.mark.parametrize("read", [MANIFEST["read"], BY_ID], ids=["list", "by id"])
def test_a_redirect_is_named(yard: Yard, read: list[dict[str, Any]]) -> None:
    """A place that the vendor redirects from was renamed: that is said, with where to, and nothing is planned there."""
    yard.describe(read=read)
    _renamed(yard)
    assert yard.actions("--prune", exit=1) == {"ci": "noop"}
    (problem,) = yard.plan(exit=1)["problems"]
    assert "the place was renamed or moved: the vendor redirects to /projects/grp/service" in problem["summary"]
    assert "hunter2" not in str(problem)
    yard.write()
    assert yard.actions("--prune", exit=1) == {"ci": "orphan"}
    assert len(yard.forge.ids) == 1


@pytest.mark.parametrize("read", [MANIFEST["read"], BY_ID], ids=["list", "by id"])
def test_the_new_name_of_a_place(yard: Yard, read: list[dict[str, Any]]) -> None:
    """Once the file has it, the lock's id is found there: the same webhook, its secret known, nothing written."""
    yard.describe(read=read)
    before = _renamed(yard)
    yard.write(ci={**NEW, **OURS})
    plan = yard.plan("--prune")
    assert [(change["action"], change["secret"]) for change in plan["changes"]] == [("update", "unverifiable")]
    assert plan["problems"] == []
    yard("apply", "--yes", "--prune")
    assert yard.forge.writes == []
    after = yard.lock["ci"]
    assert {key for key in after if after[key] != before[key]} <= {"scope", "at", "by"}
    assert after["scope"] == NEW["scope"]
    assert yard.actions("--prune") == {"ci": "noop"}
    assert all("grp%2Fservice" in call for call in yard.forge.asked)


def test_a_renamed_place_and_a_renamed_webhook(yard: Yard) -> None:
    """A new name of the webhook in the same change is no hindrance."""
    _renamed(yard)
    yard.write(new={**NEW, **OURS, "lifecycle": {"was": ["ci"]}})
    assert yard.actions("--prune") == {"new": "adopt"}
    yard("apply", "--yes", "--prune")
    assert yard.forge.ids == [(42, "1")]
    assert set(yard.lock) == {"new"}


def test_another_place_with_an_equal_webhook(yard: Yard) -> None:
    """Where the old place still has it, the equal one at another place is another webhook: whsync stops."""
    yard.forge.counts = True
    yard.write(ci={**PATH, **OURS}, web={"scope": {"project": "grp/web"}})
    yard("apply", "--yes")
    yard("state", "rm", "web", "--yes")
    yard.write(ci={"scope": {"project": "grp/web"}, **OURS})
    (problem,) = yard.plan(exit=1)["problems"]
    assert "whsync state mv --scope project=grp/api project=grp/web" in problem["hint"]
    assert "whsync state rm ci" in problem["hint"]


def test_another_webhook_at_the_new_place(yard: Yard) -> None:
    """What has the lock's id there and another URL is not ours."""
    _renamed(yard)
    yard.forge.hooks[42, "1"]["url"] = "https://elsewhere.example.com/"
    yard.write(ci={**NEW, **OURS})
    assert "its scope changed" in str(yard.plan(exit=1)["problems"])


def test_a_server_with_a_new_host_name(yard: Yard) -> None:
    """At another base URL the lock's id is looked up as well; all that was applied must be there for it to be ours."""
    yard.write(ci={**PATH, **OURS})
    yard("apply", "--yes")
    moved = {"forge": {"base_url": f"http://localhost:{yard.forge.port}"}}
    yard.write(moved, ci={**PATH, **OURS})
    yard("plan", exit=3)  # credentials stay where they were until somebody says that they may go there
    yard("trust", "write", "--out", "trust.yaml")
    yard.trust = "trust.yaml"
    assert yard.actions() == {"ci": "update"}
    yard.forge.hooks[42, "1"]["events"] = ["push", "release"]
    assert "now points to" in yard.plan(exit=1)["problems"][0]["summary"]
    yard.forge.hooks[42, "1"]["events"] = ["push"]
    yard("apply", "--yes")
    assert (yard.forge.writes, yard.lock["ci"]["account"]) == ([], moved["forge"]["base_url"])
    assert yard.actions() == {"ci": "noop"}


def test_moving_a_place_by_hand(yard: Yard) -> None:
    """`state mv` moves all that was applied at a place, asks before, and keeps what is known of secrets."""
    yard.write(ci={**PATH, **OURS}, web={"scope": {"project": "grp/web"}})
    yard("apply", "--yes")
    before = yard.lock
    yard("state", "mv", "--scope", "project=grp/api", "project=42", exit=64)
    yard("state", "mv", "--scope", "project=grp/api", "project=42", "--yes")
    assert yard.lock == {**before, "ci": {**before["ci"], **NUMBER}}
    yard.write(ci={**NUMBER, **OURS}, web={"scope": {"project": "grp/web"}})
    assert yard.actions("--prune") == {"ci": "noop", "web": "noop"}


def test_moving_a_provider_by_hand(yard: Yard) -> None:
    """`state mv --provider` moves to another entry of the file, and to its account."""
    yard.write(ci={**PATH, **OURS})
    yard("apply", "--yes")
    there = f"http://localhost:{yard.forge.port}"
    yard.write({"new": {"base_url": there}}, ci={**PATH, **OURS, "provider": "new"})
    assert "whsync state mv --provider forge new" in yard("plan", exit=3).stderr
    yard("state", "mv", "--provider", "forge", "news", "--yes", exit=64)
    yard("state", "mv", "--provider", "forge", "new", "--yes")
    assert (yard.lock["ci"]["provider"], yard.lock["ci"]["account"]) == ("new", there)
    assert yard.actions("--prune") == {"ci": "noop"}


def test_moving_an_account_by_hand(yard: Yard) -> None:
    """`state mv --account` takes base URLs in any spelling."""
    yard.write(ci=PATH)
    yard("apply", "--yes")
    old, new = f"HTTP://127.0.0.1:{yard.forge.port}/", f"http://localhost:{yard.forge.port}"
    yard("state", "mv", "--account", old, new, "--yes")
    assert yard.lock["ci"]["account"] == new
    yard("state", "mv", "--account", old, new, "--yes", exit=64)
    yard("state", "mv", "--account", "localhost", new, "--yes", exit=64)


def test_what_cannot_be_moved(yard: Yard) -> None:
    """Nonsense, other keys, an unknown place, and two names for one webhook are told, and nothing is moved."""
    yard.write(ci=PATH)
    yard("apply", "--yes")
    yard.write(ci=PATH, team={**NUMBER, "url": URL, "events": ["push", "release"]})
    yard("apply", "--yes")
    before = yard.lock
    for old, new in (("grp/api", "42"), ("project=grp/api", "group=42"), ("project=grp/apo", "project=42")):
        yard("state", "mv", "--scope", old, new, "--yes", exit=64)
    told = yard("state", "mv", "--scope", "project=grp/api", "project=42", "--yes", exit=1)
    assert "whsync state rm" in told.stderr
    assert yard.lock == before
