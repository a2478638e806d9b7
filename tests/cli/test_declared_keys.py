"""Two webhooks with one URL in one place: `key:` says what tells them apart, and both can be taken over."""

import json

import pytest

from tests.cli.world import World, hook

URL = "https://ci.acme.com/hooks"
KEY = ["url", "events"]


def pair(**changes: object) -> dict:
    """Two hooks of one repository with one URL, each with its own events."""
    return {
        "pushes": hook(events=["push"], secret=None, **changes),
        "reviews": hook(events=["pull_request"], secret=None, **changes),
    }


def by_hand(world: World) -> dict[str, str]:
    """The same two, made at the vendor by whsync and forgotten by it; their ids."""
    world.write(pair(key=KEY))
    world.applied()
    ids = {name: entry["remote_id"] for name, entry in world.lock.items()}
    world.lock_path.unlink()
    world.forget_requests()
    return ids


def test_both_are_made_and_stay(world: World) -> None:
    """Two webhooks with one URL are two at the vendor; applying again makes nothing, and no duplicate is found."""
    world.write(pair(key=KEY))
    world.applied()
    assert [sorted(each["events"]) for each in world.box["github"].webhooks()] == [["push"], ["pull_request"]]
    made = world.planned("--detailed-exitcode")
    assert ({each["action"] for each in made["changes"]}, made["findings"]) == ({"noop"}, [])


def test_both_are_taken_over(world: World) -> None:
    """A first plan without a lock binds each to its own, and no finding stays, in plan, drift and audit alike."""
    ids = by_hand(world)
    world.write(pair(key=KEY))
    world.applied()
    assert {name: entry["remote_id"] for name, entry in world.lock.items()} == ids
    assert world.writes("github") == []
    assert world.planned("--detailed-exitcode")["findings"] == []
    assert world("drift").exit == 0
    assert '"duplicate"' not in json.dumps(json.loads(world("audit", "--format", "json").stdout)["webhooks"])


def test_one_of_them_is_taken_over_alone(world: World) -> None:
    """The other is a stranger, for it has other events; an audit does not call the two alike, either."""
    ids = by_hand(world)
    world.write({"pushes": pair(key=KEY)["pushes"]})
    made = world.planned()
    assert [each["remote_id"] for each in made["unmanaged"]] == [ids["reviews"]]
    assert (made["changes"][0]["action"], made["findings"]) == ("adopt", [])
    assert "found at the vendor by its events, url" in made["changes"][0]["reason"]
    world.applied()
    assert '"duplicate"' not in json.dumps(json.loads(world("audit", "--format", "json").stdout)["webhooks"])
    world.write({"pushes": pair()["pushes"]})
    assert [each["kind"] for each in world.planned()["findings"]] == ["duplicate"]
    assert '"duplicate"' in json.dumps(json.loads(world("audit", "--format", "json").stdout)["webhooks"])


def test_without_a_key_the_user_is_asked_and_told_of_keys(world: World) -> None:
    """Where two fit, nothing is guessed; the hint says by id, or by which fields."""
    by_hand(world)
    world.write({"pushes": pair()["pushes"]})
    (problem,) = world.planned(exit=1)["problems"]
    assert problem["kind"] == "ambiguous"
    assert "whsync adopt pushes --id ID" in problem["hint"]
    assert "`key: [url, events]`" in problem["hint"]


def test_what_the_vendor_tells_apart_needs_no_key(world: World) -> None:
    """Two of the file that its vendor allows beside each other are told apart by what the vendor's documents say."""
    ids = by_hand(world)
    world.write(pair())
    world.applied()
    assert {name: entry["remote_id"] for name, entry in world.lock.items()} == ids


def test_changing_a_field_of_the_key_is_an_update(world: World) -> None:
    """What is bound is bound by its id: its events change as they always did."""
    world.write(pair(key=KEY))
    world.applied()
    before = {name: entry["remote_id"] for name, entry in world.lock.items()}
    changed = pair(key=KEY)
    changed["pushes"]["events"] = ["push", "release"]
    world.write(changed)
    assert world.actions() == {"pushes": "update", "reviews": "noop"}
    world.applied()
    assert {name: entry["remote_id"] for name, entry in world.lock.items()} == before
    assert world.actions("--detailed-exitcode") == {"pushes": "noop", "reviews": "noop"}


def test_answers_of_both_creates_are_lost(world: World) -> None:
    """Both were made and nobody heard: the next apply finds each by the key that was sent, and makes none twice."""
    world.write(pair(key=KEY))
    github = world.box["github"]
    github.fail("drop-after", method="POST", times=2)
    github.fail("500", method="GET", skip=1, times=None)
    assert world.apply().exit == 1
    github.faults.clear()
    assert len(github.webhooks()) == 2
    edited = pair(key=KEY)
    edited["pushes"]["events"] = ["push", "release"]
    world.write(edited)
    world.applied()
    events = {each["id"]: sorted(each["events"]) for each in github.webhooks()}
    ids = {name: int(entry["remote_id"]) for name, entry in world.lock.items()}
    assert (events[ids["pushes"]], events[ids["reviews"]], len(events)) == (["push", "release"], ["pull_request"], 2)


def test_a_key_in_the_defaults_holds_where_the_vendor_has_it(world: World) -> None:
    """For a vendor that tells its webhooks apart otherwise, a default is skipped as any default is."""
    world.write(pair())
    whole = json.loads(world.config.read_text("utf-8"))
    whole["defaults"] = {"key": KEY}
    whole["webhooks"]["wallet"] = {"provider": "cryptofuse", "url": "https://hooks.acme.com/c"}
    world.config.write_text(json.dumps(whole), "utf-8")
    assert world("validate").exit == 0
    whole["webhooks"]["wallet"]["key"] = KEY
    world.config.write_text(json.dumps(whole), "utf-8")
    said = world("validate").stderr
    assert "has one webhook for an account, so that no key tells any apart" in said


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ({"key": ["url", "evnts"]}, "GitHub has no field `evnts` to tell webhooks apart by"),
        ({"key": ["url", "options/insecure_ssl"]}, "`pushes` has no `options/insecure_ssl`, which its key names"),
        ({"key": []}, "`key` must not be empty"),
    ],
)
def test_a_wrong_key_is_told_at_its_place(world: World, block: dict, said: str) -> None:
    """What no webhook can be told apart by is an error with its line, what is wrong, and what would be right."""
    world.write({"pushes": pair()["pushes"] | block})
    told = world("validate")
    assert told.exit == 1
    assert said in " ".join(told.stderr.split())
    assert "webhooks.yaml:" in told.stderr


def test_equal_keys_and_keys_that_may_fit_one_are_errors(world: World) -> None:
    """Two webhooks that could both be one remote webhook are told with both places, whatever their keys name."""
    same = pair(key=KEY)
    same["reviews"]["events"] = ["push"]
    world.write(same)
    said = " ".join(world("validate").stderr.split())
    assert "`reviews` and `pushes` mean the same remote webhook (the same events and url in the same scope" in said
    other = pair(key=KEY)
    other["reviews"] |= {"key": ["url", "options/content_type"]}
    world.write(other)
    assert "mean the same remote webhook (the same url in the same scope" in " ".join(world("validate").stderr.split())
