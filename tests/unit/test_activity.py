"""What a run is doing: every wait is known, with its end, and how much is done."""

from datetime import datetime

import pytest

from reconciler.render import progress
from reconciler.render.base import Style, cells
from reconciler.support.activity import Activity
from reconciler.support.waits import Left, Seen, Wait

NOW = 1_800_000_000.0


def at(seconds: float) -> str:
    """A moment on the user's own clock."""
    return f"{datetime.fromtimestamp(NOW + seconds).astimezone():%H:%M:%S}"


def test_a_wait_is_there_while_it_lasts() -> None:
    """Whoever looks sees each wait with its end, and none that is over, however it ended."""
    activity = Activity(now=lambda: NOW)
    with activity.waiting("a", "a is busy", seconds=60), activity.waiting("b", "b is asked"):
        assert activity.seen().waits == (
            Wait("a", "a is busy", NOW, NOW + 60),
            Wait("b", "b is asked", NOW, sure=False),
        )
    with pytest.raises(KeyError), activity.waiting("c", "c is asked", most=9):
        raise KeyError
    assert activity.seen() == Seen()


def test_what_is_told_holds_no_secret() -> None:
    """A command, a path or a vendor's name may hold a secret: neither lines nor looks do."""
    lines: list[str] = []
    activity = Activity(lines.append, lambda text: text.replace("hunter2", "***"), lambda: NOW)
    activity.allowed(Left("hunter2", 3))
    with activity.waiting("hunter2", "asking hunter2", seconds=5, tell=True):
        assert "hunter2" not in repr(activity.seen())
    assert [line.partition(":")[0] for line in lines] == ["asking ***"]


def test_things_are_counted_by_kind() -> None:
    """Places and secrets have counts of their own, which may grow; another phase begins at nothing."""
    activity = Activity()
    activity.expect("place", 3)
    activity.did("place")
    activity.expect("secret", 1)
    assert progress.counts_text(activity.seen().counts) == "1 of 3 places, 0 of 1 secret"
    activity.begin()
    assert activity.seen().counts == {}


@pytest.mark.parametrize(
    ("wait", "told"),
    [
        (Wait("a", "a is busy", NOW - 45, NOW + 176), f"a is busy: 176 s left, until {at(176)}"),
        (Wait("a", "asking", NOW - 45), "asking: waiting for 45 s so far"),
        (
            Wait("a", "asking", NOW - 45, NOW + 45, sure=False),
            f"asking: waiting for 45 s so far, until {at(45)} at most",
        ),
        (Wait("a", "a is busy", NOW - 45, NOW - 1), "a is busy: waiting for 45 s so far"),
    ],
)
def test_a_wait_says_when_it_ends(wait: Wait, told: str) -> None:
    """What is sure to end then, what is given up then, and what nobody knows the end of, read differently."""
    assert wait.still(NOW) == told


@pytest.mark.parametrize("width", [20, 40, 60, 120])
def test_the_foot_fits_its_terminal(width: int) -> None:
    """What is done, what is waited for, and what a vendor still takes stand below each other, broken at words."""
    waits = tuple(Wait(f"v{n}", f"api.v{n}.test has had too many calls (429)", NOW, NOW + 60 - n) for n in range(6))
    seen = Seen({"place": (41, 120)}, waits, (Left("v9", 0, NOW - 1), Left("v8", 4812, NOW + 9), Left("v7", 1)))
    shown = progress.foot("Reading 3 providers …", seen, 12.3, NOW, Style(width=width, wraps=True))
    assert max(cells(line.text) for line in shown) <= max(width, 24)
    said = " ".join(" ".join(line.text for line in shown).split())
    assert said.startswith("Reading 3 providers, 41 of 120 places, 12 s api.v0.test has had too many calls (429): 60 s")
    assert f"and 2 more waits v7 takes 1 more call v8 takes 4812 more calls until {at(9)}" in said
    assert "v9" not in said


def test_foreign_text_moves_no_cursor() -> None:
    """The foot and the lines name vendors, paths and commands: none of them reaches the terminal's controls."""
    wait = Wait("a", "asking \x1b[2J\n\u202e", NOW - 9)
    shown = progress.foot("a\x1b[0m", Seen({}, (wait,)), 1.0, NOW, Style(wraps=True))
    assert all(line.text.isprintable() for line in shown)
    assert progress.line("a\x1b[0m", Seen({}, (wait,)), 1.0, NOW).isprintable()
