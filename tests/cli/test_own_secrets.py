"""Taking over webhooks that exist, with a secret in the file, where nobody knows whether the vendor has that one."""

import json
from typing import Any

import pytest

from tests.cli.world import CI_SECRET, World, hook

URL = "https://ci.acme.com/hooks"
ANOTHER = "rotated at its source, 42 characters long."
FOR_BOTH = hook(for_each={"repo": ["api", "web"]}, scope={"repo": "${each.repo}"})
PHRASE = "not known to be the file's"


@pytest.fixture
def taken_over(world: World) -> World:
    """Two webhooks that were made by hand with a secret, adopted."""
    for repo in ("api", "web"):
        _by_hand(world, repo)
    world.write({"ci": FOR_BOTH})
    world.applied()
    world.forget_requests()
    return world


def _by_hand(world: World, repo: str) -> int:
    config = {"url": URL, "content_type": "json", "secret": "set by hand long ago"}
    return world.box["github"].add(f"acme/{repo}", config=config, events=["push", "pull_request"])


def _records(world: World) -> list[Any]:
    return [entry["secret"] for _, entry in sorted(world.lock.items())]


def test_the_plan_names_those_whose_secret_nobody_knows(taken_over: World) -> None:
    """Nothing differs, so exit 0; and the plan names each webhook, and the one command that settles all."""
    plan = taken_over("plan", "--detailed-exitcode")
    assert plan.exit == 0, plan
    assert f"secret: {PHRASE}" in plan.stdout or f"secret        {PHRASE}" in plan.stdout
    assert "ci[api]" in plan.stdout
    assert "ci[web]" in plan.stdout
    assert "`whsync apply --own-secrets`" in plan.stdout
    changes = taken_over.planned()["changes"]
    assert [change["secret"] for change in changes] == ["unverifiable"] * 2
    assert all(change["secret_note"].startswith(PHRASE) for change in changes)


def test_what_the_file_said_is_noted_and_not_taken_for_the_vendors(taken_over: World) -> None:
    """The lock has a fingerprint of the file's secret, marked as never sent; applying again changes nothing."""
    records = _records(taken_over)
    assert [record["sent"] for record in records] == [False, False]
    assert all(record["fingerprint"] for record in records)
    before = taken_over.files()
    taken_over.applied()
    assert taken_over.files() == before
    assert taken_over.total_writes() == 0


def test_a_change_of_the_source_is_a_change(taken_over: World) -> None:
    """What the reference resolves to later is another secret, and is sent; then it is known."""
    taken_over.environment["CI_SECRET"] = ANOTHER
    plan = taken_over("plan", "--detailed-exitcode")
    assert plan.exit == 2
    assert "the reference resolves to another value" in plan.stdout
    taken_over.applied()
    assert len(taken_over.writes("github")) == 2
    changes = taken_over.planned()["changes"]
    assert {change["secret"] for change in changes} == {"unverifiable"}, "the vendor shows stars, whatever it has"
    assert not any(PHRASE in change["secret_note"] for change in changes)
    assert all("sent" not in record for record in _records(taken_over))


@pytest.mark.parametrize("argv", [("apply", "--own-secrets", "--yes"), ("rotate", "ci", "--yes")], ids=" ".join)
def test_one_command_sends_all(taken_over: World, argv: tuple[str, ...]) -> None:
    """The file's secret goes to every webhook whose secret nobody knows; afterwards nothing is left to tell."""
    assert taken_over(*argv).exit == 0
    assert [json.loads(asked.body)["secret"] for asked in taken_over.asked("github")] == [CI_SECRET] * 2
    assert PHRASE not in taken_over("plan", "--detailed-exitcode").stdout
    taken_over.forget_requests()
    assert taken_over("apply", "--own-secrets", "--yes").exit == 0
    assert taken_over.total_writes() == 0


def test_a_saved_plan_owns_too(taken_over: World) -> None:
    """What was planned with --own-secrets is applied as it was reviewed."""
    assert taken_over("plan", "--own-secrets", "--out", "plan.json").exit == 0
    assert taken_over("apply", "plan.json").exit == 0
    assert len(taken_over.writes("github")) == 2


def test_an_adoption_by_hand_notes_it_at_once(world: World) -> None:
    """`whsync adopt` leaves nothing for the next plan to note."""
    key = _by_hand(world, "api")
    world.write({"ci": hook()})
    assert world("adopt", "ci", "--id", str(key), "--yes").exit == 0
    assert _records(world)[0]["sent"] is False
    assert world.change("ci", "--detailed-exitcode")["action"] == "noop"


def test_an_older_lock_learns_what_the_file_says(taken_over: World) -> None:
    """A lock that knows nothing of the secret gets the note without a call; so does one whose webhook is changed."""
    for changes in ({}, {"events": ["push"]}):
        whole = json.loads(taken_over.lock_path.read_text("utf-8"))
        for entry in whole["webhooks"].values():
            entry["secret"] = {"fingerprint": None, "mask": "********", "stored": None, "at": entry["at"]}
        taken_over.lock_path.write_text(json.dumps(whole), "utf-8")
        taken_over.write({"ci": {**FOR_BOTH, **changes}})
        taken_over.forget_requests()
        taken_over.applied()
        assert taken_over.total_writes() == 2 * len(changes)
        assert [record["sent"] for record in _records(taken_over)] == [False, False]
        assert set(taken_over.actions("--detailed-exitcode").values()) == {"noop"}
