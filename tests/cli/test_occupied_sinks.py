"""A sink that another job, or somebody, has put a secret into: nothing is stored over it, or sent for it."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.keys import Fault, served
from tests.cli.mute import Mute, Place
from tests.cli.world import World, hook, ledger, problems, wallet

THEIRS = "whsec_of_the_first_job"
SAID = "holds a secret that this lock knows nothing of"
MADE = {"generate": 32, "to": "file:./secrets/ci"}


def shared(world: World, **to: str) -> None:
    """A folder in which another job has applied: its secret is in the sink, and its lock is not here."""
    world.write({"ledger": ledger(secret={"to": to.get("to", "file:./secrets/ledger")}), "wallet": wallet()})
    (world.folder / "secrets").mkdir(exist_ok=True)
    (world.folder / "secrets" / "ledger").write_text(THEIRS)
    (world.folder / ".env").write_text(f"OTHER=1\nLEDGER={THEIRS}\n")


def kept(world: World) -> bool:
    """Whether both places still have the first job's secret."""
    return (world.folder / "secrets" / "ledger").read_text() == THEIRS and THEIRS in (world.folder / ".env").read_text()


@pytest.mark.parametrize("to", ["file:./secrets/ledger", "env-file:.env#LEDGER"])
def test_the_second_job_stops_at_the_first_ones_secret(world: World, to: str) -> None:
    """A webhook that would be made is not, and the plan says why and what to do; others go on, with exit code 1."""
    shared(world, to=to)
    for words in ((), ("--offline",)):
        plan = world.planned(*words, exit=1)
        (problem,) = plan["problems"]
        assert (problem["kind"], problem["name"]) == ("secret", "ledger")
        assert f"{to} {SAID}" in problem["summary"]
        for way in ("put the lock back", "`whsync adopt ledger --id ID`", "another sink", "empty it by hand"):
            assert way in problem["hint"]
        assert {each["name"]: each["calls"] != [] for each in plan["changes"]} == {"ledger": False, "wallet": True}
    for _ in range(2):
        assert world.apply().exit == 1
        assert kept(world)
        assert world.writes("coinbase-payments") == []
    assert world.lock.keys() == {"wallet"}


@pytest.mark.parametrize("way", ["the lock", "adopt", "another sink", "emptied", "a line break"])
def test_every_way_out_leads_on(world: World, way: str) -> None:
    """Whatever the hint offers is done once, and then the plan is empty; only an emptied sink has another secret."""
    world.write({"ledger": ledger()})
    world.applied()
    theirs, lock = (world.folder / "secrets" / "ledger").read_text(), world.lock_path.read_bytes()
    world.lock_path.unlink()
    assert SAID in world.apply().stdout
    match way:
        case "the lock":
            world.lock_path.write_bytes(lock)
        case "adopt":
            assert world("adopt", "ledger", "--id", "wh_1001", "--yes").exit == 0
        case "another sink":
            world.write({"ledger": ledger(secret={"to": "file:./secrets/second"})})
        case _:
            (world.folder / "secrets" / "ledger").write_text("\n" if way == "a line break" else "")
    world.applied()
    assert world.actions() == {"ledger": "noop"}
    assert ((world.folder / "secrets" / "ledger").read_text() == theirs) is (way not in ("emptied", "a line break"))
    assert len(world.box["coinbase-payments"].webhooks()) == (1 if way in ("the lock", "adopt") else 2)


def test_what_is_no_text_is_not_written_over_either(world: World) -> None:
    """A file of bytes, a key, say, is somebody's too."""
    shared(world)
    (world.folder / "secrets" / "ledger").write_bytes(b"\x80\x00\xff\xfe")
    assert SAID in world.apply().stdout
    assert (world.folder / "secrets" / "ledger").read_bytes() == b"\x80\x00\xff\xfe"


@pytest.mark.parametrize("changed", [False, True])
def test_what_the_lock_knows_is_made_again(world: World, changed: bool) -> None:
    """A webhook that is gone at the vendor gets another secret over its own, and not over what came there since."""
    world.write({"ci": hook(secret=MADE)})
    world.applied()
    sink = world.folder / "secrets" / "ci"
    before = sink.read_text()
    world.box["github"].remove(world.box["github"].webhooks()[0]["id"])
    if changed:
        sink.write_text(THEIRS)
        assert SAID in world.apply().stdout
        assert (sink.read_text(), world.box["github"].webhooks()) == (THEIRS, [])
    else:
        world.applied()
        assert sink.read_text() != before
        assert [each["config"]["secret"] for each in world.box["github"].webhooks()] == [sink.read_text()]


def test_a_secret_that_a_webhook_is_to_have_from_now_on(world: World) -> None:
    """One that whsync would make waits for its sink to be free; what needs no secret is updated meanwhile."""
    world.write({"ci": hook(secret=None)})
    world.applied()
    shared(world)
    (world.folder / "secrets" / "ci").write_text(THEIRS)
    world.write({"ci": hook(secret=MADE, events=["star"])})
    assert SAID in world.apply().stdout
    (there,) = world.box["github"].webhooks()
    assert (there["events"], there["config"].get("secret")) == (["star"], None)
    assert (world.folder / "secrets" / "ci").read_text() == THEIRS
    assert world("rotate", "ci", "--yes").exit == 0, "who names the webhook means it"
    assert world.box["github"].webhooks()[0]["config"]["secret"] == (world.folder / "secrets" / "ci").read_text()


