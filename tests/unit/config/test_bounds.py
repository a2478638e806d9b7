"""Files that would make more than anybody has are an error with its place, before anything of it is made."""

from pathlib import Path

import pytest

from reconciler.config.fault import Faulty
from reconciler.config.load import load
from reconciler.config.rows import rows_of
from reconciler.errors import ConfigError, Problem
from reconciler.model.webhook import Source
from reconciler.providers.registry import Registry
from reconciler.support import bounds
from reconciler.support.bounds import Bounds, bounds_of

HEAD = "version: 1\nproviders:\n  github: {scope: {owner: acme}}\n"
SMALL = Bounds(webhooks=6, files=4, file_bytes=2000)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds that a test can reach."""
    monkeypatch.setattr(bounds, "USUAL", SMALL)


def problems(folder: Path, environment: dict[str, str] | None = None) -> tuple[Problem, ...]:
    """What is wrong with the folder's files."""
    try:
        load([folder / "webhooks.yaml"], {"GITHUB_TOKEN": "made-up", **(environment or {})}, Registry())
    except ConfigError as error:
        return error.problems or (Problem("config", error.summary, error.hint, code=error.code),)
    return ()


def block(name: str, lists: str) -> str:
    """A webhook with `for_each`."""
    url = f"'https://hooks.acme.com/{name}/${{each.b}}'"
    return f"  {name}: {{for_each: {lists}, scope: {{repo: '${{each.a}}'}}, url: {url}, events: [push]}}\n"


def test_a_product_is_counted_before_it_is_built() -> None:
    """Lists of a few names that would make more webhooks than fit into any memory are an error at once."""
    lists = {f"k{number}": [f"{value}" for value in range(100)] for number in range(20)}
    with pytest.raises(Faulty) as caught:
        rows_of(lists, Source("webhooks.yaml", ("webhooks", "ci", "for_each")))
    fault = caught.value.faults[0]
    assert fault.code == "too-much"
    assert f"{100**20:,} webhooks" in fault.summary
    assert fault.source.path == ("webhooks", "ci", "for_each")


@pytest.mark.usefixtures("small")
def test_all_blocks_together_are_counted(tmp_path: Path) -> None:
    """The block with which there are too many is named with its line, and who has so many can allow them."""
    lines = block("one", "{a: [x, y], b: [1, 2]}") + block("two", "{a: [x, y], b: [1, 2]}")
    (tmp_path / "webhooks.yaml").write_text(HEAD + "webhooks:\n" + lines)
    (found,) = problems(tmp_path)
    assert found.code == "too-much"
    assert "with `two` there would be 8 webhooks; there may be 6" in found.summary
    assert found.at is not None
    assert found.at.line == 6
    assert "WHSYNC_BOUNDS=2" in found.hint
    assert not problems(tmp_path, {"WHSYNC_BOUNDS": "2"})


@pytest.mark.usefixtures("small")
def test_included_files_are_counted_before_they_are_read(tmp_path: Path) -> None:
    """A pattern that matches more files than anybody has is an error at the pattern."""
    (tmp_path / "webhooks.yaml").write_text(HEAD + "include: ['more/*.yaml']\n")
    (tmp_path / "more").mkdir()
    for number in range(5):
        (tmp_path / "more" / f"{number}.yaml").write_text("[this is no mapping")
    (found,) = problems(tmp_path)
    assert (found.code, found.summary) == ("too-much", "there are more than 4 files")
    assert found.at is not None
    assert found.at.line == 4


@pytest.mark.usefixtures("small")
def test_all_files_together_have_a_size(tmp_path: Path) -> None:
    """No file is read further than all of them may be long."""
    (tmp_path / "webhooks.yaml").write_text(HEAD + "include: [more.yaml]\n")
    (tmp_path / "more.yaml").write_text("#" * 3000)
    (found,) = problems(tmp_path)
    assert found.code == "too-much"
    assert "more.yaml the files hold more than 2,000 bytes" in found.summary


def test_files_that_include_each_other_for_ever(tmp_path: Path) -> None:
    """A chain of includes has a bound of its own, and ends with a sentence."""
    (tmp_path / "webhooks.yaml").write_text(HEAD + "include: [0.yaml]\n")
    for number in range(200):
        (tmp_path / f"{number}.yaml").write_text(f"include: [{number + 1}.yaml]\n")
    (found,) = problems(tmp_path)
    assert (found.code, found.summary) == ("too-much", "more than 50 files include each other")
    assert bounds.VARIABLE not in found.hint, "it does not move that bound"
    assert found.at is not None
    assert found.at.file.endswith("49.yaml")


@pytest.mark.parametrize("text", ["0", "-1", "many", "1001", "1.5"])
def test_a_variable_that_is_no_number(tmp_path: Path, text: str) -> None:
    """A mistyped variable is an error, not the usual bounds."""
    (tmp_path / "webhooks.yaml").write_text(HEAD)
    with pytest.raises(ValueError, match="WHSYNC_BOUNDS"):
        bounds_of({"WHSYNC_BOUNDS": text})
    assert [found.code for found in problems(tmp_path, {"WHSYNC_BOUNDS": text})] == ["wrong-variable"]
