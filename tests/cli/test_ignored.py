"""`lifecycle: {ignore: [FIELD…]}`: set when a webhook is made, and nobody's business from then on."""

import json
from typing import Any

import pytest

from tests.cli.world import World, hook, ledger

IGNORE = {"ignore": ["status", "options/content_type"]}


def declared(world: World, **changes: Any) -> None:
    """A hook that is made active, as JSON; afterwards both are left alone."""
    block = {"status": "active", "options": {"content_type": "json"}, "lifecycle": IGNORE, "secret": None}
    world.write({"ci": hook(**{**block, **changes})})


@pytest.fixture
def switched(world: World) -> World:
    """It was made, and somebody has switched it off and made it send forms."""
    declared(world)
    world.applied()
    (there,) = world.box["github"].webhooks()
    assert (there["active"], there["config"]["content_type"]) == (True, "json")
    world.box["github"].edit(there["id"], active=False, config={"content_type": "form"})
    world.forget_requests()
    return world


def test_what_moves_is_no_difference_and_no_drift(switched: World) -> None:
    """Plan and drift see nothing to do; the plan says what is ignored, in text and JSON, and the lock which fields."""
    made = switched.planned("--detailed-exitcode")
    (change,) = made["changes"]
    assert (change["action"], change["fields"], made["findings"]) == ("noop", [], [])
    told = {field["path"]: (field["before"], field["after"]) for field in change["ignored"]}
    assert told == {"/status": ("inactive", "active"), "/options/content_type": ("form", "json")}
    text = " ".join(switched("plan").stdout.split())
    assert "Ignored, for the file only sets it once content_type ci status ci No changes." in text
    assert switched("drift").exit == 0
    assert switched.lock["ci"]["ignore"] == ["/options/content_type", "/status"]


def test_an_update_of_something_else_leaves_it_alone(switched: World) -> None:
    """Events are sent without what is ignored, though both stand in one object; what is there stays."""
    declared(switched, events=["push"])
    assert switched.change("ci")["sends"] == ["/events"]
    switched.applied()
    (there,) = switched.box["github"].webhooks()
    assert (there["active"], there["config"]["content_type"], there["events"]) == (False, "form", ["push"])
    assert switched.actions("--detailed-exitcode") == {"ci": "noop"}
    assert switched("drift").exit == 0


def test_another_value_in_the_file_changes_nothing(switched: World) -> None:
    """Not even reasserting sends it: it counts only when the webhook is made."""
    declared(switched, status="inactive", options={"content_type": "form"})
    assert switched.actions("--detailed-exitcode", "--reassert") == {"ci": "noop"}
    switched.applied()
    assert switched.writes("github") == []


def test_who_stops_ignoring_gets_the_difference(switched: World) -> None:
    """Without the word, fields are managed again, and the plan would send them."""
    declared(switched, lifecycle=None)
    assert {field["path"] for field in switched.change("ci")["fields"]} == {"/status", "/options/content_type"}
    switched.applied()
    assert "ignore" not in switched.lock["ci"]


def test_what_is_taken_over_keeps_what_it_has(switched: World) -> None:
    """An adoption sets nothing that is ignored, either; what is made anew is made as the file says."""
    switched.lock_path.unlink()
    assert switched.change("ci")["action"] == "adopt"
    switched.applied()
    assert switched.writes("github") == []
    switched.box["github"].remove(switched.box["github"].webhooks()[0]["id"])
    switched.applied()
    (there,) = switched.box["github"].webhooks()
    assert (there["active"], there["config"]["content_type"]) == (True, "json")


def test_an_orphan_ignores_what_it_ignored(switched: World) -> None:
    """Out of the file, the lock still knows what nobody asked about."""
    switched.write({})
    assert switched("drift").exit == 0
    assert json.loads(switched("drift", "--format", "json").stdout)["differs"] is False


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("url", "`url` cannot be ignored: the policy says where it may point"),
        ("stauts", "GitHub has no field `stauts` that could be ignored"),
        ("options/insecure_ssl", "`ci` has no `options/insecure_ssl`, so there is nothing to set and then ignore"),
        ("events", "`events` tells `ci` apart, so it cannot be ignored"),
    ],
)
def test_what_cannot_be_ignored_is_told_at_its_place(world: World, field: str, said: str) -> None:
    """A wrong name, one that tells webhooks apart, and one that has no value: each with its line and a way out."""
    world.write({"ci": hook(key=["url", "events"], lifecycle={"ignore": [field]})})
    told = world("validate")
    assert told.exit == 1
    assert said in " ".join(told.stderr.split())
    assert "webhooks.yaml:" in told.stderr


def test_a_body_that_holds_everything_holds_what_is_there(world: World) -> None:
    """Where an update replaces the whole, what is ignored goes as it was read, and not as the file has it."""
    world.write({"ledger": ledger(status="active", description="one", lifecycle={"ignore": ["status"]})})
    world.applied()
    (there,) = world.box["coinbase-payments"].webhooks()
    world.box["coinbase-payments"].edit(there["id"], status="WEBHOOK_STATUS_DEACTIVATED")
    world.write({"ledger": ledger(status="active", description="two", lifecycle={"ignore": ["status"]})})
    world.applied()
    (there,) = world.box["coinbase-payments"].webhooks()
    assert (there["description"], there["status"] == "WEBHOOK_STATUS_DEACTIVATED") == ("two", True)
