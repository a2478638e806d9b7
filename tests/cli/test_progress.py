"""Progress on stderr: a line now and then in logs, lines at the foot of a terminal, and no wait that is silent."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from reconciler.cli import progress
from reconciler.render.base import Style
from reconciler.state.stores.base import Holder
from reconciler.state.stores.file import FileStore
from reconciler.support.activity import Activity
from reconciler.support.waits import Seen, Wait
from tests.cli.world import World, hook, ledger, wallet

NOW = 1_800_000_000.0


def told(seen: Callable[[float], Seen], until: float, first: bool = True) -> list[tuple[float, str]]:
    """What a log gets of a run that looks so at each moment, and when."""
    lines: list[tuple[float, str]] = []
    moment = 0.0
    shown = progress.Lines("Reading 3 providers …", lambda line: lines.append((moment, line)), NOW, first)
    while moment < until:
        moment += 0.25
        shown.tick(seen(NOW + moment), NOW + moment)
    return lines


def test_a_log_gets_a_line_now_and_then() -> None:
    """After a second what is done, then how far it is, more and more rarely."""
    lines = told(lambda now: Seen({"place": (int(now - NOW), 900)}), 600)
    assert lines[:2] == [
        (1.0, "Reading 3 providers …"),
        (10.0, "Reading 3 providers, 10 of 900 places, 10 s so far"),
    ]
    assert [moment for moment, _ in lines] == [1, 10, 30, 60, 120, 240, 360, 480, 600]
    assert [moment for moment, _ in told(lambda now: Seen(), 61, first=False)] == [10, 30, 60]


def test_what_is_done_at_once_is_not_told() -> None:
    """A run of less than a second says nothing."""
    assert told(lambda now: Seen(), 0.75) == []


def test_a_wait_that_nobody_foresaw_is_told_after_a_while() -> None:
    """A command that hangs, a vendor without an answer: told after five seconds, and then more rarely."""
    wait = Wait("cmd:pass", "reading cmd:pass …", NOW + 2)
    lines = told(lambda now: Seen({}, (wait,)), 60, first=False)
    waits = [(moment, line) for moment, line in lines if line.startswith("reading")]
    assert waits[0] == (7.0, "reading cmd:pass …: waiting for 5 s so far")
    assert [moment for moment, _ in waits] == [7, 12, 22, 42]


def test_many_waits_for_one_vendor_are_told_as_one() -> None:
    """Sixteen calls that get no answer are one line, and short ones after each other none."""
    many = tuple(Wait("v", f"no answer yet to GET /{n}", NOW, NOW + 90, sure=False) for n in range(16))
    assert len([line for _, line in told(lambda now: Seen({}, many), 9) if "no answer" in line]) == 1
    short = told(lambda now: Seen({}, (Wait("v", "no answer yet", now - 1, now + 89, sure=False),)), 9)
    assert short == [(1.0, "Reading 3 providers …")]


def test_a_wait_that_was_told_is_not_news() -> None:
    """What was told as it began is not told again as something new, nor by the calls that wait for the same."""
    waits = (
        Wait("v", "v has had too many calls (429)", NOW, NOW + 221, told=True),
        Wait("v", "no answer yet", NOW, NOW + 90, sure=False),
    )
    lines = told(lambda now: Seen({}, waits), 31)
    assert [moment for moment, _ in lines] == [1, 10, 30]
    assert "v has had too many calls (429): 191 s left, until " in lines[-1][1]


def test_the_foot_waits_a_second_and_goes_away() -> None:
    """A terminal shows nothing of what is done at once, and keeps nothing of the rest."""
    shown: list[Any] = []
    foot = progress.Foot("Reading …", shown.append, lambda: shown.append("gone"), lambda: Style(width=60), NOW)
    foot.tick(Seen(), NOW + 0.9)
    assert shown == []
    foot.tick(Seen({"place": (1, 2)}), NOW + 1.1)
    foot.end()
    assert [line.text for line in shown[0]] == ["Reading, 1 of 2 places, 1 s"]
    assert shown[1:] == ["gone"]


def test_every_wait_of_an_apply_is_known(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers, logins, commands that print secrets and sinks that keep them: each says that it is waited for."""
    told: set[str] = set()
    waiting = Activity.waiting

    def heard(activity: Activity, who: str, what: str, **how: Any) -> Any:
        told.add(re.sub(r"http://[^/]+", "", what))
        return waiting(activity, who, what, **how)

    monkeypatch.setattr(Activity, "waiting", heard)
    world.write({"ci": hook(secret={"from": "cmd:printf '%s' s3cret-of-ours"}), "ledger": ledger(), "wallet": wallet()})
    world.applied()
    assert {
        "no answer yet to POST /repos/acme/api/hooks",
        "no answer yet to POST /o/token/",
        "reading cmd:printf …",
        "trying file:./secrets/ledger",
        "storing a secret in file:./secrets/ledger",
    } <= told, told
    assert not any("s3cret" in what for what in told)


def test_who_holds_the_lock_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for another run hears who that is, since when, and until when it is waited for."""
    monkeypatch.setattr("reconciler.cli.progress.time.time", lambda: NOW + 2)
    store = FileStore(world.lock_path)
    with store.lease(0, Holder("bob", "laptop", 1, "2026-11-21T12:00:00Z", "whsync apply")):
        (wait,) = progress._held(store, NOW, 60.0).waits
        assert wait.until == NOW + 60
        assert wait.what.startswith(
            "the lock is in use since 2026-11-21T12:00:00Z by bob on laptop (process 1): whsync"
        )
        assert progress._held(store, NOW, 0.0) == progress._held(store, NOW + 1.5, 60.0) == Seen()
    assert progress._held(store, NOW, 60.0) == Seen()
