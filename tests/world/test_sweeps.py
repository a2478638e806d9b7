"""Every kind of vendor, every way to change something: killed at every moment, failed in every way; then it heals.

What `test_world` finds by chance is here one by one: each scene is played once up to its last command, and that is
repeated from the same files and vendors for every moment and every fault.
"""

import copy
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count, cycle, product
from pathlib import Path

import pytest

from tests.world.faults import JUMPS, NOTHING_WRONG, READ_FAULTS, SHIFTS, Faults
from tests.world.others import somebody
from tests.world.story import Story
from tests.world.userfile import KINDS, Hook
from tests.world.world import Outcome

pytestmark = pytest.mark.timeout(600)

SHARED = Path("/dev/shm")
LOST = (
    "500 after",
    "endless after",
    "drop after",
    "half after",
    "object after",
    "500 before",
    "drop before",
    "404",
    "429",
    "twice",
)
UNREAD = ("404", "429", "object after")
Argv = tuple[str, ...]
Scene = Callable[[Story, str], Argv]


def create(story: Story, kind: str) -> Argv:
    """Two webhooks are new."""
    story.add(kind, 3, None, None, 1)
    return ()


def update(story: Story, kind: str) -> Argv:
    """All fields change, the secret too."""
    story.apply()
    for what in ("url", "events", "status", "text", "secret"):
        story.edit(_first(story), what, 6, "inactive", "two")
    return ()


def lose(story: Story, kind: str) -> Argv:
    """Only the secret changes; somebody has wiped it at the vendor."""
    story.apply()
    story.edit(_first(story), "secret", 0, "", "")
    somebody(story, kind, "wipes", 0)
    return ()


def prune(story: Story, kind: str) -> Argv:
    """A webhook leaves the file, another is renamed and changed."""
    story.add(kind, 3, None, None, 0)
    story.apply()
    story.remove(_first(story))
    for hook in list(story.hooks.values()):
        story.rename(hook)
        story.edit(_first(story), "events", 6, "", "")
    return ("--prune-all",)


def recreate(story: Story, kind: str) -> Argv:
    """Somebody has deleted it, while the file got another URL."""
    story.apply()
    somebody(story, kind, "deletes", 0)
    story.edit(_first(story), "url", 0, "", "")
    return ()


def swap(story: Story, kind: str) -> Argv:
    """Two webhooks take each other's URL."""
    story.add(kind, 3, None, None, 0)
    story.apply()
    story.swap(kind)
    return ()


def retitle(story: Story, kind: str) -> Argv:
    """Nothing but the texts changes."""
    story.apply()
    story.edit(_first(story), "text", 0, "", "two")
    return ()


def adopt(story: Story, kind: str) -> Argv:
    """It is there already, made by somebody else."""
    somebody(story, kind, "squats", 0)
    return ()


def rotate(story: Story, kind: str) -> Argv:
    """`whsync rotate`, while somebody has changed the events."""
    story.apply()
    somebody(story, kind, "edits", 0)
    return ("rotate", _first(story).name)


def usurp(story: Story, kind: str) -> Argv:
    """Somebody has deleted it, and made another with its URL and a secret of their own."""
    story.apply()
    somebody(story, kind, "deletes", 0)
    somebody(story, kind, "squats", 0)
    return ()


def shown(story: Story, kind: str) -> Argv:
    """Somebody has replaced the secret."""
    story.apply()
    somebody(story, kind, "rotates", 0)
    return ()


SCENES: tuple[Scene, ...] = (create, update, lose, rotate, shown, usurp, prune, recreate, swap, adopt)
ABOUT_SECRETS = (create, update, lose, rotate, shown, usurp)
ABOUT_FIELDS = (create, update, prune, recreate, swap, adopt)
ABOUT_ONE_FIELD = (swap, retitle, prune)


def _first(story: Story) -> Hook:
    return next(iter(story.hooks.values()))


class Stage:
    """A scene up to its last command, which may be played again and again."""

    def __init__(self, folder: Path, kind: str, scene: Scene, secret: int) -> None:
        self._story = Story(folder)
        self._story.open([kind])
        self._story.add(kind, 1, None, "one", secret)
        self._argv = scene(self._story, kind)
        self._healed: set[int] = set()

    def mood(self, mood: Mapping[str, object]) -> None:
        """The vendor behaves so until it heals."""
        for sold in self._story.vendors.values():
            for name, value in mood.items():
                setattr(sold, name, value)

    def credentials_are_asked_for(self) -> None:
        """From now on a command gives the token."""
        self._story.asks = True

    def sinks_are_mounts(self, listed: bool) -> None:
        """From now on nothing can take the place of a sink; whether the system tells."""
        self._story.mounted, self._story.listed = True, listed

    def play(self, faults: Faults, more: Argv = (), then: Faults = NOTHING_WRONG) -> Outcome:
        """The last command, with what goes wrong, and `then` at the next; and then the way back to rest."""
        with tempfile.TemporaryDirectory(dir=self._story.folder.parent) as name:
            shutil.copytree(self._story.folder, name, dirs_exist_ok=True)
            story = copy.deepcopy(self._story)
            story.folder = Path(name)
            outcome = story.do((*self._argv, *more), faults)
            if then is not NOTHING_WRONG:
                story.apply("--prune-all", faults=then)
            if (state := story.state()) not in self._healed:  # what went wrong differs, but not what became of it
                story.heal()
                self._healed.add(state)
            return outcome


