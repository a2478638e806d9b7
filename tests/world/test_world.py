"""The whole engine against simulated vendors: random files, edits by others, faults, crashes; the promises hold.

`WHSYNC_WORLD=N` runs N times as many examples. A failing run prints the story as calls of the rules below.
"""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.tally import played
from tests.world.faults import JUMPS, READ_FAULTS, SHIFTS, WRITE_FAULTS, Faults
from tests.world.others import DEEDS, somebody
from tests.world.story import Story
from tests.world.userfile import KINDS, Hook

SHARED = Path("/dev/shm")
TIMES = int(os.environ.get("WHSYNC_WORLD", "1"))
which = st.integers(0, 5)
texts = st.sampled_from(("", "one", "two"))
statuses = st.sampled_from(("active", "inactive"))
edits = st.sampled_from(("url", "events", "status", "text", "secret", "unmanage"))
deeds = st.sampled_from(DEEDS)
frozen_fields = st.sampled_from(((), ("description",), ("events",)))
side_effects = st.sampled_from(({}, {"url": {"status": "inactive"}}, {"description": {"events": {"b"}}}))
jumps = st.sampled_from(JUMPS)
write_faults = st.dictionaries(st.integers(0, 3), st.sampled_from(WRITE_FAULTS), min_size=1, max_size=2)


