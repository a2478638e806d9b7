"""Which links lead a path astray: those that a repository may carry, where they leave it; nobody else's."""

from pathlib import Path

import pytest

from reconciler.support.links import leads_away, stray


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A checkout with the configuration in a folder of it, and links in both."""
    home = tmp_path / "checkout" / "hooks"
    for folder in (home / "state", tmp_path / "checkout" / ".git", tmp_path / "outside"):
        folder.mkdir(parents=True)
    for name, target in {
        "near": "state/x",
        "around": "../hooks/state/x",
        "chain": "near",
        "up": "../x",
        "out": "../../outside/x",
        "absolute": str(tmp_path / "outside" / "x"),
        "folder": "../../outside",
        "chained": "chain-end",
        "chain-end": "out",
        "back": "/proc/self/cwd/../nowhere",
        "circle": "circle",
        "../sibling": "hooks/state/x",
        "../config": ".git/config",
        "../away": "../outside/x",
        "../../outside/mine": str(tmp_path / "elsewhere"),
        "../../outside/into": str(home / "out"),
    }.items():
        (home / name).symlink_to(target)
    return home


@pytest.mark.parametrize(
    "path", ["near", "around", "chain", "state/x", "new/x", "../sibling", "../x", "../../outside/x"]
)
def test_what_stays_is_followed(home: Path, path: str) -> None:
    """Plain paths lead wherever the user says; links lead within their folder, or within the checkout around it."""
    assert stray(home / path, home) is None


@pytest.mark.parametrize("path", ["../../outside/mine", "../../outside/new/mine"])
def test_links_of_the_machine_are_followed(home: Path, path: str) -> None:
    """A link that stands in no checkout was made by whoever keeps the machine."""
    assert stray(home / path, home) is None


@pytest.mark.parametrize(
    ("path", "link"),
    [
        ("up", "up"),
        ("out", "out"),
        ("absolute", "absolute"),
        ("folder/x", "folder"),
        ("folder/new/x", "folder"),
        ("chained", "out"),
        ("state/../out", "out"),
        ("../config", "../config"),
        ("../away", "../away"),
        ("../../outside/into", "out"),
    ],
)
def test_what_leaves_is_told(home: Path, path: str, link: str) -> None:
    """The link that leads out is named, however it was reached; so is one that leads to what git lives on."""
    away = stray(home / path, home)
    assert away is not None
    assert Path(away.link) == (home / link).parent.resolve() / Path(link).name


def test_a_folder_that_is_a_link_itself(home: Path, tmp_path: Path) -> None:
    """Where the configuration is reached through a link, what counts is where it is; a circle ends."""
    (tmp_path / "short").symlink_to(home)
    assert stray(tmp_path / "short" / "near", tmp_path / "short") is None
    assert stray(tmp_path / "short" / "up", tmp_path / "short") is not None
    assert stray(home / "circle", home) is None


def test_without_a_checkout(tmp_path: Path) -> None:
    """A link outside of the configuration's folder is known only as what a path ends with."""
    (tmp_path / "hooks").mkdir()
    (tmp_path / "plan").symlink_to("/nowhere/plan")
    (tmp_path / "near").symlink_to("hooks/plan")
    assert stray(tmp_path / "plan", tmp_path / "hooks") is None
    assert leads_away(tmp_path / "plan") is not None
    assert leads_away(tmp_path / "near") is leads_away(tmp_path / "no-link") is None
