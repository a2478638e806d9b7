"""`whsync rotate`: a new secret for one webhook, through its sink."""

from tests.cli.world import CI_SECRET, World, hook, ledger

MADE = {"generate": 32, "to": "file:./secrets/ci"}


def test_a_secret_that_whsync_makes_is_made_anew(world: World) -> None:
    """Sink and vendor have the same new secret, no other field is sent, and nothing is left to do."""
    world.write({"ci": hook(secret=MADE)})
    world.applied()
    sink = world.folder / "secrets" / "ci"
    before = sink.read_text()
    world.box["github"].clear_requests()
    assert world("rotate", "ci", "--yes").exit == 0
    after = sink.read_text()
    assert after != before
    assert world.box["github"].webhooks()[0]["config"]["secret"] == after
    (write,) = [request for request in world.box["github"].requests if request.method != "GET"]
    assert write.json() == {"secret": after}
    assert world.planned()["summary"]["unverifiable"] == 1
    assert world.actions() == {"ci": "noop"}


def test_the_sink_has_the_new_secret_before_the_vendor(world: World) -> None:
    """A vendor that refuses leaves the new secret in the sink, and the next apply sends one that both have."""
    world.write({"ci": hook(secret=MADE)})
    world.applied()
    world.box["github"].fail("500", method="PATCH", times=1)
    assert world("rotate", "ci", "--yes").exit == 1
    assert world.apply().exit == 0
    assert world.box["github"].webhooks()[0]["config"]["secret"] == (world.folder / "secrets" / "ci").read_text()


def test_an_unknown_secret_becomes_ours(world: World) -> None:
    """An adopted webhook keeps its secret until rotate writes the one of the reference."""
    theirs = {"url": "https://ci.acme.com/hooks", "content_type": "json", "secret": "somebody else's secret"}
    world.box["github"].add("acme/api", config=theirs, events=["push", "pull_request"])
    world.write({"ci": hook()})
    world.applied()
    assert world.box["github"].webhooks()[0]["config"]["secret"] == "somebody else's secret"
    assert world("rotate", "ci", "--yes").exit == 0
    assert world.box["github"].webhooks()[0]["config"]["secret"] == CI_SECRET
    (change,) = world.planned()["changes"]
    assert (change["action"], change["secret"]) == ("noop", "unverifiable")


def test_a_block_is_rotated_whole(world: World) -> None:
    """A block's name means all of it; a neighbour without a secret is neither touched nor in the way."""
    block = hook(for_each={"repo": ["api", "web"]}, scope={"repo": "${each.repo}"}, secret={"from": "env:CI_SECRET"})
    bare = hook(url="https://ci.acme.com/bare", secret=None)
    world.write({"ci": block, "bare": bare})
    world.applied()
    world.forget_requests()
    for target, writes in (("ci", 2), ("ci[*]", 2), ("provider:github", 2), ("ci[web]", 1)):
        assert world("rotate", target, "--yes").exit == 0
        assert len(world.writes("github")) == writes
        world.forget_requests()
    assert world("rotate", "ba*", "--yes").exit == 64
    assert world.total_writes() == 0


def test_a_vendor_that_issues_only_once_is_said(world: World) -> None:
    """Where no call issues another secret, nothing is written and the way out is named."""
    world.write({"ledger": ledger()})
    world.applied()
    world.box["coinbase-payments"].clear_requests()
    result = world("rotate", "ledger", "--yes")
    assert result.exit == 1
    assert "no call that issues another" in result.stdout + result.stderr
    assert all(request.method == "GET" for request in world.box["coinbase-payments"].requests)


def test_rotate_asks(world: World) -> None:
    """Without a terminal and `--yes` it is wrong usage; so is a name that the files do not have."""
    world.write({"ci": hook(secret=MADE)})
    world.applied()
    assert world("rotate", "ci").exit == 64
    unknown = world("rotate", "cii", "--yes")
    assert unknown.exit == 64
    assert "did you mean `ci`?" in unknown.stderr
