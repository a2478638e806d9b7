"""Plans of many secrets are quick where they were compared before, and tell what they always told."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from tests.cli.world import World, hook, ledger

REAL = hashlib.scrypt
COUNT = 8


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int, int]]:
    """The parameters of every slow step, each made cheap."""
    seen: list[tuple[int, int, int]] = []

    def counted(password: bytes, *, salt: bytes, n: int, r: int, p: int, maxmem: int, dklen: int) -> bytes:
        seen.append((n, r, p))
        return REAL(password, salt=salt + str((n, r, p)).encode(), n=2, r=1, p=1, dklen=dklen)

    monkeypatch.setattr(hashlib, "scrypt", counted)
    return seen


@pytest.fixture
def many(world: World, tmp_path_factory: pytest.TempPathFactory, slow: list[Any]) -> World:
    """Eight webhooks with a secret each, and a user with a home of his own."""
    world.write({f"ci{n}": own(n) for n in range(COUNT)})
    world.environment |= {f"S{n}": f"secret-number-{n}" for n in range(COUNT)}
    world.environment |= {"XDG_STATE_HOME": str(tmp_path_factory.mktemp("state"))}
    return world


def own(number: int, **changes: Any) -> dict[str, Any]:
    """A webhook with a secret of its own."""
    return hook(url=f"https://ci.acme.com/{number}", secret={"from": f"env:S{number}"}, **changes)


def kept(world: World) -> Path:
    """Where the user's machine remembers."""
    return Path(world.environment["XDG_STATE_HOME"], "whsync", "compared")


def states(world: World) -> dict[str, str]:
    """What a plan says of each secret."""
    return {change["name"]: change["secret"] + change.get("secret_note", "") for change in world.planned()["changes"]}


def test_the_plan_after_an_apply_takes_one_slow_step(many: World, slow: list[Any]) -> None:
    """Eight secrets of their own, one slow step, and the plan that eight would give."""
    many.applied()
    slow.clear()
    quick = many.planned()
    assert slow == [(2**14, 8, 1)]
    many.environment["WHSYNC_NO_MEMORY"] = "1"
    slow.clear()
    assert many.planned() | {"created_at": ""} == quick | {"created_at": ""}
    assert len(slow) == COUNT


def test_a_changed_secret_is_seen(many: World, slow: list[Any]) -> None:
    """One of eight has another value: it alone is changed, is sent, and is then remembered with the others."""
    many.applied()
    before = states(many)
    many.environment["S3"] = "another secret"
    after = states(many)
    assert states(many) == after, "what differs is not remembered as the same"
    assert [name for name, state in after.items() if state != before[name]] == ["ci3"]
    assert after["ci3"].startswith("changed")
    many.applied()
    slow.clear()
    assert states(many) == before
    assert len(slow) == 1


def test_a_new_machine_pays_once(many: World, slow: list[Any], tmp_path: Path) -> None:
    """Another home knows nothing: its first plan compares each secret, and its second is quick."""
    many.applied()
    many.environment["XDG_STATE_HOME"] = str(tmp_path.parent / f"{tmp_path.name}-other")
    counts = []
    for _ in range(2):
        slow.clear()
        many.planned()
        counts.append(len(slow))
    assert COUNT < counts[0] <= COUNT + 2
    assert counts[1] == 1


@pytest.mark.parametrize(
    "variables",
    [
        {"WHSYNC_NO_MEMORY": "1"},
        {"CI": "true"},
        {"GITLAB_CI": "true"},
        {"WHSYNC_FINGERPRINT_KEY": "a key that is long enough to be one"},
    ],
    ids=lambda variables: next(iter(variables)),
)
def test_where_nothing_is_remembered(variables: dict[str, str], many: World) -> None:
    """Not by who does not want it, not on a runner, and not where guessing is to need a key."""
    many.environment |= variables
    many.applied()
    assert set(states(many).values()) == {"unverifiable" + "as applied"}
    assert not kept(many).exists()


