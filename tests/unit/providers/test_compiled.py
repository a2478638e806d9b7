"""What is kept of a built-in manifest: the same as its check gives, and never older than what it was made of."""

import os
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.errors import ConfigError
from reconciler.providers import compiled
from reconciler.providers.compiled import kept
from reconciler.providers.language.credentials import Expired
from reconciler.providers.language.fields import Catalogue, Listed, SecretWords
from reconciler.providers.language.manifest import ErrorWords, LimitWords, Manifest
from reconciler.providers.language.reads import OnePage, ScopeWay
from reconciler.providers.language.verified import Verified
from reconciler.providers.language.words import ReadOnly, Word
from reconciler.providers.registry import builtin_names, parse

BUILTIN = Path(__file__).parents[3] / "reconciler" / "providers" / "builtin"


class Maker:
    """Makes a manifest of a file's text, and counts how often."""

    def __init__(self, folder: Path, name: str = "github") -> None:
        self.source = folder / f"{name}.yaml"
        self.text = (BUILTIN / f"{name}.yaml").read_bytes()
        self.source.write_bytes(self.text)
        self.made = 0

    def manifest(self) -> Manifest:
        """What is kept, or else made."""
        return kept(self.source, self.source.read_bytes(), self._make)

    def _make(self) -> Manifest:
        self.made += 1
        return parse(self.source.read_bytes(), self.source.name)

    @property
    def place(self) -> Path:
        """Where it is kept."""
        (found,) = self.source.parent.rglob("*.manifest")
        return found


@pytest.fixture(autouse=True)
def _written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this test run was told, these tests are about what is written."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)


def shapes(value: Any) -> Iterator[tuple[object, ...]]:
    """The types of everything in a manifest, and what was said in it; equality knows neither."""
    yield (type(value), value.model_fields_set if isinstance(value, Word) else None)
    inner = value.__dict__.values() if isinstance(value, Word) else value.values() if isinstance(value, dict) else ()
    for each in value if isinstance(value, tuple) else inner:
        yield from shapes(each)


@pytest.mark.parametrize("name", builtin_names())
def test_what_is_kept_is_what_the_check_gives(name: str, tmp_path: Path) -> None:
    """Of every manifest: equal, of the same types all the way down, and as unchangeable."""
    maker = Maker(tmp_path, name)
    made, again = maker.manifest(), maker.manifest()
    assert (again, list(shapes(again))) == (made, list(shapes(made)))
    assert again.model_dump_json() == made.model_dump_json()
    assert isinstance(again.headers, ReadOnly)
    assert maker.made == 1


def test_another_text_is_checked_again(tmp_path: Path) -> None:
    """A manifest that was changed is not what it was, and one that is wrong now says so."""
    maker = Maker(tmp_path)
    title = maker.manifest().title
    maker.source.write_bytes(maker.text.replace(f"title: {title}".encode(), b"title: Another"))
    assert maker.manifest().title == "Another"
    maker.source.write_bytes(maker.text + b"nonsense: 1\n")
    with pytest.raises(ConfigError):
        maker.manifest()


def test_other_code_checks_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the language was changed, nothing counts that was made before."""
    maker, sources = Maker(tmp_path), sorted(compiled._sources())
    assert {"fields.py", "words.py", "schema.py", "errors.py"} <= {name for _, name, _, _ in sources}
    maker.manifest()
    folder, name, size, changed = sources[0]
    monkeypatch.setattr(compiled, "_sources", lambda: iter([(folder, name, size, changed + 1), *sources[1:]]))
    compiled._code.cache_clear()
    maker.manifest()
    compiled._code.cache_clear()
    assert maker.made == 2


@pytest.mark.parametrize("cut", [0, 16, 40, 400])
def test_half_a_file_counts_for_nothing(cut: int, tmp_path: Path) -> None:
    """What is not whole is made anew, and then kept whole."""
    maker = Maker(tmp_path)
    maker.manifest()
    maker.place.write_bytes(maker.place.read_bytes()[:cut])
    assert maker.manifest().type == "github"
    assert maker.manifest().type == "github"
    assert maker.made == 2


class Does:
    """What does something when it is read."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.place),)


def test_only_words_of_manifests_are_read(tmp_path: Path) -> None:
    """Bytes that name anything else are not believed, whatever digest they bear."""
    maker = Maker(tmp_path)
    maker.manifest()
    head = maker.place.read_bytes()[:32]
    for other in (Does(tmp_path / "done"), print, Path("x"), ("a", "tuple")):
        maker.place.write_bytes(head + pickle.dumps(other))
        assert maker.manifest().type == "github"
    assert maker.made == 5
    assert not (tmp_path / "done").exists()


def test_nothing_is_written_where_python_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for modules; and where the folder takes no file, the manifest is there all the same."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    maker = Maker(tmp_path)
    assert maker.manifest().type == "github"
    assert list(tmp_path.iterdir()) == [maker.source]
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (tmp_path / "__pycache__").write_text("in the way")
    assert maker.manifest().type == "github"


@pytest.mark.parametrize(
    "word", [OnePage, ScopeWay, Expired, Listed, Catalogue, SecretWords, Verified, LimitWords, ErrorWords]
)
def test_what_says_nothing_is_what_the_check_makes_of_nothing(word: type[Word]) -> None:
    """Defaults are made without a check, and come to the same."""
    silent, checked = word.silent(), word()
    assert silent == checked
    assert [type(getattr(silent, name)) for name in word.model_fields] == [
        type(getattr(checked, name)) for name in word.model_fields
    ]
