"""Links that a repository may carry: nothing that whsync writes goes through one to other files."""

import os
import stat
import threading
from pathlib import Path

import pytest

from tests.cli.conftest import Result
from tests.cli.world import World, hook, wallet

PRECIOUS = "precious"
LOCK = "webhooks.lock.json"
ISSUED, MADE = "file:secrets/wallet", {"generate": 32, "to": "env-file:all.env#CI"}


@pytest.fixture
def victim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another folder of the same user, with files that are nobody's business."""
    folder = tmp_path_factory.mktemp("victim")
    for name in ("plan", "holder", LOCK, ".room", ".wallet.abcdefgh.tmp"):
        (folder / name).write_text(PRECIOUS)
    return folder


def untouched(victim: Path) -> bool:
    """Whether all is as it was there, and nothing new."""
    return {path.read_text() for path in victim.iterdir()} == {PRECIOUS} and len(list(victim.iterdir())) == 5


def laid(world: World, victim: Path, link: str, target: str) -> None:
    """A configuration with two kinds of secrets, and a link as the repository would carry it."""
    world.write({"ci": hook(secret=MADE), "wallet": wallet(secret={"to": ISSUED})})
    place = world.folder / link
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(os.path.relpath(victim / target, place.parent))


@pytest.mark.parametrize("flags", [["--out", "plan.json"], ["--report", "json=plan.json"]])
@pytest.mark.parametrize("target", ["plan", "new"])
def test_no_output_follows_them(world: World, victim: Path, flags: list[str], target: str) -> None:
    """The user typed the name; the link that stands there is somebody else's. Refused before anything is read."""
    laid(world, victim, "plan.json", target)
    result = world("plan", *flags)
    assert (result.exit, world.total_writes()) == (64, 0)
    assert "plan.json is not written" in result.stderr
    assert "name the file that is meant" in result.stderr
    assert untouched(victim)
    assert not any(world.box[vendor].requests for vendor in world.box)


def test_an_output_beside_the_configuration(world: World, victim: Path) -> None:
    """Without a checkout nobody knows whose links those above the configuration are; the output itself is looked at."""
    world.write({"ci": hook()})
    (world.folder / "in").mkdir()
    world.config.rename(world.folder / "in" / "webhooks.yaml")
    (world.folder / "plan.json").symlink_to(victim / "plan")
    assert world("plan", "-c", "in/webhooks.yaml", "--out", "plan.json").exit == 64
    assert untouched(victim)


def test_the_report_of_an_apply(world: World, victim: Path) -> None:
    """An apply refuses it, too, before its first call."""
    laid(world, victim, "plan.json", "plan")
    assert world.apply("--report", "html=plan.json").exit == 64
    assert (world.total_writes(), untouched(victim)) == (0, True)


@pytest.mark.parametrize("beside", ["holder", "journal", "lock"])
@pytest.mark.parametrize("target", ["holder", "new"])
def test_nothing_beside_the_lock_follows_them(world: World, victim: Path, beside: str, target: str) -> None:
    """Neither the holder's note nor the journal nor the guard; the message has a command that takes the link away."""
    laid(world, victim, f"{LOCK}.{beside}", target)
    for result in (world.apply(), world("state", "unlock", "--yes")):
        assert result.exit == 1
        assert f"{LOCK}.{beside} is a symbolic link" in result.stderr
    assert (world.total_writes(), untouched(victim)) == (0, True)
    (world.folder / f"{LOCK}.{beside}").unlink()
    world.applied()


@pytest.mark.parametrize("command", [["apply", "--yes"], ["plan"], ["state", "list"], ["state", "rm", "ci", "--yes"]])
@pytest.mark.parametrize("link", [LOCK, "state"])
def test_the_lock_itself(world: World, victim: Path, link: str, command: list[str]) -> None:
    """No lock outside is taken for ours, and none is written, whether the lock is the link or its folder is."""
    laid(world, victim, link, LOCK if link == LOCK else ".")
    lock = [] if link == LOCK else ["--lock", f"state/{LOCK}"]
    result = world(*command, *lock)
    assert result.exit == 1
    assert "a symbolic link that leads out of its folder" in result.stderr
    assert (world.total_writes(), untouched(victim)) == (0, True)


@pytest.mark.parametrize(("link", "target"), [(f"{LOCK}.rescue", "."), (f"{LOCK}.rescue/.room", ".room")])
def test_rescues(world: World, victim: Path, link: str, target: str) -> None:
    """Issued secrets are not rescued to where a link leads; the room for them is no other file's content."""
    laid(world, victim, link, target)
    world.write({"wallet": wallet(secret={"to": "cmd:cat >/dev/null; exit 3"})})
    result = world.apply()
    assert result.exit == 1
    assert untouched(victim)
    if target == ".":
        assert "it is a symbolic link, and none is followed there" in result.stdout
        assert world.total_writes() == 0
    else:  # the link gave way to a file of ours
        (rescued,) = (world.folder / f"{LOCK}.rescue").iterdir()
        assert rescued.read_text() == world.box["cryptofuse"].webhooks()[0]["secret"]


@pytest.mark.parametrize(
    ("link", "target"), [("secrets/wallet", "new"), ("secrets/wallet", "plan"), ("secrets", "."), ("all.env", "plan")]
)
def test_sinks(world: World, victim: Path, link: str, target: str) -> None:
    """No secret goes where a link leads, and no temporary file is swept away there: found before the first call."""
    laid(world, victim, link, target)
    result = world.apply()
    assert result.exit == 1
    assert target == "plan" or "a symbolic link that leads out of its folder" in result.stdout  # else it is occupied
    assert untouched(victim)
    assert world.writes("github" if link == "all.env" else "cryptofuse") == []