def test_strangers_files_leave_no_trace(many: World, slow: list[Any], tmp_path: Path) -> None:
    """A strict run compares what it may, believes no memory and leaves none; an untrusted one compares nothing."""
    many.applied()
    before = {path: path.read_bytes() for path in kept(many).iterdir()}
    assert many("trust", "write", "--out", str(tmp_path / "trust.yaml")).exit == 0
    slow.clear()
    many.planned("--trust", "trust.yaml")
    assert len(slow) == COUNT
    many.planned("--untrusted")
    assert {path: path.read_bytes() for path in kept(many).iterdir()} == before


def test_a_home_within_reach_of_the_files_is_not_used(many: World) -> None:
    """Where a container's home is the checkout, a change could bring tags along: none are read, none are left."""
    many.environment["XDG_STATE_HOME"] = str(many.folder / ".state")
    many.applied()
    many.planned()
    assert not kept(many).exists()


def test_a_plan_for_people_makes_no_fingerprints(many: World, slow: list[Any]) -> None:
    """Of new secrets nothing is slow before somebody keeps their fingerprints; a plan that is saved has them."""
    shown = many("plan")
    assert f"Plan: {COUNT} to add" in shown.stdout
    assert slow == []
    assert many("plan", "--out", "plan.json").exit == 0
    assert len(slow) == COUNT
    assert many("apply", "plan.json").exit == 0
    assert {entry["secret"]["fingerprint"].split("$")[0] for entry in many.lock.values()} == {"scrypt"}


def test_a_saved_plan_still_demands_what_it_saw(many: World) -> None:
    """Another value of a new secret makes a saved plan stale, although shown plans carry no fingerprint."""
    assert many("plan", "--out", "plan.json").exit == 0
    many.environment["S3"] = "another secret"
    assert many("apply", "plan.json").exit == 1
    assert not many.lock_path.exists()


def test_hidden_values_are_compared_at_once(many: World, slow: list[Any]) -> None:
    """Addresses that hide a value each: one slow step for all, once this machine has seen that they are the same."""
    blocks = {f"ci{n}": hook(url=f"https://ci.acme.com/${{secret:env:S{n}}}", secret=None) for n in range(COUNT)}
    many.write(blocks)
    many.applied()
    assert set(many.actions().values()) == {"noop"}
    slow.clear()
    assert set(many.actions().values()) == {"noop"}
    assert len(slow) == 1
    many.environment["S3"] = "another-secret"
    assert [name for name, action in many.actions().items() if action != "noop"] == ["ci3"]


def test_what_whsync_makes_needs_no_slow_step(many: World, slow: list[Any]) -> None:
    """A generated secret stands in the lock with the random bits that it is made of, and costs no time."""
    many.write({"ci": hook(secret={"generate": 32, "to": "file:./secrets/ci"})})
    many.applied()
    assert many.lock["ci"]["secret"]["fingerprint"].startswith("sha256$256$")
    assert slow == []
    assert "No changes." in many("plan").stdout


def test_what_a_vendor_issues_is_stretched(many: World, slow: list[Any]) -> None:
    """However random an issued secret looks, nobody knows how it was made, so a guess at it costs the slow step."""
    many.write({"ledger": ledger()})
    many.applied()
    assert many.lock["ledger"]["secret"]["fingerprint"].startswith("scrypt$14$")
    assert (2**14, 8, 1) in slow


def test_commands_are_asked_beside_each_other(many: World) -> None:
    """Three commands that wait for each other give three secrets, where one after the other none would end."""
    (many.folder / "here").mkdir()
    wait = "for n in $(seq 300); do [ $(ls here | wc -l) -ge 3 ] && break; sleep 0.02; done; [ $n -lt 300 ]"
    commands = ["touch first; echo the first secret"]
    commands += [f"touch here/{n}; {wait}; echo secret number {n}" for n in range(3)]
    many.write(
        {
            f"ci{n}": hook(url=f"https://ci.acme.com/{n}", secret={"from": f"cmd:{text}"})
            for n, text in enumerate(commands)
        }
    )
    many.applied()
