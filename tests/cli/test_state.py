"""`whsync state`: looking at the lock and putting it right by hand."""

import json
from pathlib import Path

import pytest

from reconciler.model.action import Action
from reconciler.model.webhook import Entry, Fields
from reconciler.state.event import Intended
from reconciler.state.lock import Lock, from_json, to_json
from reconciler.state.stores.file import FileStore
from reconciler.state.stores.holder import this_process
from tests.cli.conftest import Run
from tests.cli.world import World, hook
from tests.unit.render.plans import HOSTILE

AT = "2026-11-21T12:00:00Z"


def _entry(remote_id: str) -> Entry:
    return Entry("pay", "pay", "https://p.test", (), remote_id, Fields({"/url": f"https://a.test/{remote_id}"}), at=AT)


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """A lock with the webhooks `ledger` and `refunds`, and an open intent for `lost`."""
    path = tmp_path / "webhooks.lock.json"
    path.write_text(to_json(Lock({"ledger": _entry("wh_1"), "refunds": _entry("wh_2")})))
    with FileStore(path).lease(0, this_process(AT, "test")) as lease:
        lease.append(Intended("lost", Action.CREATE, "pay", "pay", "https://p.test", (), None, "https://a.test/l", AT))
    (tmp_path / "webhooks.yaml").write_text("version: 1\n")
    return path


def _names(run: Run) -> list[str]:
    result = run("state", "list", "--format", "json")
    assert result.exit == 0
    return [item["name"] for item in json.loads(result.stdout)]


def test_the_list_names_everything(run: Run, lock: Path) -> None:
    """One line a webhook, with its id and URL; what is not settled says so."""
    lines = run("state", "list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["ledger", "lost", "refunds"]
    assert "wh_1" in lines[0]
    assert "https://a.test/wh_1" in lines[0]
    assert lines[1].endswith("not settled")


def test_the_list_as_json(run: Run, lock: Path) -> None:
    """Programs get the same list, with open intents marked."""
    listed = json.loads(run("state", "list", "--format", "json").stdout)
    assert [(item["name"], item["remote_id"], item["open_intent"]) for item in listed] == [
        ("ledger", "wh_1", False),
        ("lost", None, True),
        ("refunds", "wh_2", False),
    ]


def test_nothing_applied_is_an_empty_list(run: Run, tmp_path: Path) -> None:
    """Without a lock the list is empty and that is fine."""
    (tmp_path / "webhooks.yaml").write_text("version: 1\n")
    assert run("state", "list", "--format", "json").stdout == "[]\n"


def test_one_webhook_is_shown(run: Run, lock: Path) -> None:
    """`show` gives what the lock holds, as text and as JSON."""
    assert "https://a.test/wh_1" in run("state", "show", "ledger").stdout
    shown = json.loads(run("state", "show", "ledger", "--format", "json").stdout)
    assert shown["applied"] == {"url": "https://a.test/wh_1"}


def test_forgetting_leaves_the_others(run: Run, lock: Path) -> None:
    """`rm` takes a webhook out of the lock's file and touches no other."""
    assert run("state", "rm", "ledger", "--yes").exit == 0
    assert set(from_json(lock.read_text(), "lock").entries) == {"refunds"}
    assert _names(run) == ["lost", "refunds"]


def test_targets_mean_several(run: Run, lock: Path) -> None:
    """A pattern and a provider mean all that fit: shown as a list, forgotten together; nothing is half forgotten."""
    shown = json.loads(run("state", "show", "re*", "--format", "json").stdout)
    assert [each["name"] for each in shown] == ["refunds"]
    provider = shown[0]["provider"]
    assert run("state", "rm", "ledger", "nobody", "--yes").exit == 64
    assert _names(run) == ["ledger", "lost", "refunds"]
    assert run("state", "rm", f"provider:{provider}", "--yes").exit == 0
    assert "ledger" not in _names(run)
    assert "refunds" not in _names(run)


def test_forgetting_settles_an_open_intent(run: Run, lock: Path) -> None:
    """What a lost answer left open can be given up by hand."""
    assert run("state", "rm", "lost", "--yes").exit == 0
    assert _names(run) == ["ledger", "refunds"]


def test_renaming_keeps_everything_else(run: Run, lock: Path) -> None:
    """`mv` changes the name only."""
    assert run("state", "mv", "ledger", "book", "--yes").exit == 0
    entries = from_json(lock.read_text(), "lock").entries
    assert entries["book"] == _entry("wh_1")
    assert "ledger" not in entries


@pytest.mark.parametrize("name", ["", "a[", "a]b", " a", "a[b]c", "${A}"])
def test_renaming_makes_no_name_that_a_file_cannot_have(run: Run, lock: Path, name: str) -> None:
    """Nobody could write such a webhook, so nobody may call one so."""
    before = lock.read_bytes()
    assert run("state", "mv", "ledger", name, "--yes").exit == 64
    assert lock.read_bytes() == before
    assert run("state", "mv", "ledger", "book[api,web]", "--yes").exit == 0


def test_renaming_overwrites_nothing(run: Run, lock: Path) -> None:
    """A name that is taken is refused, and the lock stays as it was."""
    before = lock.read_bytes()
    result = run("state", "mv", "ledger", "refunds", "--yes")
    assert result.exit == 64
    assert lock.read_bytes() == before


@pytest.mark.parametrize("argv", [["show", "ledgr"], ["rm", "ledgr", "--yes"], ["mv", "ledgr", "x", "--yes"]])
def test_an_unknown_name_gets_a_suggestion(run: Run, lock: Path, argv: list[str]) -> None:
    """A misspelt webhook is wrong usage, and the nearest one is named."""
    result = run("state", *argv)
    assert result.exit == 64
    assert "did you mean `ledger`?" in result.stderr


@pytest.mark.parametrize("argv", [["rm", "ledger"], ["mv", "ledger", "book"], ["unlock"]])
def test_without_a_terminal_yes_is_demanded(run: Run, lock: Path, argv: list[str]) -> None:
    """A script that does not say --yes is told so, and nothing changes."""
    before = lock.read_bytes()
    result = run("state", *argv)
    assert result.exit == 64
    assert "--yes" in result.stderr
    assert lock.read_bytes() == before


@pytest.mark.parametrize(("typed", "code", "left"), [("yes\n", 0, 2), ("no\n", 1, 3)])
def test_on_a_terminal_it_asks(run: Run, lock: Path, typed: str, code: int, left: int) -> None:
    """Only `yes` goes ahead; anything else ends with 1 and changes nothing."""
    result = run("state", "rm", "ledger", terminal=True, stdin=typed)
    assert result.exit == code
    assert len(_names(run)) == left


def test_a_held_lock_is_not_touched(run: Run, lock: Path) -> None:
    """While another run works, `rm` and `unlock` end with 1 and say who holds the lock."""
    with FileStore(lock).lease(0, this_process(AT, "whsync apply")):
        for argv in (["rm", "ledger"], ["unlock"]):
            result = run("state", *argv, "--yes")
            assert result.exit == 1
            assert "whsync apply" in result.stderr


def test_unlocking_a_free_lock_is_fine(run: Run, lock: Path) -> None:
    """Nobody holds it: that is said, and no error."""
    assert run("state", "unlock", "--yes").exit == 0


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "whsync.lock/9"}'])
def test_a_damaged_lock_is_an_error(run: Run, lock: Path, content: str) -> None:
    """An empty, torn, foreign or newer lock is never taken for an empty one."""
    lock.write_text(content)
    Path(f"{lock}.journal").unlink(missing_ok=True)
    result = run("state", "list")
    assert result.exit == 1
    assert "webhooks.lock.json" in result.stderr