def stages(kind: str, scenes: Iterable[Scene] = SCENES) -> Iterator[tuple[str, Stage]]:
    """Every scene, those about secrets with every way to have one."""
    for scene in scenes:
        for secret in range(max(1, len(KINDS[kind].secrets)) if scene in ABOUT_SECRETS else 1):
            with tempfile.TemporaryDirectory(dir=SHARED if SHARED.is_dir() else None) as name:
                (Path(name) / "stage").mkdir()
                yield f"{scene.__name__}, secret {secret}", Stage(Path(name) / "stage", kind, scene, secret)


@contextmanager
def telling(*what: object) -> Iterator[None]:
    """Say which case it is that fails."""
    try:
        yield
    except AssertionError as error:
        raise AssertionError(f"{' | '.join(map(str, what))}: {error}") from error


@pytest.mark.parametrize("kind", KINDS)
def test_killed_at_every_moment(kind: str) -> None:
    """Killed before or after any effect, the next applies end with one webhook, its secret in place, all as wanted."""
    for scene, stage in stages(kind):
        for moment in count():
            with telling(kind, scene, f"killed at effect {moment}"):
                if stage.play(Faults(crash=moment)).exit is not None:
                    break


@pytest.mark.parametrize("kind", KINDS)
def test_every_write_fails_in_every_way(kind: str) -> None:
    """Whatever becomes of a write and its answer, nothing is made twice and the next applies end as wanted."""
    for scene, stage in stages(kind):
        for number, fault in ((number, fault) for number in count() for fault in LOST):
            with telling(kind, scene, f"write {number}: {fault}"):
                if not stage.play(Faults(writes={number: fault})).struck:
                    break  # there is no such write


@pytest.mark.parametrize("kind", KINDS)
def test_every_read_fails_in_every_way(kind: str) -> None:
    """A read that fails, lies or is cut short leads to no create and no delete, with --prune or without."""
    for scene, stage in stages(kind, (update, prune, recreate)):
        for fault in (*READ_FAULTS, *SHIFTS):
            with telling(kind, scene, f"reading: {fault}"):
                stage.play(Faults(reads={kind: fault}), ("--prune-all",))


def crowded(scene: Scene) -> Scene:
    """The scene, where others have the first page to themselves."""

    def play(story: Story, kind: str) -> Argv:
        somebody(story, kind, "adds", 0)
        somebody(story, kind, "adds", 0)
        return scene(story, kind)

    play.__name__ = f"crowded {scene.__name__}"
    return play


@pytest.mark.parametrize("kind", ["paged", "marked", "shifty", "github"])
def test_pages_that_shift_under_the_reader(kind: str) -> None:
    """Whoever adds or deletes meanwhile, and whenever the run before was killed: nothing doubled, nothing forgotten."""
    for scene, stage in stages(kind, map(crowded, (create, prune, recreate, adopt))):
        for shift in SHIFTS:
            with telling(kind, scene, shift):
                stage.play(Faults(reads={kind: shift}), ("--prune-all",))
            for moment in count():
                with telling(kind, scene, f"killed at effect {moment}, then {shift}"):
                    if stage.play(Faults(crash=moment), then=Faults(reads={kind: shift})).exit is not None:
                        break


@pytest.mark.parametrize("kind", KINDS)
def test_what_became_of_a_write_cannot_be_read(kind: str) -> None:
    """An answer is lost and every read after it fails: it is said what is owed, and later applies find out."""
    for scene, stage in stages(kind):
        for fault, lost in product(UNREAD, (0, 1, None)):
            with telling(kind, scene, f"write {lost} is lost, reading after a write: {fault}"):
                stage.play(Faults(writes={} if lost is None else {lost: "drop after"}, later={kind: fault}))


@pytest.mark.parametrize("kind", KINDS)
def test_clocks_that_jump(kind: str) -> None:
    """Whatever this machine takes for the time, before a kill and after it, the promises are the same."""
    jumps = cycle(JUMPS)  # goes on from scene to scene, so that all have their turn
    for scene, stage in stages(kind, (create, update, rotate, prune)):
        for (moment, jump), back in product(zip(range(1, 12, 3), jumps, strict=False), (True, False)):
            with telling(kind, scene, f"the clock jumps by {jump} s before effect {moment}"):
                when = {moment: jump, moment + 2: -2 * jump} if back else {0: jump}
                stage.play(Faults(crash=moment + 1, jumps=when))