class World(RuleBasedStateMachine):
    """A user, others, vendors, and bad luck."""

    kinds: tuple[str, ...] = tuple(KINDS)

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory(dir=SHARED if SHARED.is_dir() else None)
        self.story = Story(Path(self._folder.name), told=note)

    @initialize(data=st.data())
    def open(self, data: st.DataObject) -> None:
        """Accounts at some kinds of vendors, each with a webhook."""
        kinds = data.draw(st.lists(st.sampled_from(self.kinds), min_size=1, max_size=2, unique=True), label="kinds")
        self.story.open(kinds)
        for kind in kinds:
            self.story.add(kind, 1, None, None, 0)

    # The user edits the file

    @rule(at=which, events=st.integers(0, 7), status=st.none() | statuses, text=st.none() | texts, secret=which)
    def add(self, at: int, events: int, status: str | None, text: str | None, secret: int) -> None:
        self.story.add(self._kind(at), events, status, text, secret)

    @rule(at=which, what=edits, events=st.integers(0, 7), status=statuses, text=texts)
    def edit(self, at: int, what: str, events: int, status: str, text: str) -> None:
        if hook := self._hook(at):
            self.story.edit(hook, what, events, status, text)

    @rule(at=which)
    def swap(self, at: int) -> None:
        self.story.swap(self._kind(at))

    @rule(at=which)
    def rename(self, at: int) -> None:
        if hook := self._hook(at):
            self.story.rename(hook)

    @rule(at=which)
    def remove(self, at: int) -> None:
        if hook := self._hook(at):
            self.story.remove(hook)

    @precondition(lambda self: self.story.removed)
    @rule()
    def restore(self) -> None:
        self.story.restore()

    # Somebody else, and the vendors themselves

    @rule(at=which, what=deeds, row=which)
    def another_person(self, at: int, what: str, row: int) -> None:
        somebody(self.story, self._kind(at), what, row)

    @rule(at=which, quota=st.sampled_from((0, 2, 99)), frozen=frozen_fields, masks=st.booleans())
    def moods(self, at: int, quota: int, frozen: tuple[str, ...], masks: bool) -> None:
        sold = self.story.vendors[self._kind(at)]
        sold.quota, sold.frozen, sold.masks = quota, set(frozen), masks

    @rule(at=which, moves=side_effects, upserts=st.booleans(), clings=st.booleans(), spells=st.booleans())
    def manners(self, at: int, moves: dict[str, dict[str, object]], upserts: bool, clings: bool, spells: bool) -> None:
        sold = self.story.vendors[self._kind(at)]
        sold.moves, sold.upserts, sold.clings, sold.spells = moves, upserts, clings, spells

    @rule(listed=st.booleans())
    def sinks_are_mounted(self, listed: bool) -> None:
        self.story.mounted, self.story.listed = True, listed

    # Runs

    @rule(prune=st.booleans())
    def apply(self, prune: bool) -> None:
        self.story.apply(*(["--prune-all"] if prune else []))

    @rule(faults=write_faults)
    def apply_with_faults(self, faults: dict[int, str]) -> None:
        self.story.apply(faults=Faults(writes=faults))

    @rule(crash=st.integers(0, 20), prune=st.booleans())
    def apply_and_die(self, crash: int, prune: bool) -> None:
        self.story.apply(*(["--prune-all"] if prune else []), faults=Faults(crash=crash))

    @rule(crash=st.integers(0, 30), faults=write_faults, full=st.booleans())
    def apply_with_everything(self, crash: int, faults: dict[int, str], full: bool) -> None:
        self.story.apply("--prune-all", faults=Faults(writes=faults, crash=crash, full_disk=full))

    @rule(lost=st.integers(0, 3), fault=st.sampled_from(READ_FAULTS), at=which)
    def apply_and_see_nothing(self, lost: int, fault: str, at: int) -> None:
        self.story.apply(faults=Faults(writes={lost: "drop after"}, later={self._kind(at): fault}))

    @rule(at=which, fault=st.sampled_from((*READ_FAULTS, *SHIFTS)), prune=st.booleans())
    def apply_half_blind(self, at: int, fault: str, prune: bool) -> None:
        faults = Faults(reads={self._kind(at): fault})
        self.story.apply(*(["--prune-all"] if prune else []), faults=faults)

    @rule()
    def apply_on_a_full_disk(self) -> None:
        self.story.apply(faults=Faults(full_disk=True))

    @rule(moment=st.integers(0, 12))
    def apply_without_handles(self, moment: int) -> None:
        self.story.apply(faults=Faults(no_handle=moment))

    @rule(listed=st.booleans())
    def apply_with_a_mounted_lock(self, listed: bool) -> None:
        self.story.apply(faults=Faults(mounted=("webhooks.lock.json",), listed=listed))

    @rule()
    def reassert(self) -> None:
        self.story.apply("--reassert")

    @rule(at=which, crash=st.none() | st.integers(0, 15), faults=st.just({}) | write_faults, full=st.booleans())
    def rotate(self, at: int, crash: int | None, faults: dict[int, str], full: bool) -> None:
        if (hook := self._hook(at)) and hook.secret is not None:
            self.story.rotate(hook, Faults(writes=faults, crash=crash, full_disk=full))

    @rule(at=which, fault=st.sampled_from(READ_FAULTS), lost=st.integers(0, 2))
    def rotate_and_see_nothing(self, at: int, fault: str, lost: int) -> None:
        if (hook := self._hook(at)) and hook.secret is not None:
            self.story.rotate(hook, Faults(writes={lost: "drop after"}, later={hook.kind: fault}))

    @rule(seconds=jumps)
    def somebody_sets_the_clock(self, seconds: int) -> None:
        self.story.clock.jump(seconds)

    @rule(crash=st.integers(0, 20), jumping=st.dictionaries(st.integers(0, 12), jumps, min_size=1, max_size=3))
    def apply_while_the_clock_jumps(self, crash: int, jumping: dict[int, int]) -> None:
        self.story.apply(faults=Faults(crash=crash, jumps=jumping))

    @rule(at=which, fault=st.none() | st.sampled_from((*READ_FAULTS, *SHIFTS)))
    def plan(self, at: int, fault: str | None) -> None:
        self.story.plan(faults=Faults(reads={self._kind(at): fault} if fault else {}))

    @rule()
    def drift(self) -> None:
        self.story.run("drift")

    @precondition(lambda self: self.story.last is not None and self.story.last.exit in (1, 3))
    @rule()
    def follow_the_hints(self) -> None:
        if self.story.last is not None:
            self.story.follow(self.story.last)
            self.story.last = None

    @invariant()
    def counted(self) -> None:
        """For the line that ends a test run."""
        played("steps")

    def teardown(self) -> None:
        """Whatever happened, it comes to rest once nothing goes wrong any more."""
        played("stories")
        try:
            if self.story.vendors and not self.story.broken:
                self.story.heal()
        finally:
            self._folder.cleanup()

    def _kind(self, at: int) -> str:
        return list(self.story.vendors)[at % len(self.story.vendors)]

    def _hook(self, at: int) -> Hook | None:
        hooks = list(self.story.hooks.values())
        return hooks[at % len(hooks)] if hooks else None


USUAL = settings(
    max_examples=20 * TIMES,
    stateful_step_count=20,
    deadline=None,
    derandomize=TIMES == 1,
    database=None,
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)
pytestmark = pytest.mark.timeout(900)  # seconds; finding the shortest story of a failure takes minutes


@pytest.mark.parametrize("kind", KINDS)
def test_promises_at_one_vendor(kind: str) -> None:
    """Nothing lost, nothing twice, nothing leaked, whatever happens at this kind of vendor."""
    run_state_machine_as_test(type("World", (World,), {"kinds": (kind,)}), settings=USUAL)


def test_promises_among_vendors() -> None:
    """The same where several vendors are in one file: what happens at one is no matter of another."""
    run_state_machine_as_test(World, settings=USUAL)
