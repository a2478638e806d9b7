"""Which pages there are, in their order: the one table of the site. Used by `docsite.build` and by tests."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from docsite import commands, examples, keys, troubleshooting, vendors

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


class Page(NamedTuple):
    """One page.

    Args:
        name: its path in the site, without an ending.
        text: its Markdown.
        file: the file of the repository that it is, from which its links start; None where it is made of the code.
        files: further files that are to be found on this page, for links to them.
    """

    name: str
    text: str
    file: Path | None = None
    files: tuple[Path, ...] = ()


class Section(NamedTuple):
    """A heading of the navigation, and the pages below it."""

    heading: str
    pages: tuple[Page, ...]


def _written(name: str, file: Path | None = None) -> Page:
    found = file or DOCS / f"{name}.md"
    return Page(name, found.read_text(encoding="utf-8"), found)


def _made(name: str, of: Callable[[], str]) -> Page:
    return Page(name, of())


def front() -> Page:
    """The first page, which is the README."""
    return _written("index", ROOT / "README.md")


def pages() -> list[Section]:
    """The whole site but its front. A page of docs/ that no section names stands among the ways to do things."""
    start = ("tutorial", "your-vendor", "reading-a-plan")
    ways = ("pull-requests", "rotating", "taking-over", "locks")
    reference = ("commands", "configuration", "manifests", "codes")
    project = ("guarantees", "coming-from", "speed", "architecture")
    named = {*start, *ways, *reference, *project, "vendors", "troubleshooting"}
    others = sorted(file.stem for file in DOCS.glob("*.md") if file.stem not in named)
    return [
        Section("Start", tuple(map(_written, start))),
        Section("How to", tuple(map(_written, [*ways, *others]))),
        Section("Reference", tuple(_reference(reference))),
        Section("Vendors", (_written("vendors"), *_vendors())),
        Section(
            "When something is wrong", (Page("troubleshooting", troubleshooting.page(), DOCS / "troubleshooting.md"),)
        ),
        Section("Examples", tuple(_examples())),
        Section(
            "About",
            (
                *map(_written, project),
                _written("changelog", ROOT / "CHANGELOG.md"),
                _written("contributing", ROOT / "CONTRIBUTING.md"),
                _written("security", ROOT / "SECURITY.md"),
            ),
        ),
    ]


def _reference(names: tuple[str, ...]) -> Iterator[Page]:
    """Beside each page that people wrote, the one of the same matter that the code makes."""
    made = {
        "commands": [_made("reference/flags", commands.page)],
        "configuration": [_made("reference/keys", keys.configuration)],
        "manifests": [_made("reference/manifest-words", keys.manifest), _made("reference/schemas", keys.schemas)],
    }
    for name in names:
        yield _written(name)
        yield from made.get(name, ())


def _vendors() -> Iterator[Page]:
    for name in vendors.names():
        yield Page(f"vendors/{name}", vendors.page(name))


def _examples() -> Iterator[Page]:
    for folder in examples.folders():
        files = tuple(path for path in sorted(folder.rglob("*")) if path.is_file())
        yield Page(f"examples/{folder.name}", examples.page(folder), folder / "README.md", (folder, *files))
