"""What a machine remembers of comparisons makes them quick, and neither wrong nor any secret easier to guess."""

import hashlib
import os
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import Interrupted
from reconciler.model.secret import Secret
from reconciler.secrets import fingerprint as module
from reconciler.secrets.compared import FEW, FEWEST, Comparing, MachineKey, Pair
from reconciler.secrets.fingerprint import RANDOM_BITS, Fingerprinter, _steps_of
from reconciler.secrets.remembered import MOST, Remembered
from reconciler.secrets.stretch import Step, Stretcher

REAL = hashlib.scrypt
MANY = 60
Pairs = list[tuple[Secret, str]]
LOCKS_COST = (2**14, 8, 1)
"""n, r and p of what stands in a lock: what one guess costs whoever has stolen it."""


def cheap(password: bytes, salt: bytes, parameters: tuple[int, int, int], dklen: int) -> bytes:
    """scrypt that takes no time, but depends on all its input."""
    return REAL(password, salt=salt + str(parameters).encode(), n=2, r=1, p=1, dklen=dklen)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int, int]]:
    """The parameters of every use of scrypt, each made cheap."""
    seen: list[tuple[int, int, int]] = []

    def counted(password: bytes, *, salt: bytes, n: int, r: int, p: int, maxmem: int, dklen: int) -> bytes:
        seen.append((n, r, p))
        return cheap(password, salt, (n, r, p), dklen)

    monkeypatch.setattr(hashlib, "scrypt", counted)
    return seen


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a machine remembers."""
    return tmp_path / "compared"


def applied(count: int = MANY) -> Pairs:
    """Secrets of their own, with the fingerprints that a lock has of them."""
    prints = Fingerprinter(None, "seed", ())
    secrets = [Secret(f"secret {number}") for number in range(count)]
    return [(secret, prints.make(secret, f"hook-{number}")) for number, secret in enumerate(secrets)]


def run(folder: Path | None, key: Secret | None = None) -> Fingerprinter:
    """What a later run compares with."""
    return Fingerprinter(key, "another seed", (), remembered=Remembered(folder) if folder else None)


def prepared(pairs: Pairs, folder: Path | None) -> Fingerprinter:
    """The same, after it has prepared itself."""
    prints = run(folder)
    prints.prepare(pairs)
    return prints


def with_another(pairs: Pairs, at: int = 0) -> Pairs:
    """One secret is another by now."""
    return [
        (Secret("another"), text) if number == at else (secret, text) for number, (secret, text) in enumerate(pairs)
    ]


# How quick


def test_many_that_are_the_same_cost_one_slow_step(calls: list[Any], folder: Path) -> None:
    """The first run on a machine pays for each secret; all later ones for one, whatever changed elsewhere."""
    pairs = applied()
    calls.clear()
    prepared(pairs, folder)
    assert MANY < len(calls) <= MANY + 1 + MANY // 4
    calls.clear()
    later = prepared(pairs[::-1], folder)
    assert all(later.matches(*pair) for pair in pairs)
    assert len(calls) == 1


def test_one_that_changed_costs_little_more(calls: list[Any], folder: Path) -> None:
    """Another secret, or another webhook, moves few of the others; what is not the same is not called so."""
    pairs = applied(200)
    prepared(pairs, folder)
    for later_pairs, differ in ((with_another(pairs, 7), 1), (pairs[1:], 0), ([*pairs, *applied(201)[200:]], 0)):
        calls.clear()
        later = prepared(later_pairs, folder)
        assert sum(not later.matches(*pair) for pair in later_pairs) == differ
        assert len(calls) <= 2 + 3 * 4 + FEW


def test_the_slow_steps_of_a_run_are_done_beside_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is remembered, all processors work: four steps that wait for each other come to their end."""
    monkeypatch.setattr("reconciler.secrets.stretch._processors", lambda: 4)
    barrier = threading.Barrier(4, timeout=30)

    def waiting(password: bytes, *, salt: bytes, n: int, r: int, p: int, maxmem: int, dklen: int) -> bytes:
        barrier.wait()
        return cheap(password, salt, (n, r, p), dklen)

    monkeypatch.setattr(hashlib, "scrypt", waiting)
    prints = run(None)
    prints.prepare((), [Secret(str(number)) for number in range(4)])
    assert len({prints.make(Secret(str(number)), "a") for number in range(4)}) == 4


