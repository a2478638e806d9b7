"""`whsync fmt`: the usual layout, for all files of a configuration, or not at all."""

import os
from pathlib import Path

import pytest

from reconciler.document import layout
from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]
UGLY = "version:   1\ninclude: [ 'teams/*.yaml' ]\nwebhooks :\n    a : {url: '+49'}   # why\n"
LAID = "version: 1\ninclude: ['teams/*.yaml']\nwebhooks:\n  a: {url: '+49'}   # why\n"
TEAM = "# theirs\nwebhooks:\n- odd\n"
TEAM_LAID = "# theirs\nwebhooks:\n  - odd\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration of two files, both written oddly, and a third that nobody names."""
    (tmp_path / "teams").mkdir()
    (tmp_path / "webhooks.yaml").write_text(UGLY)
    (tmp_path / "teams" / "a.yaml").write_text(TEAM)
    (tmp_path / "other.yaml").write_text(UGLY)
    return tmp_path


def _texts(folder: Path) -> list[str]:
    return [(folder / name).read_text() for name in ("webhooks.yaml", "teams/a.yaml", "other.yaml")]


def test_all_files_of_the_configuration(run: Run, folder: Path) -> None:
    """What is included is laid out, too, whatever else is wrong in it; the second time there is nothing to do."""
    first = run("fmt")
    assert (first.exit, first.stdout) == (0, "")
    assert _texts(folder) == [LAID, TEAM_LAID, UGLY]
    times = [os.stat(folder / name).st_mtime_ns for name in ("webhooks.yaml", "teams/a.yaml")]
    again = run("fmt")
    assert (again.exit, "Nothing to do in 2 files." in again.stderr) == (0, True)
    assert times == [os.stat(folder / name).st_mtime_ns for name in ("webhooks.yaml", "teams/a.yaml")]


def test_a_check_writes_nothing(run: Run, folder: Path) -> None:
    """It names the files that would change, one a line, and ends with 1; with 0 where there are none."""
    result = run("fmt", "--check")
    assert (result.exit, result.stdout) == (1, "webhooks.yaml\nteams/a.yaml\n")
    assert _texts(folder) == [UGLY, TEAM, UGLY]
    run("fmt")
    result = run("fmt", "--check")
    assert (result.exit, result.stdout, result.stderr) == (0, "", "")


def test_named_files(run: Run, folder: Path) -> None:
    """Each alone, as a hook before commits names them; those of -c are joined with what they include."""
    assert run("fmt", "other.yaml").exit == 0
    assert _texts(folder) == [UGLY, TEAM, LAID]
    assert run("fmt", "-c", "webhooks.yaml", "-c", "other.yaml", "--check").stdout == "webhooks.yaml\nteams/a.yaml\n"
    assert run("fmt", "other.yaml", "-c", "webhooks.yaml").exit == 64
    assert "nowhere.yaml" in run("fmt", "nowhere.yaml").stderr


EXAMPLES = sorted(each for each in (ROOT / "examples").rglob("webhooks.yaml") if ".github" not in each.parts)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_examples_are_laid_out(run: Run, path: Path) -> None:
    """What people copy from has the usual layout."""
    assert run("fmt", "--check", "-c", str(path), env={"ORG": "acme"}).exit == 0


def test_the_modes_of_files_stay(run: Run, folder: Path) -> None:
    """A file that only its owner reads is still one."""
    (folder / "webhooks.yaml").chmod(0o600)
    assert run("fmt").exit == 0
    assert (folder / "webhooks.yaml").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(b"a: [1\n", "teams/b.yaml:1:6", id="no-yaml"),
        pytest.param(b"a: \xff\n", "is not UTF-8", id="no-text"),
        pytest.param("a: x # y\u2028b:   1\n".encode(), "teams/b.yaml is left alone", id="another-line-break"),
    ],
)
def test_all_or_none(run: Run, folder: Path, text: bytes, said: str) -> None:
    """Where one file cannot be laid out without harm, it is named, and none is written."""
    (folder / "teams" / "b.yaml").write_bytes(text)
    result = run("fmt")
    assert (result.exit, said in result.stderr) == (1, True)
    assert _texts(folder) == [UGLY, TEAM, UGLY]
    assert (folder / "teams" / "b.yaml").read_bytes() == text


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param("a: 1\n# x\nb: [c]\n", id="another-value"),
        pytest.param("a: 01\n# x\nb: [c]\n", id="another-spelling"),
        pytest.param("a: '1'\nb: [c]\n", id="a-comment-less"),
        pytest.param("b: [c]\n# x\na: '1'\n", id="another-order"),
        pytest.param("a: '1'\n# x\nb: [c]\n\n", id="not-for-good"),
    ],
)
def test_no_layout_is_believed(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    """What it makes is read by the reader of every run, and compared, before a byte is written."""
    (tmp_path / "a.yaml").write_text("a:  '1'\n# x\nb: [c]\n")
    monkeypatch.setattr(layout, "laid_out", lambda text: broken if "  '" in text else broken.rstrip("\n") + "\n")
    result = run("fmt", "a.yaml")
    assert (result.exit, "it would not say the same" in result.stderr) == (1, True)
    assert (tmp_path / "a.yaml").read_text() == "a:  '1'\n# x\nb: [c]\n"


def test_links_are_not_followed_away(run: Run, folder: Path) -> None:
    """A link that a repository carries does not lead the layout to a file elsewhere."""
    away = folder.parent / f"{folder.name}-away.yaml"
    away.write_text(UGLY)
    (folder / "link.yaml").symlink_to(away)
    assert run("fmt", "link.yaml").exit == 64
    assert away.read_text() == UGLY


def test_an_unset_variable_hides_no_file(run: Run, tmp_path: Path) -> None:
    """Where nobody can tell what is included, that is said, and nothing is written."""
    text = "version:  1\ninclude: ['${TEAMS}/*.yaml']\n"
    (tmp_path / "webhooks.yaml").write_text(text)
    result = run("fmt")
    assert (result.exit, "TEAMS" in result.stderr) == (1, True)
    assert (tmp_path / "webhooks.yaml").read_text() == text
