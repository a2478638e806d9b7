"""Places for secrets that cannot be used, and secrets that vendors issue: found before the first call, never lost."""

import stat
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.world import World, events, hook, ledger, payments, wallet
from tests.ordinary_user import folder_of_an_ordinary_user

ALL = {"ci": hook(), "ledger": ledger(), "wallet": wallet(), "payments": payments()}


def failed(world: World) -> dict:
    """The problem of the one webhook that an apply could not do."""
    result = world.apply("--format", "json")
    assert result.exit == 1
    (problem,) = [event["problem"] for event in events(result) if event["event"] == "failed"]
    return problem


@pytest.mark.parametrize("sink", ["file:./taken", "env-file:./taken#NAME", "file:./webhooks.yaml/secret"])
def test_an_unusable_sink_stops_only_its_webhook(world: World, sink: str) -> None:
    """It is found before the first call: no write for that webhook, the others are done."""
    (world.folder / "taken").mkdir()
    world.write({**ALL, "ledger": ledger(secret={"to": sink})})
    problem = failed(world)
    assert problem["kind"] == "secret"
    assert sink in problem["summary"]
    assert world.writes("coinbase-payments") == []
    assert set(world.lock) == set(ALL) - {"ledger"}


@pytest.mark.parametrize("sink", ["file:./secrets/ledger", "env-file:./here.env#LEDGER"])
def test_a_link_into_nowhere(world: World, sink: str) -> None:
    """A link to a folder that is not there, as where something is not mounted, is such a case, too."""
    (world.folder / "secrets").symlink_to("/nowhere/secrets")
    (world.folder / "here.env").symlink_to("/nowhere/ledger.env")
    world.write({"ledger": ledger(secret={"to": sink})})
    assert "/nowhere" in failed(world)["summary"]
    assert world.writes("coinbase-payments") == []


def test_nowhere_to_rescue_to(world: World) -> None:
    """If a sink failed, the secret would be lost: none is asked for, and what needs none is done."""
    (world.folder / "webhooks.lock.json.rescue").touch()
    world.write({"ci": hook(), "wallet": wallet(), "payments": payments()})
    assert "could not be rescued to" in failed(world)["summary"]
    assert world.writes("cryptofuse") == []
    assert set(world.lock) == {"ci", "payments"}
    (world.folder / "webhooks.lock.json.rescue").unlink()
    world.applied()
    assert not (world.folder / "webhooks.lock.json.rescue").exists()


def test_a_folder_without_permission(run: Run, world: World) -> None:
    """A folder that may not be written is such a case; once it may, the next apply goes on."""
    with folder_of_an_ordinary_user() as folder:
        there = World(run, folder, world.box)
        place = folder / "closed"
        place.mkdir(mode=0o500)
        there.write({"wallet": wallet(secret={"to": "file:./closed/wallet"})})
        problem = failed(there)
        assert "closed" in problem["summary"] + problem["hint"]
        assert there.writes("cryptofuse") == []
        place.chmod(0o700)
        there.applied()
        assert (place / "wallet").read_text() == world.box["cryptofuse"].webhooks()[0]["secret"]


def test_a_command_that_fails(world: World) -> None:
    """A sink command that fails with an issued secret: it is rescued beside the lock, and told. Exit 1."""
    world.write({"wallet": wallet(secret={"to": "cmd:cat >/dev/null; exit 3"})})
    problem = failed(world)
    secret = world.box["cryptofuse"].webhooks()[0]["secret"]
    (rescued,) = (world.folder / "webhooks.lock.json.rescue").iterdir()
    assert rescued.read_text() == secret
    assert rescued.name in problem["hint"]
    assert stat.S_IMODE(rescued.stat().st_mode) == 0o600
    assert world.lock["wallet"]["remote_id"] == "account"
    assert secret not in world.lock_path.read_text()


def test_what_was_done_is_told_beside_what_was_not(world: World) -> None:
    """The webhook was made, and only its secret is not where it belongs: `created`, never `create failed`."""
    world.write({"wallet": wallet(secret={"to": "cmd:cat >/dev/null; exit 3"})})
    told = world.apply().stdout
    assert "created, but not whole: secret: the secret could not be stored" in told
    assert "create failed" not in told
    assert "0 applied, 1 failed" in told


def test_a_secret_that_was_made_and_not_stored(world: World) -> None:
    """Nothing is sent, and the webhook is named once in what is told."""
    world.write({"ci": hook(secret={"generate": 32, "to": "cmd:cat >/dev/null; exit 3"})})
    assert failed(world)["summary"].startswith("ci: the secret could not be stored")
    assert world.writes("github") == []


def test_commands_and_env_files(world: World) -> None:
    """A command gets the secret on stdin; an env file gets one line and keeps its others."""
    (world.folder / ".env").write_text("OTHER=1\nLEDGER=\n")
    world.write(
        {
            "wallet": wallet(secret={"to": "cmd:cat > wallet.txt"}),
            "ledger": ledger(secret={"to": "env-file:./.env#LEDGER"}),
        }
    )
    world.applied()
    assert (world.folder / "wallet.txt").read_text().rstrip("\n") == world.box["cryptofuse"].webhooks()[0]["secret"]
    lines = (world.folder / ".env").read_text().splitlines()
    assert lines[0] == "OTHER=1"
    assert lines[1] in (
        f"LEDGER={world.box['coinbase-payments'].webhooks()[0]['secret']}",
        f"LEDGER='{world.box['coinbase-payments'].webhooks()[0]['secret']}'",
        f'LEDGER="{world.box["coinbase-payments"].webhooks()[0]["secret"]}"',
    )


