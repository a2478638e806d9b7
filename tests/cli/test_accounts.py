"""Another account's key: nothing is read or written with it, and nothing looks as if it were gone."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler.providers.protocol import account_fingerprint
from tests.cli.conftest import Run
from tests.cli.keys import served
from tests.cli.mute import Mute, Place
from tests.cli.world import World, hook, ledger, problems, wallet

MINE, THEIRS = "acct-4711", "acct-0815"


class Rooms(Mute):
    """A vendor with several accounts, which count their webhooks' ids each for itself; `who` has the key.

    Attributes:
        who: the account, as `GET /account` tells it.
        told: the status of that answer, and another document than usual, where one is given.
    """

    def __init__(self) -> None:
        super().__init__()
        self.who: Any = MINE
        self.told: tuple[int, Any] | None = None
        self._rooms: dict[str, tuple[list[dict[str, Any]], dict[str, str]]] = {}

    def done(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        """What it does, and says."""
        if (method, path) == ("GET", ["account"]):
            return self.told or (200, {"id": self.who, "title": "Acme & Sons"})
        return super().done(method, path, body)

    def enter(self, who: str) -> None:
        """Use another account's key from now on."""
        self._rooms[self.who] = (self.rows, self.secrets)
        self.rows, self.secrets = self._rooms.get(who, ([], {}))
        self.who = who


class House(Place):
    """A folder and such a vendor."""

    vendor: Rooms


@contextmanager
def house(run: Run, folder: Path, **words: Any) -> Iterator[House]:
    """A folder and such a vendor; `words` are those of the manifest's `account`."""
    vendor = Rooms()
    with served(vendor) as url:
        place = House(run, folder, vendor, url)
        manifest = folder / "vendors" / "own.yaml"
        whole = yaml.safe_load(manifest.read_text("utf-8"))
        whole["account"] = {"path": "/account", "id": "id", "name": "title", **words}
        del whole["probe"]
        manifest.write_text(yaml.safe_dump(whole, sort_keys=False), "utf-8")
        yield place


def pinned(place: House, account: str | None) -> None:
    """Say in the file whose key it must be."""
    config = place.folder / "webhooks.yaml"
    whole = yaml.safe_load(config.read_text("utf-8"))
    whole["providers"]["own"].pop("account", None)
    if account is not None:
        whole["providers"]["own"]["account"] = account
    config.write_text(yaml.safe_dump(whole), "utf-8")


def entry(place: House) -> dict[str, Any]:
    """What the lock has of the only webhook."""
    (found,) = place.lock().values()
    return dict(found)


def test_another_accounts_key(run: Run, tmp_path: Path) -> None:
    """Every command that reads or writes stops there, with one problem, and asks for nothing but whose key it is."""
    with house(run, tmp_path) as place:
        place.declare("x")
        place.apply()
        assert entry(place)["account_id"] == MINE
        before = (place.folder / "webhooks.lock.json").read_bytes()
        place.vendor.enter(THEIRS)
        place.declare("x", description="two")
        for command in (("plan",), ("apply", "--yes"), ("drift",), ("rotate", "x", "--yes"), ("plan", "--prune-all")):
            place.vendor.start_anew()
            result = place(*command, exit=1)
            assert f"the account {THEIRS} (Acme & Sons), and the lock has webhooks of {MINE}" in result.stdout
            assert "wrong_account" in result.stdout
            assert place.vendor.asked == ["GET /account"]
        place.vendor.start_anew()
        assert "the lock has webhooks of" in place("adopt", "x", "--id", "m1", "--yes", exit=1).stderr
        assert place.vendor.asked == ["GET /account"]
        (problem,) = json.loads(place("plan", "--format", "json", exit=1).stdout)["problems"]
        assert (problem["kind"], problem["provider"]) == ("wrong_account", "own")
        assert (place.folder / "webhooks.lock.json").read_bytes() == before
        place("plan", "--offline", exit=0)
        place.vendor.enter(MINE)
        place.apply()
        assert place.actions() == {"x": "noop"}


def test_a_pruned_file_takes_no_strangers_webhook_away(run: Run, tmp_path: Path) -> None:
    """Where ids are counted by account, a stranger's webhook has the id that the lock has; it is left alone."""
    with house(run, tmp_path) as place:
        place.declare("x")
        place.apply()
        place.vendor.enter(THEIRS)
        place.vendor.add(url="https://elsewhere.example/x", events=["a"], state="up", text="")
        place.declare()
        place.apply("--prune-all", exit=1)
        assert [row["id"] for row in place.vendor.rows] == ["m1"]
        assert place.vendor.writes() == []


def test_a_lock_without_an_account_learns_it(run: Run, tmp_path: Path) -> None:
    """Older locks go on: the account is noted when an entry is written anyway, and asked for once before that."""
    with house(run, tmp_path) as place:
        place.declare("x", "y")
        place.apply()
        assert place.vendor.asked.count("GET /account") == 1
        lock = json.loads((place.folder / "webhooks.lock.json").read_text("utf-8"))
        for found in lock["webhooks"].values():
            del found["account_id"]
        old = json.dumps(lock, indent=2, sort_keys=True) + "\n"
        (place.folder / "webhooks.lock.json").write_text(old, "utf-8")
        place.apply()
        assert "GET /account" not in place.vendor.asked, "nothing is known, and nothing is written"
        assert (place.folder / "webhooks.lock.json").read_text("utf-8") == old
        place.declare("x", "y", description="two")
        place.vendor.enter(MINE)
        place.apply()
        assert {found["account_id"] for found in place.lock().values()} == {MINE}