@pytest.mark.parametrize("kind", KINDS)
def test_a_sink_that_is_full(kind: str) -> None:
    """A secret that cannot be stored where it belongs is rescued, or the run says so; it is never forgotten."""
    for scene, stage in stages(kind):
        with telling(kind, scene, "full disk"):
            stage.play(Faults(full_disk=True))


@pytest.mark.parametrize("kind", ["mute", "keysafe", "signet", "cryptofuse"])
def test_handles_that_run_out(kind: str) -> None:
    """From any moment on nothing more can be opened: no secret is lost, nothing is made twice, and it is said why."""
    for scene, stage in stages(kind, (create, rotate)):
        usual = stage.play(Faults()).exit
        for moment in count():
            with telling(kind, scene, f"no handle is left from effect {moment} on"):
                outcome = stage.play(Faults(no_handle=moment))
                if not outcome.struck:
                    break
                told = outcome.out + outcome.err
                assert outcome.exit == usual or "no file handle is left" in told, (
                    f"it is not said what is missing:\n{told}"
                )


@pytest.mark.parametrize(("kind", "listed"), [("mute", True), ("cryptofuse", False), ("signet", True)])
def test_sinks_that_are_mounted(kind: str, listed: bool) -> None:
    """A sink that nothing can take the place of is written where it is; killed meanwhile, it heals as any other."""
    for scene, stage in stages(kind, (create, rotate)):
        stage.sinks_are_mounts(listed)
        for moment in count():
            with telling(kind, scene, f"mounted sinks, killed at effect {moment}"):
                if stage.play(Faults(crash=moment)).exit is not None:
                    break


@pytest.mark.parametrize(("kind", "listed"), tuple(zip(KINDS, cycle([True, False]), strict=False)))
def test_a_lock_that_is_mounted(kind: str, listed: bool) -> None:
    """It is refused before the first call where the system tells; else nothing is lost, for the journal has it."""
    for scene, stage in stages(kind, (create, update, prune)):
        with telling(kind, scene, f"a mounted lock, listed: {listed}"):
            outcome = stage.play(Faults(mounted=("webhooks.lock.json",), listed=listed))
            assert outcome.exit in (1, 3)
            assert not (listed and outcome.writes), f"there were calls before it was refused: {outcome.writes}"


@pytest.mark.parametrize("kind", ["signet", "turnkey"])
def test_tokens_that_die(kind: str) -> None:
    """A token dies at any moment: the command is asked again, and the run goes on as if not."""
    for scene, stage in stages(kind, (create, update, rotate)):
        stage.credentials_are_asked_for()
        usual = stage.play(Faults())
        for moment in range(usual.effects):
            with telling(kind, scene, f"the token dies at effect {moment}"):
                outcome = stage.play(Faults(dies=(moment,)))
                assert (outcome.exit, outcome.writes) == (usual.exit, usual.writes), outcome.out + outcome.err


def test_another_accounts_token() -> None:
    """The next token is another account's: nothing is read or written with it, and all is as if it were refused."""
    for scene, stage in stages("turnkey", (create, update)):
        stage.credentials_are_asked_for()
        for moment in range(2, stage.play(Faults()).effects):
            with telling(scene, f"at effect {moment} comes another account's token"):
                outcome = stage.play(Faults(dies=(moment,), strange=True))
                assert outcome.exit == 0 or "wrong_account" in outcome.out + outcome.err


def test_another_accounts_key() -> None:
    """Killed at any moment, and then with another account's key: nothing of ours looks deleted, or is made there."""
    for scene, stage in stages("turnkey", (create, update, recreate)):
        for moment in count():
            with telling(scene, f"killed at effect {moment}, then another account's key"):
                if stage.play(Faults(crash=moment), then=Faults(strange=True)).exit is not None:
                    break


MOODS: Mapping[str, Mapping[str, object]] = {
    "no more room": {"quota": 0},
    "keeps its events": {"frozen": {"events"}},
    "keeps its texts": {"frozen": {"description"}},
    "masks": {"masks": True},
    "moves more": {"moves": {"url": {"status": "inactive", "description": "moved"}, "description": {"events": {"b"}}}},
    "upserts": {"upserts": True},
    "deletes nothing": {"clings": True},
    "spells otherwise": {"spells": True},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mood", MOODS)
def test_a_vendor_in_a_mood(kind: str, mood: str) -> None:
    """What a vendor keeps, moves, masks, spells or leaves undone, although it answers 200, is told, not believed."""
    scenes = {"masks": SCENES, "moves more": ABOUT_ONE_FIELD, "deletes nothing": (update, prune, swap)}
    for scene, stage in stages(kind, scenes.get(mood, ABOUT_FIELDS)):
        with telling(kind, scene, mood):
            stage.mood(MOODS[mood])
            stage.play(Faults())
