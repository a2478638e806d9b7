"""References that take a while are asked several at once, each still once, and none that nobody needs."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from reconciler.errors import Interrupted, SecretError
from reconciler.model.secret import SecretRef
from reconciler.secrets import registry
from reconciler.secrets.scheme import SecretBatch, SecretScheme, Surroundings
from reconciler.secrets.source import Resolver

PATH = {"PATH": "/usr/bin:/bin"}
ALL_THERE = "for n in $(seq 300); do [ $(ls here | wc -l) -ge 4 ] && break; sleep 0.02; done; [ $n -lt 300 ]"


def commands(*texts: str) -> list[SecretRef]:
    """References to commands."""
    return [SecretRef("cmd", text) for text in texts]


def test_commands_run_beside_each_other_and_once(tmp_path: Path) -> None:
    """Four commands that each wait for the other three all come to their end; none is run again to be told."""
    (tmp_path / "here").mkdir()
    refs = commands(*(f"touch here/{n}; echo {n} >> runs; {ALL_THERE}; echo secret-{n}" for n in range(4)))
    resolver = Resolver(tmp_path, PATH)
    resolver.prepare([*commands("touch first; echo alone"), *refs, *refs], at_once=8)
    assert [resolver.resolve(ref).reveal() for ref in refs] == [f"secret-{n}" for n in range(4)]
    assert sorted((tmp_path / "runs").read_text().split()) == ["0", "1", "2", "3"]


def test_the_first_of_a_program_is_asked_alone(tmp_path: Path) -> None:
    """What has to be unlocked asks for that once: nothing of that program is under way while the first one runs."""
    first = "exec 3>first; sleep 0.2; ls others 2> /dev/null | wc -l"
    refs = commands(first, *(f"exec 3>> busy; mkdir -p others; touch others/{n}; echo {n}{n}" for n in range(3)))
    resolver = Resolver(tmp_path, PATH)
    resolver.prepare(refs, at_once=8)
    assert resolver.resolve(refs[0]).reveal().strip() == "0"
    assert [resolver.resolve(ref).reveal() for ref in refs[1:]] == ["00", "11", "22"]


def test_what_goes_wrong_is_told_to_who_needs_it(tmp_path: Path) -> None:
    """One that fails stops no other and raises nothing before it is resolved; then it says what it always said."""
    good, bad = commands("echo secret", "echo x >> failures; exit 3")
    resolver = Resolver(tmp_path, PATH)
    resolver.prepare([bad, good, SecretRef("no-such", "kind"), SecretRef("cmd", " ")], at_once=2)
    assert resolver.resolve(good).reveal() == "secret"
    for _ in range(2):
        with pytest.raises(SecretError, match="exit code 3"):
            resolver.resolve(bad)
    assert (tmp_path / "failures").read_text() == "x\n"


def test_nothing_is_learned_before_it_is_needed(tmp_path: Path) -> None:
    """Secrets become known in the order in which they are resolved, however the commands ended."""
    told: list[str] = []
    refs = commands("sleep 0.1; echo slow-one", "echo quick-one", "true && echo other-one")
    resolver = Resolver(tmp_path, PATH, learned=lambda secret, _: told.append(secret.reveal()))
    resolver.prepare(refs, at_once=8)
    assert told == []
    for ref in refs:
        resolver.resolve(ref)
    assert told == ["slow-one", "quick-one", "other-one"]


def test_a_stopped_run_asks_nothing_more(tmp_path: Path) -> None:
    """After Ctrl-C no further command is started, and the run hears of it where it needs a secret."""
    stopped = (tmp_path / "begun").exists
    refs = commands("touch begun; sleep 30; echo secret", *(f"touch {n}; echo secret" for n in range(3)))
    resolver = Resolver(tmp_path, PATH, timeout=60, stopping=stopped)
    resolver.prepare(refs, at_once=1)
    assert [path.name for path in tmp_path.iterdir()] == ["begun"]
    with pytest.raises(Interrupted):
        resolver.resolve(refs[0])


class Shelf:
    """A manager that tells several secrets at once, some of them never, and counts how it was asked."""

    def __init__(self) -> None:
        self.single: list[str] = []
        self.batches: list[int] = []
        self.broken = False
        self._guard = threading.Lock()

    def read(self, ref: SecretRef, _around: Surroundings) -> str:
        """One secret."""
        with self._guard:
            self.single.append(ref.target)
        if ref.target == "missing":
            raise SecretError(f"there is no secret {ref}")
        return f"alone {ref.target}"

    def several(self, refs: Sequence[SecretRef], _around: Surroundings) -> Mapping[SecretRef, str]:
        """Those whose names are numbers."""
        with self._guard:
            self.batches.append(len(refs))
        if self.broken:
            raise RuntimeError("not allowed")
        return {ref: f"batch {ref.target}" for ref in refs if ref.target.isdecimal()}


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """Behind `shelf:`, ten by one call."""
    made, real = Shelf(), registry.find
    scheme = SecretScheme("shelf", ".+", "shelf:NAME", made.read, batch=SecretBatch(10, made.several))
    monkeypatch.setattr(registry, "find", lambda name: scheme if name == "shelf" else real(name))
    return made


def test_a_manager_is_asked_for_many_by_one_call(shelf: Shelf, tmp_path: Path) -> None:
    """Twenty-five secrets take three calls; what these do not tell is asked alone, and says alone what is wrong."""
    refs = [SecretRef("shelf", str(n)) for n in range(23)] + [SecretRef("shelf", n) for n in ("other", "missing")]
    resolver = Resolver(tmp_path, PATH)
    resolver.prepare(refs, at_once=4)
    assert [resolver.resolve(ref).reveal() for ref in refs[:-1]] == [f"batch {n}" for n in range(23)] + ["alone other"]
    with pytest.raises(SecretError, match="there is no secret shelf:missing"):
        resolver.resolve(refs[-1])
    assert (sorted(shelf.batches), sorted(shelf.single)) == ([5, 10, 10], ["missing", "other"])
    assert resolver.anew(refs[0]).reveal() == "alone 0"


def test_who_may_not_ask_for_many_asks_for_each(shelf: Shelf, tmp_path: Path) -> None:
    """A policy without the batch call costs one refused call in a run, and no secret."""
    shelf.broken = True
    refs = [SecretRef("shelf", str(n)) for n in range(30)]
    resolver = Resolver(tmp_path, PATH)
    resolver.prepare(refs, at_once=4)
    assert {resolver.resolve(ref).reveal() for ref in refs} == {f"alone {n}" for n in range(30)}
    assert shelf.batches == [10]