def test_foreign_text_stays_text(run: Run, lock: Path) -> None:
    """Names and ids from elsewhere cannot steer the terminal."""
    name = HOSTILE.replace("\ud800", "")
    lock.write_text(to_json(Lock({name: _entry(name)})))
    Path(f"{lock}.journal").unlink(missing_ok=True)
    for result in (run("state", "list"), run("state", "show", name), run("state", "list", "--format", "json")):
        assert result.exit == 0
        assert all(char.isprintable() or char == "\n" for char in result.stdout)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("ci", "secret", "fingerprint"), 5),
        (("ci", "applied", "events"), "push"),
        (("ci", "protect"), "no"),
        (("ci", "scope", "repo"), ["api"]),
        (("ci", "at"), 5),
    ],
)
def test_a_lock_of_other_types_is_told(world: World, place: tuple[str, ...], value: object) -> None:
    """A lock that somebody edited is an error that names the entry, never a bug of ours or half understood."""
    world.write({"ci": hook()})
    world.applied()
    lock = json.loads(world.lock_path.read_text())
    at = lock["webhooks"]
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = value
    world.lock_path.write_text(json.dumps(lock))
    for words in (("plan", "--offline"), ("state", "list"), ("drift",)):
        result = world(*words)
        assert result.exit == 1
        assert "holds an entry 'ci' that cannot be read" in result.stderr


def test_a_holder_of_other_types_is_nobody_known(world: World) -> None:
    """What a dead run left beside the lock may be anything."""
    world.write({"ci": hook()})
    world.applied()
    holder = world.lock_path.with_name(world.lock_path.name + ".holder")
    for text in ("[" * 100_000, '{"user": 5}', '{"user": 5, "host": [], "pid": "x", "since": null, "command": 1}'):
        holder.write_text(text)
        assert world("state", "unlock", "--yes").exit == 0
