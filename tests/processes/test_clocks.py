"""Clocks that are wrong or jump, here or at the vendors: nothing is made twice, and nothing is lost."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.processes.aftermath import check, recover
from tests.processes.forks import KILLED
from tests.processes.scene import Scene

HOUR, DAY = 3_600.0, 86_400.0
CLOCKS = {"behind": (-3 * DAY,), "ahead": (3 * DAY,), "jumping": (0.0, HOUR, -400 * DAY, 90.0, -HOUR)}


@pytest.mark.parametrize("clock", CLOCKS.values(), ids=CLOCKS)
@pytest.mark.parametrize("when", [45, 85])
def test_killed_under_a_wrong_clock(scene: Scene, clock: tuple[float, ...], when: int) -> None:
    """A run dies with a wrong clock, the next has another one: all ends as with one clock that is right."""
    assert scene.apply().exit == 0
    scene.second_story()
    scene.clock = clock
    assert scene.apply("--max-changed", "100%", blow=(when, "kill")).exit == KILLED
    scene.settle()
    scene.clock = ()
    recover(scene)
    scene.clock = tuple(-off for off in clock)
    assert scene("rotate", "deploy", "--yes").exit == 0, scene.heard[-1]
    before = scene.lock_path.read_bytes()
    assert scene.apply().exit == 0
    assert scene.lock_path.read_bytes() == before, "a clock alone is no reason to write the lock"
    check(scene)


@pytest.mark.parametrize("clock", [(0.0, HOUR), (0.0, 0.0, -HOUR, 0.0)], ids=["ahead", "behind"])
def test_tokens_that_are_signed_while_the_clock_jumps(scene: Scene, clock: tuple[float, ...]) -> None:
    """Some calls of one vendor are refused for the time in their tokens: others are done, and the next run goes on."""
    scene.sign_requests()
    scene.clock = clock
    for _ in range(2):
        ended = scene.apply("--parallelism", "1", "--max-changed", "100%")
        assert ended.exit in (0, 1), ended.said
        scene.settle()
        assert {each["config"]["url"] for each in scene.vendors["github"].webhooks()} == {
            block["url"] for block in scene.declared.values() if block["provider"] == "github"
        }
        scene.second_story()
    scene.clock = ()
    recover(scene)
    check(scene)


@pytest.mark.parametrize("clock", [(HOUR,), (-HOUR,)], ids=["ahead", "behind"])
def test_tokens_that_are_signed_for_each_request(scene: Scene, clock: tuple[float, ...]) -> None:
    """A token signed at a wrong time is refused: only that vendor is left out, the clock is named, and it heals."""
    scene.sign_requests()
    scene.clock = clock
    ended = scene.apply("--parallelism", "1")
    assert ended.exit == 1, ended.said
    assert re.search(r"this machine's clock is (3599|360\d) s", ended.said), ended.said
    assert len(scene.vendors["github"].webhooks()) == 5
    scene.settle()
    scene.clock = ()
    recover(scene)
    check(scene)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_fetched_token_that_ends_early(scene: Scene, method: str) -> None:
    """The vendor's clock jumps by a day in mid-run: one more token is fetched, and the write is done once."""
    wallet = scene.vendors["cryptofuse"]
    tomorrow = jumps_before(wallet, method)
    assert scene.apply().exit == 0, scene.heard[-1]
    assert tomorrow() > time.time() + HOUR
    asked = [request for request in wallet.requests if request.path == "/o/token/"]
    assert len(asked) == 2
    check(scene)


def test_a_fetched_token_outlives_a_jump_here(scene: Scene) -> None:
    """Its life is measured by a clock that never jumps: one token a run, whatever the wall clock says."""
    scene.clock = CLOCKS["jumping"]
    assert scene.apply().exit == 0, scene.heard[-1]
    asked = [request for request in scene.vendors["cryptofuse"].requests if request.path == "/o/token/"]
    assert len(asked) == 1
    check(scene)


@pytest.mark.parametrize("clock", CLOCKS.values(), ids=CLOCKS)
def test_who_waits_for_the_lock_is_not_kept_by_a_clock(scene: Scene, clock: tuple[float, ...]) -> None:
    """The lock of a dead run that began in the future is free; the next run starts at once."""
    scene.clock = clock
    assert scene.apply(blow=(60, "kill")).exit == KILLED
    scene.settle()
    scene.clock = ()
    assert "is in use since" not in scene.apply("--lock-timeout", "0").said
    recover(scene)
    check(scene)


def jumps_before(vendor: Any, method: str) -> Callable[[], float]:
    """A vendor whose clock jumps by a day before the first request of this method; its clock."""
    handle, jumped = vendor.handle, list[str]()

    def now() -> float:
        return time.time() + (DAY if jumped else 0.0)

    def handled(request: Any) -> Any:
        if request.method == method and request.path.startswith("/user/"):
            jumped.append(request.path)
        return handle(request)

    vendor.clock, vendor.handle = now, handled
    return now
