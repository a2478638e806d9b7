"""The website is whole: it builds without a complaint, leads nowhere wrong, and loads nothing from elsewhere."""

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click
import pytest
import yaml

from docsite import build as building
from docsite import commands, contents, examples, keys, pictures, staging, troubleshooting, vendors
from docsite.contents import Page, Section
from reconciler.cli.options import _GLOBAL
from reconciler.cli.schema import SCHEMAS
from reconciler.codes import Code
from reconciler.codes.meanings import CHANGES, GROUPS
from reconciler.config.published import config_schema
from reconciler.providers.registry import Registry
from reconciler.secrets import registry
from tests.cli.conftest import Run
from tests.docs.blocks import ROOT

LOADS = {
    ("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("source", "srcset"), ("img", "srcset"),
    ("object", "data"), ("embed", "src"), ("use", "href"), ("image", "href"), ("link", "href"), ("form", "action"),
}  # fmt: skip


class _Found(HTMLParser):
    """What a page loads, where its links lead, and the anchors that it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See HTMLParser."""
        for name, value in attrs:
            if value and (tag, name) in LOADS:
                self.loaded.append(value)
            if value and (tag, name) == ("a", "href"):
                self.links.append(value)
            if value and name == "id":
                self.anchors.add(value)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, as `make docs` builds it, pictures of a browser aside."""
    pytest.importorskip("sphinx", reason="needs the extra `docs`")
    folder = tmp_path_factory.mktemp("built") / "site"
    command = [sys.executable, "-m", "docsite", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=500)
    assert done.returncode == 0, done.stderr
    photographed = (folder / "_static" / "report-light.png").exists()
    assert photographed != ("no pictures of reports" in done.stderr), "a picture that is left out is told"
    return folder


def _pages(site: Path) -> Iterator[tuple[Path, _Found]]:
    for path in sorted(site.rglob("*.html")):
        yield path, _Found(path.read_text(encoding="utf-8"))


@pytest.mark.slow
@pytest.mark.xdist_group("site")
def test_every_page_is_built(site: Path) -> None:
    """Each page that is listed is there, with its title, and so are the pictures of the terminal."""
    for page in (contents.front(), *(page for section in contents.pages() for page in section.pages)):
        built = (site / f"{page.name}.html").read_text(encoding="utf-8")
        assert "<h1>" in built, page.name
    for name in ("plan.svg", "drift.svg"):
        drawn = (site / "_static" / name).read_text(encoding="utf-8")
        assert drawn.startswith("<svg")
        assert f"whsync&#160;{name.removesuffix('.svg')}" in drawn
    assert 'src="_images/plan.svg"' in (site / "reading-a-plan.html").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.xdist_group("site")
def test_nothing_comes_from_elsewhere(site: Path) -> None:
    """No page, style or drawing loads a script, a style, a font or a picture that the site does not bring."""
    foreign = [f"{path.name}: {what}" for path, found in _pages(site) for what in found.loaded if urlsplit(what).netloc]
    assert foreign == []
    for path in [*site.rglob("*.css"), *site.rglob("*.svg"), *site.rglob("*.html")]:
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//[^)'\"]*", text) == [], path
    assert any(found.loaded for _, found in _pages(site)), "the test still finds what pages load"


@pytest.mark.slow
@pytest.mark.xdist_group("site")
def test_links_within_the_site_lead_somewhere(site: Path) -> None:
    """Each link to a page and to a place in one finds it, in the pages as they are built."""
    found = {path.resolve(): each for path, each in _pages(site)}
    lost, seen = [], 0
    for path, each in found.items():
        for link in each.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchors = found[target].anchors if target in found else set()
            if not target.exists() or (parts.fragment and unquote(parts.fragment) not in anchors):
                lost.append(f"{path.relative_to(site)}: {link}")
            seen += 1
    assert lost == []
    assert seen > 500


def test_a_wrong_link_ends_the_build(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A link to a heading or a page that is not there is told with its place, and nothing is written."""
    pytest.importorskip("sphinx", reason="needs the extra `docs`")
    page = Page("wrong", "# Wrong\n\n[nowhere](absent.md) and [no heading](#absent)\n")
    monkeypatch.setattr(building, "pages", lambda: [Section("All", (page,))])
    monkeypatch.setattr(staging, "front", lambda: Page("index", "# Front\n"))
    told = building.build(tmp_path / "site", pictures=False)
    assert len([line for line in told if line.startswith("wrong.md:3")]) == 2
    assert not (tmp_path / "site").exists()


def test_without_a_browser_the_build_goes_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where there is no Chromium, no picture of a report is taken, and a line says so; its place stays empty."""
    monkeypatch.delenv("WHSYNC_CHROMIUM", raising=False)
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert pictures.photographed(tmp_path / "report.html", tmp_path) == []
    assert "no pictures of reports: there is no Chromium" in capsys.readouterr().err
    staging.stage(contents.pages(), tmp_path, ["plan.svg"])
    page = (tmp_path / "reading-a-plan.md").read_text(encoding="utf-8")
    assert ("_static/plan.svg" in page, "report-light.png" in page) == (True, False)


def test_every_flag_has_its_line() -> None:
    """The page of flags has each command, each of its own flags and each global one."""
    page = commands.page()
    for name, command in commands.every():
        part = page.partition(f"## {name}\n")[2].partition("\n## ")[0]
        for option in command.params:
            if isinstance(option, click.Option) and option.name not in _GLOBAL:
                assert max(option.opts, key=len) in part, (name, option.name)
    assert all(f"WHSYNC_{name.upper()}" in page.replace("\\_", "_") for name in _GLOBAL)


def test_every_key_and_word_has_its_line() -> None:
    """The pages of keys and of words leave out none that the schemas have, and all schemas are listed."""
    for name, page in (("config", keys.configuration()), ("manifest", keys.manifest())):
        schema = config_schema(registry) if name == "config" else SCHEMAS[name]()  # vendors have pages of their own
        assert {key for key in keys.defined(schema) if f"`{key}`" not in page} == set()
    assert [name for name in SCHEMAS if f"## {name}\n" not in keys.schemas()] == []


@pytest.mark.parametrize("name", vendors.names())
def test_the_example_of_a_vendor_is_valid(name: str, run: Run, tmp_path: Path) -> None:
    """What a vendor's page shows passes `whsync validate` as it stands, and is on the page."""
    shown = vendors.example(name)
    (tmp_path / "webhooks.yaml").write_text(shown, encoding="utf-8")
    result = run("validate")
    assert (result.exit, result.stderr) == (0, "")
    assert shown.strip() in vendors.page(name)
    has_url = "/url" in Registry().vendor(name, {}, ".").capabilities.writable
    assert ("url" in yaml.safe_load(shown)["webhooks"]["hook"]) == has_url


@pytest.mark.parametrize("name", vendors.names())
def test_the_page_of_a_vendor_says_what_matters(name: str) -> None:
    """Each has the sections that people look for, and all that its manifest calls unknown."""
    page = vendors.page(name)
    for heading in ("An example", "What can be managed", "The secret", "What to know first", "Sources"):
        assert f"## {heading}\n" in page
    manifest = vendors.manifest_of(name)
    assert [line for line in (*manifest.unknown, *manifest.sources) if line not in page] == []


def test_every_code_of_trouble_is_explained() -> None:
    """Each code has its heading, what it means, and what to do; the advice that is written has a code."""
    page = troubleshooting.page()
    for meanings in GROUPS.values():
        for code, meaning in meanings.items():
            if meanings is not CHANGES:
                assert f"### `{code}`\n\n{meaning.partition(': ')[0].rstrip('.')}." in page
    assert set(troubleshooting.advice()) <= {str(code) for code in Code}
    assert all(text in page for text in troubleshooting.advice().values())


def test_every_example_is_shown_whole() -> None:
    """Each folder of examples has its page, with each of its files as it is."""
    for folder in examples.folders():
        page = examples.page(folder)
        for path in folder.rglob("*"):
            if path.is_file():
                assert path.read_text(encoding="utf-8").rstrip() in page


def test_no_page_is_forgotten() -> None:
    """Every page of docs/ is in the navigation."""
    listed = {page.file for section in contents.pages() for page in section.pages}
    assert set((ROOT / "docs").glob("*.md")) - listed == set()


def test_the_readme_is_short() -> None:
    """At most 120 lines, with what does not work before what does."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 120
    assert text.index("Hardly tried for real") < text.index("## See it") < text.index("## In a pipeline")