def test_ten_thousand_webhooks_with_one_secret_still_cost_one(calls: list[Any], folder: Path) -> None:
    """Who shares one secret needs no memory, and none is made."""
    prints = Fingerprinter(None, "seed", ())
    pairs = [(Secret("shared"), prints.make(Secret("shared"), str(number))) for number in range(10_000)]
    calls.clear()
    prepared(pairs, folder)
    assert len(calls) == 1
    assert not folder.exists()


def test_a_stopped_run_compares_no_more() -> None:
    """Ctrl-C does not wait for a thousand slow steps."""
    prints = Fingerprinter(None, "seed", (), Stretcher(lambda: True))
    with pytest.raises(Interrupted):
        prints.prepare((), [Secret(str(number)) for number in range(1000)])


# What a thief pays


@pytest.mark.parametrize("bits", [0, 1, RANDOM_BITS - 1])
def test_the_lock_asks_what_it_always_asked(bits: int, calls: list[Any], folder: Path) -> None:
    """Whatever is remembered, the lock has the same bytes: full scrypt for all that somebody else has thought of."""
    for prints in (Fingerprinter(None, "seed", ()), Fingerprinter(None, "seed", (), remembered=Remembered(folder))):
        calls.clear()
        text = prints.make(Secret("chosen by a person"), "ci", bits)
        assert text.startswith("scrypt$14$")
        assert calls == [LOCKS_COST]
    assert text == Fingerprinter(None, "seed", ()).make(Secret("chosen by a person"), "ci")


def test_only_what_whsync_made_of_enough_random_bits_is_not_stretched(calls: list[Any]) -> None:
    """128 bits from the system, which is what `generate` takes at least; a text that claims fewer is refused."""
    assert RANDOM_BITS == 128
    text = Fingerprinter(None, "seed", ()).make(Secret("made"), "ci", RANDOM_BITS)
    assert text.startswith("sha256$128$")
    assert calls == []
    assert run(None).matches(Secret("made"), text)
    assert not run(None).matches(Secret("made up"), text)
    assert not run(None).outdated(text)
    assert not run(None).comparable(text.replace("$128$", "$127$"))
    assert Fingerprinter(Secret("key"), "", ()).make(Secret("made"), "ci", RANDOM_BITS).startswith("hmac$")
    other = Fingerprinter(None, "seed", ()).make(Secret("made"), "cd", RANDOM_BITS)
    assert other.split("$")[2:] != text.split("$")[2:]


def test_with_lock_and_memory_and_all_other_secrets_a_guess_costs_the_same(calls: list[Any], folder: Path) -> None:
    """A thief of everything, who knows all secrets but one, pays one scrypt of the lock's cost for each guess."""
    pairs = applied(FEWEST)
    prepared(pairs, folder)
    kept = Remembered(folder).read()
    assert kept is not None
    machine, tags = kept
    for guess in map(Secret, ("123456", "password", "secret 0")):
        guessed = _steps_of(Pair(*pair) for pair in [(guess, pairs[0][1]), *pairs[1:]])
        calls.clear()
        looked = Comparing(machine, guessed, Stretcher()).look(tags)
        assert bool(looked.vouched) == (guess == Secret("secret 0"))
        assert calls == [LOCKS_COST]


