"""The website in a real browser: it needs nothing but its own files, and finds what is searched, from a disk, too."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, without pictures."""
    pytest.importorskip("sphinx", reason="needs the extra `docs`")
    folder = tmp_path_factory.mktemp("built") / "site"
    command = [sys.executable, "-m", "docsite", str(folder), "--no-pictures"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def asked() -> list[str]:
    """What the pages of a test asked for that is no file of the site."""
    return []


@pytest.fixture
def page(browser: "Browser", asked: list[str]) -> Iterator["Page"]:
    """A page that notes what it asks for, and what it throws."""
    opened = browser.new_page()
    opened.set_default_timeout(60_000)
    opened.on("request", lambda request: None if request.url.startswith("file:") else asked.append(request.url))
    opened.on("pageerror", lambda error: asked.append(str(error)))
    opened.on("requestfailed", lambda request: asked.append(request.url))
    yield opened
    opened.close()


@pytest.mark.parametrize("name", ["index", "reference/keys", "vendors/github", "troubleshooting"])
def test_a_page_needs_nothing_from_elsewhere(name: str, site: Path, page: "Page", asked: list[str]) -> None:
    """Opened from a disk, it shows itself whole, throws nothing, and misses no file."""
    page.goto((site / f"{name}.html").as_uri())
    assert page.locator("h1").count() == 1
    assert asked == []


def test_what_is_searched_is_found(site: Path, page: "Page", asked: list[str]) -> None:
    """The search works without a server."""
    page.goto((site / "search.html").as_uri() + "?q=fingerprint")
    page.locator("#search-results ul.search li").first.wait_for()
    assert page.locator("#search-results ul.search a", has_text="Rotating").count() >= 1
    assert asked == []
