"""Pages as Sphinx takes them: in one folder, each link leading to where its file is in the site.

A link to a file of the repository that is no page keeps its words and loses its address, for the site has none for it.
Used by `docsite.build`.
"""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from docsite.contents import ROOT, Page, Section, front

_LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^(```|~~~).*?^\1[ ]*$", re.MULTILINE | re.DOTALL)


def stage(sections: Sequence[Section], folder: Path, drawn: Iterable[str] = ()) -> None:
    """Write all pages into `folder`, and the front page with the navigation.

    Args:
        sections: of `contents.pages`.
        folder: where Sphinx will read.
        drawn: the pictures that were made, by their file names; a page's picture that was not is left out.
    """
    first = front()
    every = [first, *(page for section in sections for page in section.pages)]
    homes = {file.resolve(): page.name for page in every for file in (page.file, *page.files) if file}
    there = frozenset(drawn)
    for page in every:
        path = folder / f"{page.name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = _pictured(_linked(page, homes), page.name, there)
        path.write_text(text + (_navigation(sections) if page is first else ""), encoding="utf-8")


def _navigation(sections: Iterable[Section]) -> str:
    """What makes the list at a page's side; hidden on the page itself."""
    return "".join(
        f"\n```{{toctree}}\n:hidden:\n:caption: {section.heading}\n\n"
        + "".join(f"{page.name}\n" for page in section.pages)
        + "```\n"
        for section in sections
    )


def _linked(page: Page, homes: Mapping[Path, str]) -> str:
    """The page's text, its links to files as links to pages; what stands in fences is left alone."""
    begins = page.file.parent if page.file else None

    def turned(found: re.Match[str]) -> str:
        words, target = found[1], found[2]
        path, _, anchor = target.partition("#")
        if "://" in target or target.startswith("mailto:") or not path or begins is None:
            return found[0]
        home = homes.get((begins / path).resolve())
        if home is None:
            return words if path.rstrip("/").endswith(words.strip("`")) else f"{words} (`{_shown(begins / path)}`)"
        way = os.path.relpath(f"{home}.md", Path(page.name).parent).replace(os.sep, "/")
        return f"[{words}]({way}{'#' + anchor if anchor else ''})"

    pieces, at = [], 0
    for fence in _FENCE.finditer(page.text):
        pieces += [_LINK.sub(turned, page.text[at : fence.start()]), fence[0]]
        at = fence.end()
    return "".join([*pieces, _LINK.sub(turned, page.text[at:])])


def _shown(path: Path) -> str:
    return path.resolve().relative_to(ROOT.resolve()).as_posix()


_PICTURE = re.compile(r"^<!-- picture: ([\w.-]+): (.+) -->$", re.MULTILINE)


def _pictured(text: str, name: str, drawn: frozenset[str]) -> str:
    """The text with a picture in the place of each comment that names one which was made."""
    up = "../" * name.count("/")

    def shown(found: re.Match[str]) -> str:
        return f"![{found[2]}]({up}_static/{found[1]})" if found[1] in drawn else ""

    return _PICTURE.sub(shown, text)
