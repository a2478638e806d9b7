"""Reports: what each format of a plan costs, and how fast its page is in a browser: `python -m benchmarks.pages`.

Prints figures as JSON. Run by `__main__` in a child. The page's figures are left out where there is no Chromium.
"""

import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from reconciler.render.base import Style
from reconciler.render.formats import PLAN, offered, renderer
from reconciler.render.html import render_plan
from tests.browser.conftest import NAMES
from tests.unit.render.reports import large

if TYPE_CHECKING:
    from playwright.sync_api import Page

SOME, MANY = 5_000, 10_000
WORDS = ("hook[777", "h", "hook", "repo=repo-12 ada", "no such thing", "")
_PAINTED = """() => new Promise((found) => new PerformanceObserver((list, watcher) => {
  const first = list.getEntriesByName("first-contentful-paint")[0];
  if (first) { watcher.disconnect(); found(first.startTime); }
}).observe({type: "paint", buffered: true}))"""
# From a key's event to the frame in which its answer stands: layout is forced before the clock is read.
_ASKED = """(words) => new Promise((told) => {
  const box = document.querySelector("#q");
  const begun = performance.now();
  box.value = words;
  box.dispatchEvent(new Event("input", {bubbles: true}));
  requestAnimationFrame(() => { document.body.getBoundingClientRect(); told(performance.now() - begun); });
})"""


def main() -> None:
    """Write every format once, then look at the largest page."""
    figures = {form: _cost(form) for form in offered(PLAN) if form != "html"}
    begun = time.process_time()
    page = render_plan(*large(MANY), Style()).text
    figures["html"] = time.process_time() - begun
    figures["megabytes"] = len(page.encode()) / 1e6
    print(json.dumps(figures | dict(_seen(page))))


def _cost(form: str) -> float:
    """CPU seconds of a plan of so many webhooks, a tenth of them changed."""
    plan, header = large(SOME)
    begun = time.process_time()
    renderer(PLAN, form)(plan, header, Style())
    return time.process_time() - begun


def _seen(page: str) -> Iterator[tuple[str, float]]:
    """Milliseconds to the first paint, and to the slowest answer of the search, best of three openings."""
    program = os.environ.get("WHSYNC_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        return
    from playwright.sync_api import sync_playwright

    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "report.html"
        file.write_text(page, encoding="utf-8")
        flags = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        opened = [_opened(browser.new_page(), file) for _ in range(3)]
        browser.close()
    yield "paint", min(painted for painted, _ in opened)
    yield "search", min(answered for _, answered in opened)


def _opened(page: "Page", file: Path) -> tuple[float, float]:
    page.goto(file.as_uri())
    painted = float(page.evaluate(_PAINTED))
    page.evaluate("() => new Promise((idle) => requestIdleCallback(idle))")
    answers = [float(page.evaluate(_ASKED, words)) for words in WORDS]
    page.close()
    return painted, max(answers)


if __name__ == "__main__":
    main()
