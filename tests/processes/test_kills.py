"""`kill -9`, a power cut and a full disk at any moment of a run: the runs after it bring everything to its end.

`WHSYNC_KILLS` says how many moments are tried; the usual few are spread over the whole of each story.
"""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.processes.aftermath import check, issued, recover, stored
from tests.processes.dying import NEVER, How
from tests.processes.forks import KILLED, Forks
from tests.processes.scene import Scene, standing
from tests.tally import played

MOMENTS = int(os.environ.get("WHSYNC_KILLS", "300"))
GOLDEN = 0.618033988749895
HOWS: tuple[How, ...] = ("kill", "cut", "half", "full")
ACT = ("apply", "--yes", "--prune-all", "--max-changed", "100%")
STORIES = {"first": ACT, "second": ACT, "rotation": ("rotate", "deploy", "--yes")}
ROUND = ("first", "second", "first", "second", "rotation")


class Moment(NamedTuple):
    """A story, what happens to it, how many calls it has in flight, and when: a fraction of its effects."""

    story: str
    how: How
    parallelism: int
    when: float

    def __str__(self) -> str:
        return f"{self.story}-{self.how}-{self.parallelism}-{self.when:.4f}"


def moments(count: int) -> Iterator[Moment]:
    """So many moments, each kind evenly over its story, with one call in flight and with many in turn."""
    for at in range(count):
        kind, number = at % (len(ROUND) * len(HOWS)), at // (len(ROUND) * len(HOWS))
        when = (number * GOLDEN + kind / (len(ROUND) * len(HOWS))) % 1
        yield Moment(ROUND[kind % len(ROUND)], HOWS[kind // len(ROUND)], 1 if number % 2 else 16, when)


def begin(scene: Scene, story: str) -> None:
    """Bring a scene to where a story begins."""
    if story != "first":
        assert scene.apply().exit == 0, scene.heard[-1]
        scene.heard.clear()
    if story == "second":
        scene.second_story()


@cache
def length(story: str, forks: Forks, folder: Path) -> int:
    """How many effects a story has when nothing happens to it."""
    with standing(folder / f"length of {story}", forks) as scene:
        begin(scene, story)
        ended = scene(*STORIES[story])
        assert ended.exit == 0, ended.said
        return len(ended.effects)


@pytest.mark.parametrize("moment", list(moments(MOMENTS)), ids=str)
def test_any_moment(scene: Scene, moment: Moment, forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> None:
    """One webhook an entry, each secret in its sink or said to be owed, an empty plan, nothing leaked, no strays."""
    at = int(moment.when * length(moment.story, forks, tmp_path_factory.getbasetemp()))
    begin(scene, moment.story)
    ended = scene(*STORIES[moment.story], "--parallelism", str(moment.parallelism), blow=(at, moment.how))
    scene.settle()
    played("moments")
    if at < len(ended.effects):
        assert ended.exit in ((0, 1) if moment.how == "full" else (KILLED,)), ended.said
    recover(scene)
    check(scene)


@pytest.mark.parametrize(("story", "least"), [("first", 110), ("second", 100), ("rotation", 25)])
def test_the_moments_are_there(story: str, least: int, forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The sweep has something to sweep over: each story has its many effects."""
    assert length(story, forks, tmp_path_factory.getbasetemp()) >= least


def test_a_blow_strikes(scene: Scene) -> None:
    """A run that is killed in its middle is dead, has a journal, and says nothing of success."""
    ended = scene.apply(blow=(70, "kill"))
    assert ended.exit == KILLED
    assert scene.journal.exists()
    assert "Apply complete" not in ended.said


def test_a_power_cut_before_a_made_secret_is_sent(scene: Scene) -> None:
    """The sink has a secret that its vendor never got: the journal survives to tell, and both get the next one."""
    begin(scene, "rotation")
    effects = scene(*STORIES["rotation"], "--parallelism", "1").effects
    sent = next(at for at, label in enumerate(effects) if label.startswith("send PATCH"))
    assert scene(*STORIES["rotation"], "--parallelism", "1", blow=(sent, "cut")).exit == KILLED
    scene.settle()
    recover(scene)
    check(scene)


def test_a_power_cut_after_everything(scene: Scene) -> None:
    """What an apply has called done is on the disk: the lock, every secret in its sink, and nothing is done again."""
    assert scene.apply(blow=(NEVER, "cut")).exit == 0
    made = issued(scene)
    assert {name: stored(scene, name) for name in made} == made
    assert scene.lock.keys() >= made.keys()
    scene.settle()
    scene.forget_requests()
    assert scene.apply().exit == 0
    assert scene.writes() == 0
    check(scene)