def test_a_tag_costs_what_the_dearest_of_its_fingerprints_costs(
    calls: list[Any], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fingerprints that cost more, of a later whsync, are not made cheaper by what this one remembers."""
    dear = applied(FEWEST - 1)
    monkeypatch.setattr(module, "COST", 16)
    dear += [(Secret("dear"), Fingerprinter(None, "seed", ()).make(Secret("dear"), "dear"))]
    monkeypatch.setattr(module, "COST", 14)
    prepared(dear, folder)
    calls.clear()
    prepared(dear, folder)
    assert calls == [(2**16, 8, 1)]


@given(st.lists(st.integers(0, 40), max_size=90), st.integers(0, 5))
def test_no_tag_is_of_few_secrets(numbers: list[int], sharing: int) -> None:
    """Whichever secrets there are, each set has four different ones: a tag is never a second fingerprint of one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashlib, "scrypt", lambda data, *, salt, n, r, p, maxmem, dklen: cheap(data, salt, (n, r, p), 32))
        prints = Fingerprinter(None, "seed", ())
        secrets = [Secret(str(number // (sharing + 1))) for number in numbers]
        pairs = [Pair(secret, prints.make(secret, str(at))) for at, secret in enumerate(secrets)]
        looked = Comparing(MachineKey(b"k" * 32, b"s" * 32), _steps_of(pairs), Stretcher()).look(frozenset())
    assert all(len({pair.secret for pair in each}) >= FEWEST for each in looked.sets.values())
    assert set(looked.left) == set(pairs)


def test_nothing_of_a_secret_or_a_lock_is_written(calls: list[Any], folder: Path) -> None:
    """The files hold random bytes and tags, for their user alone; nothing tells a secret, a fingerprint or a name."""
    pairs = applied()
    prepared(pairs, folder)
    data = b"".join(path.read_bytes() for path in folder.iterdir())
    assert {path.name for path in folder.iterdir()} == {"key", "tags"}
    assert not any(part in data for part in (b"secret", b"scrypt", b"hook-", *(text.encode() for _, text in pairs)))
    assert len(data) % 32 == 0
    if os.name != "nt":
        assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
        assert folder.stat().st_mode & 0o777 == 0o700


def test_with_a_fingerprint_key_nothing_is_remembered(calls: list[Any], folder: Path) -> None:
    """Who sets a key wants guesses to need it, on this machine as well."""
    run(folder, Secret("key")).prepare(applied())
    assert not folder.exists()


# Never wrong


def believed(pairs: Pairs, folder: Path) -> list[bool]:
    """What a run with this memory says of each pair."""
    prints = prepared(pairs, folder)
    return [prints.matches(*pair) for pair in pairs]


def test_tags_of_another_machine_vouch_for_nothing(calls: list[Any], folder: Path, tmp_path: Path) -> None:
    """Somebody who may write the tags, and not read the key, cannot let another secret pass for the same."""
    pairs, false = applied(), with_another(applied())
    other = tmp_path / "other"
    forger = Fingerprinter(None, "seed", (), remembered=Remembered(other))
    forger._same.update(Pair(*pair) for pair in false)
    forger.remember(false)
    assert believed(false, other)[0], "the forger's own machine believes him"
    prepared(pairs, folder)
    shutil.copy(other / "tags", folder / "tags")
    assert believed(false, folder) == [False] + [True] * (MANY - 1)


@pytest.mark.parametrize("name", ["key", "tags"])
@pytest.mark.parametrize("damage", ["empty", "cut", "noise", "huge", "folder", "link", "readable", "writable"])
def test_damaged_or_foreign_files_are_only_slower(name: str, damage: str, calls: list[Any], folder: Path) -> None:
    """Whatever became of a file, the same are the same and the changed are changed, and nothing is raised."""
    pairs = applied(2 * FEWEST)
    prepared(pairs, folder)
    path = folder / name
    whole = path.read_bytes()
    match damage:
        case "empty":
            path.write_bytes(b"")
        case "cut":
            path.write_bytes(whole[:-5])
        case "noise":
            path.write_bytes(os.urandom(len(whole)))
        case "huge":
            path.write_bytes(b"x" * (32 * MOST + 1))
        case "folder":
            path.unlink()
            path.mkdir()
        case "link":
            path.rename(folder / "moved")
            path.symlink_to(folder / "moved")
        case "readable":
            path.chmod(0o644)
        case "writable":
            folder.chmod(0o777)
    for _ in range(2):
        assert believed(pairs, folder) == [True] * len(pairs)
        assert believed(with_another(pairs), folder) == [False] + [True] * (len(pairs) - 1)


def test_a_place_that_cannot_be_written_is_only_slower(calls: list[Any], tmp_path: Path) -> None:
    """Where the user's folder is a file, or read-only, everything is compared each time."""
    (tmp_path / "file").write_text("in the way")
    assert believed(applied(), tmp_path / "file" / "compared") == [True] * MANY


def test_only_sets_in_which_all_is_the_same_are_kept(calls: list[Any], folder: Path) -> None:
    """A set with a changed secret is not remembered, and what a run did not see it does not vouch for."""
    pairs = with_another(applied(FEWEST))
    prepared(pairs, folder)
    assert not (folder / "tags").exists()
    run(folder).remember(applied(FEWEST))
    assert not (folder / "tags").exists()


def test_an_apply_lets_the_next_plan_know(calls: list[Any], folder: Path) -> None:
    """What a run has made itself needs no comparison by the next one."""
    prints = Fingerprinter(None, "seed", (), remembered=Remembered(folder))
    pairs = [(Secret(str(number)), prints.make(Secret(str(number)), str(number))) for number in range(MANY)]
    prints.remember(pairs)
    calls.clear()
    assert believed(pairs, folder) == [True] * MANY
    assert len(calls) == 1


def test_runs_at_once_disturb_nobody(calls: list[Any], folder: Path) -> None:
    """Eight that begin on a new machine at the same time all come to the right end, and one more finds it known."""
    pairs, said = applied(), []
    threads = [threading.Thread(target=lambda: said.append(all(believed(pairs, folder)))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == [True] * 8
    prepared(pairs, folder)
    calls.clear()
    assert all(believed(pairs, folder))
    assert len(calls) == 1


def test_what_was_of_use_last_is_kept(calls: list[Any], folder: Path) -> None:
    """The file has a bound, and the oldest tags leave it first."""
    memory = Remembered(folder)
    memory.read()
    memory.keep(number.to_bytes(32, "big") for number in range(MOST))
    memory.keep([b"n" * 32])
    kept = memory.read()
    assert kept is not None
    assert len(kept[1]) == MOST
    assert b"n" * 32 in kept[1]
    assert (MOST - 1).to_bytes(32, "big") not in kept[1]


def test_another_s_home_is_left_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under `sudo` with the home of somebody else, nothing is made there that he could not read afterwards."""
    if os.name == "nt":
        pytest.skip("there is no such thing")
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    assert Remembered(folder).read() is None
    assert not folder.exists()


def test_a_lock_of_an_earlier_whsync_still_compares() -> None:
    """The forms that locks have had are read as they were; this one was written before anything was remembered."""
    text = "scrypt$14$QkV9qzX0mGfUu0bC.3H8kq2mWcVYlN0aZ$"
    salt, entry = (module._decoded(part) for part in ("QkV9qzX0mGfUu0bC", "3H8kq2mWcVYlN0aZ"))
    slow = hashlib.scrypt(b"the old one", salt=salt, n=2**14, r=8, p=1, maxmem=2**26, dklen=32)
    text += module._encoded(module._hmac(slow, entry))
    assert run(None).matches(Secret("the old one"), text)
    assert not run(None).matches(Secret("another one"), text)
    assert _steps_of([Pair(Secret("x"), text)]) == {Pair(Secret("x"), text): Step(Secret("x"), salt, 14)}