@pytest.mark.parametrize("told", [(403, {}), (404, {}), (200, {"id": None}), (200, {"id": ["a"]})])
def test_credentials_that_are_nobodys(run: Run, tmp_path: Path, told: tuple[int, Any]) -> None:
    """Where the vendor does not say whose they are, nothing is concluded, and what the lock has stays."""
    with house(run, tmp_path) as place:
        place.vendor.told = told
        place.declare("x")
        place.apply()
        assert "account_id" not in entry(place)
        place.vendor.told = None
        place.declare("x", description="two")
        place.apply()
        place.vendor.told = told
        place.declare("x", description="three")
        place.apply()
        assert entry(place)["account_id"] == MINE
        pinned(place, MINE)
        assert f"does not tell whose credentials these are, and the file says {MINE}" in place("plan", exit=1).stdout


@pytest.mark.parametrize(("status", "kind"), [(401, "auth"), (500, "vendor")])
def test_an_account_that_cannot_be_asked(run: Run, tmp_path: Path, status: int, kind: str) -> None:
    """A refused key, and a vendor that fails, are what they are; nothing further is read while nobody knows."""
    with house(run, tmp_path) as place:
        place.declare("x")
        place.apply()
        place.vendor.told = (status, {"message": "no"})
        place.vendor.start_anew()
        (problem,) = json.loads(place("plan", "--format", "json", exit=1).stdout)["problems"]
        assert problem["kind"] == kind
        assert set(place.vendor.asked) == {"GET /account"}


def test_an_account_in_the_file(run: Run, tmp_path: Path) -> None:
    """`account:` holds without a lock, too; it is the id as the vendor tells it, in the file's own spelling."""
    with house(run, tmp_path) as place:
        place.declare("x")
        pinned(place, THEIRS)
        told = place("plan", exit=1).stdout
        assert f"the account {MINE} (Acme & Sons), and the file says {THEIRS}" in told
        assert "webhooks.yaml:" in told
        place.apply(exit=1)
        assert place.vendor.writes() == []
        pinned(place, MINE)
        place.apply()
        pinned(place, THEIRS)
        place.vendor.enter(THEIRS)
        assert f"the lock has webhooks of {MINE}" in place("plan", exit=1).stdout


def test_a_private_id(run: Run, tmp_path: Path) -> None:
    """An id that is nobody's business stands as a fingerprint in the lock and in messages; the file may have either."""
    with house(run, tmp_path, private=True) as place:
        place.declare("x")
        pinned(place, MINE)
        place.apply()
        assert entry(place)["account_id"] == account_fingerprint(MINE)
        place.vendor.enter(THEIRS)
        told = place("plan", exit=1).stdout
        assert THEIRS not in told
        assert "Acme" not in told
        pinned(place, account_fingerprint(MINE))
        place.vendor.enter(MINE)
        assert place.actions() == {"x": "noop"}


def test_accounts_that_share_what_they_reach(run: Run, tmp_path: Path) -> None:
    """Where the scope says whose webhooks they are, colleagues' keys are as good; `account:` is still what it says."""
    with house(run, tmp_path, shared=True) as place:
        place.declare("x")
        place.apply()
        assert "account_id" not in entry(place)
        place.vendor.who = THEIRS
        place.declare("x", description="two")
        place.apply()
        assert "GET /account" not in place.vendor.asked
        pinned(place, MINE)
        assert "wrong_account" in place("plan", exit=1).stdout


def test_others_go_on(world: World) -> None:
    """One provider's wrong account stops only that one, whose secrets are not even looked for."""
    world.write({"ci": hook(), "wallet": wallet(), "ledger": ledger()})
    world.applied()
    assert world.lock["wallet"]["account_id"] == "Sandbox Merchant"
    assert "account_id" not in world.lock["ci"]
    world.box["cryptofuse"].merchant["name"] = "Somebody Else"
    world.write({"ci": hook(events=["star"]), "wallet": wallet(url="https://hooks.acme.com/v2"), "ledger": ledger()})
    world.forget_requests()
    done = world.apply()
    assert done.exit == 1
    assert "of the account Somebody Else, and the lock has webhooks of Sandbox Merchant" in done.stdout
    assert world.writes("cryptofuse") == []
    assert [each["events"] for each in world.box["github"].webhooks()] == [["star"]]
    reads = [each.path for each in world.box["cryptofuse"].requests if each.method == "GET"]
    assert reads == ["/user/me/"]


@pytest.mark.parametrize("token_of", ["user", "installation"])
def test_a_users_token_and_an_apps(world: World, token_of: str) -> None:
    """GitHub is asked only where the file names an account; an app's installation has none."""
    world.box["github"].switch(token_of=token_of)
    world.write({"ci": hook()})
    world.applied()
    assert not [each for each in world.box["github"].requests if each.path.endswith("/user")]
    for account, right in (("1", True), ("2", False)):
        world.write({"ci": hook()}, providers={"github": {"account": account}})
        result = world("plan", "--format", "json")
        kinds = [problem["kind"] for problem in problems(result)]
        expected = ([] if right else ["wrong_account"]) if token_of == "user" else ["forbidden"]
        assert (result.exit, kinds) == (1 if expected else 0, expected)


@pytest.mark.parametrize(("provider", "account"), [("coinbase", "x"), ("github", " ")])
def test_an_account_that_could_not_be_checked(world: World, provider: str, account: str) -> None:
    """What would only look like a protection is a problem of the file, at its place."""
    world.write({"ledger": ledger()}, providers={provider: {"account": account}})
    result = world("validate")
    assert result.exit == 1
    assert "account" in result.stdout + result.stderr