@pytest.mark.parametrize("shown", ["theirs", "another"])
def test_a_secret_that_the_vendor_shows(world: World, shown: str) -> None:
    """Adopted by its mark, a webhook whose shown secret is in the sink goes on; another one is not stored over it."""
    vendor = world.box["coinbase-payments"]
    vendor.switch(list=True)
    world.write({"ledger": ledger()}, providers={"coinbase": {"settings": {"list": True}}})
    world.applied()
    (world.folder / "webhooks.lock.json").unlink()
    if shown == "another":
        (world.folder / "secrets" / "ledger").write_text(THEIRS)
        assert problems(world("plan", "--format", "json"))[0]["kind"] == "secret"
        assert SAID in world.apply().stdout
        assert (world.folder / "secrets" / "ledger").read_text() == THEIRS
    else:
        world.applied()
        assert world.actions() == {"ledger": "noop"}


@pytest.mark.parametrize("fault", ["403", "drop-before"])
def test_a_create_that_failed_is_tried_again(world: World, fault: str) -> None:
    """The secret that was made for it is the lock's own, although the lock has no webhook yet: another goes over it."""
    world.write({"ci": hook(secret=MADE)})
    world.box["github"].fail(fault, method="POST")
    assert world.apply().exit == 1
    world.applied()
    assert [each["config"]["secret"] for each in world.box["github"].webhooks()] == [
        (world.folder / "secrets" / "ci").read_text()
    ]


@pytest.mark.parametrize("known", ["changed since", "adopted"])
def test_a_replacement(run: Run, tmp_path: Path, known: str) -> None:
    """A webhook made anew would get another secret: not over one that the lock does not know, and before any call."""
    vendor, sink, secret = Mute(), tmp_path / "sink", {"generate": 32, "to": "file:./sink"}
    with served(vendor) as url:
        place = Place(run, tmp_path, vendor, url)
        place.declare("x", secret=secret)
        place.apply()
        if known == "adopted":
            (tmp_path / "webhooks.lock.json").unlink()
            place("adopt", "x", "--id", "m1", "--yes")
        sink.write_text(THEIRS)
        place.declare("x", secret=secret, url="https://hooks.acme.com/elsewhere")
        if known == "adopted":
            assert SAID in place("plan", exit=1).stdout
        else:
            assert place.actions() == {"x": "replace"}
        assert SAID in place.apply(exit=1).stdout
        assert (sink.read_text(), place.vendor.writes(), len(vendor.rows)) == (THEIRS, [], 1)
        sink.unlink()
        place.apply()
        assert (vendor.secrets["m2"], [row["id"] for row in vendor.rows]) == (sink.read_text(), ["m2"])


@pytest.mark.parametrize("killed", [False, True])
@pytest.mark.parametrize("order", ["create_first", "delete_first"])
def test_a_replacement_of_somebodys_webhook_that_is_refused(run: Run, tmp_path: Path, order: str, killed: bool) -> None:
    """Another's webhook took ours' place, and a call fails: the sink has our old secret again, and it stays ours.

    So it is where the run before was killed: what that one made is in the sink then.
    """
    vendor, secret = Mute(), {"generate": 32, "to": "file:./sink"}
    with served(vendor) as url:
        place = Place(run, tmp_path, vendor, url)
        manifest = tmp_path / "vendors" / "own.yaml"
        lasting = manifest.read_text("utf-8").replace("write: /text}", "write: /text, sets: create}")
        manifest.write_text(lasting.replace(" /description,", ""), "utf-8")
        place.declare("x", secret=secret, lifecycle={"replace": order})
        place.apply()
        ours = (tmp_path / "sink").read_text("utf-8")
        vendor.rows.clear()
        vendor.add(THEIRS, url="https://hooks.acme.com/x", events=["a"], state="up", text="theirs")
        call = "POST /hooks" if order == "create_first" else "DELETE /hooks/m2"
        if killed:
            place.kill(call, "before")
            ours = (tmp_path / "sink").read_text("utf-8")
        vendor.faults[call] = [Fault(404, done=False)]
        assert "file:./sink has the old secret again" in place.apply(exit=1).stdout
        assert (tmp_path / "sink").read_text("utf-8") == ours
        place.apply()
        assert [row["id"] for row in vendor.rows] == ["m3"]
        assert vendor.secrets["m3"] == (tmp_path / "sink").read_text("utf-8")
        assert "sinks" not in json.loads((tmp_path / "webhooks.lock.json").read_text("utf-8"))


@pytest.mark.parametrize("gone", ["pruned", "let go", "moved"])
def test_the_lock_remembers_what_it_put_there(world: World, gone: str) -> None:
    """A webhook that left and comes back, or whose secret went elsewhere meanwhile, finds its sink as its own."""
    world.write({"ci": hook(secret=MADE)})
    world.applied()
    match gone:
        case "pruned":
            world.write({})
            world.applied("--prune-all")
        case "let go":
            world.box["github"].remove(world.box["github"].webhooks()[0]["id"])
            assert world("state", "rm", "ci", "--yes").exit == 0
        case _:
            world.write({"ci": hook(secret={**MADE, "to": "file:./secrets/other"})})
            (world.folder / "secrets" / "other").write_text((world.folder / "secrets" / "ci").read_text())
            world.applied()
            world("rotate", "ci", "--yes")
    assert "file:./secrets/ci" in json.loads(world.lock_path.read_text())["sinks"]
    world.write({"ci": hook(secret=MADE)})
    world.applied()
    if gone != "moved":  # where it stays, the plan says what to do with a secret that is elsewhere
        assert [each["config"]["secret"] for each in world.box["github"].webhooks()] == [
            (world.folder / "secrets" / "ci").read_text()
        ]
    assert world.actions() == {"ci": "noop"}
    assert ("sinks" in json.loads(world.lock_path.read_text())) is (gone == "moved")