def test_links_within_the_folder_are_kept(world: World) -> None:
    """The user's own: the lock, a sink, and a saved plan stay links, and their targets are written."""
    (world.folder / "kept").mkdir()
    links = {LOCK: "kept/lock.json", "wallet": "kept/wallet", "all.env": "kept/all.env", "plan.json": "kept/plan.json"}
    for link, target in links.items():
        (world.folder / link).symlink_to(target)
    (world.folder / "kept/lock.json").write_text('{"format": "whsync.lock/1", "webhooks": {}}')
    world.write({"ci": hook(secret=MADE), "wallet": wallet(secret={"to": "file:wallet"})})
    assert world("plan", "--out", "plan.json").exit == 0
    assert world("apply", "plan.json").exit == 0
    assert all((world.folder / link).is_symlink() for link in links)
    assert set(world.lock) == {"ci", "wallet"}
    assert (world.folder / "kept/wallet").read_text() == world.box["cryptofuse"].webhooks()[0]["secret"]


def test_places_that_the_user_names_outside(world: World, victim: Path) -> None:
    """A path is the user's word: a lock, a sink and outputs may stand anywhere."""
    world.write({"wallet": wallet(secret={"to": f"file:{victim}/wallet"})})
    assert world("plan", "-o", f"{victim}/plan", "--report", f"json={victim}/report").exit == 0
    world.applied("--lock", f"{victim}/lock.json")
    assert (victim / "wallet").read_text() == world.box["cryptofuse"].webhooks()[0]["secret"]
    assert (victim / "lock.json").exists()


# What is no ordinary file


def through(world: World, name: str, *argv: str) -> tuple[Result, str]:
    """What a command says, and what came through a pipe of that name."""
    came: list[str] = []
    os.mkfifo(world.folder / name)
    reader = threading.Thread(target=lambda: came.append((world.folder / name).read_text()), daemon=True)
    reader.start()
    result = world(*argv)
    reader.join(60)
    assert stat.S_ISFIFO((world.folder / name).stat().st_mode)
    return result, came[0]


@pytest.mark.parametrize("flags", [["--out", "pipe"], ["--report", "json=pipe"]])
def test_a_pipe_is_written_into(world: World, flags: list[str]) -> None:
    """The pipe stays one, and who reads it gets the plan."""
    world.write({"ci": hook()})
    result, came = through(world, "pipe", "plan", *flags)
    assert result.exit == 0, result
    assert '"format": "whsync.plan/1"' in came


def test_a_device_is_written_into(world: World) -> None:
    """`--out /dev/null` throws the plan away, and leaves the device to everybody."""
    world.write({"ci": hook()})
    before = os.stat("/dev/null").st_ino
    assert world("plan", "--out", "/dev/null").exit == 0
    assert (os.stat("/dev/null").st_ino, stat.S_ISCHR(os.stat("/dev/null").st_mode)) == (before, True)


@pytest.mark.parametrize("flags", [["--out"], ["--report"]])
def test_our_own_streams(world: World, tmp_path: Path, capfd: pytest.CaptureFixture[str], flags: list[str]) -> None:
    """`/dev/stdout` gets the plan, also where it is a file: that one keeps what it has."""
    world.write({"ci": hook()})
    os.write(1, b"said before\n")
    path = "/dev/stdout" if flags == ["--out"] else "json=/dev/fd/1"
    result = world("plan", *flags, path)
    assert result.exit == 0, result
    out = capfd.readouterr().out
    assert out.startswith("said before\n{")
    assert '"format": "whsync.plan/1"' in out


@pytest.mark.parametrize("is_open", [False, True])
def test_a_stream_that_nobody_gave_us(world: World, is_open: bool) -> None:
    """Its number may be a file or a connection of ours by the time there is something to write: refused at once."""
    world.write({"ci": hook()})
    readable = os.open(os.devnull, os.O_RDONLY)
    number = readable if is_open else 9999
    try:
        result = world("apply", "--yes", "--report", f"json=/dev/fd/{number}")
    finally:
        os.close(readable)
    assert (result.exit, world.total_writes()) == (64, 0)
    assert f"/dev/fd/{number} is not open for writing" in result.stderr
    assert not any(world.box[vendor].requests for vendor in world.box)


def test_what_takes_no_text(world: World) -> None:
    """A socket, say, is refused before anything is read."""
    import socket

    world.write({"ci": hook()})
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(world.folder / "sock"))
        result = world("plan", "--out", "sock")
    assert (result.exit, "sock is neither a file nor a pipe" in result.stderr) == (64, True)


def test_reports_keep_the_usual_permissions(world: World) -> None:
    """A report is for others, too; one that is there keeps its permissions, and a saved plan is private."""
    world.write({"ci": hook()})
    (world.folder / "old").touch(0o640)
    (world.folder / "old").chmod(0o640)
    mask = os.umask(0o022)
    try:
        assert world("plan", "--report", "json=new", "--report", "json=old", "--out", "plan").exit == 0
    finally:
        os.umask(mask)
    modes = {name: stat.S_IMODE((world.folder / name).stat().st_mode) for name in ("new", "old", "plan")}
    assert modes == {"new": 0o644, "old": 0o640, "plan": 0o600}


def test_a_file_of_one_letter(world: World) -> None:
    """The plan is in the file that was named, also where a flag of another tool has that letter."""
    world.write({"ci": hook()})
    assert world("plan", "--out", "s").exit == 0
    assert (world.folder / "s").exists()