@pytest.mark.parametrize(("bits", "warned"), [(0o600, False), (0o644, True)])
def test_an_env_file_that_others_may_read(world: World, bits: int, warned: bool) -> None:
    """Its mode may be needed, so it stays, and a warning says who may read the secret now; a new one is private."""
    (world.folder / "old.env").write_text("OTHER=1\n")
    (world.folder / "old.env").chmod(bits)
    world.write(
        {"ledger": ledger(secret={"to": "env-file:old.env#L"}), "wallet": wallet(secret={"to": "env-file:new.env#W"})}
    )
    told = world.applied().stderr
    assert ("old.env holds a secret, and other users may read it" in told) == warned
    assert "new.env" not in told
    modes = [stat.S_IMODE((world.folder / name).stat().st_mode) for name in ("old.env", "new.env")]
    assert modes == [bits, 0o600]
    assert "Warning" not in world.applied().stderr


def test_a_secret_that_whsync_makes(world: World) -> None:
    """`generate` makes one, stores it, sends it, and does not make another the next time."""
    world.write({"ci": hook(secret={"generate": 32, "to": "file:./secrets/ci"})})
    world.applied()
    made = (world.folder / "secrets/ci").read_text()
    assert len(made) >= 32
    assert world.box["github"].webhooks()[0]["config"]["secret"] == made
    assert world.actions() == {"ci": "noop"}
    world.write({"ci": hook(secret={"generate": 32, "to": "file:./secrets/ci"}, url="https://ci.acme.com/v2")})
    world.applied()
    assert world.box["github"].webhooks()[0]["config"]["secret"] == made
    assert (world.folder / "secrets/ci").read_text() == made


def test_a_made_secret_and_a_lost_answer(world: World) -> None:
    """The made secret is in its file before the create is sent; found again by reading, all three agree."""
    world.write({"ci": hook(secret={"generate": 32, "to": "file:./secrets/ci"})})
    world.box["github"].fail("drop-after", method="POST")
    world.apply()
    world.applied()
    made = (world.folder / "secrets/ci").read_text()
    assert [each["config"]["secret"] for each in world.box["github"].webhooks()] == [made]
    assert world.actions() == {"ci": "noop"}


def test_a_made_secret_and_a_refused_create(world: World) -> None:
    """A refused create leaves a made secret in its file; the next apply makes file and vendor agree."""
    world.write({"ci": hook(secret={"generate": 32, "to": "file:./secrets/ci"})})
    world.box["github"].fail("403", method="POST")
    assert world.apply().exit == 1
    world.applied()
    made = (world.folder / "secrets/ci").read_text()
    assert [each["config"]["secret"] for each in world.box["github"].webhooks()] == [made]


def test_a_secret_file_of_ours(world: World) -> None:
    """`file:` and `cmd:` references start at the config's folder and lose one line break."""
    (world.folder / "ci.secret").write_text("from a file\n")
    world.write({"ci": hook(secret={"from": "file:./ci.secret"})})
    world.applied()
    assert world.box["github"].webhooks()[0]["config"]["secret"] == "from a file"
    world.write({"ci": hook(secret={"from": "cmd:printf 'from a command\\n'"})})
    world.applied()
    assert world.box["github"].webhooks()[0]["config"]["secret"] == "from a command"
    for wrong in ("file:./nowhere", "cmd:exit 4", "cmd:no-such-program-here"):
        world.write({"ci": hook(secret={"from": wrong})})
        (problem,) = world.planned(exit=1)["problems"]
        assert (problem["kind"], problem["at"].partition(":")[0]) == ("secret", "webhooks.yaml")


def test_another_mask_is_told(world: World) -> None:
    """Somebody renewed the secret outside: the mask differs, drift says so, and the plan says the copy is stale."""
    world.write({"wallet": wallet()})
    world.applied()
    world.box["cryptofuse"].rotate_secret()
    drift = world("drift")
    assert drift.exit == 2
    assert "mask" in drift.stdout
    assert world.change("wallet")["secret"] == "changed"
    told = world("plan", "--detailed-exitcode")
    assert told.exit == 2
    assert "no longer valid" in told.stdout
    assert "whsync adopt wallet --id account" in told.stdout


def test_the_stored_copy_is_renewed_where_the_vendor_shows_it(world: World) -> None:
    """Coinbase shows the secret: when it changed there, the next apply stores the new one."""
    world.write({"ledger": ledger()})
    world.applied()
    world.box["coinbase-payments"].edit("wh_1001", secret="whsec_renewed")
    assert world.change("ledger")["secret"] == "changed"
    world.forget_requests()
    world.applied()
    assert world.total_writes() == 0
    assert (world.folder / "secrets/ledger").read_text() == "whsec_renewed"
    assert world.actions() == {"ledger": "noop"}


def test_folders_stay_private(world: World) -> None:
    """Parents of a sink are made 0700, and those that exist are left as they are."""
    shared = world.folder / "shared"
    shared.mkdir(mode=0o755)
    shared.chmod(0o755)
    world.write({"wallet": wallet(secret={"to": "file:./shared/a/b/wallet"})})
    world.applied()
    modes = [stat.S_IMODE(Path(world.folder, where).stat().st_mode) for where in ("shared", "shared/a", "shared/a/b")]
    assert modes == [0o755, 0o700, 0o700]
