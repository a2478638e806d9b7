"""A run was killed after its create, then the file was edited: nothing is made twice, nothing stays behind unseen."""

from datetime import UTC, datetime

import pytest

from tests.cli.world import World, hook

OLD, NEW = "/repos/acme/api/hooks", "/repos/acme/web/hooks"


@pytest.fixture
def lost(world: World) -> World:
    """The answer of a create was lost, and nothing could be read any more, as after a kill."""
    return losing(world, "drop-after")


def losing(world: World, how: str) -> World:
    """The create of `ci` is sent, and its intent stays open."""
    world.write({"ci": hook()})
    world.box["github"].fail(how, method="POST")
    world.box["github"].fail("500", method="GET", skip=1, times=None)
    assert world.apply().exit == 1
    world.box["github"].faults.clear()
    assert world("state", "list").stdout.strip().endswith("not settled")
    world.forget_requests()
    return world


def test_another_scope_waits_until_it_is_settled(lost: World) -> None:
    """The scope was changed: no second hook is made; put back, the first is found and finished."""
    lost.write({"ci": hook(scope={"repo": "web"})})
    result = lost.apply()
    assert result.exit == 1
    assert lost.writes("github") == []
    said = " ".join(result.stdout.split())
    assert "its scope changed from owner=acme, repo=api to owner=acme, repo=web, since a create of it was sent" in said
    assert "Not managed" not in said
    assert lost.actions(exit=1) == {"ci": "noop"}
    lost.write({"ci": hook()})
    lost.applied()
    assert len(lost.box["github"].webhooks()) == 1
    assert lost.actions() == {"ci": "noop"}


def test_another_scope_under_a_new_name(lost: World) -> None:
    """The way out that the problem names: a new name there, and the old one is pruned."""
    lost.write({"web": hook(scope={"repo": "web"})})
    lost.applied("--prune-all")
    assert lost.writes("github") == [f"POST {NEW}", f"DELETE {OLD}/12345678"]
    assert set(lost.lock) == {"web"}


def test_another_scope_after_a_create_that_did_not_happen(world: World) -> None:
    """Reading the old place shows that nothing was made there, so nothing waits."""
    losing(world, "drop-before")
    world.write({"ci": hook(scope={"repo": "web"})})
    world.applied()
    assert world.writes("github") == [f"POST {NEW}"]
    assert world.actions() == {"ci": "noop"}
    assert world("state", "list").stdout.count("settled") == 0


def test_no_longer_in_the_file(lost: World) -> None:
    """It is shown as what it is, and pruning takes it away without a question."""
    lost.write({})
    told = " ".join(lost("plan").stdout.split())
    assert "no longer in the file; a create of it was sent on" in told
    assert "last applied" not in told
    assert "Not managed" not in told
    lost.applied("--prune-all")
    assert lost.box["github"].webhooks() == []
    assert lost.lock == {}
    assert lost.actions() == {}


def test_nothing_is_pruned_by_its_url_alone(lost: World) -> None:
    """A hook with that URL that is older than the create may be anybody's: the user is asked."""
    github = lost.box["github"]
    github.remove(github.webhooks()[0]["id"])
    now, github.clock = github.clock, lambda: datetime(2020, 1, 1, tzinfo=UTC).timestamp()
    github.add("acme/api", config={"url": "https://ci.acme.com/hooks"})
    github.clock = now
    lost.write({})
    result = lost.apply("--prune-all")
    assert result.exit == 1
    assert "whsync state rm ci" in result.stdout
    assert len(github.webhooks()) == 1
